#include "core/codec/json.h"
#include "core/drafts/department_parts.h"
#include "core/workbench/yaml_text.h"

namespace datong::drafts {
namespace {

using record::Record;
using workbench::double_quoted;

std::string upper_name(std::string id) {
    for (char& c : id) {
        c = c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return id;
}

/// A title as the configuration takes it.
std::string titled(const std::string& title) {
    return double_quoted(workbench::without_variables(title));
}

/// A row that asks, and the table in which the department's job leaves its answer.
std::string exchange_settings(const Parts& parts, const std::string& name) {
    std::string columns = parts.id_parameter + ": " + parts.id_parameter;
    columns += parts.name_parameter.empty() ? "" : ", " + parts.name_parameter + ": " + parts.name_parameter;
    return "      driver: sqlite   # 待改 to change: postgresql, mariadb ...\n      connection: \"${DATONG_" + name +
           "_DB:-../exchange/" + parts.wish.id + ".db}\"\n      write: true\n      operations:\n        " +
           parts.wish.operation +
           ":\n          does: ask\n          table: GX_CXQQ   # 请求表, 待改 the requests' table, to change\n"
           "          key: cxqqdh\n          columns: {" +
           columns +
           "}\n          flag: sync\n          reason: sbyy\n"
           "          answer_table: GX_CXJG   # 结果表, 待改 the answers' table, to change\n"
           "          answer_key: cxqqdh\n          answer_id: lsh\n          answer_flag: sync\n          "
           "answer_reason: sbyy\n"
           "          max_rows: 2   # 多于一行时要看得出来 so that two are seen\n";
}

/// `settings` of each adapter, eight blanks deep; addresses come from the environment.
std::string settings_of(const Parts& parts) {
    const std::string name = upper_name(parts.wish.id);
    const std::string& operation = parts.wish.operation;
    const std::string& adapter = parts.wish.adapter;
    const std::string url = "      url: \"${DATONG_" + name + "_URL:-http://127.0.0.1:8080}\"   # 待改 to change\n";
    if (adapter == "rest") {
        return url + "      operations:\n        " + operation + ": {method: POST, path: /" + operation +
               ", content_type: application/x-www-form-urlencoded}\n";
    }
    if (adapter == "soap") {
        return url + "      operations:\n        " + operation + ": {action: " + operation + ", version: \"1.1\"}\n";
    }
    if (adapter == "file") {
        return "      out: \"${DATONG_" + name + "_FOLDER:-../exchange/" + parts.wish.id +
               "}/out\"   # 待改 to change\n" + "      in: \"${DATONG_" + name + "_FOLDER:-../exchange/" +
               parts.wish.id + "}/in\"\n" + "      operations:\n        " + operation +
               ": {request: \"{exchange}.req.xml\", reply: \"{exchange}.rep.xml\", content_type: application/xml}\n";
    }
    if (adapter == "frame") {
        return "      host: \"${DATONG_" + name + "_HOST:-127.0.0.1}\"   # 待改 to change\n      port: \"${DATONG_" +
               name +
               "_PORT:-7788}\"\n      request:\n        length: {kind: length, size: 8, pad: blanks_right, covers: "
               "all}\n"
               "        body: {kind: body}\n      operations:\n        " +
               operation + ": {content_type: application/xml}\n";
    }
    if (adapter == "queue") {
        return "      host: \"${DATONG_" + name + "_HOST:-127.0.0.1}\"   # 待改 to change\n      user: datong\n" +
               "      password: \"${DATONG_" + name + "_PASSWORD:-only-a-sample}\"\n      operations:\n        " +
               operation + ": {routing_key: " + parts.wish.id + '.' + operation + ", content_type: application/xml}\n";
    }
    if (adapter == "exchange_table") {
        return exchange_settings(parts, name);
    }
    std::string columns;
    for (const Field& field : parts.fields.fields) {
        columns += (columns.empty() ? "" : ", ") + field.path;
    }
    return "      driver: sqlite   # 待改 to change: postgresql ...\n      connection: \"${DATONG_" + name +
           "_DB:-../exchange/" + parts.wish.id + ".db}\"\n      operations:\n        " + operation +
           ":\n          sets:\n            rec:\n              max_rows: 2   # 多于一行时要看得出来 so that two are "
           "seen\n"
           "              sql: " +
           double_quoted("SELECT " + columns + " FROM v_" + parts.wish.id + " WHERE " + parts.id_parameter +
                         " = :" + parts.id_parameter) +
           '\n';
}

std::string department_text(const Parts& parts) {
    const DepartmentWish& wish = parts.wish;
    return "datong: department/v1\nid: " + wish.id + "\ntitle: " + titled(wish.title) +
           "\nuscc: 11999901MB9999009G   # 待改: 部门的统一社会信用代码 to change: the department's own\n"
           "key: {id: " +
           wish.id + "-1, file: \"${DATONG_KEYS:-keys}/" + wish.id +
           ".key.pem\"}\nregisters:\n  records: {title: " + titled(wish.title + "登记信息") + ", divisions: [\"" +
           wish.division.substr(0, 4) + "\"]}\nsources:\n  main:\n    adapter: " + wish.adapter + "\n    settings:\n" +
           settings_of(parts) +
           "    # 部门约定的并发与时限 what the department agreed to; docs/configuration.md\n"
           "    limits: {in_flight: 4, wait_ms: 5000, waiting: 64, call_ms: 5000, retries: 0}\n";
}

std::string service_text(const Parts& parts) {
    const DepartmentWish& wish = parts.wish;
    return "datong: service/v1\nid: " + wish.service + "\nversion: 0.1.0\ntitle: " + titled(wish.title + "查询") +
           "\nkind: query\ndepartment: " + wish.id + "\nsource: main\noperation: " + wish.operation +
           "\nregisters: [records]\nrequest: " + wish.id + '/' + wish.service + ".request.yaml\nresponse: " + wish.id +
           '/' + wish.service + ".yaml\nperson: {id: " + double_quoted(parts.person_pointer) +
           (parts.name_pointer.empty() ? std::string{} : ", name: " + double_quoted(parts.name_pointer)) +
           "}\nsample: samples/" + wish.service + ".json\ndeadline_ms: 12000\n";
}

/// What a consumer would ask about the person of the sample.
Record question(const Parts& parts) {
    std::string id = parts.is_organisation() ? "91999901MA6T000124" : "999901199001010010";
    std::string name = parts.is_organisation() ? "示例市某某公司" : "示例甲";
    const auto look = [&](const std::vector<Field>& fields, const std::string& prefix) {
        for (const Field& field : fields) {
            const std::string pointer = prefix + field.target;
            id = pointer == parts.person_pointer && field.looks_like_id ? field.value : id;
            name = pointer == parts.name_pointer && !field.value.empty() ? field.value : name;
        }
    };
    look(parts.fields.fields, "/");
    for (const FieldList& list : parts.fields.lists) {
        look(list.fields, '/' + list.target + "/*/");
    }
    Record subject = Record::object();
    subject.put("name", Record::text(name));
    subject.put("id_type", Record::text(parts.is_organisation() ? "001" : "111"));
    subject.put("id_no", Record::text(id));
    Record who = Record::object();
    who.put("account", Record::text("joint-test"));
    who.put("division", Record::text(parts.wish.division));
    Record context = Record::object();
    context.put("purpose", Record::text("joint-test"));
    context.put("case_number", Record::text(parts.wish.division + "-0001"));
    context.put("subject", std::move(subject));
    context.put("operator", std::move(who));
    Record question = Record::object();
    question.put("context", std::move(context));
    question.put("query", Record::object());
    return question;
}

std::string joint_case(const Parts& parts) {
    Record expect = Record::object();
    expect.put("outcome", Record::text("found"));
    Record one = Record::object();
    one.put("name", Record::text("查到样例中的人 the person of the sample is found"));
    one.put("service", Record::text(parts.wish.service));
    const Record asked = question(parts);
    one.put("context", *asked.find("context"));
    one.put("query", Record::object());
    one.put("expect", std::move(expect));
    return codec::write_json_for_people(one) + '\n';
}

std::string grant_text(const Parts& parts) {
    const DepartmentWish& wish = parts.wish;
    return "datong: grant/v1\nid: sandbox-" + wish.service + "\nconsumer: sandbox\nservices: [" + wish.service +
           "]\nfields: [\"*\"]\npurposes: [joint-test]\nlegal_basis: 联调测试, 仅限沙箱   # 待改 to change\nterritory: "
           "[\"" +
           wish.division.substr(0, 4) +
           "\"]\ncase_required: false\nquota: {calls: 1000, per: hour}\nvalid_from: " + wish.from +
           "\nvalid_to: " + wish.to + '\n';
}

}  // namespace

void write_config(const Parts& parts, DepartmentDraft& draft) {
    const DepartmentWish& wish = parts.wish;
    draft.config.push_back({"departments/" + wish.id + ".yaml", department_text(parts)});
    draft.config.push_back({"services/" + wish.service + ".yaml", service_text(parts)});
    draft.config.push_back({"samples/" + wish.service + ".json", codec::write_json_for_people(question(parts)) + '\n'});
    draft.config.push_back({"joint-tests/" + wish.id + "/01-found.json", joint_case(parts)});
    draft.config.push_back({"grants/sandbox-" + wish.service + ".yaml", grant_text(parts)});
    draft.keys.push_back(wish.id);
    if (!wish.has_sandbox_consumer) {
        draft.config.push_back({"consumers/sandbox.yaml",
                                "datong: consumer/v1\nid: sandbox\ntitle: 沙箱测试调用方\nkeys: [{id: sandbox-1, file: "
                                "\"${DATONG_KEYS:-keys}/sandbox.pub.pem\"}]\n"});
        draft.keys.push_back("sandbox");
    }
}

}  // namespace datong::drafts
