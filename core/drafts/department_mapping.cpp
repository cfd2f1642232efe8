#include <algorithm>

#include "core/codec/csv.h"
#include "core/codec/json.h"
#include "core/drafts/department_parts.h"
#include "core/workbench/yaml_text.h"

namespace datong::drafts {
namespace {

using record::Record;
using workbench::double_quoted;

std::string base_of(const Parts& parts) {
    return parts.wish.id + '-' + parts.wish.service;
}

/// A field of a source/v1 schema.
std::string schema_line(const Field& field, const std::string& prefix, bool nullable) {
    std::string line = "  - {path: " + double_quoted(prefix + field.path) + ", type: " + field.type +
                       ", label: " + double_quoted(field.label);
    if (!field.codes.empty()) {
        line += ", codes: [";
        for (std::size_t i = 0; i < field.codes.size(); ++i) {
            line += (i == 0 ? "" : ", ") + double_quoted(field.codes[i].first);
        }
        line += ']';
    }
    line += field.class_name.empty() ? "" : ", class: " + field.class_name;
    return line + (nullable ? ", nullable: true}\n" : "}\n");
}

std::string source_schema(const Parts& parts) {
    std::string text =
        "datong: source/v1\nid: " + parts.wish.id + '.' + parts.wish.service +
        "\nversion: 0.1.0\ntitle: " + double_quoted(parts.wish.title + " " + parts.wish.operation) +
        "\n# 由样例起草: 逐行核对类型、密级和代码 drafted from a sample: check types, classes and codes\nfields:\n";
    const std::string prefix = parts.is_rows() ? parts.set_name() + '.' : "";
    for (const Field& field : parts.fields.fields) {
        text += schema_line(field, prefix, !field.required);
    }
    for (const FieldList& list : parts.fields.lists) {
        text += "  - {path: " + double_quoted(prefix + list.path) + ", type: list, nullable: true}\n";
        for (const Field& field : list.fields) {
            text += schema_line(field, prefix + list.path + '.', !field.required);
        }
    }
    return text;
}

Record property(const Field& field) {
    Record one = Record::object();
    const bool is_whole = field.type == "integer";
    one.put("type", Record::text(is_whole ? "integer" : field.type == "boolean" ? "boolean" : "string"));
    if (field.date_form == "yyyyMMdd" || field.date_form == "yyyy-MM-dd") {
        one.put("format", Record::text("date"));
    }
    if (!field.codes.empty()) {
        Record& codes = one.put("enum", Record::list());
        for (const auto& [code, label] : field.codes) {
            codes.add(Record::text(code));
        }
    }
    one.put("x-class", Record::text(field.class_name.empty() ? "internal" : field.class_name));
    one.put("x-label", Record::text(field.label));
    return one;
}

Record object_schema(const std::vector<Field>& fields) {
    Record properties = Record::object();
    Record required = Record::list();
    for (const Field& field : fields) {
        properties.put(field.target, property(field));
        if (field.required) {
            required.add(Record::text(field.target));
        }
    }
    Record schema = Record::object();
    schema.put("type", Record::text("object"));
    schema.put("properties", std::move(properties));
    if (!required.items().empty()) {
        schema.put("required", std::move(required));
    }
    return schema;
}

std::string target_schema(const Parts& parts) {
    Record body = object_schema(parts.fields.fields);
    Record name = Record::object();
    name.put("type", Record::text("string"));
    name.put("x-class", Record::text("internal"));
    name.put("x-label", Record::text("证明名称"));
    body.find("properties")->put("certificateTypeName", std::move(name));
    for (const FieldList& list : parts.fields.lists) {
        Record items = Record::object();
        items.put("type", Record::text("array"));
        items.put("items", object_schema(list.fields));
        body.find("properties")->put(list.target, std::move(items));
    }
    Record schema = Record::object();
    schema.put("$schema", Record::text("https://json-schema.org/draft/2020-12/schema"));
    schema.put("title", Record::text(parts.wish.service));
    schema.put("x-class", Record::text("internal"));
    for (const record::Member& member : body.members()) {
        schema.put(member.name, member.value);
    }
    return codec::write_json_for_people(schema) + '\n';
}

std::string query_schema(const Parts& parts) {
    Record schema = Record::object();
    schema.put("$schema", Record::text("https://json-schema.org/draft/2020-12/schema"));
    schema.put("title", Record::text("Query of " + parts.wish.service));
    schema.put("description", Record::text("The person stands in the context; add what else is asked for."));
    schema.put("type", Record::text("object"));
    schema.put("x-class", Record::text("internal"));
    schema.put("properties", Record::object());
    return codec::write_json_for_people(schema) + '\n';
}

std::string steps_of(const Field& field) {
    if (field.looks_like_id) {
        const bool is_resident = field.value.size() == 18 && field.value.find_first_not_of("0123456789") >= 17;
        return is_resident ? ", steps: [remove_space, upper, check_resident_id]"
                           : ", steps: [remove_space, upper, check_uscc]";
    }
    if (field.date_form == "yyyyMMdd" || field.date_form == "yyyy-MM-dd") {
        return ", steps: [{parse_date: " + field.date_form + "}]";
    }
    if (!field.table.empty()) {
        return ", steps: [{lookup: " + field.table + "}]";
    }
    if (field.type == "integer") {
        return ", steps: [parse_integer]";
    }
    return field.type == "boolean" ? R"(, steps: [{parse_boolean: {when_true: ["true"], when_false: ["false"]}}])" : "";
}

std::string row_of(const Field& field, const std::string& from, const std::string& indent) {
    return indent + "- {to: " + field.target + ", from: " + double_quoted(from) + steps_of(field) +
           (field.required ? ", required: true}\n" : "}\n");
}

std::string source_part(const Parts& parts) {
    std::string text = "source:\n  system: " + parts.wish.id;
    if (parts.is_rows()) {
        return text + "\n  format: rows\n  sets:\n    " + parts.set_name() + ": {rows: one" +
               (parts.is_exchange() ? "" : ", empty: not_found") + "}\n  schema: schemas/" + base_of(parts) +
               ".source.yaml\n";
    }
    text += "\n  format: " + parts.shape.format + "\n  schema: schemas/" + base_of(parts) + ".source.yaml\n";
    if (!parts.shape.unwrap.empty()) {
        text += "  unwrap:\n";
        for (const std::string& layer : parts.shape.unwrap) {
            text += "    - " + layer + '\n';
        }
    }
    return text;
}

std::string tables_part(const Parts& parts) {
    std::string text;
    const auto add = [&](const std::vector<Field>& fields) {
        for (const Field& field : fields) {
            if (!field.table.empty()) {
                text += "  " + field.table + ": tables/" + parts.wish.id + '/' + field.table + ".csv\n";
            }
        }
    };
    add(parts.fields.fields);
    for (const FieldList& list : parts.fields.lists) {
        add(list.fields);
    }
    return text.empty() ? text : "tables:\n" + text + '\n';
}

/// The sample's record as rows in YAML.
std::string rows_in_yaml(const Parts& parts) {
    std::string row;
    for (const Field& field : parts.fields.fields) {
        row += (row.empty() ? "" : ", ") + field.path + ": " + double_quoted(field.value);
    }
    return '{' + parts.set_name() + ": [{" + row + "}]}";
}

/// The place of a field in a test: of rows in the first one, of a tree below what unwrap leaves.
std::string place_of(const Parts& parts, const Field& field) {
    return double_quoted((parts.is_rows() ? parts.set_name() + ".0." : "") + field.path);
}

/// The sample without what must be there.
std::string required_test(const Parts& parts) {
    std::string patch;
    std::string errors;
    for (const Field& field : parts.fields.fields) {
        if (field.required) {
            patch += (patch.empty() ? "" : ", ") + place_of(parts, field) + ": \"\"";
            errors += (errors.empty() ? "" : ", ") + ("{path: /" + field.target + ", rule: required}");
        }
    }
    return patch.empty() ? patch
                         : "  - name: 必填项一个也没有 nothing of what must be there\n    extends: 0\n    " +
                               std::string{parts.is_rows() ? "set" : "patch"} + ": {" + patch +
                               "}\n    expect_errors: [" + errors + "]\n";
}

/// The sample with a code that no table knows.
std::string code_test(const Parts& parts) {
    for (const Field& field : parts.fields.fields) {
        if (!field.table.empty()) {
            return "  - name: 代码表里没有的代码 a code that is in no table\n    extends: 0\n    " +
                   std::string{parts.is_rows() ? "set" : "patch"} + ": {" + place_of(parts, field) +
                   ": 无此代码}\n    expect_errors: [{path: /" + field.target + ", rule: lookup.missing}]\n";
        }
    }
    return {};
}

/// The sample is the right person's, and not the neighbour's; `datong check` judges it by the service.
std::string person_tests(const Parts& parts) {
    const auto at = [&](const std::string& pointer) {
        const auto found = std::ranges::find_if(parts.fields.fields,
                                                [&](const Field& field) { return '/' + field.target == pointer; });
        return found == parts.fields.fields.end() ? std::string{} : found->value;
    };
    const std::string id = at(parts.person_pointer);
    if (id.empty()) {
        return {};  // in a list: which of its persons is asked about the department says
    }
    const bool is_organisation = parts.is_organisation();
    const auto test = [&](const char* name, const std::string& who, const std::string& number, const char* expected) {
        return "  - name: " + std::string{name} + "\n    extends: 0\n    ctx: {subject: {name: " + double_quoted(who) +
               ", id_type: \"" + (is_organisation ? "001" : "111") + "\", id_no: " + double_quoted(number) +
               "}}\n    expect_person: " + expected + "\n";
    };
    return test("答的是所问的人 the person asked", at(parts.name_pointer), id, "same") +
           test("答的是别人 somebody else", is_organisation ? "示例市别家公司" : "示例乙",
                is_organisation ? "92999903MA6T00012X" : "999902198506150037", "other");
}

std::string tests_part(const Parts& parts) {
    std::string expected;
    for (const Field& field : parts.fields.fields) {
        if (field.required && field.date_form.empty() && field.type == "text") {
            expected += (expected.empty() ? "" : ", ") + field.target + ": " + double_quoted(field.value);
        }
    }
    std::string text = "\ntests:\n  - name: 样例 the sample\n    ";
    text += parts.is_rows() ? "input_rows: " + rows_in_yaml(parts) : "input: " + parts.sample_file();
    text += "\n    expect_partial: {certificateTypeName: " + double_quoted(parts.wish.title + "证明") +
            (expected.empty() ? "" : ", " + expected) + "}\n";
    text += required_test(parts) + code_test(parts) + person_tests(parts);
    if (parts.is_exchange()) {
        return text +
               "  - name: 没有结果行不是查无 no answer row is not \"no such record\"\n    input_rows: {rows: []}\n    "
               "expect_errors: [{path: \"\", rule: rows.empty}]\n";
    }
    if (parts.is_rows()) {
        return text + "  - name: 查无此人 no such record\n    input_rows: {rec: []}\n    expect_outcome: not_found\n";
    }
    return text +
           "  - name: 网页不是答复 a web page is no answer\n    input_text: \"<html><body>login</body></html>\"\n    "
           "expect_outcome: malformed\n"
           "  - name: 空答复不是查无 an empty body is not \"no such record\"\n    input_text: \"\"\n    "
           "expect_outcome: "
           "malformed\n";
}

std::string response_mapping(const Parts& parts) {
    std::string text =
        "datong: mapping/v1\nid: " + parts.wish.id + '.' + parts.wish.service +
        "\nversion: 0.1.0\ntitle: " + double_quoted(parts.wish.title + "答复 → 统一记录") + "\n\n" +
        source_part(parts) + "\ntarget: {format: json, schema: schemas/" + parts.wish.service +
        ".schema.json}\n\ndefaults: {trim: true, empty_as_null: true, on_error: reject}\n\n" + tables_part(parts) +
        "fields:\n  - {to: certificateTypeName, value: " + double_quoted(parts.wish.title + "证明") + "}\n";
    const std::string prefix = parts.is_rows() ? parts.set_name() + '.' : "";
    for (const Field& field : parts.fields.fields) {
        text += row_of(field, prefix + field.path, "  ");
    }
    if (!parts.fields.lists.empty()) {
        text += "\nlists:\n";
    }
    for (const FieldList& list : parts.fields.lists) {
        text += "  - to: " + list.target + "\n    from: " + double_quoted(prefix + list.path) + "\n    fields:\n";
        for (const Field& field : list.fields) {
            text += row_of(field, field.path, "      ");
        }
    }
    return text + tests_part(parts);
}

std::string request_schema(const Parts& parts) {
    return "datong: source/v1\nid: " + parts.wish.id + '.' + parts.wish.service +
           ".request\nversion: 0.1.0\ntitle: " + double_quoted(parts.wish.operation + " 入参") +
           "\nfields:\n  - {path: " + double_quoted(parts.id_parameter) +
           ", type: text, label: 证件号码, class: sensitive}\n" +
           (parts.name_parameter.empty() ? std::string{}
                                         : "  - {path: " + double_quoted(parts.name_parameter) +
                                               ", type: text, label: 姓名, class: personal}\n");
}

/// How the request goes out, by adapter.
std::string request_target(const Parts& parts) {
    const std::string schema = ", schema: schemas/" + base_of(parts) + ".request.yaml";
    if (parts.wish.adapter == "rest" || parts.is_rows()) {
        return "target: {format: kv" + schema + "}\n";
    }
    const std::string wrap =
        parts.wish.adapter == "soap"
            ? "[to_xml, {put: arg0}, {soap: {version: \"1.1\", action: " + parts.wish.operation + "}}]"
            : "[to_xml]";
    return "target: {format: xml" + schema + ", root: REQUEST, wrap: " + wrap + "}\n";
}

std::string request_mapping(const Parts& parts) {
    const bool is_organisation = parts.is_organisation();
    const std::string id = is_organisation ? "91999901MA6T000124" : "999901199001010010";
    const std::string name = is_organisation ? "示例市某某公司" : "示例甲";
    const std::string check = is_organisation ? "check_uscc" : "check_resident_id";
    std::string text = "datong: mapping/v1\nid: " + parts.wish.id + '.' + parts.wish.service +
                       ".request\nversion: 0.1.0\ntitle: " + double_quoted("统一查询请求 → " + parts.wish.operation) +
                       "\n\nsource: {format: json, schema: schemas/" + parts.wish.service + "-query.schema.json}\n" +
                       request_target(parts) + "\nfields:\n  - {to: " + double_quoted(parts.id_parameter) +
                       ", from_ctx: subject.id_no, steps: [remove_space, upper, " + check + "], required: true}\n";
    std::string expected = double_quoted(parts.id_parameter) + ": " + double_quoted(id);
    if (!parts.name_parameter.empty()) {
        text += "  - {to: " + double_quoted(parts.name_parameter) +
                ", from_ctx: subject.name, steps: [{check_length: {min: 1, max: 100}}], required: true}\n";
        expected += ", " + double_quoted(parts.name_parameter) + ": " + double_quoted(name);
    }
    const std::string context =
        "{subject: {name: " + double_quoted(name) + ", id_type: \"" + (is_organisation ? "001" : "111") + "\", id_no: ";
    return text + "\ntests:\n  - name: 正常 a good one\n    ctx: " + context + double_quoted(id) +
           "}}\n    input_json: {}\n    expect: {" + expected +
           "}\n  - name: 号码错误 a wrong number\n    ctx: " + context +
           double_quoted(id.substr(0, 17) + (id.back() == '5' ? "6" : "5")) +
           "}}\n    input_json: {}\n    expect_errors: [{path: " + double_quoted('/' + parts.id_parameter) +
           ", rule: " + (is_organisation ? "uscc.checksum" : "id.checksum") +
           "}]\n  - name: 没有人 nobody\n    ctx: {subject: {id_type: \"" + (is_organisation ? "001" : "111") +
           "\"}}\n    input_json: {}\n    expect_errors: [{path: " + double_quoted('/' + parts.id_parameter) +
           ", rule: required}" +
           (parts.name_parameter.empty()
                ? std::string{}
                : ", {path: " + double_quoted('/' + parts.name_parameter) + ", rule: required}") +
           "]\n";
}

void write_tables(const Parts& parts, const std::vector<Field>& fields, DepartmentDraft& draft) {
    for (const Field& field : fields) {
        if (field.table.empty()) {
            continue;
        }
        codec::CsvRows rows{{"from", "to", "label"}};
        for (const auto& [code, label] : field.codes) {
            rows.push_back({code, code, label});
        }
        std::string csv = codec::write_csv(rows);
        std::erase(csv, '\r');
        draft.mappings.push_back({"tables/" + parts.wish.id + '/' + field.table + ".csv", std::move(csv)});
        if (field.codes.size() == 1) {
            draft.remarks.push_back(
                {"代码表 " + field.table + ".csv 只有样例中的一个代码, 请向部门要全",
                 "table " + field.table + ".csv has the sample's one code only; ask for all of them"});
        }
    }
}

}  // namespace

void write_mappings(const Parts& parts, DepartmentDraft& draft) {
    const std::string folder = parts.wish.id + '/' + parts.wish.service;
    draft.mappings.push_back({folder + ".yaml", response_mapping(parts)});
    draft.mappings.push_back({folder + ".request.yaml", request_mapping(parts)});
    draft.mappings.push_back({"schemas/" + base_of(parts) + ".source.yaml", source_schema(parts)});
    draft.mappings.push_back({"schemas/" + base_of(parts) + ".request.yaml", request_schema(parts)});
    draft.mappings.push_back({"schemas/" + parts.wish.service + ".schema.json", target_schema(parts)});
    draft.mappings.push_back({"schemas/" + parts.wish.service + "-query.schema.json", query_schema(parts)});
    if (!parts.is_rows()) {
        draft.mappings.push_back({parts.sample_file(), parts.sample});
    }
    write_tables(parts, parts.fields.fields, draft);
    for (const FieldList& list : parts.fields.lists) {
        write_tables(parts, list.fields, draft);
    }
}

}  // namespace datong::drafts
