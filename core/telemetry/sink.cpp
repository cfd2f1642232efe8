#include "core/telemetry/sink.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#include <spdlog/logger.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "core/telemetry/json_line.h"
#include "core/telemetry/metrics.h"

namespace datong::telemetry {
namespace {

spdlog::level::level_enum to_spdlog(Level level) {
    switch (level) {
        case Level::error:
            return spdlog::level::err;
        case Level::warn:
            return spdlog::level::warn;
        case Level::info:
            return spdlog::level::info;
        case Level::debug:
            return spdlog::level::debug;
    }
    return spdlog::level::err;
}

std::shared_ptr<spdlog::sinks::sink> open_sink(const std::string& file) {
    if (file.empty()) {
        return std::make_shared<spdlog::sinks::stderr_sink_mt>();
    }
    if (file == "-") {
        return std::make_shared<spdlog::sinks::null_sink_mt>();
    }
    return std::make_shared<spdlog::sinks::basic_file_sink_mt>(file);
}

}  // namespace

struct Sink::State {
    explicit State(std::shared_ptr<spdlog::sinks::sink> out) : logger{"datong", std::move(out)} {
        logger.set_pattern("%v");
        logger.flush_on(spdlog::level::err);                  // strangers can cause warnings, as many as they like
        logger.set_error_handler([](const std::string&) {});  // a full disk must not stop a call
        flusher = std::thread{[this] { flush_every_second(); }};
    }

    ~State() {
        {
            const std::lock_guard lock{mutex};
            ending = true;
        }
        changed.notify_all();
        flusher.join();
        logger.flush();
    }

    State(const State&) = delete;
    State& operator=(const State&) = delete;

    void flush_every_second() {
        std::unique_lock lock{mutex};
        while (!changed.wait_for(lock, std::chrono::seconds{1}, [this] { return ending; })) {
            if (unflushed.exchange(false)) {
                logger.flush();
            }
        }
    }

    spdlog::logger logger;
    Metrics metrics;
    std::atomic<bool> unflushed{};
    std::mutex mutex;
    std::condition_variable changed;
    bool ending{};
    std::thread flusher;
};

Result<std::unique_ptr<Sink>> Sink::make(const Settings& settings) {
    try {
        auto state = std::make_unique<State>(open_sink(settings.file));
        state->logger.set_level(to_spdlog(settings.least));
        return std::make_unique<Sink>(std::move(state));
    } catch (const std::exception& failed) {
        return fail(Fault::internal, std::string{"log file: "} + failed.what());
    }
}

Sink::Sink(std::unique_ptr<State> state) : state_{std::move(state)} {
}

Sink::~Sink() = default;

void Sink::line(Level level, std::string_view event, std::initializer_list<Field> fields) {
    const auto at = to_spdlog(level);
    if (!state_->logger.should_log(at)) {
        return;
    }
    const std::string text = to_json_line(std::chrono::system_clock::now(), level, event, fields);
    state_->logger.log(at, spdlog::string_view_t{text.data(), text.size()});
    state_->unflushed = true;
}

void Sink::count(std::string_view metric, std::initializer_list<Label> labels, double by) {
    state_->metrics.count(metric, labels, by);
}

void Sink::gauge(std::string_view metric, std::initializer_list<Label> labels, double value) {
    state_->metrics.gauge(metric, labels, value);
}

void Sink::observe(std::string_view metric, std::initializer_list<Label> labels, double seconds) {
    state_->metrics.observe(metric, labels, seconds);
}

std::string Sink::metrics() const {
    return state_->metrics.text();
}

void Sink::flush() {
    state_->logger.flush();
}

}  // namespace datong::telemetry
