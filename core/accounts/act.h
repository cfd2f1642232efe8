#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/accounts/actor.h"
#include "core/base/result.h"
#include "core/evidence/entry.h"

namespace datong::accounts {

/// Whether a text may stand in the evidence as the reason of an act: at most 256 octets of UTF-8 without control
/// characters, and nothing in it that may be somebody's number.
[[nodiscard]] Outcome<void> check_reason(std::string_view reason);

/// One administrative act on its way into the evidence. Who carries it out keeps it before it takes effect; who called
/// keeps what became of it. One thread.
class Act {
public:
    /// Makes the record durable. @return Fault::evidence_unavailable: then nothing may happen.
    using Keep = std::function<Status(evidence::Administration told)>;

    /// @param keep  outlives it.
    Act(const Actor& actor, std::string act, std::string reason, const Keep& keep);

    void come_from(std::string address) { told_.from = std::move(address); }
    /// Who it is, once that is known.
    void be_by(const Actor& actor);
    /// What it is about: the name of an account, a source, a folder. What may hold a person's number stands as "unfit".
    void be_about(std::string target);
    /// What changes; never personal.
    void note(std::string detail) { told_.detail = std::move(detail); }

    /// Writes it down. The same outcome is not written twice.
    /// @param outcome  "done", or the code of a refusal.
    [[nodiscard]] Status keep(std::string_view outcome);
    /// What would be kept; nullopt when that outcome was.
    [[nodiscard]] std::optional<evidence::Administration> told(std::string_view outcome) const;
    [[nodiscard]] const std::string& reason() const { return told_.reason; }
    /// The account of who it is by.
    [[nodiscard]] const std::string& actor() const { return told_.actor; }

private:
    evidence::Administration told_;
    const Keep& keep_;
};

}  // namespace datong::accounts
