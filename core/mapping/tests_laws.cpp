#include <algorithm>

#include "core/mapping/engine.h"
#include "core/mapping/tests_runner.h"

namespace datong::mapping {
namespace {

using record::Record;

/// The node at names; a list of one stands for its item, as a set of one row does.
const Record* at_names(const Record* at, const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        if (at != nullptr && at->is_list()) {
            at = at->items().size() == 1 ? &at->items()[0] : nullptr;
        }
        at = at != nullptr ? at->find(name) : nullptr;
    }
    return at;
}

/// Compares what came back with what was there, in the places that the reverse writes.
class GetPut {
public:
    GetPut(const Mapping::Program& forward, std::vector<std::string>& out) : forward_{forward}, out_{out} {}

    void compare(const std::vector<FieldOp>& fields, const std::vector<ListOp>& lists, const Record& was,
                 const Record& is, const std::string& at) {
        for (const FieldOp& op : fields) {
            leaf(op, was, is, at);
        }
        for (const ListOp& op : lists) {
            list(op, was, is, at + op.pointer);
        }
    }

private:
    [[nodiscard]] std::string text_of(const Record* node, const FieldOp& op) const {
        Path path;
        path.charset = forward_.source.charset;
        for (const SetOp& set : forward_.source.sets) {
            path.charset = !op.to.empty() && set.name == op.to[0] ? set.charset : path.charset;
        }
        const auto value = leaf_value(node, path, forward_.normalise);
        return !value ? value.error().rule : value->is_null() ? std::string{} : steps::to_text(*value);
    }

    void leaf(const FieldOp& op, const Record& was, const Record& is, const std::string& at) {
        const std::string wanted = text_of(at_names(&was, op.to), op);
        const std::string got = text_of(at_names(&is, op.to), op);
        if (wanted != got) {
            out_.push_back("GetPut at '" + at + op.pointer + "': wanted \"" + wanted + "\", got \"" + got + '"');
        }
    }

    void list(const ListOp& op, const Record& was, const Record& is, const std::string& at) {
        const Record* before = at_names(&was, op.to);
        const Record* behind = at_names(&is, op.to);
        if (op.any_order || op.left_out) {
            return rows(op, before, behind, at);
        }
        const std::size_t wanted = before != nullptr ? before->items().size() : 0;
        const std::size_t got = behind != nullptr ? behind->items().size() : 0;
        if (wanted != got) {
            out_.push_back("GetPut at '" + at + "': wanted " + std::to_string(wanted) + " items, got " +
                           std::to_string(got));
        }
        for (std::size_t i = 0; i < std::min(wanted, got); ++i) {
            compare(op.fields, op.lists, before->items()[i], behind->items()[i], at + '/' + std::to_string(i));
        }
    }

    /// Each row that came back is one that was there: in its order, unless that has no meaning; all of them, unless
    /// some may be left out.
    void rows(const ListOp& op, const Record* before, const Record* behind, const std::string& at) {
        std::vector<std::string> wanted = all_of(op, before);
        std::vector<std::string> got = all_of(op, behind);
        if (op.any_order) {
            std::sort(wanted.begin(), wanted.end());
            std::sort(got.begin(), got.end());
        }
        std::size_t met = 0;
        for (const std::string& one : wanted) {
            met += met < got.size() && got[met] == one ? 1 : 0;
        }
        if (met < got.size() || (!op.left_out && met < wanted.size())) {
            out_.push_back("GetPut at '" + at + "': wanted the rows that were there, got " +
                           std::to_string(got.size() - met) + " others of " + std::to_string(got.size()) + " for " +
                           std::to_string(wanted.size()));
        }
    }

    [[nodiscard]] std::vector<std::string> all_of(const ListOp& op, const Record* rows) const {
        std::vector<std::string> out;
        for (const Record& row : rows != nullptr ? rows->items() : Record::List{}) {
            out.push_back(spelled(op, row));
        }
        return out;
    }

    /// A row's places that the reverse writes, as one text.
    [[nodiscard]] std::string spelled(const ListOp& op, const Record& row) const {
        std::string out;
        for (const FieldOp& one : op.fields) {
            out += text_of(at_names(&row, one.to), one) + '\x1f';
        }
        for (const ListOp& one : op.lists) {
            for (const std::string& inner : all_of(one, at_names(&row, one.to))) {
                out += '[' + inner + ']';
            }
        }
        return out;
    }

    const Mapping::Program& forward_;
    std::vector<std::string>& out_;
};

/// Of a record what rows with a reverse wrote.
void keep_reversible(const std::vector<FieldOp>& fields, const std::vector<ListOp>& lists, const Record& from,
                     Record& to) {
    for (const FieldOp& op : fields) {
        if (const Record* leaf = op.reverses ? at_names(&from, op.to) : nullptr; leaf != nullptr) {
            parent_of(to, op.to).put(op.to.back(), *leaf);
        }
    }
    for (const ListOp& op : lists) {
        const Record* items = op.reverses ? at_names(&from, op.to) : nullptr;
        if (items == nullptr) {
            continue;
        }
        Record kept = Record::list();
        for (const Record& item : items->items()) {
            Record one = Record::object();
            keep_reversible(op.fields, op.lists, item, one);
            kept.add(std::move(one));
        }
        parent_of(to, op.to).put(op.to.back(), std::move(kept));
    }
}

}  // namespace

std::vector<std::string> broken_laws(const Mapping::Program& program, const Record& source, const Record& target,
                                     const Input& input) {
    std::vector<std::string> out;
    Input back{};
    back.tree = &target;
    back.context = input.context;
    back.now = input.now;
    const Output there = run_reverse(program, back);
    for (const Finding& one : there.errors) {
        out.push_back(spoken_finding("reverse: error", one));
    }
    if (there.outcome != Outcome::ok) {
        return out;
    }
    GetPut{program, out}.compare(program.reverse->fields, program.reverse->lists, source, there.target, "");
    back.tree = there.wire.empty() ? &there.target : nullptr;
    back.bytes = there.wire;
    const Output again = run_program(program, back);
    for (const Finding& one : again.errors) {
        out.push_back(spoken_finding("PutGet: error", one));
    }
    Record wanted = Record::object();
    Record got = Record::object();
    keep_reversible(program.fields, program.lists, target, wanted);
    keep_reversible(program.fields, program.lists, again.target, got);
    for (const std::string& one : record_differences(wanted, got, {})) {
        out.push_back("PutGet " + one);
    }
    return out;
}

}  // namespace datong::mapping
