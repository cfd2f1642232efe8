#include "examples/clients/cpp/report.h"

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/codec/json.h"

namespace datong::client {
namespace {

using record::Record;
using signing::CertificateCheck;
using signing::Finding;
using signing::MaterialCheck;

constexpr std::size_t kDate = 10;  // of "2026-12-29T08:00:00.000+08:00"

/// Text of the other side on one line: its control characters must not move a terminal's cursor.
std::string plain(std::string_view text) {
    std::string out;
    for (const char c : is_utf8(text) ? text : std::string_view{"?"}) {
        out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
    }
    return out;
}

/// What a refusal of a SOAP call says that it should have called ("... call of urn:datong:service:NAME:MAJOR"); empty:
/// none.
std::string major_in(std::string_view detail) {
    constexpr std::string_view kWanted = "Body holds call of urn:datong:";
    const std::size_t from = detail.find(kWanted);
    const std::string_view uri = from != std::string_view::npos ? detail.substr(from) : std::string_view{};
    const std::string_view last = uri.substr(uri.rfind(':') + 1);
    return to_whole_number(last) ? std::string{last} : std::string{};
}

std::string issuer_of(const CertificateCheck& check) {
    return plain(check.issuer.id.empty() ? check.issuer.iss : check.issuer.id);
}

void tell_findings(std::ostream& out, const std::vector<Finding>& findings, const char* indent) {
    for (const Finding& one : findings) {
        out << indent << "- " << (one.path.empty() ? "/" : plain(one.path)) << "  " << one.text_zh << "  " << one.code
            << ": " << one.text_en << '\n';
    }
}

void tell_check(std::ostream& out, const CertificateCheck& check, const char* indent) {
    const std::string issuer = issuer_of(check);
    if (check.is_good()) {
        out << indent << "证照有效（签发方 " << (check.issuer.title.empty() ? issuer : plain(check.issuer.title))
            << "，" << check.fields << " 个字段）  certificate: valid (issuer " << issuer << ", " << check.fields
            << " fields)\n";
        if (!check.valid_until.empty()) {
            const bool is_over = check.valid_until < to_rfc3339(SystemClock{}.now()).substr(0, kDate);
            out << indent << "可用至 usable until " << plain(check.valid_until) << (is_over ? "，已过 it is over" : "")
                << '\n';
        }
        return;
    }
    out << indent << "证照无效（签发方 " << issuer << "）  certificate: INVALID (issuer " << issuer << ")\n";
    tell_findings(out, check.findings, indent);
}

void tell_fields(std::ostream& out, const Record& problem) {
    const Record* errors = problem.find("errors");
    for (const Record& one : errors != nullptr ? errors->items() : Record::List{}) {
        out << "  - " << plain(one.text_of("field")) << "  " << plain(one.text_of("message")) << "  "
            << plain(one.text_of("message_en")) << '\n';
    }
}

std::string joined(const Record& from, const char* member) {
    std::string all;
    const Record* list = from.find(member);
    for (const Record& one : list != nullptr ? list->items() : Record::List{}) {
        all.append(all.empty() ? "" : " ").append(plain(one.scalar()));
    }
    return all.empty() ? "-" : all;
}

void tell_terms(std::ostream& out, const Record& terms) {
    out << "  授权 grant " << plain(terms.text_of("grant")) << "  事由 purposes: " << joined(terms, "purposes")
        << "  字段 fields: " << joined(terms, "fields") << "  可核验 verify: " << joined(terms, "verify")
        << "  子集 subsets: " << joined(terms, "subsets") << "  " << plain(terms.text_of("valid_from")) << " — "
        << plain(terms.text_of("valid_to")) << '\n';
}

/// A service or a matter with its name and version, or a grant with its services.
void tell_offered(std::ostream& out, const Record& one) {
    const std::string name = one.text_of("service").empty() ? one.text_of("matter") : one.text_of("service");
    if (name.empty()) {
        tell_terms(out, one);
        out << "    服务 services: " << joined(one, "services") << '\n';
        return;
    }
    out << plain(name) << '@' << plain(one.text_of("version")) << "  " << plain(one.text_of("title")) << "  "
        << plain(one.text_of("title_en")) << "  " << plain(one.text_of("kind")) << '\n';
    const Record* grants = one.find("grants");
    for (const Record& terms : grants != nullptr ? grants->items() : Record::List{}) {
        tell_terms(out, terms);
    }
}

}  // namespace

void tell_signature(std::ostream& out, const std::string& keyid) {
    out << "签名有效（密钥 " << plain(keyid) << "）  signature: valid (key " << plain(keyid) << ")\n";
}

void tell_bad_signature(std::ostream& out, const std::string& why) {
    out << "签名无效，不得采信  signature: INVALID, do not rely on it: " << plain(why) << '\n';
}

void tell_consent(std::ostream& out, const record::Record& consent) {
    out << "同意书 consent " << plain(consent.text_of("id")) << ": " << plain(consent.text_of("state"));
    if (const record::Record* left = consent.find("left"); left != nullptr) {
        out << ", 剩余次数 uses left " << plain(left->scalar());
    }
    if (const std::string until = consent.text_of("valid_to"); !until.empty()) {
        out << ", 有效至 until " << plain(until);
    }
    out << '\n';
}

void tell_problem(std::ostream& out, int status, const Record& problem) {
    out << "被拒绝  refused: " << status << ' ' << plain(problem.text_of("code")) << '\n'
        << "  " << plain(problem.text_of("title")) << "  " << plain(problem.text_of("title_en")) << '\n';
    if (problem.find("detail") != nullptr) {
        const std::string detail = plain(problem.text_of("detail"));
        out << "  详情 detail: " << detail << '\n';
        if (const std::string major = major_in(detail); !major.empty()) {
            out << "  主版本号不是所调用的 another MAJOR version is there: --major " << major << '\n';
        }
    }
    tell_fields(out, problem);
    out << "  怎么办 what to do: " << plain(problem.text_of("todo")) << "  " << plain(problem.text_of("todo_en"))
        << '\n';
    if (problem.find("exchange") != nullptr) {
        out << "  交换编号 exchange: " << plain(problem.text_of("exchange")) << '\n';
    }
}

void tell_certificate(std::ostream& out, const CertificateCheck& check) {
    tell_check(out, check, "");
}

void tell_answer(std::ostream& out, const Record& answer) {
    out << "结果 outcome: " << plain(answer.text_of("outcome"))
        << "  服务 service: " << plain(answer.text_of("service")) << "\n截至 as of: " << plain(answer.text_of("as_of"))
        << "  交换编号 exchange: " << plain(answer.text_of("exchange")) << '\n';
}

void tell_pending(std::ostream& out, const Record& answer) {
    const std::string status = plain(answer.text_of("status"));
    if (!status.starts_with("/v1/submissions/")) {  // a matter's, which datong-call has no command for
        out << "尚无定论，稍后查询  no last word yet; ask later, with a signed GET: " << status << '\n';
        return;
    }
    out << "尚无定论，稍后查询  no last word yet; ask later: datong-call ... status "
        << status.substr(status.rfind('/') + 1) << "  (" << status << ")\n";
}

void tell_outcome_alone(std::ostream& out, bool is_signed) {
    out << (is_signed
                ? "仅重复办理结果，不附证照，由网关签名  the outcome alone, no certificate: the gateway's word\n"
                : "仅有办理结果，不附证照，无可验证  the outcome alone, no certificate: nothing here proves it\n");
}

void tell_content(std::ostream& out, const Record& answer) {
    if (const Record* content = answer.find("content"); content != nullptr) {
        out << codec::write_json_for_people(*content) << '\n';
    }
}

/// What the citizen still brings, in every language of the answer, as a clerk reads it out.
void tell_to_bring(std::ostream& out, const Record& answer) {
    const Record* to_bring = answer.find("to_bring");
    const Record* texts = to_bring != nullptr ? to_bring->find("text") : nullptr;
    if (texts == nullptr || !texts->is_list()) {
        return;
    }
    for (const Record& one : texts->items()) {
        const std::string text = one.text_of("text");
        for (const std::string_view line : split(text, '\n')) {
            out << (line.empty() ? "" : "  ") << plain(std::string{line}) << '\n';
        }
    }
}

void tell_matter(std::ostream& out, const Record& answer, const std::vector<MaterialCheck>& materials) {
    out << "结果 outcome: " << plain(answer.text_of("outcome")) << "  事项 matter: " << plain(answer.text_of("matter"))
        << "\n交换编号 exchange: " << plain(answer.text_of("exchange")) << '\n';
    for (const MaterialCheck& one : materials) {
        out << "材料 material " << plain(one.requirement) << '/' << plain(one.material) << " (" << plain(one.service)
            << "): " << plain(one.fault.empty() ? one.outcome : one.fault) << '\n';
        if (one.check) {
            tell_check(out, *one.check, "  ");
        } else if (!one.trouble.empty()) {
            out << "  证照无效  certificate: INVALID: " << plain(one.trouble) << '\n';
        }
    }
    tell_to_bring(out, answer);
}

void tell_offer(std::ostream& out, const Record& answer) {
    for (const char* list : {"services", "matters", "grants"}) {
        const Record* all = answer.find(list);
        if (all == nullptr) {
            continue;
        }
        for (const Record& one : all->items()) {
            tell_offered(out, one);
        }
        out << "共 " << all->items().size() << " 项  " << all->items().size() << ' ' << list << '\n';
    }
}

void tell_keys(std::ostream& out, const Trust& trust) {
    for (const Trust::Entry& entry : trust.entries()) {
        out << plain(entry.keyid) << "  " << plain(entry.owner) << "  "
            << crypto::name_of(entry.key.default_algorithm()) << "  " << entry.key.thumbprint() << '\n';
    }
}

void tell_trouble(std::ostream& out, const std::string& zh, const std::string& en) {
    out << zh << "  " << plain(en) << '\n';
}

}  // namespace datong::client
