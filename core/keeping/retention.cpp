#include "core/keeping/retention.h"

#include <exception>
#include <utility>

namespace datong::keeping {
namespace {

/// The beginning of the day that lies so many days back, at +08:00: so that each day has one erasure and no more.
std::string day_before(std::chrono::system_clock::time_point now, std::chrono::days days) {
    constexpr std::size_t kDate = 10;
    return to_rfc3339(now - days).substr(0, kDate) + "T00:00:00.000+08:00";
}

/// Whatever comes out of a duty is a duty that failed: the thread's end would be the program's.
Result<std::int64_t> act(const Duty& duty, const std::string& before) {
    try {
        return duty.act(before);
    } catch (const std::exception& thrown) {
        return fail(Fault::internal, thrown.what());
    }
}

}  // namespace

Retention::Retention(std::vector<Duty> duties, std::chrono::milliseconds every, const Clock& clock,
                     telemetry::Sink& sink)
    : every_{every}, clock_{clock}, sink_{sink} {
    for (Duty& duty : duties) {
        sink_.gauge("datong_retention_healthy", {{"what", duty.name}}, 1);
        duties_.push_back({.duty = std::move(duty)});
    }
    if (!duties_.empty()) {
        thread_ = std::jthread{[this](const std::stop_token& stop) { run(stop); }};
    }
}

Retention::~Retention() = default;

void Retention::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        for (Standing& one : duties_) {
            look(one);
        }
        std::unique_lock lock{mutex_};
        wake_.wait_for(lock, stop, every_, [] { return false; });
    }
}

void Retention::look(Standing& one) {
    const std::string before = day_before(clock_.now(), one.duty.after);
    if (before <= one.done_before) {  // a clock that was set back has nothing new
        return;
    }
    const auto done = act(one.duty, before);
    if (done) {
        one.done_before = before;
    }
    note(one, done);
}

/// One line when it begins to fail, and none again while it does.
void Retention::note(Standing& one, const Result<std::int64_t>& done) {
    const std::string& name = one.duty.name;
    sink_.gauge("datong_retention_healthy", {{"what", name}}, done ? 1 : 0);
    if (done && *done > 0) {
        sink_.count("datong_retention_done_total", {{"what", name}}, static_cast<double>(*done));
        sink_.line(telemetry::Level::info, "retention_done", {{"what", name}, {"before", one.done_before}});
    }
    if (!done && !one.is_failing) {
        sink_.line(telemetry::Level::error, "retention_failed", {{"what", name}, {"why", done.error().detail()}});
    }
    const std::lock_guard lock{mutex_};
    one.is_failing = !done;
}

std::vector<std::string> Retention::failing() const {
    const std::lock_guard lock{mutex_};
    std::vector<std::string> names;
    for (const Standing& one : duties_) {
        if (one.is_failing) {
            names.push_back(one.duty.name);
        }
    }
    return names;
}

}  // namespace datong::keeping
