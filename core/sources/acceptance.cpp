#include "core/sources/acceptance.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/codec/xml.h"
#include "core/evidence/proof.h"
#include "core/signing/jws.h"

namespace datong::sources {
namespace {

using record::Record;

constexpr std::string_view kType = "datong-acceptance+jws";

Record case_record(const CaseResult& result) {
    Record one = Record::object();
    one.put("name", Record::text(result.name));
    one.put("file", Record::text(result.file));
    one.put("file_digest", Record::text(result.file_digest));
    one.put("service", Record::text(result.service));
    one.put("expected", Record::text(result.expected));
    one.put("outcome", Record::text(result.outcome));
    Record differing = Record::list();
    for (const std::string& pointer : result.differing) {
        differing.add(Record::text(pointer));
    }
    one.put("differing", std::move(differing));
    one.put("reply_digest", Record::text(result.reply_digest));
    one.put("took_ms", Record::integer(result.took.count()));
    one.put("passed", Record::boolean(result.passed()));
    return one;
}

/// Text that stands in a page: nothing of it can be a tag.
std::string escaped(const std::string& text) {
    return codec::write_xml_text(text).value_or("?");
}

std::string row(std::initializer_list<std::string> cells) {
    std::string out = "<tr>";
    for (const std::string& cell : cells) {
        out += "<td>" + escaped(cell) + "</td>";
    }
    return out + "</tr>\n";
}

std::string word_of(const std::string& outcome) {
    if (outcome == "found" || outcome == "not_found") {
        return outcome == "found" ? "查到" : "查无";
    }
    const auto fault = fault_by_code(outcome);
    return (fault ? std::string{row_of(*fault).title_zh} : std::string{"失败"}) + " (" + outcome + ')';
}

}  // namespace

bool Acceptance::passed() const {
    return !cases.empty() && std::ranges::all_of(cases, &CaseResult::passed);
}

std::string to_json(const Acceptance& acceptance) {
    Record department = Record::object();
    department.put("id", Record::text(acceptance.department));
    department.put("title", Record::text(acceptance.title));
    department.put("uscc", Record::text(acceptance.uscc));
    Record mappings = Record::list();
    for (const MappingNames& names : acceptance.mappings) {
        Record one = Record::object();
        one.put("service", Record::text(names.service));
        one.put("request", Record::text(names.request));
        one.put("response", Record::text(names.response));
        mappings.add(std::move(one));
    }
    Record cases = Record::list();
    for (const CaseResult& result : acceptance.cases) {
        cases.add(case_record(result));
    }
    Record all = Record::object();
    all.put("datong", Record::text("acceptance/v1"));
    all.put("gateway", Record::text(acceptance.gateway));
    all.put("department", std::move(department));
    all.put("source", Record::text(acceptance.source));
    all.put("result", Record::text(acceptance.passed() ? "accepted" : "not_accepted"));
    all.put("by", Record::text(acceptance.by));
    all.put("at", Record::text(acceptance.at));
    all.put("snapshot", Record::text(acceptance.snapshot));
    all.put("mappings", std::move(mappings));
    all.put("cases", std::move(cases));
    return codec::write_json(all);
}

std::string to_page(const Acceptance& acceptance) {
    std::string page =
        "<!DOCTYPE html>\n<html lang=\"zh-CN\"><head><meta "
        "charset=\"utf-8\"><title>联调验收单</title><style>body{font-family:"
        "sans-serif;max-width:60em;margin:2em auto}table{border-collapse:collapse;width:100%}td,th{border:1px solid "
        "#888;"
        "padding:.3em "
        ".5em;text-align:left;overflow-wrap:anywhere}</style></head><body>\n<h1>联调验收单</h1>\n<table>\n";
    page += row({"部门", acceptance.title + " (" + acceptance.uscc + ')'}) + row({"数据源", acceptance.source}) +
            row({"网关", acceptance.gateway}) + row({"结论", acceptance.passed() ? "全部通过" : "未通过"}) +
            row({"测试人", acceptance.by}) + row({"时间", acceptance.at}) + row({"配置快照", acceptance.snapshot});
    page +=
        "</table>\n<h2>用例</h2>\n<table><tr><th>用例</th><th>服务</th><th>应为</th><th>实际</th><th>不同的字段</"
        "th><th>"
        "用时</th><th>结果</th></tr>\n";
    for (const CaseResult& one : acceptance.cases) {
        std::string differing;
        for (const std::string& pointer : one.differing) {
            differing += (differing.empty() ? "" : ", ") + pointer;
        }
        page += row({one.name, one.service, word_of(one.expected), word_of(one.outcome), differing,
                     std::to_string(one.took.count()) + " 毫秒", one.passed() ? "通过" : "未通过"});
    }
    page += "</table>\n<h2>映射版本</h2>\n<table><tr><th>服务</th><th>请求映射</th><th>答复映射</th></tr>\n";
    for (const MappingNames& names : acceptance.mappings) {
        page += row({names.service, names.request, names.response});
    }
    return page +
           "</table>\n<p>本页供阅读；以同名 .jws 文件的签名为准，用 <code>datong verify 文件.jws --keys "
           "trust.jwks</code> "
           "验证。</p>\n<p>部门签字：____________　　网关方签字：____________</p>\n</body></html>\n";
}

Result<std::string> sign_acceptance(const std::string& json, std::string_view keyid, const crypto::SigningKey& key) {
    return signing::sign_jws(json, keyid, kType, key.default_algorithm(), key);
}

Result<Record> verify_acceptance(std::string_view compact, const Record& keys) {
    const auto jws = signing::read_jws(trim_ows(compact.substr(0, compact.find_last_not_of("\r\n") + 1)));
    if (!jws || jws->header.text_of("typ") != kType) {
        return fail(Fault::bad_request, "no joint-test record (a compact JWS of type " + std::string{kType} + ')');
    }
    auto payload = codec::read_json(jws->payload);
    const auto trusted = evidence::read_keys(keys);
    if (!payload || !trusted || payload->text_of("datong") != "acceptance/v1") {
        return fail(Fault::bad_request, "no joint-test record");
    }
    const auto key = trusted->find(jws->keyid());
    if (key == trusted->end()) {
        return fail(Fault::signature_invalid, "key " + jws->keyid() + " is not among the trusted ones");
    }
    const Record* department = payload->find("department");
    const std::string owner = "department:" + (department != nullptr ? department->text_of("id") : std::string{});
    if (key->second.owner != "gateway" && key->second.owner != owner) {
        return fail(Fault::signature_invalid, "key " + jws->keyid() + " is neither the gateway's nor the department's");
    }
    if (auto good = signing::verify_jws(*jws, key->second.key); !good) {
        return fail(Fault::signature_invalid, "the signature does not verify: the record was altered");
    }
    payload->put("signed_by", Record::text(key->second.owner));
    return payload;
}

}  // namespace datong::sources
