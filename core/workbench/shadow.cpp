#include "core/workbench/shadow.h"

#include <utility>

#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "core/workbench/effect.h"

namespace datong::workbench {
namespace {

using record::Record;
using Counts = std::map<std::string, std::uint64_t, std::less<>>;

/// "/holders/0/idNo" -> "/holders/*/idNo"
std::string starred(std::string_view pointer) {
    std::string out;
    for (const std::string_view part : split(pointer.substr(pointer.empty() ? 0 : 1), '/')) {
        out += '/';
        out += to_whole_number(part) ? std::string_view{"*"} : part;
    }
    return out;
}

std::set<std::string> findings_of(const mapping::Output& output) {
    std::set<std::string> out;
    for (const auto* list : {&output.errors, &output.warnings}) {
        for (const mapping::Finding& one : *list) {
            out.insert(starred(one.path) + ' ' + one.rule);
        }
    }
    return out;
}

void count_missing(const std::set<std::string>& mine, const std::set<std::string>& others, const std::string& whose,
                   Counts& out) {
    for (const std::string& one : mine) {
        if (!others.contains(one)) {
            ++out[whose + ' ' + one];
        }
    }
}

void add_counts(const Counts& from, Counts& to) {
    for (const auto& [name, count] : from) {
        to[name] += count;
    }
}

Record counted(std::uint64_t count) {
    return Record::number(std::to_string(count));
}

Record to_record_of(const Counts& counts) {
    Record out = Record::object();
    for (const auto& [name, count] : counts) {
        out.put(name, counted(count));
    }
    return out;
}

/// A count; what is none makes `good` false.
std::uint64_t count_of(const Record* number, bool& good) {
    const auto count = number != nullptr && number->is_number() ? to_whole_number(number->scalar()) : std::nullopt;
    good = good && count.has_value();
    return count.value_or(0);
}

Counts counts_of(const Record* record, bool& good) {
    Counts out;
    good = good && record != nullptr && record->is_object();
    for (const record::Member& member : record != nullptr ? record->members() : Record::Object{}) {
        out[member.name.str()] = count_of(&member.value, good);
    }
    return out;
}

}  // namespace

bool in_sample(std::string_view trace_id, int per_mille) {
    const std::string digest = crypto::sha256(trace_id);
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < 8; ++i) {
        number = number << 8U | static_cast<unsigned char>(digest[i]);
    }
    return number % 1000 < static_cast<std::uint64_t>(std::max(per_mille, 0));
}

Shadow::Shadow(std::string live, std::string candidate) : live_{std::move(live)}, candidate_{std::move(candidate)} {
}

void Shadow::add(const mapping::Output& live, const mapping::Output& candidate) {
    ++records_;
    bool same = live.outcome == candidate.outcome;
    if (!same) {
        ++outcomes_[std::string{name_of(live.outcome)} + " -> " + std::string{name_of(candidate.outcome)}];
    }
    const auto live_findings = findings_of(live);
    const auto candidate_findings = findings_of(candidate);
    same = same && live_findings == candidate_findings;
    count_missing(live_findings, candidate_findings, "live", rules_);
    count_missing(candidate_findings, live_findings, "candidate", rules_);
    if (live.outcome == mapping::Outcome::ok && candidate.outcome == mapping::Outcome::ok) {
        const Leaves one = leaves_of(live.target);
        const Leaves other = leaves_of(candidate.target);
        for (const auto& [path, leaf] : one) {
            FieldTally& tally = fields_[starred(path)];
            const auto found = other.find(path);
            const bool there = found != other.end();
            const bool equal = there && *found->second == *leaf;
            ++(equal ? tally.same : there ? tally.differing : tally.only_live);
            same = same && equal;
        }
        for (const auto& [path, leaf] : other) {
            if (!one.contains(path)) {
                ++fields_[starred(path)].only_candidate;
                same = false;
            }
        }
    }
    unlike_ += same ? 0U : 1U;
}

Status Shadow::add(const Shadow& other) {
    if (other.live_ != live_ || other.candidate_ != candidate_) {
        return fail(Fault::bad_request, "a shadow of other versions: " + other.live_ + " and " + other.candidate_);
    }
    records_ += other.records_;
    unlike_ += other.unlike_;
    for (const auto& [path, tally] : other.fields_) {
        FieldTally& mine = fields_[path];
        mine.same += tally.same;
        mine.differing += tally.differing;
        mine.only_live += tally.only_live;
        mine.only_candidate += tally.only_candidate;
    }
    add_counts(other.outcomes_, outcomes_);
    add_counts(other.rules_, rules_);
    return {};
}

std::vector<std::string> Shadow::objections(const Gate& gate) const {
    std::vector<std::string> out;
    if (records_ < gate.records) {
        out.push_back("只比较了 " + std::to_string(records_) + " 条, 需要 " + std::to_string(gate.records) +
                      " 条 | only " + std::to_string(records_) + " of " + std::to_string(gate.records) +
                      " records were compared");
    }
    for (const auto& [path, tally] : fields_) {
        if (tally.unlike() > 0 && !gate.explained.contains(path)) {
            out.push_back(path + " 有 " + std::to_string(tally.unlike()) + " 次不同, 没有说明原因 | differs " +
                          std::to_string(tally.unlike()) + " times without explanation");
        }
    }
    for (const auto& [outcome, count] : outcomes_) {
        out.push_back("结果不同 | the outcome differs: " + outcome + ", " + std::to_string(count));
    }
    for (const auto& [rule, count] : rules_) {
        const auto parts = split(rule, ' ');
        if (parts.size() < 2 || !gate.explained.contains(parts[1])) {
            out.push_back("只有一方报告 | only one of them reports: " + rule + ", " + std::to_string(count));
        }
    }
    return out;
}

Record Shadow::to_record() const {
    Record fields = Record::object();
    for (const auto& [path, tally] : fields_) {
        fields.put(path, Record::list({counted(tally.same), counted(tally.differing), counted(tally.only_live),
                                       counted(tally.only_candidate)}));
    }
    Record out = Record::object();
    out.put("live", Record::text(live_));
    out.put("candidate", Record::text(candidate_));
    out.put("records", counted(records_));
    out.put("unlike", counted(unlike_));
    out.put("fields", std::move(fields));  // same, differing, only live, only candidate
    out.put("outcomes", to_record_of(outcomes_));
    out.put("rules", to_record_of(rules_));
    return out;
}

Result<Shadow> Shadow::from_record(const Record& record) {
    Shadow out{record.text_of("live"), record.text_of("candidate")};
    bool good = !out.live_.empty() && !out.candidate_.empty();
    out.records_ = count_of(record.find("records"), good);
    out.unlike_ = count_of(record.find("unlike"), good);
    out.outcomes_ = counts_of(record.find("outcomes"), good);
    out.rules_ = counts_of(record.find("rules"), good);
    const Record* fields = record.find("fields");
    good = good && fields != nullptr && fields->is_object();
    for (const record::Member& member : fields != nullptr ? fields->members() : Record::Object{}) {
        const Record::List& counts = member.value.items();
        good = good && counts.size() == 4;
        if (good) {
            out.fields_[member.name.str()] = {count_of(&counts[0], good), count_of(&counts[1], good),
                                              count_of(&counts[2], good), count_of(&counts[3], good)};
        }
    }
    if (!good) {
        return fail(Fault::bad_request, "not a record of a shadow run");
    }
    return out;
}

}  // namespace datong::workbench
