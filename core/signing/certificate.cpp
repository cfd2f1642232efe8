#include "core/signing/certificate.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/signing/field_digest.h"
#include "core/signing/jws.h"

namespace datong::signing {
namespace {

using record::Member;
using record::Record;

using Digests = std::set<std::string, std::less<>>;
using Paths = std::set<std::string, std::less<>>;

/// Source: RFC 6901, 3.
std::optional<std::string> unescaped(std::string_view part) {
    std::string out;
    for (std::size_t at = 0; at < part.size(); ++at) {
        if (part[at] != '~') {
            out += part[at];
            continue;
        }
        ++at;
        if (at == part.size() || (part[at] != '0' && part[at] != '1')) {
            return std::nullopt;
        }
        out += part[at] == '0' ? '~' : '/';
    }
    return out;
}

const Record* step(const Record& value, std::string_view part) {
    if (value.is_list()) {
        const auto index = to_whole_number(part);
        const bool plain = index && (part == "0" || !part.starts_with('0'));
        return plain && *index < value.items().size() ? &value.items()[static_cast<std::size_t>(*index)] : nullptr;
    }
    const auto name = unescaped(part);
    return name ? value.find(*name) : nullptr;
}

/// The value at a JSON pointer; nullptr when there is none. Source: RFC 6901, 4.
const Record* at_pointer(const Record& root, std::string_view pointer) {
    const Record* value = &root;
    if (pointer.empty()) {
        return value;
    }
    if (!pointer.starts_with('/')) {
        return nullptr;
    }
    for (const std::string_view part : split(pointer.substr(1), '/')) {
        value = value != nullptr ? step(*value, part) : nullptr;
    }
    return value;
}

Finding finding(std::string code, std::string path, std::string text_zh, std::string text_en) {
    return {std::move(code), std::move(path), std::move(text_zh), std::move(text_en)};
}

/// What both the answer and the issuer's statement say must be the same.
void compare_statement(const Record& answer, const Record& statement, std::vector<Finding>& findings) {
    const auto differs = [&findings](std::string_view name) {
        findings.push_back(
            finding("statement", "/" + std::string{name}, "与签发方声明不一致", "differs from what the issuer signed"));
    };
    for (const std::string_view name : {"service", "outcome", "as_of", "scope"}) {
        if (answer.find(name) == nullptr || statement.find(name) == nullptr) {
            differs(name);
        }
    }
    // by which consent it was given and how long it may be kept; what was asked for of the record
    for (const std::string_view name : {"consent", "subset"}) {
        if ((answer.find(name) == nullptr) != (statement.find(name) == nullptr)) {
            differs(name);
        }
    }
    for (const Member& signed_member : statement.members()) {
        const Record* said = answer.find(signed_member.name);
        if (said != nullptr && signed_member.name != "digests" && signed_member.name != "asked" &&
            !(*said == signed_member.value)) {
            differs(signed_member.name);
        }
    }
    // the last day of its use is signed at the top and shown with the code that it is checked with
    const Record* shown_until = answer.find_path({"sharing", "valid_until"});
    const Record* signed_until = statement.find("valid_until");
    const bool both = shown_until != nullptr && signed_until != nullptr;
    if (both ? !(*shown_until == *signed_until) : shown_until != signed_until) {
        differs("sharing/valid_until");
    }
    const std::string id = statement.text_of("jti");
    const bool only_there = statement.find("exchange") == nullptr;  // else compared above
    if (only_there && answer.find("exchange") != nullptr && answer.text_of("exchange") != id.substr(0, id.find('#'))) {
        differs("exchange");
    }
}

/// The salted digests of who and what was asked must be the ones that the issuer signed.
void compare_asked(const Record& answer, const Record& statement, std::vector<Finding>& findings) {
    const Record* shown = answer.find("asked");
    const Record* signed_too = statement.find("asked");
    const auto& entries = shown != nullptr ? shown->items() : Record::List{};
    const auto& digests = signed_too != nullptr ? signed_too->items() : Record::List{};
    const bool same = std::equal(
        entries.begin(), entries.end(), digests.begin(), digests.end(),
        [](const Record& entry, const Record& digest) { return entry.text_of("digest") == digest.scalar(); });
    if (!same) {
        findings.push_back(finding("statement", "/asked", "与签发方声明不一致", "differs from what the issuer signed"));
    }
}

Issuer issuer_of(const Record& statement) {
    const Record* more = statement.find("issuer");
    return {.iss = statement.text_of("iss"),
            .id = more != nullptr ? more->text_of("id") : std::string{},
            .title = more != nullptr ? more->text_of("title") : std::string{}};
}

Digests signed_digests(const Record& answer, const Record& statement, std::vector<Finding>& findings) {
    Digests digests;
    const Record* listed = statement.find("digests");
    for (const Record& digest : listed != nullptr ? listed->items() : Record::List{}) {
        digests.emplace(digest.scalar());
    }
    const Record* shown = answer.find("digests");
    if (listed == nullptr || (shown != nullptr && !(*shown == *listed))) {
        findings.push_back(finding("digest_list", "/digests", "摘要清单与签发方声明不一致",
                                   "the list of digests differs from what the issuer signed"));
    }
    return digests;
}

/// One entry of the provenance against the content and the signed digests.
std::optional<Finding> check_entry(const Record& entry, const Record& content, const Digests& digests) {
    const std::string path = entry.text_of("path");
    const Record* value = at_pointer(content, path);
    if (entry.find("path") == nullptr || value == nullptr) {
        return finding("provenance_stray", path, "来源记录所指字段不存在", "provenance of a field that is not there");
    }
    const std::string digest = field_digest(entry.text_of("salt"), path, codec::write_json(*value));
    if (digest != entry.text_of("digest")) {
        return finding("field_digest", path, "字段内容与摘要不符", "the field differs from its digest: it was altered");
    }
    if (!digests.contains(digest)) {
        return finding("digest_unsigned", path, "字段摘要未经签发方签名",
                       "the field's digest is not among the signed ones");
    }
    return std::nullopt;
}

/// What an entry says of where its field is from must be what the issuer signed of all of them; statements from before
/// there was an origin in them say nothing.
void compare_origin(const Record& entry, const Record* origin, std::vector<Finding>& findings) {
    for (const Member& signed_member : origin != nullptr ? origin->members() : Record::Object{}) {
        const Record* said = entry.find(signed_member.name);
        if (said == nullptr || !(*said == signed_member.value)) {
            const std::string name{signed_member.name.view()};
            findings.push_back(finding("origin", entry.text_of("path"), "来源 " + name + " 与签发方声明不一致",
                                       "its " + name + " differs from what the issuer signed"));
        }
    }
}

Paths check_provenance(const Record& answer, const Record& content, const Record& statement, const Digests& digests,
                       CertificateCheck& check) {
    Paths paths;
    const Record* provenance = answer.find("provenance");
    for (const Record& entry : provenance != nullptr ? provenance->items() : Record::List{}) {
        const std::string path = entry.text_of("path");
        if (!paths.insert(path).second) {
            check.findings.push_back(
                finding("provenance_twice", path, "来源记录重复", "two provenance entries for one field"));
        }
        const std::size_t before = check.findings.size();
        compare_origin(entry, statement.find("origin"), check.findings);
        auto found = check_entry(entry, content, digests);
        if (found) {
            check.findings.push_back(std::move(*found));
        } else if (check.findings.size() == before) {
            ++check.fields;
        }
    }
    return paths;
}

/// Goes down to every leaf that no entry above it stands for.
void find_uncovered(const Record& value, const std::string& path, const Paths& paths, std::vector<Finding>& findings) {
    if (paths.contains(path)) {
        return;
    }
    const bool is_leaf = value.members().empty() && value.items().empty();
    if (is_leaf && !path.empty()) {
        findings.push_back(finding("provenance_missing", path, "字段缺少来源记录", "a field without provenance"));
        return;
    }
    for (const Member& member : value.members()) {
        std::string below = path;
        find_uncovered(member.value, append_step(below, member.name), paths, findings);
    }
    std::size_t index = 0;
    for (const Record& item : value.items()) {
        find_uncovered(item, path + "/" + std::to_string(index++), paths, findings);
    }
}

/// Whether both say the same of a file.
bool is_same_file(const Record& one, const Record& other) {
    return std::ranges::all_of(std::array{"path", "media_type", "length", "sha256"}, [&](const char* name) {
        const Record* said = one.find(name);
        const Record* signed_too = other.find(name);
        return said != nullptr && signed_too != nullptr && *said == *signed_too;
    });
}

/// The files that the answer names, against those whose digests the issuer signed.
void check_files(const Record& answer, const Record& content, const Record& statement, CertificateCheck& check) {
    const Record* named = answer.find("files");
    const Record* signed_too = statement.find("file_digests");
    const Record::List& digests = signed_too != nullptr ? signed_too->items() : Record{}.items();
    for (const Record& file : named != nullptr ? named->items() : Record{}.items()) {
        const std::string path = file.text_of("path");
        if (std::ranges::none_of(digests, [&](const Record& one) { return is_same_file(file, one); })) {
            check.findings.push_back(
                finding("file", path, "文件的摘要未经签发方签名", "the issuer did not sign a file like this"));
            continue;
        }
        const Record* inlined = at_pointer(content, path);
        const auto octets = inlined != nullptr ? from_base64(inlined->scalar()) : std::nullopt;
        if (inlined != nullptr && (!octets || to_hex(crypto::sha256(*octets)) != file.text_of("sha256"))) {
            check.findings.push_back(finding("file", path, "文件与其摘要不符", "the file differs from its digest"));
        }
    }
}

void check_signature(const Jws& jws, const FindKey& find_key, CertificateCheck& check) {
    const auto key = find_key(check.issuer, check.keyid);
    if (!key) {
        check.findings.push_back(finding("key_unknown", "/certificate", "签发方密钥未知或不受信任",
                                         "a key that is not known or not this issuer's"));
        return;
    }
    if (!verify_jws(jws, *key)) {
        check.findings.push_back(
            finding("signature", "/certificate", "签发方签名无效", "the issuer's signature does not verify"));
    }
}

/// The words around an answer are what a platform acts on: they must be those of the signed answer, and
/// the certificate must be for this material of this exchange, not for another person's beside it.
void compare_outside(const Record& matter, const Record& material, const Record& answer, CertificateCheck& check) {
    const auto differs = [&check](std::string_view name) {
        check.findings.push_back(finding("statement", "/" + std::string{name}, "材料与其证照不一致",
                                         "the material differs from its own certificate"));
    };
    for (const std::string_view name : {"service", "outcome"}) {
        const Record* outer = material.find(name);
        if (outer != nullptr && outer->scalar() != answer.text_of(name)) {
            differs(name);
        }
    }
    if (matter.text_of("exchange") != answer.text_of("exchange")) {
        differs("exchange");
    }
    const std::size_t mark = check.id.find('#');
    if (mark != std::string::npos && check.id.substr(mark + 1) != material.text_of("material")) {
        differs("material");
    }
}

MaterialCheck check_material(const Record& matter, const std::string& requirement, const Record& material,
                             const FindKey& find_key) {
    MaterialCheck checked{.requirement = requirement,
                          .material = material.text_of("material"),
                          .service = material.text_of("service"),
                          .outcome = material.text_of("outcome")};
    const Record* fault = material.find("fault");
    const Record* answer = material.find("answer");
    if (fault != nullptr && answer == nullptr) {
        checked.fault = fault->text_of("code");
        checked.fault = checked.fault.empty() ? "fault" : checked.fault;
        return checked;
    }
    if (answer == nullptr && checked.outcome == "withheld") {  // all or nothing was asked, and something is missing
        checked.fault = checked.outcome;
        return checked;
    }
    const bool is_open = answer != nullptr && is_open_word(*answer);
    auto check = is_open             ? Result<CertificateCheck>{CertificateCheck{}}
                 : answer != nullptr ? check_certificate(*answer, find_key)
                                     : fail(Fault::bad_request, "the material has neither answer nor fault");
    if (!check) {
        checked.trouble = check.error().detail();
        return checked;
    }
    if (fault != nullptr) {
        check->findings.push_back(finding("fault", "/fault", "应答旁另有故障", "a fault beside an answer"));
    }
    compare_outside(matter, material, *answer, *check);
    checked.is_open = is_open && check->is_good();
    if (!checked.is_open) {
        checked.check = std::move(*check);
    }
    return checked;
}

}  // namespace

Result<CertificateCheck> check_certificate(const Record& answer, const FindKey& find_key) {
    const Record* certificate = answer.find("certificate");
    if (certificate == nullptr || !certificate->is_text()) {
        return fail(Fault::bad_request, "answer: no certificate in it");
    }
    const auto jws = read_jws(certificate->scalar());
    if (!jws) {
        return fail(Error{jws.error()}.within("certificate"));
    }
    const auto statement = codec::read_json(jws->payload);
    if (!statement || !statement->is_object()) {
        return fail(Fault::bad_request, "certificate: its payload is no JSON object");
    }
    CertificateCheck check{.issuer = issuer_of(*statement),
                           .keyid = jws->keyid(),
                           .id = statement->text_of("jti"),
                           .valid_until = statement->text_of("valid_until")};
    check_signature(*jws, find_key, check);
    compare_statement(answer, *statement, check.findings);
    compare_asked(answer, *statement, check.findings);
    const Digests digests = signed_digests(answer, *statement, check.findings);
    const Record* content = answer.find("content");
    const Record nothing;
    const Record& fields = content != nullptr ? *content : nothing;
    if (content != nullptr && !content->is_object()) {  // no path leads to a bare value: nothing would prove it
        check.findings.push_back(finding("content", "/content", "内容不是对象", "the content is no object"));
    }
    const Paths paths = check_provenance(answer, fields, *statement, digests, check);
    find_uncovered(fields, "", paths, check.findings);
    check_files(answer, fields, *statement, check);
    return check;
}

Result<std::vector<MaterialCheck>> check_matter(const Record& answer, const FindKey& find_key) {
    const Record* requirements = answer.find("requirements");
    if (requirements == nullptr || !requirements->is_list()) {
        return fail(Fault::bad_request, "answer: no requirements in it");
    }
    std::vector<MaterialCheck> all;
    for (const Record& requirement : requirements->items()) {
        const Record* materials = requirement.find("materials");
        for (const Record& material : materials != nullptr ? materials->items() : Record::List{}) {
            all.push_back(check_material(answer, requirement.text_of("id"), material, find_key));
        }
    }
    return all;
}

bool is_open_word(const Record& answer) {
    const std::string outcome = answer.text_of("outcome");
    const bool waits = outcome == "pending" || outcome == "deferred" || outcome == "unknown";
    return waits && std::ranges::none_of(std::array{"certificate", "content", "files", "provenance", "digests"},
                                         [&](const char* name) { return answer.find(name) != nullptr; });
}

bool says_it_was_asked(const Record& answer, std::string_view path, const Record& value) {
    const Record* asked = answer.find("asked");
    for (const Record& entry : asked != nullptr ? asked->items() : Record::List{}) {
        if (entry.text_of("path") == path) {
            return entry.text_of("digest") == field_digest(entry.text_of("salt"), path, codec::write_json(value));
        }
    }
    return false;
}

}  // namespace datong::signing
