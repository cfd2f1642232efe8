#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "core/telemetry/sink.h"

namespace datong::telemetry {

/// Series by name and labels, found again by one hash look-up. May be used from many threads.
class Metrics {
public:
    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    void count(std::string_view name, std::initializer_list<Label> labels, double by);
    void gauge(std::string_view name, std::initializer_list<Label> labels, double value);
    void observe(std::string_view name, std::initializer_list<Label> labels, double seconds);
    /// Prometheus text format 0.0.4.
    [[nodiscard]] std::string text() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace datong::telemetry
