#include "core/matters/standing.h"

#include <algorithm>
#include <string_view>

namespace datong::matters {
namespace {

using catalogue::Question;
using catalogue::Requirement;
using record::Record;

/// The fact as a text; empty when it is not there, or no text, number or boolean.
std::string fact_of(const Record& facts, std::string_view name) {
    const Record* value = facts.find(name);
    return value != nullptr && !value->is_object() && !value->is_list() && !value->is_null()
               ? std::string{value->scalar()}
               : std::string{};
}

bool is_answered(const Question& question, const Record& facts) {
    const std::string given = fact_of(facts, question.fact);
    return question.choices.empty() ? !given.empty()
                                    : std::any_of(question.choices.begin(), question.choices.end(),
                                                  [&given](const auto& choice) { return choice.first == given; });
}

}  // namespace

const Question* open_question(const catalogue::Matter& matter, const catalogue::Material& material,
                              const Record& facts) {
    constexpr std::string_view kFacts = "$.facts.";
    for (const auto& [member, written] : material.query) {
        const std::string_view text{written};
        const Question* question =
            text.starts_with(kFacts)
                ? matter.question(text.substr(kFacts.size(), text.find('.', kFacts.size()) - kFacts.size()))
                : nullptr;
        if (question != nullptr && !is_answered(*question, facts)) {
            return question;
        }
    }
    return nullptr;
}

Standing standing_of(const catalogue::Matter& matter, const Requirement& requirement, const Record& facts) {
    if (requirement.when) {
        const Question* question = matter.question(requirement.when->fact);
        if (question != nullptr && !is_answered(*question, facts)) {
            return {.kind = Standing::Kind::question, .question = question};
        }
        const auto& values = requirement.when->any_of;
        if (std::find(values.begin(), values.end(), fact_of(facts, requirement.when->fact)) == values.end()) {
            return {.kind = Standing::Kind::not_applicable};
        }
    }
    for (const auto& list : requirement.any_of) {
        for (const catalogue::Material& material : list) {
            if (const Question* question = open_question(matter, material, facts); question != nullptr) {
                return {.kind = Standing::Kind::question, .question = question};
            }
        }
    }
    return {.kind = requirement.no_match ? Standing::Kind::no_match : Standing::Kind::asked};
}

}  // namespace datong::matters
