#include <algorithm>

#include "core/catalogue/loading.h"
#include "core/catalogue/names.h"

namespace datong::catalogue {
namespace {

using codec::SettingsReader;

std::optional<Inquiry> read_inquiry(Loading& loading, const yaml::Node& node) {
    SettingsReader reader{node, loading.mistakes};
    Inquiry inquiry;
    inquiry.operation = reader.text("operation");
    const std::string request = reader.text("request");
    const std::string response = reader.text("response");
    reader.finish();
    if (request.empty() || response.empty()) {
        return std::nullopt;
    }
    inquiry.request = loading.compile_mapping(request, place_of(node, "request"));
    inquiry.response = loading.compile_mapping(response, place_of(node, "response"));
    return inquiry;
}

}  // namespace

Submission read_submission(Loading& loading, const yaml::Node& service, const yaml::Node* node) {
    Submission submission;
    if (node == nullptr) {
        loading.mistake(service, "C102", "kind: submit 须写明 submit: 没有答复时意味着什么, 以及如何查询",
                        "kind: submit needs submit: what no reply means, and how to ask later",
                        "submit: {no_reply: unknown, ask: {operation: ..., request: ..., response: ...}}");
        return submission;
    }
    SettingsReader reader{*node, loading.mistakes};
    submission.state = reader.text("state", "");
    submission.deduplicates = reader.flag("deduplicates", false);
    submission.keeps = reader.one_of("no_reply", {"unknown", "deferred"}, "unknown") == "deferred";
    submission.asks_before = reader.one_of("before", {"ask", "nothing"}, "nothing") == "ask";
    if (const yaml::Node* ask = reader.node("ask"); ask != nullptr) {
        submission.ask = read_inquiry(loading, *ask);
    }
    reader.finish();
    if (!submission.state.empty() && !submission.state.starts_with('/')) {
        loading.mistake(*node, "C103", "state 应为 JSON 指针, 如 /state",
                        "state must be a JSON pointer such as /state");
    }
    if (!submission.ask && (submission.asks_before || submission.keeps)) {
        loading.mistake(*node, "C102", "before: ask 与 no_reply: deferred 须写明 ask: 如何查询",
                        "before: ask and no_reply: deferred need ask: how the department is asked",
                        "ask: {operation: ..., request: ..., response: ...}");
    }
    return submission;
}

void check_kind(Loading& loading, const yaml::Node& node, const Service& service,
                const std::vector<std::string>& offers) {
    for (const std::string& one : offers) {
        if (one != "query" && one != "verify") {
            loading.mistake(node, "C105", "offers 只能是 query 与 verify", "offers is query and verify only",
                            "offers: [query, verify]");
        }
    }
    const bool has_query = offers.empty() || std::find(offers.begin(), offers.end(), "query") != offers.end();
    if (!offers.empty() && (service.kind != "query" || !has_query)) {
        loading.mistake(node, "C213", "offers 属于 kind: query; 只核验的服务写 kind: verify",
                        "offers belongs to kind: query; a service for predicates only says kind: verify",
                        "kind: verify");
    }
    if (service.kind != "submit" && node.find("submit") != nullptr) {
        loading.mistake(node, "C213", "submit 属于 kind: submit", "submit belongs to kind: submit", "kind: submit");
    }
    if (service.is_submit() && service.candidate.response != nullptr) {
        loading.mistake(node, "C213", "提交类服务不能试运行候选映射: 回执不能试两次",
                        "a service of kind submit has no candidate", "");
    }
}

}  // namespace datong::catalogue
