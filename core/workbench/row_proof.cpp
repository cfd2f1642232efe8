#include <algorithm>

#include "core/workbench/row_edit.h"

namespace datong::workbench {
namespace {

using yaml::Node;

/// The file without its rows: what no table holds.
Node without_rows(Node holder) {
    for (Node::Entry& entry : holder.entries) {
        if (entry.first.text == "fields") {
            entry.second.items.clear();
        }
        if (entry.first.text == "lists") {
            for (Node& list : entry.second.items) {
                list = without_rows(std::move(list));
            }
        }
    }
    return holder;
}

/// The row's keys that the table does not speak of.
Node without_cells(const Node& row, const WantedRow& wanted) {
    Node out;
    out.kind = Node::Kind::map;
    for (const Node::Entry& entry : row.entries) {
        const bool is_select = &entry == select_of(row);
        const std::string_view column = is_select ? std::string_view{"from"} : std::string_view{entry.first.text};
        if (!wanted.cells.contains(column)) {
            out.entries.push_back(entry);
        }
    }
    return out;
}

bool row_is(const Node& row, const WantedRow& wanted) {
    return std::all_of(wanted.cells.begin(), wanted.cells.end(), [&](const auto& cell) {
        const auto said = read_cell(cell.first, cell_of(row, cell.first));
        if (!said || said->has_value() != cell.second.has_value()) {
            return false;
        }
        return !*said || ((*said)->key == cell.second->key && same_value((*said)->value, cell.second->value));
    });
}

}  // namespace

bool says_the_same(const YamlText& before, const std::string& after, const std::vector<WantedRow>& wanted) {
    const auto now = YamlText::parse(after, "");
    if (!now || !same_value(without_rows(before.root()), without_rows(now->root()))) {
        return false;
    }
    std::map<std::string, const Node*, std::less<>> old_rows;
    for (const RowList& list : row_lists(before.root())) {
        for (const Row& row : list.rows) {
            old_rows.emplace(row.to, row.node);
        }
    }
    std::map<std::string, const Node*, std::less<>> new_rows;
    for (const RowList& list : row_lists(now->root())) {
        for (const Row& row : list.rows) {
            new_rows.emplace(row.to, row.node);
        }
    }
    return new_rows.size() == wanted.size() && std::all_of(wanted.begin(), wanted.end(), [&](const WantedRow& row) {
               const auto found = new_rows.find(row.to);
               const auto old = old_rows.find(row.to);
               return found != new_rows.end() && row_is(*found->second, row) &&
                      (old == old_rows.end() ||
                       same_value(without_cells(*old->second, row), without_cells(*found->second, row)));
           });
}

}  // namespace datong::workbench
