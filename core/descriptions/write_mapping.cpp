#include "core/descriptions/write_mapping.h"

#include "core/base/text.h"
#include "core/descriptions/write_shape.h"
#include "core/workbench/yaml_text.h"
#include "core/yaml/node.h"

namespace datong::descriptions {
namespace {

std::string member_path(const std::string& prefix, const std::string& name) {
    return prefix.empty() ? name : prefix + '.' + name;
}

/// Rows and lists of one group; a list has rows and lists of its own.
class RowWriter {
public:
    /// @param to_target  names of a JSON target; else the target's own names.
    /// @param typed      a JSON target with numbers and booleans.
    RowWriter(bool is_request, bool typed) : is_request_{is_request}, typed_{typed} {}

    std::string run(const std::vector<Shape>& members, const std::string& indent) {
        std::string rows;
        std::string lists;
        write(members, "", "", indent, rows, lists);
        std::string out = indent + (rows.empty() ? "fields: []\n" : "fields:\n" + rows);
        return out + (lists.empty() ? "" : indent + "lists:\n" + lists);
    }

private:
    void write(const std::vector<Shape>& members, const std::string& from, const std::string& to,
               const std::string& indent, std::string& rows, std::string& lists) {
        for (const Shape& one : members) {
            if (!is_usable(one.name)) {
                continue;
            }
            const std::string json = target_name(one.name);
            const std::string source = member_path(from, is_request_ ? json : one.name);
            const std::string target = member_path(to, is_request_ && !typed_ ? one.name : json);
            if (is_request_ && one.many && !one.is_object()) {
                rows += indent + "  - {to: " + scalar(target) + ", from: " + scalar(source) +
                        ", steps: [{split: \",\"}]" + (one.nullable ? "}\n" : ", required: true}\n");
            } else if (one.many) {
                list(one, source, target, indent + "  ", lists);
            } else if (one.is_object()) {
                write(one.members, source, target, indent, rows, lists);
            } else {
                rows += indent + "  - " + row(one, source, target) + '\n';
            }
        }
    }

    void list(const Shape& one, const std::string& from, const std::string& to, const std::string& indent,
              std::string& lists) {
        lists += indent + "- to: " + scalar(to) + '\n';
        if (one.is_object()) {
            lists += indent + "  from: " + scalar(from) + '\n' + run(one.members, indent + "  ");
            return;
        }
        lists += indent + "  from: " + scalar(from + "[*]") + '\n' + indent + "  fields:\n" + indent +
                 "    - {to: value, from: \"@\"}\n";
    }

    [[nodiscard]] std::string row(const Shape& one, const std::string& from, const std::string& to) const {
        const std::string context = is_request_ ? from_context(one) : std::string{};
        std::string out = "{to: " + scalar(to);
        out += context.empty() ? ", from: " + scalar(from) : ", from_ctx: " + context;
        if (is_request_ && typed_) {
            out += one.type == "integer"   ? ", steps: [parse_integer]"
                   : one.type == "decimal" ? ", steps: [{parse_decimal: {scale: 6}}]"
                   : one.type == "boolean"
                       ? ", steps: [{parse_boolean: {when_true: [\"true\"], when_false: [\"false\"]}}]"
                       : "";
        }
        return out + (is_request_ && !one.nullable ? ", required: true}" : "}");
    }

    bool is_request_;
    bool typed_;
};

std::string head_of(const std::string& id, const std::string& title) {
    return "datong: mapping/v1\nid: " + id + "\nversion: 0.1.0\ntitle: " + scalar(title) + "\n\n";
}

std::string source_schema(const std::string& id, const std::string& title, const std::vector<Shape>& members) {
    const std::string fields = source_fields(members);
    return "datong: source/v1\nid: " + id + "\nversion: 0.1.0\ntitle: " + scalar(title) +
           "\n# 类别是按名称猜的, 请逐行核对; 没有 class 的按 internal 看待。\n"
           "# Classes are guesses by name: check every line; no class counts as internal.\n" +
           (fields.empty() ? "fields: []\n" : "fields:\n" + fields);
}

std::string soap_wrap(const Operation& operation) {
    std::string out = "{soap: {version: \"" + operation.version + "\", action: " + scalar(operation.element) +
                      ", uri: " + workbench::double_quoted(operation.uri) + ", style: " + operation.style;
    if (operation.style == "rpc-encoded" && !operation.types.empty()) {
        out += ", types: {";
        for (const auto& [name, type] : operation.types) {
            out += (name == operation.types.front().first ? "" : ", ") + scalar(name) + ": " + type;
        }
        out += '}';
    }
    return out + "}}";
}

/// What goes in and is not known from the context: the members of the service's query. A list of values is one text,
/// for a row of a mapping makes such a list of nothing else.
std::vector<Shape> query_of(const std::vector<Shape>& members) {
    std::vector<Shape> out;
    for (const Shape& one : members) {
        if (from_context(one).empty()) {
            out.push_back(one);
            out.back().members = query_of(one.members);
            if (one.many && !one.is_object()) {
                out.back().many = false;
                out.back().type = "text";
                out.back().label += (one.label.empty() ? "" : ", ") + std::string{"用逗号分隔 separated by commas"};
            }
        }
    }
    return out;
}

bool is_one_text(const std::vector<Shape>& members) {
    return members.size() == 1 && !members[0].is_object() && !members[0].many && members[0].type == "text";
}

/// A parameter that services of one text in and one text out have: what is in it is described nowhere.
bool holds_a_document(const std::vector<Shape>& members) {
    if (!is_one_text(members)) {
        return false;
    }
    const std::string name = ascii_lower(members[0].name);
    for (const std::string_view word :
         {"xml", "json", "arg", "in0", "input", "request", "param", "data", "body", "str"}) {
        if (name.find(word) != std::string::npos) {
            return true;
        }
    }
    return false;
}

class OperationWriter {
public:
    OperationWriter(const Operation& operation, bool is_soap, const Names& names, std::vector<DraftFile>& files,
                    std::vector<Gap>& gaps)
        : operation_{operation}, is_soap_{is_soap}, names_{names}, files_{files}, gaps_{gaps} {}

    void request() {
        const bool json = !is_soap_ && operation_.json_body;
        const std::string query = names_.schema("-query.schema.json");
        const std::string target = names_.schema(json ? ".request.schema.json" : ".request.yaml");
        const auto& members = operation_.input.members;
        add(query, json_schema(query_of(members), "Query of " + names_.id, true));
        add(target,
            json ? json_schema(members, "Request of " + operation_.name, true)
                 : source_schema(names_.mapping_id() + ".request", operation_.name + " 入参 what goes in", members));
        std::string text = head_of(names_.mapping_id() + ".request", "草稿 draft: 查询 query → " + operation_.name);
        if (is_soap_ && holds_a_document(members)) {
            text += say({"参数 " + members[0].name +
                             " 是一段文本; 里面若是 XML, 请在 schemas 写明它的字段, wrap 写成 [to_xml, {put: " +
                             members[0].name + "}, {soap: ...}] 并给 target 加 root",
                         "the parameter " + members[0].name +
                             " is one text; where it holds XML, describe that in the schema, write "
                             "wrap: [to_xml, {put: " +
                             members[0].name + "}, {soap: ...}] and give the target a root"});
        }
        text += "source: {format: json, schema: " + query + "}\ntarget: ";
        text += is_soap_ ? "{format: xml, schema: " + target + ", wrap: [" + soap_wrap(operation_) + "]}\n"
                : json   ? "{format: json, schema: " + target + "}\n"
                         : "{format: kv, schema: " + target + "}\n";
        text +=
            "\n# 左边是部门要的, 右边是查询里的; 人的姓名证件号从办件人取 (from_ctx), 请核对。\n"
            "# On the left what the department wants, on the right the query; a person's name and number come from\n"
            "# the context: check them.\n";
        add(names_.mapping(".request.yaml"), text + RowWriter{true, json}.run(members, ""));
    }

    void response() {
        std::vector<Shape> members = operation_.output.members;
        std::string unwrap = is_soap_ ? "soap" : "";
        std::string notes;
        if (!operation_.take.empty()) {
            unwrap += ", {take: " + scalar(operation_.take) + '}';
        }
        if (operation_.data_set) {
            unwrap += ", {diffgram: Table}";
            members = data_set_members();
            notes +=
                say({"答复是 .NET DataSet, 描述里没有列名: 请用真实答复核对表名 Table 和列, 无记录时是否写 empty: "
                     "not_found",
                     "the answer is a .NET DataSet and the description has no columns: take the name of the table and "
                     "its columns from a real reply, and say empty: not_found where no row means no record"});
        } else if (is_one_text(members)) {
            notes += say({"答复是一段文本 " + members[0].name +
                              "; 里面若是 XML 或 JSON, 请存一份真实答复, 用 datong map schema infer 得出字段, unwrap "
                              "写成 [soap, {take: " +
                              members[0].name + "}, parse_xml]",
                          "the answer is one text, " + members[0].name +
                              "; where it holds XML or JSON, save a real reply, let datong map "
                              "schema infer find its fields, and write unwrap: [soap, {take: " +
                              members[0].name + "}, parse_xml]"});
        } else if (members.empty()) {
            notes += say({"描述没有说明答复的内容", "the description does not say what is answered"});
        }
        notes +=
            say({"部门用哪个字段、哪些值表示成功和无记录? 请写 {outcome: {code: ..., ok: [...], not_found: [...]}}",
                 "which field and values say success, and no record? write {outcome: {code: ..., ok: [...], not_found: "
                 "[...]}}"});
        const std::string source = names_.schema(".source.yaml");
        const std::string target = names_.schema(".schema.json");
        add(source, source_schema(names_.mapping_id(), operation_.name + " 出参 what comes out", members));
        add(target, json_schema(members, operation_.name, false));
        std::string text =
            head_of(names_.mapping_id(), "草稿 draft: " + operation_.name + " → 统一记录 unified record");
        text += notes + "source:\n  format: " + (is_soap_ ? "xml" : "json") + "\n  schema: " + source + '\n';
        text += unwrap.empty() ? "" : "  unwrap: [" + unwrap + "]\n";
        text += "\ntarget: {format: json, schema: " + target + "}\n\n";
        add(names_.mapping(".yaml"), text + RowWriter{false, false}.run(members, ""));
    }

private:
    static std::vector<Shape> data_set_members() {
        Shape column;
        column.name = "COLUMN";
        column.nullable = true;
        Shape table;
        table.name = "Table";
        table.type = "object";
        table.many = true;
        table.members.push_back(std::move(column));
        return {std::move(table)};
    }

    std::string say(Gap gap) {
        gaps_.push_back(gap);
        return to_fill(gap);
    }

    void add(const std::string& path, std::string text) { files_.push_back({"mappings/" + path, std::move(text)}); }

    const Operation& operation_;
    bool is_soap_;
    const Names& names_;
    std::vector<DraftFile>& files_;
    std::vector<Gap>& gaps_;
};

}  // namespace

std::string scalar(std::string_view text) {
    yaml::Node node;
    node.text = text;
    node.quoted = true;  // a field may be called null
    return workbench::flow_text(node);
}

std::string to_fill(const Gap& gap, std::string_view indent) {
    std::string out{indent};
    return out + "# 待填: " + one_line(gap.text_zh, kMostOfAGap) + '\n' + std::string{indent} +
           "# TO FILL IN: " + one_line(gap.text_en, kMostOfAGap) + '\n';
}

void write_mappings(const Operation& operation, bool is_soap, const Names& names, std::vector<DraftFile>& files,
                    std::vector<Gap>& gaps) {
    OperationWriter writer{operation, is_soap, names, files, gaps};
    writer.request();
    writer.response();
}

}  // namespace datong::descriptions
