#include <sys/utsname.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <mutex>
#include <sstream>
#include <thread>
#include <vector>

#include "tests/faults/alterations.h"
#include "tests/faults/script.h"
#include "tests/support/catch.h"

using namespace datong::faults;

namespace {

struct Row {
    const char* kind;
    const char* way;
    const char* words;  ///< for docs/reliability.md
    int stride = 1;     ///< at every so many-th place
};
constexpr Row kRows[] = {{"rename", "kill", "killed at the N-th rename"},
                         {"send", "kill", "killed at the N-th send"},
                         {"sync", "kill", "killed at the N-th sync"},
                         {"write", "kill", "killed at the N-th write"},
                         {"write", "torn", "killed in the middle of the N-th write"},
                         {"write", "ENOSPC", "no space at the N-th write"},
                         {"write", "EIO", "input/output error at the N-th write"},
                         {"write", "EINTR", "interrupted at the N-th write"},
                         {"write", "short", "short N-th write"},
                         {"sync", "EIO", "failed N-th sync"},
                         {"sync", "EINTR", "interrupted at the N-th sync"},
                         {"rename", "EIO", "failed N-th rename"},
                         {"write", "clock+240", "the clock steps 4 minutes ahead at every 9th write", 9},
                         {"write", "clock-20", "20 seconds back at every 9th write", 9},
                         {"write", "clock+3600", "an hour ahead at every 9th write", 9},
                         {"write", "clock-3600", "an hour back at every 9th write", 9}};

/// What all runs of one row came to.
struct Tally {
    int runs{};
    int answered{};
    int cut_off{};
    int unrecorded{};
    int failures{};
};

int number_in(const char* variable, int otherwise) {
    const char* text = std::getenv(variable);
    return text != nullptr ? std::max(std::atoi(text), 1) : otherwise;
}

/// Runs one row, some runs at a time, until a fault comes too late to happen.
class Runner {
public:
    Runner(const Row& row, int step) : row_{row}, step_{step * row.stride} {}

    [[nodiscard]] Tally run(int at_a_time) {
        {
            std::vector<std::jthread> workers;
            for (int i = 0; i < at_a_time; ++i) {
                workers.emplace_back([this] { work(); });
            }
        }
        return tally_;
    }

private:
    void work() {
        while (!is_over_) {
            const Fault fault{.kind = row_.kind, .way = row_.way, .at = next_.fetch_add(step_)};
            const Outcome outcome = outcome_of(fault);
            is_over_ = is_over_ || !outcome.was_hit;
            add(fault, outcome);
        }
    }

    /// A run that breaks off is made once more, for the machine may have been too busy for a start; one that does so
    /// again is a broken promise, and the others go on.
    [[nodiscard]] static Outcome outcome_of(const Fault& fault) {
        Outcome broken;
        broken.was_hit = true;
        for (int tries = 0; tries < 2; ++tries) {
            try {
                return run_script(fault);
            } catch (const std::exception& why) {
                broken.failures = {why.what()};
            }
        }
        return broken;
    }

    void add(const Fault& fault, const Outcome& outcome) {
        const std::lock_guard lock{mutex_};
        for (const std::string& failure : outcome.failures) {
            std::cout << "FAILED " << fault.kind << ' ' << fault.way << ' ' << fault.at << ": " << failure << '\n';
        }
        tally_.failures += static_cast<int>(outcome.failures.size());
        is_over_ = is_over_ || tally_.failures >= kTooMany;
        if (!outcome.was_hit) {
            return;  // the fault came too late: a run like any other
        }
        tally_.runs += 1;
        tally_.answered += outcome.answered;
        tally_.cut_off += outcome.cut_off;
        tally_.unrecorded += outcome.unrecorded;
        std::cout << fault.kind << ' ' << fault.way << ' ' << fault.at << ": " << tally_.failures << " failures\n"
                  << std::flush;
    }

    static constexpr int kTooMany = 100;  ///< broken promises: more of them say nothing new
    const Row& row_;
    const int step_;
    std::atomic<int> next_{1};
    std::atomic<bool> is_over_{false};
    std::mutex mutex_;
    Tally tally_;
};

std::string machine() {
    utsname name{};
    ::uname(&name);
    std::ifstream cpus{"/proc/cpuinfo"};
    std::string model;
    for (std::string line; std::getline(cpus, line) && model.empty();) {
        model = line.starts_with("model name") ? line.substr(line.find(':') + 2) : "";
    }
    return model + ", " + name.sysname + ' ' + name.machine;
}

std::string today() {
    const std::time_t now = std::time(nullptr);
    std::tm civil{};
    ::gmtime_r(&now, &civil);
    char text[11];
    return {text, std::strftime(text, sizeof text, "%Y-%m-%d", &civil)};
}

/// Replaces what stands between the two marks of the page.
void write_counts(const std::string& page, const std::string& counts) {
    constexpr std::string_view kBegin = "<!-- counts: written by make faults -->\n";
    constexpr std::string_view kEnd = "<!-- end of counts -->";
    std::stringstream text;
    text << std::ifstream{page, std::ios::binary}.rdbuf();
    std::string all = text.str();
    const auto begin = all.find(kBegin);
    const auto end = all.find(kEnd);
    REQUIRE(begin != std::string::npos);
    REQUIRE(end != std::string::npos);
    all.replace(begin + kBegin.size(), end - begin - kBegin.size(), counts);
    std::ofstream{page, std::ios::binary} << all;
}

}  // namespace

TEST_CASE("twenty mixed calls without a fault leave nothing to complain of", "[faults]") {
    const Outcome outcome = run_script({});
    CAPTURE(outcome.failures);
    CHECK(outcome.failures.empty());
    CHECK(outcome.answered == 20);
    CHECK(outcome.unrecorded == 0);
}

TEST_CASE("a gateway that is killed, torn or refused by its disk answers nothing that it can't prove", "[faults]") {
    const Fault fault = GENERATE(values<Fault>({{"write", "kill", 9},
                                                {"write", "torn", 30},
                                                {"sync", "kill", 21},
                                                {"send", "kill", 40},
                                                {"write", "ENOSPC", 25},
                                                {"write", "EIO", 12},
                                                {"write", "EINTR", 14},
                                                {"write", "short", 18},
                                                {"sync", "EIO", 11},
                                                {"sync", "EINTR", 14},
                                                {"write", "clock+240", 40},
                                                {"write", "clock-20", 40},
                                                {"write", "clock+3600", 40},
                                                {"write", "clock-3600", 40}}));
    const Outcome outcome = run_script(fault);
    CAPTURE(fault.kind, fault.way, fault.at, outcome.failures, outcome.answered, outcome.cut_off);
    CHECK(outcome.was_hit);
    CHECK(outcome.failures.empty());
    CHECK(outcome.answered + outcome.cut_off >= 20);
}

TEST_CASE("every fault at every place", "[.][all-faults]") {
    const int step = number_in("DATONG_FAULTS_STEP", 1);  // a look at every so many-th place, where time is short
    const int at_a_time = number_in("DATONG_FAULTS_JOBS", static_cast<int>(std::thread::hardware_concurrency()));
    std::ostringstream counts;
    counts << "Seen on " << today() << ", " << machine() << ", at every "
           << (step == 1 ? std::string{"place"} : std::to_string(step) + "th place only") << ".\n\n"
           << "| fault, until no N is left | runs | calls answered | cut off | told that nothing is kept "
              "| broken promises |\n|---|---|---|---|---|---|\n";
    int failures = 0;
    for (const Row& row : kRows) {
        const Tally tally = Runner{row, step}.run(at_a_time);
        counts << "| " << row.words << " | " << tally.runs << " | " << tally.answered << " | " << tally.cut_off << " | "
               << tally.unrecorded << " | " << tally.failures << " |\n";
        CHECK(tally.runs > 0);
        failures += tally.failures;
    }
    const Alterations altered = alter_at_random(10'000 / step, 1);
    const Alterations forged = forge_at_random(10'000 / step, 2);
    const Cuts cuts = cut_everywhere(static_cast<std::size_t>(step));
    counts << "\n| alteration of a sealed folder | tried | seen by `datong verify` |\n|---|---|---|\n"
           << "| bits flipped, octets taken away or swapped at random | " << altered.tried << " | " << altered.seen
           << " |\n| the same with chain and checksums made right again | " << forged.tried << " | " << forged.seen
           << " |\n\n| the tail cut behind every octet | tried | started again and verified |\n|---|---|---|\n"
           << "| a log of " << cuts.records << " records | " << cuts.tried << " | " << cuts.good << " |\n";
    CHECK(altered.tried == altered.seen);
    CHECK(forged.tried == forged.seen);
    CHECK(cuts.tried == cuts.good);
    CHECK(failures == 0);
    if (const char* page = std::getenv("DATONG_RELIABILITY"); page != nullptr) {
        write_counts(page, counts.str());
    }
    std::cout << counts.str();
}
