#include "core/drafts/department.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/codec/xml.h"
#include "core/drafts/department_parts.h"

namespace datong::drafts {
namespace {

using record::Record;

/// A reply that an adapter could bring, made of a record.
std::string reply_of(const Record& record, const std::string& adapter) {
    Record data = Record::object();
    data.put("data", record);
    data.put("code", Record::text("200"));
    if (adapter == "rest") {
        return codec::write_json_for_people(data) + '\n';
    }
    if (adapter != "soap") {
        return codec::write_xml(data, "response").value_or("") + '\n';
    }
    Record body = Record::object();
    body.put("response", std::move(data));
    return "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body>" +
           codec::write_xml(body, "wrapped").value_or("").substr(std::string_view{"<wrapped>"}.size());
}

/// Closes the envelope that reply_of began.
std::string closed(std::string reply) {
    constexpr std::string_view kEnd = "</wrapped>";
    const auto at = reply.rfind(kEnd);
    return at == std::string::npos ? reply : reply.substr(0, at) + "</soap:Body></soap:Envelope>\n";
}

/// Every text of a record that is an id number of a real division, by its path.
void find_real_ids(const Record& node, const std::string& path, std::vector<std::string>& found) {
    if (node.is_scalar() && is_real_id(node.scalar())) {
        found.push_back(path);
    }
    for (const record::Member& member : node.members()) {
        find_real_ids(member.value, path.empty() ? member.name.str() : path + '.' + member.name, found);
    }
    for (const Record& item : node.items()) {
        find_real_ids(item, path, found);
    }
}

Status refuse_real_persons(const SampleShape& shape) {
    std::vector<std::string> found;
    find_real_ids(shape.record, "", found);
    if (found.empty()) {
        return {};
    }
    std::string paths;
    for (const std::string& path : found) {
        paths += (paths.empty() ? "" : ", ") + path;
    }
    return fail(
        Fault::bad_request,
        "样例含真实号码, 会留在测试文件里; 请先换成 9999xx 的假人 (如 999901199001010010 示例甲) | the sample has "
        "real id numbers, which would stay in the test files; put a person of division 9999xx first: " +
            paths);
}

const Field* field_at(const std::vector<Field>& fields, const std::string& path) {
    const auto found = std::ranges::find(fields, path, &Field::path);
    return found == fields.end() ? nullptr : &*found;
}

bool looks_like_name(const Field& field) {
    const std::string name = ascii_lower(field.path);
    const auto has = [&](std::string_view word) {
        return name.find(word) != std::string::npos || field.label.find(word) != std::string::npos;
    };
    return field.date_form.empty() && !field.looks_like_id &&
           (has("xm") || has("name") || has("姓名") || has("qlrmc") || has("entname") || has("mc") || has("名称"));
}

/// Finds the person in one level of fields; empty pointers when they are not there.
void find_person(const std::vector<Field>& fields, const std::string& prefix, Parts& parts) {
    const std::string& wanted = parts.wish.person_id;
    const auto id = std::ranges::find_if(
        fields, [&](const Field& field) { return wanted.empty() ? field.looks_like_id : field.path == wanted; });
    if (id == fields.end() || !parts.person_pointer.empty()) {
        return;
    }
    parts.person_pointer = prefix + id->target;
    parts.id_parameter = id->path.substr(id->path.rfind('.') + 1);
    const Field* named = field_at(fields, parts.wish.person_name);
    const auto guessed = std::ranges::find_if(fields, looks_like_name);
    const Field* name = named != nullptr ? named : guessed != fields.end() ? &*guessed : nullptr;
    if (name != nullptr) {
        parts.name_pointer = prefix + name->target;
        parts.name_parameter = name->path.substr(name->path.rfind('.') + 1);
    }
}

Status find_persons(Parts& parts) {
    find_person(parts.fields.fields, "/", parts);
    for (const FieldList& list : parts.fields.lists) {
        find_person(list.fields, '/' + list.target + "/*/", parts);
    }
    if (!parts.person_pointer.empty()) {
        return {};
    }
    std::string names;
    for (const Field& field : parts.fields.fields) {
        names += (names.empty() ? "" : ", ") + field.path;
    }
    return fail(
        Fault::bad_request,
        "看不出哪个字段是被查询人的证件号码; 请用 --person-id 字段 指明 | which field is the id number of the person "
        "asked about? say --person-id FIELD; the fields are " +
            names);
}

void mark_person_required(Parts& parts) {
    const auto mark = [&](std::vector<Field>& fields, const std::string& prefix) {
        for (Field& field : fields) {
            const std::string pointer = prefix + field.target;
            field.required = field.required || pointer == parts.person_pointer || pointer == parts.name_pointer;
        }
    };
    mark(parts.fields.fields, "/");
    for (FieldList& list : parts.fields.lists) {
        mark(list.fields, '/' + list.target + "/*/");
    }
}

void add_remarks(const Parts& parts, DepartmentDraft& draft) {
    for (const std::string& path : parts.fields.skipped) {
        draft.remarks.push_back(
            {"字段 " + path + " 没有进映射, 请自己加", "field " + path + " is left out; add it yourself"});
    }
    if (parts.wish.sample.empty() && !parts.is_rows()) {
        draft.remarks.push_back({"样例由对照表编成, 外层 (code、data) 是假定的: 拿到真实答复后改 unwrap",
                                 "the sample was made of the table, its wrapping (code, data) is invented: mend unwrap "
                                 "once you have a real reply"});
    }
    if (parts.is_exchange()) {
        draft.remarks.push_back({"查无此人时结果表里写什么? 请问部门, 再写进 outcome; 没有结果行只是还没有答复",
                                 "what does the answer table hold of \"no such record\"? ask, and add it to outcome; "
                                 "no row is no answer yet"});
        draft.remarks.push_back({"请求表、结果表和同步标志的列名是假定的: 按部门的建表语句改",
                                 "the tables and the columns of their state are invented: put the department's own"});
    } else if (parts.is_rows()) {
        draft.remarks.push_back(
            {"一行也没有按查无答复, 有法律效力: 请部门确认视图是全的",
             "no row is answered as \"no such record\", which has legal effect: have the department "
             "confirm that the view is complete"});
    } else if (!parts.shape.none.empty()) {
        draft.remarks.push_back(
            {parts.shape.none + " 为空是否就是查无? 部门确认后在 outcome 里加 none: " + parts.shape.none +
                 "; 在此之前按错误处理",
             "does an empty " + parts.shape.none +
                 " mean no such record? add none: to outcome once the department says so; until then "
                 "it is a fault"});
    } else {
        draft.remarks.push_back(
            {"样例看不出查无此人时的答复; 请问部门, 再写进 outcome",
             "the sample does not show what \"no such record\" looks like; ask, and add it to outcome"});
    }
    if (parts.name_pointer.empty()) {
        draft.remarks.push_back(
            {"没有姓名字段, 只核对证件号码", "no field has the name: only the id number is compared"});
    }
}

}  // namespace

bool Parts::is_organisation() const {
    const auto is_it = [&](const Field& field) { return ('/' + field.target) == person_pointer; };
    const auto found = std::ranges::find_if(fields.fields, is_it);
    return found != fields.fields.end() && std::ranges::any_of(found->value.substr(0, found->value.size() - 1),
                                                               [](char c) { return c >= 'A' && c <= 'Z'; });
}

std::string Parts::sample_file() const {
    return "samples/" + wish.id + '-' + wish.service + "-01." + shape.format;
}

const std::vector<std::string>& drafted_adapters() {
    static const std::vector<std::string> kAdapters{"rest", "soap", "sql", "exchange_table", "file", "frame", "queue"};
    return kAdapters;
}

Result<DepartmentDraft> draft_department(const DepartmentWish& wish) {
    const std::string sample =
        wish.sample.empty() ? closed(reply_of(synthetic_record(wish.items), wish.adapter)) : wish.sample;
    auto shape = shape_of(sample, wish.take);
    if (!shape) {
        return fail(std::move(shape.error()));
    }
    if (auto synthetic = refuse_real_persons(*shape); !synthetic) {
        return fail(std::move(synthetic.error()));
    }
    Fields fields = fields_of(shape->record, wish.items);
    Parts parts{.wish = wish,
                .shape = std::move(*shape),
                .fields = std::move(fields),
                .sample = sample,
                .person_pointer = {},
                .name_pointer = {},
                .id_parameter = {},
                .name_parameter = {}};
    if (auto person = find_persons(parts); !person) {
        return fail(std::move(person.error()));
    }
    mark_person_required(parts);
    DepartmentDraft draft;
    write_config(parts, draft);
    write_mappings(parts, draft);
    add_remarks(parts, draft);
    return draft;
}

}  // namespace datong::drafts
