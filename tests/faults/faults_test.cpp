#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <map>
#include <mutex>
#include <sstream>
#include <thread>
#include <vector>

#include "tests/faults/alterations.h"
#include "tests/faults/expectations.h"
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

/// What each call of the script is answered where nothing goes wrong.
const std::vector<std::string>& usual() {
    static const std::vector<std::string> answers = [] {
        std::vector<std::string> all;
        for (const Said& said : run_script({}).said) {
            all.push_back(said.answer);
        }
        return all;
    }();
    return answers;
}

/// A run and what must not have been.
Outcome judged(const Fault& fault) {
    Outcome outcome = run_script(fault);
    for (std::string& complaint : complaints(fault, outcome, usual())) {
        outcome.failures.push_back(std::move(complaint));
    }
    return outcome;
}

constexpr std::array<const char*, 6> kAlterations{
    "bits flipped, octets taken away or swapped at random in a sealed folder",
    "the same with chain and checksums made right again",
    "the tail of a log of nine records cut behind every octet",
    "bits flipped, octets and segments taken away, octets swapped in a folder of several segments, an SM3 chain",
    "the same with chain, checksums, headers and trailers made right again",
    "the last of several segments cut behind every octet"};

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
                return judged(fault);
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

/// The page's counts, line by line: each part of the program has one, with when it was run last, and what was not run
/// says so. Written after every part, so that a run which is cut off keeps what it has.
class Counts {
public:
    /// @param page  docs/reliability.md; empty: nothing is written.
    explicit Counts(std::string page) : page_{std::move(page)} {
        if (page_.empty()) {
            return;
        }
        std::istringstream counted{parts_of_page()[1]};
        for (std::string line; std::getline(counted, line);) {
            lines_[first_cell(line)] = line;
        }
    }

    /// @param line  "| words | ... |"
    void put(const std::string& line) {
        std::cout << line << '\n' << std::flush;
        lines_[first_cell(line)] = line;
        if (page_.empty()) {
            return;
        }
        const auto parts = parts_of_page();
        std::ofstream{page_, std::ios::binary} << parts[0] << text() << parts[2];
    }

private:
    /// Before the counts, the counts, and behind them.
    [[nodiscard]] std::array<std::string, 3> parts_of_page() const {
        constexpr std::string_view kBegin = "<!-- counts: written by make faults -->\n";
        constexpr std::string_view kEnd = "<!-- end of counts -->";
        std::stringstream text;
        text << std::ifstream{page_, std::ios::binary}.rdbuf();
        const std::string all = text.str();
        const auto begin = all.find(kBegin);
        const auto end = all.find(kEnd);
        REQUIRE(begin != std::string::npos);
        REQUIRE(end != std::string::npos);
        const std::size_t behind = begin + kBegin.size();
        return {all.substr(0, behind), all.substr(behind, end - behind), all.substr(end)};
    }

    static std::string first_cell(const std::string& line) {
        return line.starts_with("| ") ? line.substr(2, line.find(" |", 2) - 2) : line;
    }

    [[nodiscard]] std::string text() const {
        std::string all =
            "| fault, until no N is left | places | runs | calls answered | cut off | told that nothing is kept "
            "| broken promises | last run |\n|---|---|---|---|---|---|---|---|\n";
        for (const Row& row : kRows) {
            all += line_of(row.words, 7);
        }
        all +=
            "\n| alteration | tried | seen by `datong verify`, or started again and verified | last run |\n"
            "|---|---|---|---|\n";
        for (const char* words : kAlterations) {
            all += line_of(words, 3);
        }
        return all;
    }

    [[nodiscard]] std::string line_of(const std::string& words, int cells) const {
        const auto found = lines_.find(words);
        if (found != lines_.end()) {
            return found->second + '\n';
        }
        std::string line = "| " + words + " | not run |";
        for (int i = 1; i < cells; ++i) {
            line += " |";
        }
        return line + '\n';
    }

    const std::string page_;
    std::map<std::string, std::string> lines_;
};

/// Whether this part is asked for: DATONG_FAULTS_PART is empty, or its name.
bool is_wanted(const std::string& part) {
    const char* wanted = std::getenv("DATONG_FAULTS_PART");
    return wanted == nullptr || *wanted == '\0' || part == wanted;
}

std::string places_of(const Row& row, int step) {
    const int stride = row.stride * step;
    return stride == 1 ? "every one" : "every " + std::to_string(stride) + "th";
}

}  // namespace

TEST_CASE("twenty mixed calls without a fault leave nothing to complain of", "[faults]") {
    const Outcome outcome = run_script({});
    CAPTURE(outcome.failures);
    CHECK(outcome.failures.empty());
    CHECK(outcome.answered == 20);
    CHECK(outcome.unrecorded == 0);
    CHECK(complaints({}, outcome, usual()).empty());  // a second run is answered as the first
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
                                                {"sync", "EINTR", 94},  // of a file that is dropped for the tax office
                                                {"write", "clock+240", 40},
                                                {"write", "clock-20", 40},
                                                {"write", "clock+3600", 40},
                                                {"write", "clock-3600", 40}}));
    const Outcome outcome = judged(fault);
    CAPTURE(fault.kind, fault.way, fault.at, outcome.failures, outcome.answered, outcome.cut_off);
    CHECK(outcome.was_hit);
    CHECK(outcome.failures.empty());
    CHECK(outcome.answered + outcome.cut_off >= 20);
}

TEST_CASE("every fault at every place", "[.][all-faults]") {
    const int step = number_in("DATONG_FAULTS_STEP", 1);  // a look at every so many-th place, where time is short
    const int at_a_time = number_in("DATONG_FAULTS_JOBS", static_cast<int>(std::thread::hardware_concurrency()));
    const char* page = std::getenv("DATONG_RELIABILITY");
    Counts counts{page != nullptr ? page : ""};
    const std::string when = " | " + today() + ", " + machine() + " |";
    int parts = 0;
    for (const Row& row : kRows) {
        if (!is_wanted(std::string{row.kind} + ' ' + row.way)) {
            continue;
        }
        ++parts;
        const Tally tally = Runner{row, step}.run(at_a_time);
        std::ostringstream line;
        line << "| " << row.words << " | " << places_of(row, step) << " | " << tally.runs << " | " << tally.answered
             << " | " << tally.cut_off << " | " << tally.unrecorded << " | " << tally.failures << when;
        counts.put(line.str());
        CHECK(tally.runs > 0);
        CHECK(tally.failures == 0);
    }
    const auto put = [&](const char* words, int tried, int good) {
        counts.put("| " + std::string{words} + " | " + std::to_string(tried) + " | " + std::to_string(good) + when);
        CHECK(tried > 0);
        CHECK(tried == good);
    };
    if (is_wanted("alterations")) {
        ++parts;
        const Alterations altered = alter_at_random(10'000 / step, 1);
        put(kAlterations[0], altered.tried, altered.seen);
        const Alterations forged = forge_at_random(10'000 / step, 2);
        put(kAlterations[1], forged.tried, forged.seen);
        const Alterations of_several = alter_at_random(10'000 / step, 3, kSegmentsInSm3);
        put(kAlterations[3], of_several.tried, of_several.seen);
        const Alterations forged_in_several = forge_at_random(10'000 / step, 4, kSegmentsInSm3);
        put(kAlterations[4], forged_in_several.tried, forged_in_several.seen);
    }
    if (is_wanted("cuts")) {
        ++parts;
        const Cuts cuts = cut_everywhere(static_cast<std::size_t>(step));
        put(kAlterations[2], cuts.tried, cuts.good);
        const Cuts of_several = cut_everywhere(static_cast<std::size_t>(step), kSegmentsInSm3);
        put(kAlterations[5], of_several.tried, of_several.good);
    }
    REQUIRE(parts > 0);  // a part that is not there proves nothing
}
