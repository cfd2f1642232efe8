#include "tests/core/contracts/services.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "core/codec/json.h"
#include "core/yaml/node.h"

namespace datong::tests {
namespace {

using record::Record;

std::optional<std::string> read(const std::string& path) {
    std::ifstream in{std::string{DATONG_SOURCE_DIR "/"} + path, std::ios::binary};
    std::ostringstream all;
    all << in.rdbuf();
    return in ? std::optional{std::move(all).str()} : std::nullopt;
}

std::optional<std::string> read_mapping(std::string_view path) {
    return read("mappings/" + std::string{path});
}

std::shared_ptr<const mapping::Mapping> compiled(const std::string& path) {
    auto made = mapping::compile(path, read_mapping, {.test_division = true});
    if (!made.mapping) {
        throw std::runtime_error{"does not compile: " + path};
    }
    return made.mapping;
}

/// What the first test of the mapping that finds a record makes of it.
Record first_record(const mapping::Mapping& mapping, const std::string& path) {
    for (const mapping::TestRun& run : mapping::run_tests(mapping, path, read_mapping, nullptr)) {
        if (run.output.outcome == mapping::Outcome::ok && run.output.target.is_object()) {
            return run.output.target;
        }
    }
    throw std::runtime_error{"no test finds a record: " + path};
}

Record json(std::string_view text) {
    auto made = codec::read_json(text);
    if (!made) {
        throw std::runtime_error{made.error().detail()};
    }
    return std::move(*made);
}

}  // namespace

std::vector<DescribedService> described_services() {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator{DATONG_SOURCE_DIR "/config/services"}) {
        files.push_back("config/services/" + entry.path().filename().string());
    }
    std::sort(files.begin(), files.end());
    std::vector<DescribedService> all;
    for (const std::string& file : files) {
        const auto node = yaml::parse(read(file).value(), file);
        auto service = std::make_unique<catalogue::Service>();
        service->id = node->text_of("id");
        service->version = node->text_of("version");
        service->title = node->text_of("title");
        service->title_en = node->text_of("title_en");
        service->kind = node->text_of("kind");
        service->offers_verify = service->kind == "verify" || node->find("offers") != nullptr;
        if (service->kind == "submit") {
            service->submission = catalogue::Submission{};
        }
        service->request = compiled(node->text_of("request"));
        service->response = compiled(node->text_of("response"));
        Record content = first_record(*service->response, node->text_of("response"));
        all.push_back({.service = std::move(service), .content = std::move(content)});
    }
    return all;
}

Record answer_of(const DescribedService& described) {
    const catalogue::Service& service = *described.service;
    Record answer = json(R"({"exchange": "01a2-test", "service": "x@1", "outcome": "found",
        "as_of": "2026-11-21T10:00:00.000+08:00", "scope": {"registers": ["levy"], "divisions": []},
        "asked": [{"path": "/id_no", "salt": "c2FsdA", "digest": "ZGlnZXN0"}]})");
    answer.put("service", Record::text(service.name()));
    answer.put("outcome", Record::text(service.is_submit()        ? "accepted"
                                       : service.kind == "verify" ? "match"
                                                                  : "found"));
    answer.put("content", service.kind == "verify"
                              ? json(R"({"results": [{"field": "/a", "operator": "exists", "result": "match"}]})")
                              : described.content);
    answer.put("certificate", Record::text("eyJhbGciOiJFUzI1NiJ9.e30.c2ln"));
    answer.put("provenance", json(R"([{"path": "/a", "department": "tax", "source": "tax/files", "record_time": "2026",
        "mapping": "m@1", "salt": "c2FsdA", "digest": "ZGlnZXN0"}])"));
    answer.put("digests", json(R"(["ZGlnZXN0"])"));
    answer.put("approval", json(R"({"grant": "g", "legal_basis": "b"})"));
    return answer;
}

Record call_of(const catalogue::Service& service) {
    Record call = json(R"({"context": {"purpose": "test", "matter": "m", "case_number": "999901-1",
        "operator": {"account": "window-07", "division": "999901"},
        "subject": {"name": "示例甲", "id_type": "111", "id_no": "999901199001010010"},
        "facts": {"divisionCode": "999901", "areas": [1.50, null, true, "x"]}},
        "about": "subject", "query": {}})");
    if (service.id == "realestate-certificate") {
        call.find("query")->put("divisionCode", Record::text("999901"));
    }
    if (service.is_submit()) {
        call.find("context")->put("idempotency_key", Record::text("k-1"));
        call.put("query", Record{});
    }
    if (service.offers_verify) {
        call.put("verify", json(R"([{"field": "/a", "operator": "in", "value": ["x", 1.0]},
                                    {"field": "/b", "operator": "exists", "value": true}])"));
    }
    return call;
}

}  // namespace datong::tests
