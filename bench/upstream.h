#pragma once

#include <memory>
#include <string>

namespace datong::bench {

/// A department that answers every POST at once with one and the same JSON, on a thread of its own.
class Upstream {
public:
    explicit Upstream(std::string json);
    ~Upstream();
    Upstream(const Upstream&) = delete;
    Upstream& operator=(const Upstream&) = delete;
    [[nodiscard]] std::string url() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// A department that takes every connection and never says a word, on a thread of its own.
class SilentUpstream {
public:
    SilentUpstream();
    ~SilentUpstream();
    SilentUpstream(const SilentUpstream&) = delete;
    SilentUpstream& operator=(const SilentUpstream&) = delete;
    [[nodiscard]] std::string url() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace datong::bench
