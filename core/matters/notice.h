#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/fault.h"
#include "core/catalogue/snapshot.h"
#include "core/codec/json_writer.h"
#include "core/record/date.h"

namespace datong::matters {

/// What became of one material of the list that counts for its requirement.
struct MaterialTold {
    const catalogue::Material* material{};
    std::string_view outcome;      ///< "found", "match", "not_found" ...; "failed" with `fault`
    std::optional<Fault> fault{};  ///< the problem in place of an answer
};

/// What became of one requirement.
struct RequirementTold {
    const catalogue::Requirement* requirement{};
    std::string_view outcome;               ///< of docs/answer.md
    std::vector<MaterialTold> materials{};  ///< none where nothing was asked
    const catalogue::Question* question{};  ///< what has to be answered before anything can be said
};

/// One thing that the citizen brings, may bring later, or need not bring.
struct Item {
    const catalogue::Requirement* requirement{};
    const catalogue::Material* material{};  ///< nullptr: the requirement as a whole, for nobody could be asked
    std::string_view why{};                 ///< one of catalogue::kWhys; empty of what need not be brought
    record::Date until{};                   ///< of what may follow: the last day

    [[nodiscard]] const catalogue::Title& title() const { return material ? material->title : requirement->title; }
};

/// What to bring (一次性告知): for this person and this case, told once and whole. What a requirement lacks is said by
/// its materials, so that of a list of two one may be needed and the other not. Points into the matter.
struct Notice {
    std::vector<Item> needed;
    std::vector<Item> may_follow;
    std::vector<Item> awaited;     ///< its department answers later, and the platform is told
    std::vector<Item> not_needed;  ///< a department brought it
    std::vector<const catalogue::Question*> questions;
};

/// @param today  the civil date of the call (+08:00), from which terms run.
[[nodiscard]] Notice notice_of(std::span<const RequirementTold> told, const record::Date& today,
                               const catalogue::Calendar& calendar);

/// The notice as a clerk reads it out and prints it: one line an item, no personal data.
[[nodiscard]] std::string text_of(const Notice& notice, const catalogue::Matter& matter,
                                  const catalogue::Language& language);

/// Writes {needed, may_follow, awaited, not_needed, questions, text: [{language, text}]} of docs/answer.md.
void write_notice(codec::JsonWriter& json, const Notice& notice, const catalogue::Matter& matter,
                  std::span<const catalogue::Language> languages);

}  // namespace datong::matters
