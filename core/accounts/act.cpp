#include "core/accounts/act.h"

#include <utility>

#include "core/base/text.h"

namespace datong::accounts {
namespace {

constexpr std::size_t kMostReason = 256;
constexpr std::size_t kNumberOfPerson = 11;  ///< digits of a telephone number; id numbers have more

}  // namespace

Outcome<void> check_reason(std::string_view reason) {
    if (reason.size() > kMostReason || !is_utf8(reason)) {
        return refuse(Refused::reason_unfit, "at most 256 octets of UTF-8");
    }
    std::size_t run = 0;
    for (const char c : reason) {
        run = c >= '0' && c <= '9' ? run + 1 : 0;
        if (run >= kNumberOfPerson || (c >= 0 && c < ' ')) {
            return refuse(Refused::reason_unfit, "no control characters, and no number of 11 digits or more");
        }
    }
    return {};
}

Act::Act(const Actor& actor, std::string act, std::string reason, const Keep& keep) : keep_{keep} {
    told_.act = std::move(act);
    told_.reason = std::move(reason);
    be_by(actor);
}

void Act::be_by(const Actor& actor) {
    told_.actor = actor.account;
    told_.roles = to_text(actor.roles);
}

void Act::be_about(std::string target) {
    told_.target = check_reason(target) ? std::move(target) : "unfit";
}

std::optional<evidence::Administration> Act::told(std::string_view outcome) const {
    if (told_.outcome == outcome) {
        return std::nullopt;
    }
    evidence::Administration told = told_;
    told.outcome = outcome;
    return told;
}

Status Act::keep(std::string_view outcome) {
    auto told = this->told(outcome);
    if (!told) {
        return {};
    }
    auto kept = keep_(std::move(*told));
    if (kept) {
        told_.outcome = outcome;
    }
    return kept;
}

}  // namespace datong::accounts
