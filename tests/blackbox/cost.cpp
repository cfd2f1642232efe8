#include "tests/blackbox/cost.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace datong::blackbox {
namespace {

constexpr std::int64_t kKib = 1024;

/// The number behind "NAME:" in a status file.
std::int64_t kib_of(const std::string& file, const std::string& name) {
    std::ifstream in{file};
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with(name + ":")) {
            return std::stoll(line.substr(name.size() + 1)) * kKib;
        }
    }
    throw std::runtime_error{"the process has ended: " + file};
}

}  // namespace

Used Meter::used() const {
    Used used{.resident = kib_of(folder_ + "/status", "VmRSS"), .peak = kib_of(folder_ + "/status", "VmHWM")};
    for (const auto& thread : std::filesystem::directory_iterator{folder_ + "/task"}) {
        std::ifstream in{thread.path() / "schedstat"};
        std::int64_t running{};
        in >> running;
        used.cpu += std::chrono::nanoseconds{running};
    }
    return used;
}

void Meter::reset_peak() const {
    std::ofstream{folder_ + "/clear_refs"} << "5";
}

Cost between(const Used& before, const Used& after) {
    return {.cpu = after.cpu - before.cpu, .memory = after.peak - before.resident};
}

bool Cost::is_borne(std::size_t input) const {
    constexpr std::int64_t kLeast = 1'024 * kKib;
    constexpr std::int64_t kTimes = 100;
    return cpu <= std::chrono::milliseconds{50} &&
           memory <= std::max(kLeast, kTimes * static_cast<std::int64_t>(input));
}

void Worst::take(const std::string& name, const Used& before, const Used& after) {
    const Cost cost = between(before, after);
    if (cost.cpu > cpu) {
        cpu = cost.cpu;
        cpu_of = name;
    }
    if (cost.memory > memory) {
        memory = cost.memory;
        memory_of = name;
    }
}

}  // namespace datong::blackbox
