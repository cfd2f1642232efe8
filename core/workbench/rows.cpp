#include "core/workbench/rows.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/workbench/yaml_text.h"

namespace datong::workbench {
namespace {

using yaml::Node;

void add_lists(const Node& holder, const std::string& prefix, std::vector<RowList>& out) {
    if (const Node* fields = holder.find("fields"); fields != nullptr && fields->is_list()) {
        RowList list{prefix, fields, {}};
        for (const Node& row : fields->items) {
            list.rows.push_back({prefix + row.text_of("to"), &row});
        }
        out.push_back(std::move(list));
    }
    if (const Node* lists = holder.find("lists"); lists != nullptr) {
        for (const Node& list : lists->items) {
            add_lists(list, prefix + list.text_of("to") + "[].", out);
        }
    }
}

/// A scalar as a cell: its text; in double quotes where the text alone would say something else.
std::string scalar_cell(const Node& node) {
    if (node.is_empty()) {
        return {};
    }
    return node.text.empty() || node.text.front() == '"' ? double_quoted(node.text) : node.text;
}

/// A list without its outer brackets; an empty one keeps them, for an empty cell says "no such key".
std::string list_cell(const Node& node, std::string_view between) {
    if (!node.is_list() || node.items.empty()) {
        return flow_text(node);
    }
    std::string out;
    for (const Node& item : node.items) {
        out += (out.empty() ? std::string_view{} : between);
        out += flow_text(item);
    }
    return out;
}

std::string value_cell(std::string_view key, const Node& value) {
    if (value.is_scalar() && !value.hex) {
        return scalar_cell(value);
    }
    return list_cell(value, key == "cases" ? ",\n" : ", ");
}

bool is_list_key(std::string_view key) {
    return key == "steps" || key == "cases" || key == "from_any" || key == "from_all";
}

Result<Node> parsed(const std::string& text) {
    auto node = yaml::parse(text, "cell", false);
    if (!node) {
        return fail(Fault::bad_request, node.error().front().text_zh + " | " + node.error().front().text_en);
    }
    return std::move(*node);
}

Result<Node> read_scalar(std::string text) {
    if (text.starts_with('"')) {
        return parsed(text);
    }
    Node node;
    node.text = std::move(text);
    node.quoted = Node{.text = node.text}.is_empty();
    return node;
}

Result<Node> read_value(std::string_view key, const std::string& text) {
    if (!is_list_key(key)) {
        return read_scalar(text);
    }
    if (text.starts_with('[')) {
        if (auto whole = parsed(text); whole && whole->is_list()) {
            return whole;
        }
    }
    return parsed('[' + text + ']');
}

}  // namespace

std::vector<RowList> row_lists(const Node& file) {
    std::vector<RowList> out;
    add_lists(file, "", out);
    return out;
}

const Node::Entry* select_of(const Node& row) {
    const auto found = std::find_if(row.entries.begin(), row.entries.end(), [](const Node::Entry& entry) {
        return std::find(kSelects.begin(), kSelects.end(), entry.first.text) != kSelects.end();
    });
    return found == row.entries.end() ? nullptr : &*found;
}

std::string cell_of(const Node& row, std::string_view column) {
    if (column != "from") {
        const Node* value = row.find(column);
        return value == nullptr ? std::string{} : value_cell(column, *value);
    }
    const Node::Entry* select = select_of(row);
    if (select == nullptr) {
        return {};
    }
    const std::string cell = value_cell(select->first.text, select->second);
    return select->first.text == "from" ? cell : select->first.text + ": " + cell;
}

Result<std::optional<Said>> read_cell(std::string_view column, const std::string& cell) {
    if (cell.empty()) {
        return std::nullopt;
    }
    std::string key{column};
    std::string text = column == "required" ? ascii_lower(cell) : cell;  // spreadsheets write TRUE
    if (column == "from") {
        for (const std::string_view select : kSelects) {
            const std::string opening = std::string{select} + ": ";
            if (cell.starts_with(opening)) {
                key = select;
                text = cell.substr(opening.size());
                break;
            }
        }
    }
    auto value = read_value(key, text);
    if (!value) {
        return fail(std::move(value.error()));
    }
    return Said{std::move(key), std::move(*value)};
}

}  // namespace datong::workbench
