#pragma once

#include <string>
#include <utility>

namespace datong {

/// Text about a person (name, id number, address). It has no stream operator and no implicit
/// conversion, so that logging it by accident does not compile.
class Personal {
public:
    Personal() = default;
    explicit Personal(std::string value) : value_{std::move(value)} {}

    /// For mapping, signing and the answer itself. Every call site is a place to review.
    [[nodiscard]] const std::string& reveal() const noexcept { return value_; }
    [[nodiscard]] bool empty() const noexcept { return value_.empty(); }

private:
    std::string value_;
};

/// Key material, a password or a token: as Personal, and wiped when it goes.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string value) : value_{std::move(value)} {}
    Secret(const Secret&) = default;
    Secret(Secret&&) = default;
    Secret& operator=(const Secret&) = default;
    Secret& operator=(Secret&&) = default;
    ~Secret();

    [[nodiscard]] const std::string& reveal() const noexcept { return value_; }
    [[nodiscard]] bool empty() const noexcept { return value_.empty(); }

private:
    std::string value_;
};

}  // namespace datong
