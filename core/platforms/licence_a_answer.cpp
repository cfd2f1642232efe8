#include "core/platforms/licence_a_answer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/codec/json_writer.h"
#include "core/platforms/licence_record.h"
#include "core/profiles/national.h"

namespace datong::platforms {
namespace {

using catalogue::Licence;
using record::Record;

constexpr int kGood = 0;
constexpr int kNotServed = 2;
constexpr int kNone = 10;
constexpr int kNotProven = 11;
constexpr int kMissing = 12;
constexpr int kNoSuchType = 13;
constexpr int kVoided = 21;
constexpr int kExpired = 22;
constexpr int kRestricted = 23;
constexpr int kOther = 99;
constexpr int kNoRight = 100;
constexpr int kBadValue = 102;
constexpr int kWrongHolderType = 103;
constexpr int kNumberEmpty = 109;
constexpr int kHolderCodeEmpty = 110;
constexpr int kHolderEmpty = 111;
constexpr int kTypeCodeWrong = 113;

struct Word {
    int status{};
    std::string_view text;
};
constexpr std::array kWords{Word{kGood, "接口调用成功"},
                            Word{kNotServed, "证照源未提供此服务"},
                            Word{kNone, "未找到匹配的证照"},
                            Word{kNotProven, "身份验证不通过"},
                            Word{kMissing, "必填项为空"},
                            Word{kNoSuchType, "证照类型不存在或未发布"},
                            Word{kVoided, "证照已废止或注销"},
                            Word{kExpired, "证照已过期"},
                            Word{kRestricted, "证照受限使用"},
                            Word{kOther, "其他异常"},
                            Word{kNoRight, "无访问权限, 请先申请"},
                            Word{kBadValue, "参数值错误"},
                            Word{kWrongHolderType, "持证主体类型代码不符"},
                            Word{kNumberEmpty, "certNo 为空"},
                            Word{kHolderCodeEmpty, "holderCode 为空"},
                            Word{kHolderEmpty, "holder 为空"},
                            Word{kTypeCodeWrong, "证照类型代码有误"}};

/// A reason, as a problem's detail or as a part of it.
struct Reason {
    std::string_view detail;
    int status{};
};
constexpr std::array kReasons{Reason{kNoFile, kNotServed},
                              Reason{kNoType, kNoSuchType},
                              Reason{kBadType, kTypeCodeWrong},
                              Reason{kBadHolderType, kWrongHolderType},
                              Reason{kNoNumber, kNumberEmpty},
                              Reason{kNotTold, kNone},
                              Reason{"holderCode (required)", kHolderCodeEmpty},
                              Reason{"holder (required)", kHolderEmpty},
                              Reason{"(required)", kMissing}};

int status_of_form(const Record& problem) {
    const std::string detail = problem.text_of("detail");
    const auto said = std::ranges::find_if(
        kReasons, [&](const Reason& reason) { return detail.find(reason.detail) != std::string::npos; });
    if (said != kReasons.end()) {
        return said->status;
    }
    const Record* errors = problem.find("errors");
    const bool lacks = errors != nullptr && std::ranges::any_of(errors->items(), [](const Record& error) {
                           return error.text_of("rule") == "required";
                       });
    return lacks ? kMissing : kBadValue;
}

int status_of_problem(const exchange::Answer& answer, const Record& problem) {
    switch (fault_by_code(answer.outcome).value_or(Fault::internal)) {
        case Fault::not_signed:
        case Fault::signature_invalid:
        case Fault::signature_stale:
        case Fault::replayed:
        case Fault::wrong_certificate:
            return kNotProven;
        case Fault::not_permitted:
        case Fault::answer_over_cap:
        case Fault::case_not_accepted:
            return kNoRight;
        case Fault::bad_request:
        case Fault::request_invalid:
            return status_of_form(problem);
        default:
            return kOther;
    }
}

int status_of(Condition condition) {
    switch (condition) {
        case Condition::voided:
            return kVoided;
        case Condition::expired:
            return kExpired;
        case Condition::suspended:
        case Condition::inactive:
            return kRestricted;
        case Condition::good:
            break;
    }
    return kGood;
}

std::string written(int status, const Record& data) {
    const auto word = std::ranges::find(kWords, status, &Word::status);
    std::string body;
    codec::JsonWriter json{body};
    json.open_object().name("head").open_object().member("status", status);
    json.member("message", word != kWords.end() ? word->text : "").close_object();
    json.member("data", data).close_object();
    return body;
}

std::string today_of(const exchange::Visit& visit) {
    constexpr std::size_t kDate = 10;
    return to_rfc3339(visit.at).substr(0, kDate);
}

Held held_of(const exchange::Visit& visit) {
    auto native = codec::read_json(visit.request.fingerprint_text);
    return {.consumer = visit.claim.key->consumer->id,
            .service = visit.request.name,
            .native = native ? std::move(*native) : Record{}};
}

/// The native answer without what stands beside it already.
Record proof_of(const Licence& licence, Record native, bool with_content) {
    if (!with_content) {
        std::erase_if(native.members_to_edit(), [](const record::Member& one) { return one.name.view() == "content"; });
    } else if (Record* content = native.find("content"); content != nullptr) {
        *content = without_file(licence, std::move(*content));
    }
    return native;
}

Record cert_data(const exchange::Visit& visit, const Licence& licence, const Record& native, const Record& content) {
    const policy::Person& holder = *visit.request.context.person(visit.request.about);  // admitted, so it is there
    Record data = Record::object();
    data.put("certIdentifier", Record::text(text_at(content, licence.identifier)));
    data.put("certificateName", Record::text(licence.title));
    data.put("certTypeCode", Record::text(licence.code));
    data.put("certNo", Record::text(text_at(content, licence.number)));
    data.put("issueOrgName", Record::text(licence.service->department->title));
    data.put("issueOrgCode", Record::text(licence.service->department->uscc));
    data.put("holder", Record::text(holder.name.reveal()));
    data.put("holderCode", Record::text(holder.id_no.reveal()));
    data.put("holderTypeCode", Record::text(holder.id_type));
    data.put("fields", surface_of(licence, content));
    data.put("datong", proof_of(licence, native, true));
    return data;
}

Record file_data(const Licence& licence, const Record& native, const Record& content) {
    Record data = Record::object();
    data.put("certIdentifier", Record::text(text_at(content, licence.identifier)));
    data.put("fileType", Record::text(licence.file_type));
    data.put("contentType", Record::text("base64"));
    data.put("content", *place_of(content, licence.file));
    data.put("columnName", Record::text(licence.file.substr(1)));
    data.put("datong", proof_of(licence, native, false));
    return data;
}

/// For how long an address is given: what the caller wants, and never longer than its door says.
std::chrono::seconds life_of(const exchange::Visit& visit) {
    const auto most = visit.claim.key->consumer->door->hold;
    const auto body = codec::read_json(visit.http.body);
    const Record* wanted = body ? body->find_path({"data", "expiryTime"}) : nullptr;
    const auto until = wanted != nullptr ? profiles::read_platform_time(wanted->scalar()) : std::nullopt;
    const auto asked = until ? std::chrono::duration_cast<std::chrono::seconds>(*until - visit.at) : most;
    return std::clamp(asked, std::chrono::seconds{1}, most);
}

Record address_data(const exchange::Visit& visit, const Licence& licence, const Record& content, HeldCalls& held) {
    const std::string handle = held.keep(held_of(visit), life_of(visit));
    Record data = Record::object();
    data.put("certIdentifier", Record::text(text_at(content, licence.identifier)));
    data.put("contentType", Record::text("url"));
    data.put("content",
             Record::text(visit.http.scheme + "://" + visit.http.authority + "/zzgxpt/download?id=" + handle));
    return data;
}

/// What the sharing interfaces call the results of a verification.
enum class Verification { good = 0, inactive = 1, suspended = 2, voided = 3, incomplete = 4, none = 5, differs = 6 };

/// Of one predicate that was not fulfilled.
Verification judged(const Licence& licence, const policy::Predicate& predicate, std::string_view verdict) {
    if (verdict == "not_found") {
        return Verification::incomplete;  // of a state that is not there nobody knows what it is
    }
    const std::string value{predicate.value.scalar()};
    const auto is_in = [&](const std::vector<std::string>& values) {
        return std::ranges::find(values, value) != values.end();
    };
    if (predicate.op == policy::Relation::not_equals && predicate.field == licence.state) {
        return is_in(licence.voided)      ? Verification::voided
               : is_in(licence.suspended) ? Verification::suspended
                                          : Verification::inactive;
    }
    if (predicate.op == policy::Relation::at_least && predicate.field == licence.valid_to) {
        return Verification::voided;
    }
    return Verification::differs;
}

/// What is wrong first decides: what is shown comes before the licence's state.
Verification result_of(const Licence& licence, const exchange::Visit& visit, const exchange::Answer& answer,
                       const Record& content) {
    if (answer.outcome == "not_found") {
        return Verification::none;
    }
    const Record* results = content.find("results");
    const std::size_t count = results != nullptr ? results->items().size() : 0;
    for (std::size_t i = 0; i < count && i < visit.request.verify.size(); ++i) {
        const std::string verdict = results->items()[i].text_of("result");
        const policy::Predicate& asked = visit.request.verify[i];
        const bool lacks_end =
            verdict == "not_found" && asked.field == licence.valid_to && asked.op == policy::Relation::at_least;
        if (verdict != "match" && !lacks_end) {  // without an end it does not expire
            return judged(licence, visit.request.verify[i], verdict);
        }
    }
    return Verification::good;
}

Record verify_data(const Licence& licence, const exchange::Visit& visit, const exchange::Answer& answer,
                   const Record& native, const Record& content) {
    Record data = Record::object();
    data.put("result", Record::integer(static_cast<int>(result_of(licence, visit, answer, content))));
    data.put("datong", native);
    return data;
}

/// The request's data; null for an address, which has none.
Record data_of(const exchange::Visit& visit) {
    auto body = codec::read_json(visit.http.body);
    Record* data = body ? body->find("data") : nullptr;
    return data != nullptr ? std::move(*data) : Record{};
}

/// Whether the record is the very one that the caller asked for, if it asked for one: a holder may have several.
bool is_wanted(const Record& data, LicenceAsk ask, const Licence& licence, const Record& content) {
    const std::string number = ask == LicenceAsk::by_holder ? member_of(data, "certNo") : std::string{};
    const std::string identifier = asked_identifier(data, ask);
    return (number.empty() || number == text_at(content, licence.number)) &&
           (identifier.empty() || identifier == text_at(content, licence.identifier));
}

/// An identifier is told by a question for its holder: asked by itself, or fetched, it does not get older by that.
bool tells_identifier(const Record& data, LicenceAsk ask) {
    return ask != LicenceAsk::by_qr_code && !member_of(data, "holderCode").empty();
}

/// Whether the file that is shown is the very one. Seals in it are not looked at: no octet may differ.
/// Source: china-exchange facts, verifyFile: 0 passed, 2 the file is another.
Record file_verdict(const Licence& licence, const Record& asked, const Record& native, const Record& content) {
    constexpr int kSame = 0;
    constexpr int kAnother = 2;
    const auto shown = from_base64(member_of(asked, "content"));
    const auto own = from_base64(place_of(content, licence.file)->scalar());
    Record data = Record::object();
    data.put("result", Record::integer(shown && own && *shown == *own ? kSame : kAnother));
    data.put("certIdentifier", Record::text(text_at(content, licence.identifier)));
    data.put("datong", proof_of(licence, native, false));
    return data;
}

/// What was asked for was not what the department has: nothing of it is told, and the evidence says so.
std::string none_of(exchange::Answer& answer, bool is_list) {
    answer.tells_codes = false;
    answer.outcome = "not_found";
    for (evidence::MaterialAnswered& material : answer.materials) {
        material.outcome = answer.outcome;
        material.fields.clear();
        material.files.clear();
    }
    return written(kNone, is_list ? Record::list() : Record::object());
}

std::string found(exchange::Answer& answer, const exchange::Visit& visit, LicenceAsk ask, const Licence& licence,
                  const Record& native, HeldCalls& held) {
    const Record& content = *native.find("content");
    const std::string identifier = text_at(content, licence.identifier);
    const bool is_list = ask == LicenceAsk::by_holder;
    const Record data = data_of(visit);
    if (!is_wanted(data, ask, licence, content)) {
        return none_of(answer, is_list);
    }
    if (!identifier.empty() && tells_identifier(data, ask)) {
        held.keep_as(identifier, held_of(visit), visit.claim.key->consumer->door->hold);
    }
    const bool wants_file = ask == LicenceAsk::file || ask == LicenceAsk::fetch || ask == LicenceAsk::address ||
                            ask == LicenceAsk::verify_file;
    if (wants_file && place_of(content, licence.file) == nullptr) {
        return written(kNotServed, Record::object());
    }
    const int status = status_of(condition_of(licence, content, today_of(visit)));
    if (ask == LicenceAsk::address) {
        return written(status, address_data(visit, licence, content, held));
    }
    if (ask == LicenceAsk::verify_file) {
        return written(status, file_verdict(licence, data, native, content));
    }
    if (wants_file) {
        return written(status, file_data(licence, native, content));
    }
    Record shown = cert_data(visit, licence, native, content);
    return written(status, is_list ? Record::list({std::move(shown)}) : std::move(shown));
}

}  // namespace

std::string licence_a_answer(exchange::Answer& answer, const exchange::Visit& visit, LicenceAsk ask, HeldCalls& held) {
    const Licence* licence = answer.is_problem ? nullptr : visit.snapshot->licence_of(visit.request.name);
    const auto native = codec::read_json(answer.body);
    if (licence == nullptr || !native) {
        return written(native ? status_of_problem(answer, *native) : kOther, native ? *native : Record{});
    }
    if (ask == LicenceAsk::definition) {
        return written(kGood, *native);
    }
    if (ask == LicenceAsk::verify) {
        const Record* content = native->find("content");
        return written(kGood, verify_data(*licence, visit, answer, *native, content != nullptr ? *content : Record{}));
    }
    if (native->find("content") == nullptr) {
        Record data = Record::object();
        data.put("datong", *native);
        return written(kNone, data);
    }
    return found(answer, visit, ask, *licence, *native, held);
}

}  // namespace datong::platforms
