#include "core/mapping/reader.h"

#include <algorithm>

namespace datong::mapping {
namespace {

using ast::Keys;
using ast::Report;

std::vector<ast::Case> read_cases(const yaml::Node& list, Mistakes& mistakes);

/// Reads the selecting keys of a row; exactly one must be there.
ast::Select read_select(const yaml::Node& node, Keys& keys, bool with_cases, Mistakes& mistakes) {
    using Kind = ast::Select::Kind;
    ast::Select select;
    select.where = node.where;
    int count = 0;
    const auto is = [&](std::string_view key, Kind kind) {
        if (node.find(key) == nullptr) {
            return false;
        }
        ++count;
        select.kind = kind;
        return true;
    };
    for (const auto& [key, kind] : {std::pair{"from", Kind::from}, std::pair{"from_any", Kind::from_any},
                                    std::pair{"from_all", Kind::from_all}, std::pair{"from_ctx", Kind::from_ctx}}) {
        if (is(key, kind)) {
            select.paths = keys.texts(key);
            const yaml::Node* said = node.find(key);
            if ((kind == Kind::from || kind == Kind::from_ctx) && said->is_list()) {
                Report{mistakes}(said->where, "M107", "'" + std::string{key} + "' 只取一条路径",
                                 "'" + std::string{key} + "' takes one path",
                                 kind == Kind::from ? "from_any" : "cases");
                select.kind = Kind::none;
            }
        }
    }
    if (is("value", Kind::value)) {
        select.value = keys.take("value");
    }
    if (is("compute", Kind::compute)) {
        select.expr = keys.located("compute");
    }
    if (with_cases && is("cases", Kind::cases)) {
        if (const yaml::Node* cases = keys.list("cases"); cases != nullptr) {
            select.cases = read_cases(*cases, mistakes);
        }
    }
    for (const char* key : {"from", "from_any", "from_all", "from_ctx", "value", "compute", "cases"}) {
        if (with_cases || std::string_view{key} != "cases") {
            (void)keys.take(key);
        }
    }
    const bool is_error = !with_cases && node.find("error") != nullptr;
    if (count != (is_error ? 0 : 1)) {
        Report{mistakes}(node.where, "M108", is_error ? "写了 error 的分支不再取值" : "取值方式应恰好写一个",
                         is_error ? "a case with 'error' selects nothing"
                                  : "exactly one of from, from_any, from_all, from_ctx, value, compute" +
                                        std::string{with_cases ? ", cases" : ""} + " is wanted");
        select.kind = Kind::none;
    }
    return select;
}

std::vector<ast::Case> read_cases(const yaml::Node& list, Mistakes& mistakes) {
    std::vector<ast::Case> cases;
    for (const yaml::Node& node : list.items) {
        Keys keys{node, mistakes};
        ast::Case one;
        one.where = node.where;
        one.when = keys.optional_located("when");
        const bool otherwise = keys.flag("else", false);
        if (one.when.has_value() == otherwise) {
            Report{mistakes}(node.where, "M108", "每个分支写 when 或 else: true 之一",
                             "a case has either 'when' or 'else: true'");
        }
        if (const yaml::Node* error = keys.map("error"); error != nullptr) {
            Keys inner{*error, mistakes};
            (void)inner.need("rule");
            one.error_rule = inner.text("rule", "case.refused");
            one.error_message = inner.text("message");
            inner.finish();
        }
        one.select = read_select(node, keys, false, mistakes);
        one.steps = read_steps(keys.list("steps"), mistakes);
        keys.finish();
        cases.push_back(std::move(one));
    }
    return cases;
}

std::optional<ast::OnError> read_on_error(Keys& keys) {
    const std::string word = keys.one_of("on_error", {"reject", "omit", "default", "keep"}, "");
    if (word.empty()) {
        return std::nullopt;
    }
    return word == "omit"      ? ast::OnError::omit
           : word == "default" ? ast::OnError::fallback
           : word == "keep"    ? ast::OnError::keep
                               : ast::OnError::reject;
}

std::string read_class(Keys& keys, std::string otherwise) {
    return keys.one_of("class", {"public", "internal", "personal", "sensitive"}, std::move(otherwise));
}

ast::Field read_field(const yaml::Node& node, Mistakes& mistakes) {
    Keys keys{node, mistakes};
    ast::Field field;
    field.where = node.where;
    (void)keys.need("to");
    field.to = keys.located("to");
    field.select = read_select(node, keys, true, mistakes);
    field.steps = read_steps(keys.list("steps"), mistakes);
    field.when = keys.optional_located("when");
    field.fallback = keys.take("default");
    field.required = keys.flag("required", false);
    field.on_error = read_on_error(keys);
    field.class_name = read_class(keys, "");
    field.label = keys.text("label");
    (void)keys.take("note");
    field.reverse = keys.take("reverse");
    keys.finish();
    return field;
}

std::vector<ast::Field> read_fields(const yaml::Node* list, Mistakes& mistakes) {
    std::vector<ast::Field> fields;
    if (list != nullptr) {
        for (const yaml::Node& one : list->items) {
            fields.push_back(read_field(one, mistakes));
        }
    }
    return fields;
}

ast::Zip read_zip(const yaml::Node& node, Mistakes& mistakes) {
    Keys keys{node, mistakes};
    ast::Zip zip;
    (void)keys.need("sep");
    for (ast::Text& one : keys.texts("sep")) {
        if (!one.text.empty()) {
            zip.separators.push_back(std::move(one.text));
        }
    }
    zip.pad = keys.one_of("counts", {"equal", "pad"}, "equal") == "pad";
    (void)keys.need("columns");
    if (const yaml::Node* columns = keys.map("columns"); columns != nullptr) {
        for (const auto& [name, path] : columns->entries) {
            zip.columns.emplace_back(name.text, ast::Text{path.text, path.where});
        }
    }
    keys.finish();
    return zip;
}

/// A key that names a place and says nothing would be one that nobody reads.
void refuse_blank(const yaml::Node& node, std::string_view key, Mistakes& mistakes) {
    const yaml::Node* said = node.find(key);
    if (said != nullptr && said->is_scalar() && said->text.empty()) {
        Report{mistakes}(said->where, "M107", "'" + std::string{key} + "' 应为路径",
                         "'" + std::string{key} + "' wants a path");
    }
}

void read_sort(const yaml::Node& node, ast::List& list, Mistakes& mistakes) {
    Keys keys{node, mistakes};
    (void)keys.need("by");
    refuse_blank(node, "by", mistakes);
    list.sort_by = keys.located("by");
    list.sort_descending = keys.one_of("order", {"asc", "desc"}, "asc") == "desc";
    list.sort_as_number = keys.one_of("as", {"text", "number"}, "text") == "number";
    keys.finish();
}

ast::Join read_join(const yaml::Node& node, Mistakes& mistakes) {
    Keys keys{node, mistakes};
    ast::Join join;
    join.where = node.where;
    for (const char* key : {"with", "left", "right", "as"}) {
        (void)keys.need(key);
    }
    join.with = keys.located("with");
    join.left = keys.located("left");
    join.right = keys.located("right");
    join.as = keys.located("as");
    join.kind = keys.one_of("kind", {"one", "optional", "many"}, "one");
    keys.finish();
    return join;
}

/// none | {order: any, left_out: ignore}
void read_list_reverse(const yaml::Node& said, ast::List& list, Mistakes& mistakes) {
    if (!said.is_map()) {
        list.reverses = false;
        if (said.text != "none") {
            Report{mistakes}(said.where, "M109", "reverse 只能是 none 或 {order: any, left_out: ignore}",
                             "'reverse' of a list is none or {order: any, left_out: ignore}", "none");
        }
        return;
    }
    Keys keys{said, mistakes};
    list.any_order = !keys.one_of("order", {"any"}, "").empty();
    list.left_out = !keys.one_of("left_out", {"ignore"}, "").empty();
    keys.finish();
}

std::vector<ast::List> read_lists(const yaml::Node* nodes, Mistakes& mistakes);

ast::List read_list(const yaml::Node& node, Mistakes& mistakes) {
    Keys keys{node, mistakes};
    ast::List list;
    list.where = node.where;
    (void)keys.need("to");
    list.to = keys.located("to");
    list.from = keys.located("from");
    if (const yaml::Node* zip = keys.map("zip"); zip != nullptr) {
        list.zip = read_zip(*zip, mistakes);
    }
    if (list.from.text.empty() != list.zip.has_value()) {
        Report{mistakes}(node.where, "M108", "列表应写 from 或 zip 之一", "a list has either 'from' or 'zip'");
    }
    list.filter = keys.optional_located("filter");
    if (const yaml::Node* sort = keys.map("sort"); sort != nullptr) {
        read_sort(*sort, list, mistakes);
    }
    list.distinct_by = keys.located("distinct_by");
    refuse_blank(node, "distinct_by", mistakes);
    list.limit = keys.whole("limit");
    list.min = keys.whole("min");
    list.max = keys.whole("max");
    list.drop_bad_items = keys.one_of("on_item_error", {"reject", "drop"}, "reject") == "drop";
    if (const yaml::Node* joins = keys.list("join"); joins != nullptr) {
        for (const yaml::Node& one : joins->items) {
            list.joins.push_back(read_join(one, mistakes));
        }
    }
    (void)keys.need("fields");
    list.fields = read_fields(keys.list("fields"), mistakes);
    list.lists = read_lists(keys.list("lists"), mistakes);
    if (const yaml::Node* said = keys.take("reverse"); said != nullptr) {
        read_list_reverse(*said, list, mistakes);
    }
    (void)keys.take("label");
    (void)keys.take("note");
    keys.finish();
    return list;
}

std::vector<ast::List> read_lists(const yaml::Node* nodes, Mistakes& mistakes) {
    std::vector<ast::List> lists;
    if (nodes != nullptr) {
        for (const yaml::Node& one : nodes->items) {
            lists.push_back(read_list(one, mistakes));
        }
    }
    return lists;
}

ast::Check read_check(const yaml::Node& node, Mistakes& mistakes) {
    Keys keys{node, mistakes};
    ast::Check check;
    check.where = node.where;
    for (const char* key : {"id", "that", "message"}) {
        (void)keys.need(key);
    }
    check.id = keys.text("id");
    check.when = keys.optional_located("when");
    check.that = keys.located("that");
    check.each = keys.located("each");
    refuse_blank(node, "each", mistakes);
    check.path = keys.text("path");
    check.message = keys.text("message");
    check.warn = keys.one_of("severity", {"error", "warn"}, "error") == "warn";
    keys.finish();
    return check;
}

ast::Defaults read_defaults(const yaml::Node* node, Mistakes& mistakes) {
    ast::Defaults defaults;
    if (node == nullptr) {
        return defaults;
    }
    Keys keys{*node, mistakes};
    defaults.trim = keys.flag("trim", true);
    defaults.empty_as_null = keys.flag("empty_as_null", true);
    for (ast::Text& token : keys.texts("null_tokens")) {
        defaults.null_tokens.push_back(std::move(token.text));
    }
    const auto where = node->find("on_error") != nullptr ? node->find("on_error")->where : node->where;
    defaults.on_error = read_on_error(keys).value_or(ast::OnError::reject);
    if (defaults.on_error != ast::OnError::reject) {
        Report{mistakes}(where, "M304", "on_error 的默认值只能是 reject", "only 'reject' may be the default on_error",
                         "write it in the row");
        defaults.on_error = ast::OnError::reject;
    }
    defaults.class_name = read_class(keys, "sensitive");
    defaults.max_items = keys.whole("max_items").value_or(1000);
    defaults.masking = keys.text("masking", "default");
    keys.finish();
    return defaults;
}

std::vector<ast::Let> read_lets(const yaml::Node* list, Mistakes& mistakes) {
    std::vector<ast::Let> lets;
    if (list == nullptr) {
        return lets;
    }
    for (const yaml::Node& node : list->items) {
        Keys keys{node, mistakes};
        ast::Let let;
        let.where = node.where;
        (void)keys.need("name");
        let.name = keys.located("name");
        let.select = read_select(node, keys, true, mistakes);
        let.steps = read_steps(keys.list("steps"), mistakes);
        keys.finish();
        lets.push_back(std::move(let));
    }
    return lets;
}

}  // namespace

std::vector<ast::Step> read_steps(const yaml::Node* list, Mistakes& mistakes) {
    std::vector<ast::Step> steps;
    if (list == nullptr) {
        return steps;
    }
    for (const yaml::Node& one : list->items) {
        if (one.is_scalar()) {
            steps.push_back({one.text, &one, nullptr});
        } else if (one.is_map() && one.entries.size() == 1) {
            steps.push_back({one.entries[0].first.text, &one, &one.entries[0].second});
        } else {
            Report{mistakes}(one.where, "M107", "步骤应写成 名称 或 {名称: 参数}",
                             "a step is written as name or {name: argument}");
        }
    }
    return steps;
}

ast::File read_file(const yaml::Node& root, Mistakes& mistakes) {
    ast::File file;
    Keys keys{root, mistakes};
    read_head(keys, file, mistakes);
    if (const yaml::Node* source = keys.map("source"); source != nullptr) {
        file.source = read_source(*source, mistakes);
    }
    if (const yaml::Node* target = keys.map("target"); target != nullptr) {
        file.target = read_target(*target, mistakes);
    }
    file.defaults = read_defaults(keys.map("defaults"), mistakes);
    if (const yaml::Node* tables = keys.map("tables"); tables != nullptr) {
        read_tables(*tables, file, mistakes);
    }
    file.lets = read_lets(keys.list("let"), mistakes);
    file.fields = read_fields(keys.list("fields"), mistakes);
    file.lists = read_lists(keys.list("lists"), mistakes);
    if (const yaml::Node* checks = keys.list("checks"); checks != nullptr) {
        for (const yaml::Node& one : checks->items) {
            file.checks.push_back(read_check(one, mistakes));
        }
    }
    file.ignore = keys.texts("ignore");
    file.reverse_at = keys.optional_located("reverse").value_or(ast::Text{}).where;
    file.reversible = keys.flag("reverse", false);
    file.reverse_fields = read_fields(keys.list("reverse_fields"), mistakes);
    file.tests = keys.list("tests");
    keys.finish();
    return file;
}

}  // namespace datong::mapping
