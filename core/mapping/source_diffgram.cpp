#include <algorithm>

#include "core/mapping/source.h"

namespace datong::mapping {
namespace {

using record::Member;
using record::Record;

/// What a DataSet has beside its own element: its schema, rows as they were before, and errors of rows.
/// Source: .NET, "DiffGrams": diffgr:before, diffgr:errors.
bool stands_beside(const Member& member) {
    return member.name.starts_with('@') || member.name == "schema" || member.name == "before" ||
           member.name == "errors";
}

/// The DataSet's element: the one that has the table, or the only one there is. nullptr: there is none, as .NET writes
/// a DataSet without rows.
const Record* data_set_of(const Record& root, const std::string& table, bool& several) {
    const Record* gram = root.find("diffgram");
    const Record& at = gram != nullptr ? *gram : root;
    if (at.find(table) != nullptr) {
        return &at;
    }
    const Record* found = nullptr;
    for (const Member& member : at.members()) {
        if (!stands_beside(member)) {
            several = several || found != nullptr || member.value.is_list();
            found = &member.value;
        }
    }
    return found;
}

/// Nothing, or only what stands beside a DataSet.
bool says_nothing(const Record& one) {
    return one.is_object() ? std::all_of(one.members().begin(), one.members().end(), stands_beside)
                           : one.is_null() || (one.is_text() && trim_all(one.scalar()).empty());
}

/// Whether this is how .NET writes a DataSet without rows: schema, diffgram, and the set's element, all of them empty.
/// Anything else (an error, a web page, another table) is no statement that there are no rows.
bool is_empty_set(const Record& root, const Record* set) {
    const Record* gram = root.find("diffgram");
    const auto empty = [set](const Record& one, const Record* inner) {
        return one.is_object() ? std::all_of(one.members().begin(), one.members().end(),
                                             [&](const Member& member) {
                                                 return &member.value == inner || stands_beside(member) ||
                                                        (&member.value == set && says_nothing(member.value));
                                             })
                               : says_nothing(one);
    };
    return empty(root, gram) && (gram == nullptr || empty(*gram, nullptr));
}

bool has_errors(const Record& root) {
    const Record* gram = root.find("diffgram");
    return (gram != nullptr ? *gram : root).find("errors") != nullptr;
}

Sourced ended(const UnwrapOp& op, Outcome outcome, std::string rule, std::string zh, std::string en) {
    Sourced out;
    Finding why;
    why.rule = std::move(rule);
    why.where = op.where;
    why.text_zh = std::move(zh);
    why.text_en = std::move(en);
    out.outcome = outcome;
    out.errors.push_back(std::move(why));
    return out;
}

}  // namespace

Sourced read_diffgram(const UnwrapOp& op, const Record& root) {
    bool several = false;
    const Record* set = data_set_of(root, op.table, several);
    if (several || has_errors(root)) {
        return ended(op, Outcome::malformed, "unwrap.diffgram", "不是没有错误的 DataSet",
                     "this is no DataSet, or one with errors");
    }
    Record tables = Record::object();
    for (const Member& member : set != nullptr ? set->members() : Record::Object{}) {
        if (!stands_beside(member)) {
            tables.append(member.name, Record{member.value});
        }
    }
    Record* rows = tables.find(op.table);
    if (rows == nullptr) {
        if (!is_empty_set(root, set)) {
            return ended(op, Outcome::malformed, "unwrap.diffgram", "没有表 '" + op.table + "', 却有别的内容",
                         "there is no table '" + op.table + "', but something else");
        }
        if (op.empty_is_not_found) {
            Sourced none;
            none.outcome = Outcome::not_found;
            return none;
        }
        return ended(op, Outcome::invalid, "rows.empty", "表 '" + op.table + "' 没有行",
                     "the table '" + op.table + "' has no rows");
    }
    if (!rows->is_list()) {
        *rows = Record::list({std::move(*rows)});
    }
    Sourced out;
    out.owned = std::make_unique<Record>(std::move(tables));
    out.root = out.owned.get();
    return out;
}

}  // namespace datong::mapping
