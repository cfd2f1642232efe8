#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "core/base/result.h"

namespace datong::telemetry {

enum class Level { error, warn, info, debug };

/// A field of a log line. Only texts of bounded sets, numbers and ids: nothing of type Personal or
/// Secret converts to it.
struct Field {
    std::string_view name;
    std::variant<std::string_view, std::int64_t, double, bool> value;
};

struct Label {
    std::string_view name;
    std::string_view value;
};

/// Where events go: one JSON object a line, and metrics. Code does not write text: it emits a typed
/// event of events.h. May be used from many threads.
///
/// A metric keeps the kind (counter, gauge or seconds) of its first use; another kind, a name that
/// Prometheus does not know, and more than 20,000 series are dropped: telemetry may be lost.
class Sink {
public:
    struct Settings {
        std::string file;  ///< empty: standard error; "-": nothing (tests that only read metrics)
        Level least{Level::info};
    };
    /// Opens the file to append: it may be rotated by copying and truncating.
    /// @return Fault::internal when it can't be opened.
    [[nodiscard]] static Result<std::unique_ptr<Sink>> make(const Settings& settings);
    struct State;
    explicit Sink(std::unique_ptr<State> state);  ///< for make
    ~Sink();
    Sink(const Sink&) = delete;
    Sink& operator=(const Sink&) = delete;

    /// Writes {"time": RFC 3339 at +08:00, "level": ..., "event": ..., fields}. An error reaches the file at
    /// once, the others within a second, so that whoever makes many lines does not make as many writes.
    void line(Level level, std::string_view event, std::initializer_list<Field> fields);
    void count(std::string_view metric, std::initializer_list<Label> labels, double by = 1);
    void gauge(std::string_view metric, std::initializer_list<Label> labels, double value);
    void observe(std::string_view metric, std::initializer_list<Label> labels, double seconds);
    /// Prometheus text format 0.0.4.
    [[nodiscard]] std::string metrics() const;
    void flush();

private:
    std::unique_ptr<State> state_;
};

}  // namespace datong::telemetry
