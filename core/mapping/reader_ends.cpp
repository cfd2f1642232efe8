#include "core/base/text.h"
#include "core/mapping/reader.h"

namespace datong::mapping {
namespace {

using ast::Keys;
using ast::Report;

std::vector<ast::Wrapping> read_wrappings(const yaml::Node* list, Mistakes& mistakes) {
    std::vector<ast::Wrapping> out;
    if (list == nullptr) {
        return out;
    }
    for (const yaml::Node& one : list->items) {
        if (one.is_scalar()) {
            out.push_back({one.text, nullptr, nullptr, one.where});
        } else if (one.is_map() && !one.entries.empty()) {
            const auto& [name, argument] = one.entries[0];
            out.push_back({name.text, &argument, one.entries.size() > 1 ? &one : nullptr, one.where});
        } else {
            Report{mistakes}(one.where, "M107", "此层应写成 名称 或 {名称: 参数}",
                             "a layer is written as name or {name: argument}");
        }
    }
    return out;
}

/// Letters, digits and what is no ASCII: nothing that cuts lines.
bool is_word(char c) {
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    return letter || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

ast::Csv read_csv_layout(const yaml::Node& node, Mistakes& mistakes) {
    Keys keys{node, mistakes};
    ast::Csv csv;
    csv.where = node.where;
    csv.columns = keys.texts("columns");
    csv.header = keys.flag("header", true);
    csv.many = keys.one_of("rows", {"many", "one"}, "many") == "many";
    csv.empty_is_not_found = keys.one_of("empty", {"not_found", "invalid"}, "invalid") == "not_found";
    csv.mark = keys.flag("mark", false);
    csv.max = keys.whole("max").value_or(0);
    const ast::Text separator = keys.located("separator");
    if (!separator.text.empty()) {
        csv.separator = separator.text;
    }
    if (csv.separator.size() != 1 || std::string_view{"\"\r\n"}.find(csv.separator[0]) != std::string_view::npos ||
        is_word(csv.separator[0])) {
        Report{mistakes}(separator.where, "M109", "separator 应为一个 ASCII 标点或制表符",
                         "a separator is one ASCII sign or a tab", ",");
        csv.separator = ",";
    }
    keys.finish();
    return csv;
}

void read_kind(ast::Kind& kind, const yaml::Node& node, Mistakes& mistakes) {
    Keys keys{node, mistakes};
    if (const yaml::Node* select = keys.map("select"); select != nullptr) {
        Keys inner{*select, mistakes};
        (void)inner.need("at");
        (void)inner.need("is");
        const auto at = inner.whole("at");
        const auto is = inner.optional_located("is");
        if (at == 0 || (is && is->text.empty())) {
            Report{mistakes}(select->where, "M109", "select 要从 1 起的字节位置和至少一个字符",
                             "a 'select' has a byte from 1 on and what stands there", "select: {at: 1, is: H}");
        }
        kind.marker_at = at.value_or(0);
        kind.marker = is ? is->text : std::string{};
        inner.finish();
    }
    kind.many = keys.one_of("rows", {"one", "many"}, "many") == "many";
    kind.max = keys.whole("max").value_or(0);
    (void)keys.need("columns");
    const yaml::Node* columns = keys.map("columns");
    keys.finish();
    if (columns == nullptr) {
        return;
    }
    for (const auto& [name, span] : columns->entries) {
        const auto number = [&](std::size_t i) {
            return span.items.size() == 2 ? to_whole_number(span.items[i].text).value_or(0) : 0;
        };
        if (number(0) == 0 || number(1) == 0) {
            Report{mistakes}(span.where, "M107", "列应写成 [起始字节, 字节数]", "a column is written as [at, length]");
            continue;
        }
        kind.columns.push_back({name.text, number(0), number(1), name.where});
    }
}

ast::Layout read_layout(const yaml::Node& node, Keys& outer, Mistakes& mistakes) {
    ast::Layout layout;
    layout.where = node.where;
    layout.record_bytes = outer.whole("record_bytes").value_or(0);
    layout.line_end = outer.one_of("line_end", {"none", "lf", "crlf", "crlf_or_lf"}, "crlf_or_lf");
    for (const auto& [name, body] : node.entries) {
        ast::Kind kind;
        kind.name = name.text;
        kind.where = name.where;
        read_kind(kind, body, mistakes);
        layout.kinds.push_back(std::move(kind));
    }
    return layout;
}

void read_sets(const yaml::Node& node, ast::Source& source, Mistakes& mistakes) {
    for (const auto& [name, body] : node.entries) {
        Keys keys{body, mistakes};
        ast::Set set;
        set.name = name.text;
        set.where = name.where;
        set.many = keys.one_of("rows", {"one", "many"}, "many") == "many";
        set.empty_is_not_found = keys.one_of("empty", {"not_found", "invalid"}, "invalid") == "not_found";
        set.max = keys.whole("max").value_or(0);
        set.charset = keys.text("charset");
        keys.finish();
        source.sets.push_back(std::move(set));
    }
}

}  // namespace

ast::Source read_source(const yaml::Node& node, Mistakes& mistakes) {
    Keys keys{node, mistakes};
    ast::Source source;
    source.where = node.where;
    source.system = keys.text("system");
    (void)keys.need("format");
    source.format = keys.one_of("format", {"xml", "json", "rows", "fixed", "csv", "kv"}, "json");
    source.charset = keys.text("charset");
    source.root = keys.located("root");
    source.schema = keys.located("schema");
    if (const yaml::Node* names = keys.map("namespaces"); names != nullptr) {
        for (const auto& [prefix, uri] : names->entries) {
            source.namespaces.emplace_back(ast::Text{prefix.text, prefix.where}, uri.text);
        }
    }
    source.unwrap = read_wrappings(keys.list("unwrap"), mistakes);
    if (const yaml::Node* sets = keys.map("sets"); sets != nullptr) {
        read_sets(*sets, source, mistakes);
    }
    if (const yaml::Node* layout = keys.map("layout"); layout != nullptr) {
        if (source.format == "csv") {
            source.csv = read_csv_layout(*layout, mistakes);
        } else {
            source.layout = read_layout(*layout, keys, mistakes);
        }
    }
    keys.finish();
    return source;
}

ast::Target read_target(const yaml::Node& node, Mistakes& mistakes) {
    Keys keys{node, mistakes};
    ast::Target target;
    target.where = node.where;
    (void)keys.need("format");
    target.format = keys.one_of("format", {"json", "xml", "fixed", "csv", "kv"}, "json");
    target.charset = keys.text("charset", "utf-8");
    (void)keys.need("schema");
    target.schema = keys.located("schema");
    target.root = keys.text("root");
    target.wrap = read_wrappings(keys.list("wrap"), mistakes);
    if (const yaml::Node* layout = keys.map("layout"); layout != nullptr) {
        if (target.format == "csv") {
            target.csv = read_csv_layout(*layout, mistakes);
        } else {
            target.layout = read_layout(*layout, keys, mistakes);
        }
    }
    keys.finish();
    return target;
}

}  // namespace datong::mapping
