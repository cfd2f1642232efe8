#include "core/accounts/act.h"

#include <algorithm>
#include <utility>

#include "core/base/digits.h"
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
    const bool has_control = std::ranges::any_of(reason, [](char c) { return c >= 0 && c < ' '; });
    return has_control || longest_number(reason) >= kNumberOfPerson
               ? refuse(Refused::reason_unfit,
                        "no control characters, and no number of 11 digits or more, also with blanks or hyphens in it")
               : Outcome<void>{};
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
