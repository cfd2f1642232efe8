#include <algorithm>

#include "core/catalogue/loading.h"
#include "core/catalogue/names.h"
#include "core/codec/json.h"
#include "core/mapping/tests_runner.h"

namespace datong::catalogue {
namespace {

using codec::SettingsReader;

/// Fills department, source and scope from their names.
void resolve_owner(Loading& loading, const yaml::Node& node, SettingsReader& reader, Service& service) {
    const std::string department = reader.text("department");
    const std::string source = reader.text("source");
    const std::vector<std::string> registers = reader.texts("registers");
    const auto owner = loading.snapshot.departments.find(department);
    if (owner == loading.snapshot.departments.end()) {
        loading.unknown(place_of(node, "department"), "department", department, ids_of(loading.snapshot.departments));
        return;
    }
    service.department = owner->second.get();
    const auto guard = loading.snapshot.sources.find(department + '/' + source);
    if (guard == loading.snapshot.sources.end()) {
        loading.unknown(place_of(node, "source"), "source", department + '/' + source,
                        ids_of(loading.snapshot.sources));
    } else {
        service.source = guard->second;
    }
    if (registers.empty()) {
        loading.mistake(place_of(node, "registers"), "C102", "registers 不能为空: 答复须说明查询了哪些登记簿",
                        "registers must name at least one: every answer says what was searched");
    }
    for (std::size_t i = 0; i < registers.size(); ++i) {
        const std::string& name = registers[i];
        const auto found = service.department->registers.find(name);
        if (found == service.department->registers.end()) {
            loading.unknown(place_of(node, "registers", i), "register", name, ids_of(service.department->registers));
            continue;
        }
        service.registers.push_back(name);
        service.divisions.insert(service.divisions.end(), found->second.divisions.begin(),
                                 found->second.divisions.end());
    }
}

policy::PersonPointers read_person(Loading& loading, const yaml::Node& node) {
    if (node.is_scalar() && node.text == "none") {
        return {.id = {}, .name = {}, .nobody = true};
    }
    SettingsReader reader{node, loading.mistakes};
    policy::PersonPointers person{
        .id = reader.text("id"), .name = reader.text("name", ""), .nobody = false, .each = reader.flag("each", false)};
    reader.finish();
    if (person.each && person.id.find("/*/") == std::string::npos) {
        loading.mistake(node, "C213", "each: true 只用于列表: id 中须有 /*/",
                        "each: true is for the rows of a list: its id has /*/", "{id: /rows/*/idNo, each: true}");
    }
    for (const std::string& pointer : {person.id, person.name}) {
        if (!pointer.empty() && !pointer.starts_with('/')) {
            loading.mistake(node, "C103", "应为 JSON 指针, 如 /holders/*/idNo",
                            "must be a JSON pointer such as /holders/*/idNo");
        }
    }
    return person;
}

Candidate read_candidate(Loading& loading, const yaml::Node& node) {
    SettingsReader reader{node, loading.mistakes};
    const std::string response = reader.text("response");
    Candidate candidate;
    candidate.per_mille = static_cast<int>(reader.whole("per_mille", 1, 1000, 1000));
    reader.finish();
    candidate.response = response.empty() ? nullptr : loading.compile_mapping(response, place_of(node, "response"));
    return candidate;
}

/// A question about a test person of the department's.
record::Record read_sample(Loading& loading, const std::string& file, const yaml::Node& node) {
    const auto text = file.empty() ? std::nullopt : loading.file(file, node);
    if (!text) {
        return {};
    }
    auto sample = codec::read_json(*text);
    if (!sample || sample->find("context") == nullptr) {
        loading.mistake(node, "C103", "sample 应为含 context 的 JSON 文件", "sample must be a JSON file with a context",
                        R"({"context": {"subject": {...}}, "query": {}})");
        return {};
    }
    return std::move(*sample);
}

/// What the mapping's tests say of persons, judged by where this service finds them: a record of somebody else must not
/// pass for the answer, and the right one must.
void check_persons(Loading& loading, const Service& service, const std::string& response) {
    const auto read = [&loading](std::string_view below) {
        return loading.with.files.read(loading.mappings + std::string{below});
    };
    for (const mapping::PersonTest& test : mapping::run_person_tests(*service.response, response, read)) {
        const policy::Person asked{.id_type = test.subject.text_of("id_type"),
                                   .id_no = Personal{test.subject.text_of("id_no")},
                                   .name = Personal{test.subject.text_of("name")}};
        if (policy::speaks_of(test.target, service.person, asked) == test.speaks_of_them) {
            continue;
        }
        loading.mistakes.push_back(
            {test.where, "C219", Severity::error,
             "测试 '" + test.name + "': 按服务 " + service.id + " 的 person, 这条记录" +
                 (test.speaks_of_them ? "不是所问的人的" : "会被当作所问的人的"),
             "test '" + test.name + "': by the person of service " + service.id + " this record " +
                 (test.speaks_of_them ? "is not of the person asked" : "would pass for that of the person asked"),
             ""});
    }
}

/// Whether the source has what the service asks it for, and what it asks of a submission later.
void check_operations(Loading& loading, const yaml::Node& node, const Service& service) {
    if (service.source == nullptr) {
        return;
    }
    loading.check_operation(node, *service.source, service.operation);
    if (service.submission && service.submission->ask) {
        loading.check_operation(*node.find("submit")->find("ask"), *service.source, service.submission->ask->operation);
    }
}

/// What is kept of a service's messages where it says so itself.
std::optional<vault::Policy> read_bodies(Loading& loading, const yaml::Node& node, SettingsReader& reader) {
    const std::string named = reader.one_of("bodies", {"none", "sealed", "kept"}, "");
    const auto policy = vault::policy_by_name(named);
    if (policy == vault::Policy::sealed && loading.snapshot.gateway.auditor_pem.empty()) {
        loading.mistake(node, "C102", "bodies: sealed 须在 gateway.yaml 的 evidence 中写明 auditor",
                        "bodies: sealed needs an auditor under evidence in gateway.yaml", "auditor: FILE.pem");
    }
    return policy;
}

/// How long a department may take that answers after its call.
Slow read_slow(Loading& loading, const yaml::Node& node, const Service& service) {
    constexpr std::int64_t kDay = 86'400;
    SettingsReader reader{node, loading.mistakes};
    Slow slow;
    slow.question = std::chrono::seconds{reader.whole("question_s", 1, 3'600, 60)};
    slow.ask_again = std::chrono::seconds{reader.whole("ask_again_s", 1, 7 * kDay, 600)};
    slow.within = std::chrono::seconds{reader.whole("within_s", 1, 90 * kDay, kDay)};
    reader.finish();
    if (service.kind == "submit") {
        loading.mistake(node, "C213", "提交类服务用 submit.no_reply 说明迟到的答复, 不写 slow",
                        "a service of kind submit says what no reply means under submit, and has no slow", "");
    }
    if (service.source && service.source->limits().call < slow.question) {
        loading.mistake(node, "C213", "数据源的 call_ms 短于 question_s: 会先被中断",
                        "the source's call_ms is shorter than question_s: it would be cut off before",
                        "call_ms: " + std::to_string(slow.question.count() * 1'000));
    }
    return slow;
}

void load_service(Loading& loading, const yaml::Node& node) {
    SettingsReader reader{node, loading.mistakes};
    (void)reader.text("datong");
    auto service = std::make_unique<Service>();
    service->id = reader.text("id");
    service->version = read_version(loading, reader);
    service->title = reader.text("title");
    service->title_en = reader.text("title_en", service->title);
    service->kind = reader.one_of("kind", {"query", "verify", "submit"}, "query");
    const std::vector<std::string> offers = reader.texts("offers");
    service->offers_verify =
        service->kind == "verify" || std::find(offers.begin(), offers.end(), "verify") != offers.end();
    service->guesses = static_cast<std::uint64_t>(reader.whole("predicates_per_hour", 1, 100'000, 30));
    resolve_owner(loading, node, reader, *service);
    service->operation = reader.text("operation");
    const std::string request = reader.text("request");
    const std::string response = reader.text("response");
    const bool submits = service->kind == "submit";
    if (const yaml::Node* person = submits ? reader.node("person") : reader.required_node("person");
        person != nullptr) {
        service->person = read_person(loading, *person);
    }
    const yaml::Node* submit = reader.node("submit");
    if (submits) {
        service->submission = read_submission(loading, node, submit);
    }
    check_operations(loading, node, *service);
    if (const yaml::Node* candidate = reader.node("candidate"); candidate != nullptr) {
        service->candidate = read_candidate(loading, *candidate);
    }
    if (const yaml::Node* slow = reader.node("slow"); slow != nullptr) {
        service->slow = read_slow(loading, *slow, *service);
    }
    service->record_time = reader.text("record_time", "");
    service->searched_division = reader.text("searched_division", "");
    if (service->searched_division == "none") {  // what looks like a division in the query chooses none to search
        service->searched_division.clear();
    }
    service->bodies = read_bodies(loading, node, reader);
    service->sample = read_sample(loading, reader.text("sample", ""), place_of(node, "sample"));
    service->consent_required = reader.one_of("consent", {"required", "optional"}, "optional") == "required";
    const yaml::Node* files = reader.node("files");
    for (const char* needs_mapping : {"sensitive", "most", "persons", "subsets"}) {
        (void)reader.node(needs_mapping);  // read_least
    }
    service->deadline = reader.milliseconds("deadline_ms", service->deadline);
    reader.finish();
    if (!request.empty() && !response.empty()) {
        service->request = loading.compile_mapping(request, place_of(node, "request"));
        service->response = loading.compile_mapping(response, place_of(node, "response"));
    }
    if (service->response != nullptr) {
        check_persons(loading, *service, response);
    }
    read_files(loading, files, *service);
    check_kind(loading, node, *service, offers);
    check_names(loading, node, *service);
    check_searched(loading, node, *service);
    check_divided(loading, node, *service);
    read_least(loading, node, *service);
    if (!is_id(service->id) || loading.snapshot.services.contains(service->id)) {
        loading.mistake(node, "C202", "服务 id 不合规或重复", "a service id is [a-z][a-z0-9-]* and stands once");
        return;
    }
    const std::string id = service->id;
    loading.snapshot.services[id] = std::move(service);
}

}  // namespace

void load_services(Loading& loading) {
    for (const std::string& name : loading.list(loading.root + "services")) {
        if (const auto node = loading.document(loading.root + "services/" + name, "service")) {
            load_service(loading, *node);
        }
    }
}

}  // namespace datong::catalogue
