#include "tests/faults/expectations.h"

#include <algorithm>
#include <cstdlib>
#include <functional>

namespace datong::faults {
namespace {

constexpr int kWindow = 300;  ///< seconds for which a signature is good
constexpr int kTaxStep = 2;   ///< of the script: the one call that is handed over as a file
constexpr int kSkew = 30;     ///< by which a consumer's clock may be ahead

/// How far the clock steps; 0: it does not.
int step_of(const Fault& fault) {
    constexpr std::string_view kClock = "clock";
    return fault.way.starts_with(kClock) ? std::atoi(fault.way.c_str() + kClock.size()) : 0;
}

/// Goes through the answers of one run.
class Judgement {
public:
    Judgement(const Outcome& outcome, const std::vector<std::string>& usual) : outcome_{outcome}, usual_{usual} {}

    /// @param may_be  whether an answer that is not the usual one is good.
    void each(const std::function<bool(const Said&)>& may_be) {
        for (const Said& said : outcome_.said) {
            if (said.answer != usual_of(said) && !may_be(said)) {
                complain("call " + std::to_string(said.step + 1) + " was answered '" + said.answer + "', usually '" +
                         usual_of(said) + "'");
            }
        }
    }
    void must(bool is_so, const std::string& what) {
        if (!is_so) {
            complain(what);
        }
    }
    void complain(std::string what) { complaints_.push_back(std::move(what)); }
    [[nodiscard]] std::vector<std::string> done() { return std::move(complaints_); }
    /// Those behind the script are its last call again.
    [[nodiscard]] const std::string& usual_of(const Said& said) const {
        return usual_.at(std::min(static_cast<std::size_t>(said.step), usual_.size() - 1));
    }

private:
    const Outcome& outcome_;
    const std::vector<std::string>& usual_;
    std::vector<std::string> complaints_;
};

bool never(const Said& /*said*/) {
    return false;
}

/// The process is gone once: at most one call with it.
void judge_end(Judgement& judgement, const Outcome& outcome) {
    judgement.must(outcome.cut_off <= 1, std::to_string(outcome.cut_off) + " calls were cut off by one end");
    bool may_be_known = false;  // a submission of that key may have been taken
    judgement.each([&](const Said& said) {
        may_be_known = may_be_known || (said.answer.empty() && said.is_push);
        return said.answer.empty() || (said.is_push && may_be_known && said.answer == "202 unknown");
    });
}

/// The disk took nothing for once. What a submission is told depends on what became of the one before it.
void judge_disk(Judgement& judgement, const Outcome& outcome) {
    const bool is_of_start = outcome.cut_off == 0;
    judgement.must(is_of_start, std::to_string(outcome.cut_off) + " calls were cut off by a disk that took nothing");
    judgement.must(outcome.has_resumed, "no call is answered any more, though the disk takes everything");
    judgement.each([](const Said& said) {
        // what is dropped for the tax office lies on that disk, too
        const bool is_dropped = said.step == kTaxStep && said.answer == "502 department_down";
        return is_dropped || said.answer == "503 evidence_unavailable" || said.answer == "503 unavailable" ||
               (said.is_push && (said.answer == "202 unknown" || said.answer.starts_with("200 ")));
    });
}

/// From the step on every signed call is stale, and only for that.
void judge_clock(Judgement& judgement, const Outcome& outcome) {
    bool has_stepped = false;
    for (const Said& said : outcome.said) {
        const bool is_stale = said.answer == "401 signature_stale";
        if (has_stepped && said.is_signed && !is_stale) {
            judgement.complain("call " + std::to_string(said.step + 1) + " was answered '" + said.answer +
                               "' behind one that was stale");
        }
        has_stepped = has_stepped || (said.is_signed && is_stale);
    }
    judgement.each([](const Said& said) { return said.is_signed && said.answer == "401 signature_stale"; });
    judgement.must(outcome.cut_off == 0, "a clock that steps cut a call off");
}

}  // namespace

std::vector<std::string> complaints(const Fault& fault, const Outcome& outcome, const std::vector<std::string>& usual) {
    Judgement judgement{outcome, usual};
    const int step = step_of(fault);
    if (fault.way == "kill" || fault.way == "torn") {
        judge_end(judgement, outcome);
    } else if (fault.way == "ENOSPC" || fault.way == "EIO") {
        judge_disk(judgement, outcome);
    } else if (step > kWindow || step < -kSkew) {
        judge_clock(judgement, outcome);
    } else {  // no error, and no reason to refuse anybody
        judgement.each(never);
        judgement.must(outcome.said.size() == usual.size(), "a call was lost or sent again");
    }
    return judgement.done();
}

}  // namespace datong::faults
