#include <algorithm>

#include "core/mapping/source.h"

namespace datong::mapping {
namespace {

using record::Record;

bool has(const std::vector<std::string>& codes, std::string_view code) {
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

void end(Sourced& read, Outcome outcome, const UnwrapOp& op, steps::Refusal why) {
    read.outcome = outcome;
    read.errors.push_back({.rule = std::move(why.rule),
                           .where = op.where,
                           .text_zh = std::move(why.text_zh),
                           .text_en = std::move(why.text_en)});
}

/// A result code as departments have them; of anything else that no mapping lists nothing is shown, for it may be a
/// sentence or a person.
bool is_code(std::string_view text) {
    constexpr std::size_t kLongest = 12;
    return text.size() <= kLongest && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
                      c == '.' || c == '-';
           });
}

void end_with_code(Sourced& read, Outcome outcome, const UnwrapOp& op, std::string_view code, steps::Refusal why) {
    end(read, outcome, op, std::move(why));
    read.errors.back().source = location(op.path, "");
    if (has(op.retry, code) || has(op.rejected, code) || is_code(code)) {
        read.errors.back().value = code;
        read.errors.back().value_class = "internal";
    }
}

bool is_empty(const Record& one) {
    return one.is_null() || (one.is_text() && trim_all(one.scalar()).empty()) ||
           (one.is_object() && one.members().empty()) || (one.is_list() && one.items().empty());
}

/// Whether nothing is there. A list is judged as it stands, by its path with [*] behind it, too: an item in which
/// nothing is said is a record whose fields were withheld, not the statement that there is none.
tl::expected<bool, Trouble> says_none(Path path, const Record& root) {
    if (!path.query && !path.segments.empty() && path.segments.back().kind == Segment::Kind::all) {
        path.segments.pop_back();
    }
    const auto found = collect(path, root, root, Taken::whole);
    if (!found) {
        return tl::unexpected{found.error()};
    }
    return std::all_of(found->begin(), found->end(), [](const Record* one) { return is_empty(*one); });
}

/// A code as a scalar place reads one: of an XML element with attributes its text.
std::string_view code_at(const Record* node) {
    if (node != nullptr && node->is_object()) {
        const auto& members = node->members();
        const bool attributes_beside = std::all_of(members.begin(), members.end(), [](const record::Member& one) {
            return one.name == "#text" || one.name.starts_with('@');
        });
        node = attributes_beside ? node->find("#text") : nullptr;
    }
    return node != nullptr && node->is_scalar() ? Normaliser{}(node->scalar()).value_or("") : "";
}

/// The paths as they read below what `taken` takes, without those that lead elsewhere.
std::vector<Path> below(const Path& taken, std::vector<Path> paths) {
    const auto same = [](const Segment& one, const Segment& other) {
        return one.kind == other.kind && one.name == other.name && one.index == other.index;
    };
    const auto count = static_cast<std::ptrdiff_t>(taken.segments.size());
    std::erase_if(paths, [&](const Path& one) {
        return taken.query || one.query || one.segments.size() <= taken.segments.size() ||
               !std::equal(taken.segments.begin(), taken.segments.end(), one.segments.begin(), same);
    });
    for (Path& one : paths) {
        one.segments.erase(one.segments.begin(), one.segments.begin() + count);
    }
    return paths;
}

}  // namespace

std::vector<Path> told_by_outcomes(const std::vector<UnwrapOp>& unwrap) {
    std::vector<Path> told;
    for (const UnwrapOp& op : unwrap) {
        if (op.kind == UnwrapOp::Kind::outcome) {
            told.push_back(op.path);
            told.insert(told.end(), op.message ? 1 : 0, op.message.value_or(Path{}));
        } else {
            told = op.kind == UnwrapOp::Kind::take ? below(op.path, std::move(told)) : std::vector<Path>{};
        }
    }
    return told;
}

void judge_outcome(const UnwrapOp& op, Sourced& read) {
    const Met met = walk(op.path, *read.root, *read.root);
    if (met.trouble != Trouble::none) {
        return end(read, Outcome::malformed, op, refusal_of(met.trouble));
    }
    const std::string_view code = code_at(met.node);
    if (code.empty()) {
        return end(read, Outcome::malformed, op,
                   {"outcome.missing", "来源没有给出结果码", "the source gave no result code"});
    }
    if (has(op.not_found, code)) {
        read.outcome = Outcome::not_found;
    } else if (has(op.retry, code)) {
        end_with_code(read, Outcome::retry, op, code,
                      {"outcome.retry", "来源要求稍后再试", "the source asks to come again"});
    } else if (!has(op.ok, code)) {
        const bool listed = has(op.rejected, code);
        end_with_code(read, Outcome::rejected, op, code,
                      {listed ? "outcome.rejected" : "outcome.unlisted",
                       listed ? "来源拒绝了请求" : "来源的结果码不在映射所列之中",
                       listed ? "the source refused" : "the source's result code is not listed in the mapping"});
    } else if (op.none) {
        const auto none = says_none(*op.none, *read.root);
        if (!none) {
            end(read, Outcome::malformed, op, refusal_of(none.error()));
        } else if (*none) {
            read.outcome = Outcome::not_found;
        }
    }
}

}  // namespace datong::mapping
