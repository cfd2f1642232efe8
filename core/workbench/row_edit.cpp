#include "core/workbench/row_edit.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <tuple>

#include "core/base/text.h"

namespace datong::workbench {
namespace {

using yaml::Node;

/// Keys of a row in the order in which people read them; a new key goes behind those before it.
constexpr std::array<std::string_view, 10> kOrder{"to",      "from",     "steps", "when",  "required",
                                                  "default", "on_error", "class", "label", "note"};

std::size_t rank_of(std::string_view key) {
    const bool select = std::find(kSelects.begin(), kSelects.end(), key) != kSelects.end();
    const auto found = std::find(kOrder.begin(), kOrder.end(), select ? "from" : key);
    return static_cast<std::size_t>(found - kOrder.begin());
}

const Node::Entry* entry_of(const Node& row, std::string_view column) {
    if (column == "from") {
        return select_of(row);
    }
    const auto found = std::find_if(row.entries.begin(), row.entries.end(),
                                    [&](const Node::Entry& entry) { return entry.first.text == column; });
    return found == row.entries.end() ? nullptr : &*found;
}

bool says(const Node::Entry* entry, const std::optional<Said>& said) {
    if (entry == nullptr || entry->second.is_empty()) {
        return !said;
    }
    return said && said->key == entry->first.text && same_value(said->value, entry->second);
}

/// "holders[]." of "holders[].name".
std::string prefix_of(const std::string& to) {
    const std::size_t at = to.rfind("[].");
    return at == std::string::npos ? std::string{} : to.substr(0, at + 3);
}

std::string row_text(const WantedRow& row) {
    Node name;
    name.text = row.to.substr(prefix_of(row.to).size());
    std::string out = "{to: " + flow_text(name);
    for (const std::string_view column : kOrder) {
        const auto found = row.cells.find(column);
        if (found != row.cells.end() && found->second) {
            out += ", " + found->second->key + ": " + flow_text(found->second->value);
        }
    }
    return out + '}';
}

}  // namespace

RowEdit::RowEdit(const YamlText& text, const std::string& table_file, Mistakes& mistakes)
    : text_{text}, table_file_{table_file}, mistakes_{mistakes} {
}

void RowEdit::report(const WantedRow& row, std::string code, std::string zh, std::string en, std::string hint) {
    mistakes_.push_back(
        {{table_file_, row.line, 1}, std::move(code), Severity::error, std::move(zh), std::move(en), std::move(hint)});
}

std::map<std::string, std::vector<const WantedRow*>> RowEdit::new_rows(const std::vector<RowList>& lists,
                                                                       const std::vector<WantedRow>& wanted) {
    std::set<std::string> known;
    std::vector<std::string> prefixes;
    for (const RowList& list : lists) {
        prefixes.push_back(list.prefix);
        for (const Row& row : list.rows) {
            known.insert(row.to);
        }
    }
    std::map<std::string, std::vector<const WantedRow*>> out;
    for (const WantedRow& row : wanted) {
        const std::string prefix = prefix_of(row.to);
        if (known.contains(row.to)) {
            continue;
        }
        if (std::find(prefixes.begin(), prefixes.end(), prefix) == prefixes.end()) {
            report(row, "T104", "映射里没有列表 '" + prefix + "', 请先在 YAML 里写出它",
                   "the mapping has no list '" + prefix + "'; write the list in the YAML first",
                   nearest(prefix, prefixes).value_or(""));
            continue;
        }
        out[prefix].push_back(&row);
    }
    return out;
}

void RowEdit::all(const std::vector<WantedRow>& wanted) {
    const std::vector<RowList> lists = row_lists(text_.root());
    const auto added = new_rows(lists, wanted);
    std::map<std::string, const WantedRow*, std::less<>> by_name;
    for (const WantedRow& row : wanted) {
        by_name.emplace(row.to, &row);
    }
    for (const RowList& list : lists) {
        Gone gone;
        for (const Row& row : list.rows) {
            const auto found = by_name.find(row.to);
            gone.push_back(found == by_name.end());
            if (found != by_name.end()) {
                change(*row.node, *found->second);
            }
        }
        const bool none_left = std::find(gone.begin(), gone.end(), false) == gone.end();
        const auto more = added.find(list.prefix);
        if (none_left && more == added.end() && !gone.empty()) {
            report({}, "T106", "列表 '" + list.prefix + "' 不能一行都不剩, 请在 YAML 里删除它",
                   "no row of '" + list.prefix + "' is left; take the list out of the YAML instead");
            continue;
        }
        take_rows(*list.fields, gone);
        if (more != added.end()) {
            add_rows(list, more->second, none_left);
        }
    }
}

void RowEdit::change(const Node& row, const WantedRow& wanted) {
    const std::size_t before = edits_.size();
    Gone gone;
    for (const Node::Entry& entry : row.entries) {
        const bool is_select = &entry == select_of(row);
        const auto cell = wanted.cells.find(is_select ? std::string_view{"from"} : std::string_view{entry.first.text});
        const bool of_column = cell != wanted.cells.end() && entry.first.text != "to";
        gone.push_back(of_column && !cell->second && !entry.second.is_empty());
        if (of_column && cell->second && !says(&entry, cell->second)) {
            put_value(row, entry, *cell->second);
        }
    }
    take_keys(row, gone);
    for (const std::string_view column : kOrder) {
        const auto cell = wanted.cells.find(column);
        if (cell != wanted.cells.end() && cell->second && entry_of(row, column) == nullptr) {
            put_new(row, gone, column, *cell->second);
        }
    }
    changed_ += edits_.size() > before ? 1 : 0;
}

void RowEdit::put_value(const Node& row, const Node::Entry& entry, const Said& said) {
    const std::size_t end = text_.end_of(entry);
    const std::size_t colon = text_.colon_of(entry);
    const std::size_t begin = std::min(text_.begin_of(entry.second), end);
    const std::string between = text_.text().substr(std::min(colon, begin), begin - std::min(colon, begin));
    const bool same_line = begin > colon && between.find('\n') == std::string::npos;
    std::vector<std::string> lost = text_.comments_in(entry.second);
    if (const std::size_t comment = between.find('#'); !same_line && comment != std::string::npos) {
        lost.insert(lost.begin(), between.substr(comment, between.find_first_of("\r\n", comment) - comment));
    }
    if (said.key != entry.first.text) {
        edits_.push_back({text_.begin_of(entry.first), end, said.key + ": " + flow_text(said.value)});
    } else {
        edits_.push_back({same_line ? begin : colon, end, (same_line ? "" : " ") + flow_text(said.value)});
    }
    keep_comments(row, lost);
}

void RowEdit::put_new(const Node& row, const Gone& gone, std::string_view column, const Said& said) {
    const Node::Entry* anchor = nullptr;
    for (std::size_t i = 0; i < row.entries.size(); ++i) {
        if (!gone[i] && (anchor == nullptr || rank_of(row.entries[i].first.text) < rank_of(column))) {
            anchor = &row.entries[i];
        }
    }
    if (anchor == nullptr) {
        return;
    }
    const std::string text = said.key + ": " + flow_text(said.value);
    const std::size_t end = text_.end_of(*anchor);
    if (text_.is_flow(row)) {
        edits_.push_back({end, end, ", " + text});
        return;
    }
    const std::size_t begin = text_.begin_of(row);
    const std::string indent(begin - text_.line_begin(begin), ' ');
    const std::size_t at = text_.next_line(end);
    const bool open_end = at == text_.text().size() && !text_.text().ends_with('\n');
    const std::string eol{text_.end_of_line()};
    edits_.push_back({at, at, open_end ? eol + indent + text : indent + text + eol});
}

void RowEdit::take_between(const std::vector<std::pair<std::size_t, std::size_t>>& ranges, const Gone& gone) {
    const auto kept = static_cast<std::size_t>(std::find(gone.begin(), gone.end(), false) - gone.begin());
    if (kept == gone.size()) {
        edits_.push_back({ranges.front().first, ranges.back().second, ""});
        return;
    }
    if (kept > 0) {
        edits_.push_back({ranges.front().first, ranges[kept].first, ""});
    }
    for (std::size_t i = kept + 1; i < gone.size(); ++i) {
        if (gone[i]) {
            edits_.push_back({ranges[i - 1].second, ranges[i].second, ""});
        }
    }
}

void RowEdit::take_keys(const Node& row, const Gone& gone) {
    if (std::find(gone.begin(), gone.end(), true) == gone.end()) {
        return;
    }
    std::vector<std::pair<std::size_t, std::size_t>> ranges;
    for (std::size_t i = 0; i < row.entries.size(); ++i) {
        const Node::Entry& entry = row.entries[i];
        ranges.emplace_back(text_.begin_of(entry.first), text_.end_of(entry));
        if (gone[i]) {
            keep_comments(row, text_.comments_in(entry.second));
        }
    }
    if (text_.is_flow(row)) {
        return take_between(ranges, gone);
    }
    const auto kept = static_cast<std::size_t>(std::find(gone.begin(), gone.end(), false) - gone.begin());
    if (kept > 0 && kept < gone.size()) {
        edits_.push_back({ranges.front().first, ranges[kept].first, ""});
    }
    for (std::size_t i = kept + 1; i < gone.size(); ++i) {
        if (gone[i]) {
            edits_.push_back({text_.line_begin(ranges[i].first), text_.next_line(ranges[i].second), ""});
        }
    }
}

void RowEdit::take_rows(const Node& fields, const Gone& gone) {
    removed_ += static_cast<int>(std::count(gone.begin(), gone.end(), true));
    if (std::find(gone.begin(), gone.end(), true) == gone.end()) {
        return;
    }
    if (text_.is_flow(fields)) {
        std::vector<std::pair<std::size_t, std::size_t>> ranges;
        for (const Node& row : fields.items) {
            ranges.emplace_back(text_.begin_of(row), text_.end_of(row));
        }
        return take_between(ranges, gone);
    }
    for (std::size_t i = 0; i < gone.size(); ++i) {
        if (gone[i]) {
            const Node& row = fields.items[i];
            edits_.push_back({text_.line_begin(dash_of(row)), text_.next_line(text_.end_of(row)), ""});
        }
    }
}

void RowEdit::add_rows(const RowList& list, const std::vector<const WantedRow*>& rows, bool none_left) {
    added_ += static_cast<int>(rows.size());
    const Node& fields = *list.fields;
    std::string put;
    if (text_.is_flow(fields)) {
        for (const WantedRow* row : rows) {
            put += (put.empty() && none_left ? "" : ", ") + row_text(*row);
        }
        const std::size_t at = fields.items.empty() ? text_.begin_of(fields) + 1 : text_.end_of(fields.items.back());
        edits_.push_back({at, at, put});
        return;
    }
    const std::string indent = indent_at(dash_of(fields.items.back()));
    const std::size_t at = text_.next_line(text_.end_of(fields.items.back()));
    const std::string eol{text_.end_of_line()};
    const bool open_end = at == text_.text().size() && !text_.text().ends_with('\n');
    for (const WantedRow* row : rows) {
        const std::string line = indent + "- " + row_text(*row);
        put += open_end ? eol + line : line + eol;
    }
    edits_.push_back({at, at, put});
}

void RowEdit::keep_comments(const Node& row, const std::vector<std::string>& comments) {
    const std::size_t at = text_.line_begin(dash_of(row));
    for (const std::string& comment : comments) {
        edits_.push_back({at, at, indent_at(at) + comment + std::string{text_.end_of_line()}});
    }
}

std::size_t RowEdit::dash_of(const Node& row) const {
    const std::size_t begin = text_.begin_of(row);
    const std::size_t dash = begin == 0 ? std::string::npos : text_.text().find_last_not_of(" \t\r\n", begin - 1);
    return dash != std::string::npos && text_.text()[dash] == '-' ? dash : begin;
}

std::string RowEdit::indent_at(std::size_t at) const {
    const std::size_t begin = text_.line_begin(at);
    const std::size_t end = std::min(text_.text().find_first_not_of(' ', begin), text_.text().size());
    return std::string(end - begin, ' ');
}

std::string RowEdit::result() const {
    std::vector<std::size_t> order(edits_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [this](std::size_t one, std::size_t other) {
        return std::tie(edits_[one].begin, edits_[one].end, one) <
               std::tie(edits_[other].begin, edits_[other].end, other);
    });
    std::string out = text_.text();
    for (auto at = order.rbegin(); at != order.rend(); ++at) {
        const Edit& edit = edits_[*at];
        out.replace(edit.begin, edit.end - edit.begin, edit.put);
    }
    return out;
}

}  // namespace datong::workbench
