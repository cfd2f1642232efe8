#include "core/workbench/difference.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "core/codec/csv.h"
#include "core/workbench/rows.h"
#include "core/workbench/yaml_text.h"

namespace datong::workbench {
namespace {

using yaml::Node;

/// One thing of a file that can be compared: its parts by name.
struct Thing {
    std::vector<std::pair<std::string, std::string>> parts;
    Position where;
};
/// In file order by name.
using Things = std::vector<std::pair<std::string, Thing>>;

const Thing* find(const Things& things, const std::string& name) {
    const auto found = std::find_if(things.begin(), things.end(), [&](const auto& one) { return one.first == name; });
    return found == things.end() ? nullptr : &found->second;
}

/// A map's keys as parts, without those that only speak to people or stand elsewhere.
Thing thing_of(const Node& map, const std::set<std::string, std::less<>>& without) {
    Thing out;
    out.where = map.where;
    for (const Node::Entry& entry : map.entries) {
        if (!without.contains(entry.first.text) && !entry.second.is_empty()) {
            out.parts.emplace_back(entry.first.text, flow_text(entry.second));
        }
    }
    return out;
}

Thing row_thing(const Node& row) {
    Thing out;
    out.where = row.where;
    for (const std::string_view column : kColumns) {
        if (const std::string cell = cell_of(row, column); column != "to" && !cell.empty()) {
            out.parts.emplace_back(column, cell);
        }
    }
    const Thing rest = thing_of(row, {"to", "label", "from", "from_any", "from_all", "from_ctx", "value", "compute",
                                      "cases", "steps", "when", "required", "default", "on_error", "class", "note"});
    out.parts.insert(out.parts.end(), rest.parts.begin(), rest.parts.end());
    return out;
}

void add_lists(const Node& holder, const std::string& prefix, Things& out) {
    const Node* lists = holder.find("lists");
    for (std::size_t i = 0; lists != nullptr && i < lists->items.size(); ++i) {
        const Node& list = lists->items[i];
        const std::string name = prefix + list.text_of("to");
        out.emplace_back("list " + name, thing_of(list, {"to", "fields", "lists"}));
        add_lists(list, name + "[].", out);
    }
}

void add_named(const Node& file, std::string_view key, std::string_view word, std::string_view name, Things& out) {
    const Node* list = file.find(key);
    for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
        const Node& one = list->items[i];
        out.emplace_back(std::string{word} + ' ' + one.text_of(name), thing_of(one, {name.data()}));
    }
}

Things things_of(const Node& file) {
    Things out;
    for (const char* key : {"id", "version", "title", "owner", "note", "effective_from", "legal_basis", "ignore",
                            "reverse", "reverse_fields"}) {
        if (const Node* value = file.find(key); value != nullptr) {
            out.emplace_back(key, Thing{{{key, flow_text(*value)}}, value->where});
        }
    }
    for (const char* key : {"source", "target", "defaults", "tables"}) {
        if (const Node* value = file.find(key); value != nullptr) {
            out.emplace_back(key, thing_of(*value, {}));
        }
    }
    add_named(file, "let", "let", "name", out);
    for (const RowList& list : row_lists(file)) {
        for (const Row& row : list.rows) {
            out.emplace_back("row " + row.to, row_thing(*row.node));
        }
    }
    add_lists(file, "", out);
    add_named(file, "checks", "check", "id", out);
    return out;
}

std::vector<Change::Part> parts_between(const Thing& before, const Thing& after) {
    const auto value = [](const Thing& thing, const std::string& name) {
        const auto found =
            std::find_if(thing.parts.begin(), thing.parts.end(), [&](const auto& one) { return one.first == name; });
        return found == thing.parts.end() ? std::string{} : found->second;
    };
    std::vector<Change::Part> out;
    for (const auto& [name, text] : before.parts) {
        if (const std::string now = value(after, name); now != text) {
            out.push_back({name, text, now});
        }
    }
    for (const auto& [name, text] : after.parts) {
        if (value(before, name).empty()) {
            out.push_back({name, "", text});
        }
    }
    return out;
}

void compare(const Things& before, const Things& after, std::vector<Change>& out) {
    for (const auto& [name, thing] : before) {
        const Thing* now = find(after, name);
        if (now == nullptr) {
            out.push_back({Change::Kind::removed, name, {}, thing.where});
        } else if (auto parts = parts_between(thing, *now); !parts.empty()) {
            out.push_back({Change::Kind::changed, name, std::move(parts), now->where});
        }
    }
    for (const auto& [name, thing] : after) {
        if (find(before, name) == nullptr) {
            out.push_back({Change::Kind::added, name, {}, thing.where});
        }
    }
}

/// Rows of a code table; those of one code that differ by their validity are told apart by it.
Things table_things(const std::string& name, const std::string& file, const mapping::ReadFile& read) {
    Things out;
    const auto text = read(file);
    const auto rows = text ? codec::read_csv(*text) : Result<codec::CsvRows>{};
    if (!rows || rows->empty()) {
        return out;
    }
    const auto& header = rows->front();
    const auto from = std::find(header.begin(), header.end(), "valid_from");
    for (std::size_t i = 1; i < rows->size(); ++i) {
        const auto& cells = (*rows)[i];
        Thing thing;
        thing.where = {file, static_cast<int>(i) + 1, 1};
        for (std::size_t k = 1; k < cells.size() && k < header.size(); ++k) {
            if (!cells[k].empty()) {
                thing.parts.emplace_back(header[k], cells[k]);
            }
        }
        std::string key = "table " + name + ": " + (cells.empty() ? "" : cells[0]);
        const auto at = static_cast<std::size_t>(from - header.begin());
        if (at < cells.size() && !cells[at].empty()) {
            key += " (" + cells[at] + ')';
        }
        out.emplace_back(std::move(key), std::move(thing));
    }
    return out;
}

std::map<std::string, std::string> tables_of(const Node& file) {
    std::map<std::string, std::string> out;
    if (const Node* tables = file.find("tables"); tables != nullptr) {
        for (const Node::Entry& entry : tables->entries) {
            out.emplace(entry.first.text, entry.second.text);
        }
    }
    return out;
}

tl::expected<Node, Mistakes> read_version(const Version& version) {
    const auto text = version.read(version.path);
    if (!text) {
        return tl::unexpected{
            Mistakes{{{version.path, 0, 0}, "M108", Severity::error, "读不到文件", "can't read the file", ""}}};
    }
    return yaml::parse(*text, version.path, true);
}

}  // namespace

tl::expected<std::vector<Change>, Mistakes> changes_between(const Version& before, const Version& after) {
    const auto one = read_version(before);
    const auto other = read_version(after);
    if (!one || !other) {
        return tl::unexpected{one ? other.error() : one.error()};
    }
    std::vector<Change> out;
    compare(things_of(*one), things_of(*other), out);
    const auto tables = tables_of(*other);
    for (const auto& [name, file] : tables_of(*one)) {
        if (const auto now = tables.find(name); now != tables.end()) {
            compare(table_things(name, file, before.read), table_things(name, now->second, after.read), out);
        }
    }
    return out;
}

}  // namespace datong::workbench
