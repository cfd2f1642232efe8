#include "core/base/fault.h"

#include <array>

namespace datong {
namespace {

using enum Blame;

constexpr std::array kRows{
    FaultRow{Fault::bad_request, "bad_request", 400, consumer, false, "请求格式错误", "The request is malformed",
             "按接口说明修改请求后重发", "Change the request as the detail says, then send it again"},
    FaultRow{Fault::not_signed, "not_signed", 401, consumer, false, "请求未签名或签名覆盖不全",
             "The request is not signed, or the signature does not cover what it must",
             "按 RFC 9421 对方法、主机、路径、查询串和 Content-Digest 签名",
             "Sign method, authority, path, query and Content-Digest as RFC 9421 says"},
    FaultRow{Fault::signature_invalid, "signature_invalid", 401, consumer, false, "签名验证不通过",
             "The signature does not verify", "检查 keyid、私钥和请求在途中是否被改动",
             "Check keyid, private key and whether something on the way alters the request"},
    FaultRow{Fault::signature_stale, "signature_stale", 401, consumer, true, "签名已过期",
             "The signature is outside its time window", "校准时钟，重新签名后再发",
             "Set the clock, sign anew and send again"},
    FaultRow{Fault::replayed, "replayed", 401, consumer, false, "请求重复（疑似重放）", "The request was seen before",
             "每次调用使用新的 nonce 并重新签名", "Use a new nonce and sign anew for every call"},
    FaultRow{Fault::nonces_full, "nonces_full", 429, consumer, true, "该密钥在时间窗内的请求过多",
             "This key has sent more requests within the window than are remembered", "降低调用频率，稍后再发",
             "Call less often, and send again later"},
    FaultRow{
        Fault::wrong_certificate, "wrong_certificate", 403, consumer, false,
        "连接的客户端证书或来源地址不属于该调用方，或证书已被吊销",
        "The connection's client certificate or address is not the consumer's, or the certificate was revoked",
        "使用登记在本调用方名下且未吊销的客户端证书、从登记的网段连接，或请管理员登记",
        "Connect with a registered certificate that is not revoked and from a network of this consumer, or have them "
        "registered"},
    FaultRow{Fault::not_permitted, "not_permitted", 403, consumer, false, "未获授权", "Not permitted",
             "向数据共享管理部门申请该服务、字段、事由和区划的授权",
             "Ask the data-sharing office for a grant for this service, these fields, purpose and territory"},
    FaultRow{Fault::case_not_accepted, "case_not_accepted", 403, consumer, false, "办件核验不通过",
             "The case is not accepted", "核对办件编号、办件状态和申请人",
             "Check the case number, its state and the applicant"},
    FaultRow{Fault::no_such_resource, "no_such_resource", 404, consumer, false, "地址不存在", "No such resource",
             "核对请求路径", "Check the path"},
    FaultRow{Fault::method_not_allowed, "method_not_allowed", 405, consumer, false, "请求方法不允许",
             "Method not allowed", "改用接口说明中的方法", "Use the method that the interface describes"},
    FaultRow{Fault::request_timeout, "request_timeout", 408, consumer, true, "请求接收超时",
             "The request did not arrive in time", "检查网络后重发", "Check the network and send again"},
    FaultRow{Fault::body_too_large, "body_too_large", 413, consumer, false, "请求体过大", "The body is too large",
             "减小请求体，或请管理员调整该服务上限",
             "Send less, or ask the administrator to raise this service's limit"},
    FaultRow{Fault::unsupported_media, "unsupported_media", 415, consumer, false, "不支持的内容类型",
             "Unsupported content type", "使用 application/json", "Use application/json"},
    FaultRow{Fault::request_invalid, "request_invalid", 422, consumer, false, "请求字段不合规",
             "A field of the request is not acceptable", "按 errors 所列字段修改后重发",
             "Correct the fields listed under errors, then send again"},
    FaultRow{Fault::header_too_large, "header_too_large", 431, consumer, false, "请求头过大",
             "The request's header is too large", "减少请求头", "Send fewer or shorter header lines"},
    FaultRow{Fault::quota_exceeded, "quota_exceeded", 429, consumer, true, "调用配额已用尽", "The quota is used up",
             "稍后再试，或申请提高配额", "Wait, or ask for a higher quota"},
    FaultRow{Fault::guesses_exceeded, "guesses_exceeded", 429, consumer, true, "对同一对象的核验次数已达上限",
             "Too many predicates about this person within the hour", "一小时后再试；只核验办件确需的条件",
             "Wait an hour, and ask only what the case needs"},
    FaultRow{
        Fault::key_required, "key_required", 400, consumer, false, "提交类服务须带幂等键",
        "A submission needs an idempotency key", "在 context.idempotency_key 中给出每次提交唯一的键，重发时不变",
        "Put a key that is new for every submission, and the same for every repetition, into context.idempotency_key"},
    FaultRow{Fault::key_reused, "key_reused", 409, consumer, false, "幂等键已用于另一请求",
             "The idempotency key was used for another request", "新的提交用新的键；重发须与原请求内容一致",
             "Use a new key for a new submission; a repetition must say the same as the first"},
    FaultRow{Fault::in_progress, "in_progress", 409, consumer, true, "同一提交正在办理",
             "The same submission is being worked on", "稍后用同一键、同一内容再发，或查询其状态",
             "Send the same again with the same key a little later, or ask for its status"},
    FaultRow{Fault::consent_required, "consent_required", 403, consumer, false, "须经本人同意",
             "The service is given with the person's consent only",
             "取得本人同意，登记后在 context.consent 中给出其编号",
             "Obtain the person's consent, register it, and name it in context.consent"},
    FaultRow{Fault::consent_not_accepted, "consent_not_accepted", 403, consumer, false, "同意书不适用于本次调用",
             "The consent does not cover this call",
             "核对同意书的调用方、本人、服务、事由、期限和次数；已撤回的须重新取得",
             "Check the consent's consumer, person, services, purpose, term and number of uses; one that was revoked "
             "must be given anew"},
    FaultRow{Fault::answer_over_cap, "answer_over_cap", 403, consumer, false, "结果超过授权的条数或人数上限",
             "The answer has more rows or persons than the grant lets be seen at once", "缩小查询范围，或申请提高上限",
             "Narrow the query, or apply for a higher cap"},
    FaultRow{Fault::subjects_exceeded, "subjects_exceeded", 429, consumer, true, "一小时内查询的对象人数已达上限",
             "Too many different persons asked about within the hour", "一小时后再试；确需批量办理时申请提高上限",
             "Wait an hour; where the work needs more, apply for a higher cap"},
    FaultRow{Fault::department_down, "department_down", 502, department, true, "部门系统无法连接",
             "The department's system can't be reached", "稍后再试；持续出现时联系该部门信息中心",
             "Try again later; if it lasts, call the department's IT"},
    FaultRow{Fault::department_timeout, "department_timeout", 504, department, true, "部门系统超时未答复",
             "The department's system did not answer in time", "稍后再试", "Try again later"},
    FaultRow{Fault::department_invalid, "department_invalid", 502, department, false, "部门系统返回的数据不可用",
             "The department's answer can't be used", "联系网关管理员，按交换编号查看原因",
             "Ask the gateway's administrator, naming the exchange"},
    FaultRow{Fault::department_refused, "department_refused", 502, department, false, "部门系统拒绝了查询",
             "The department's system refused the query", "联系网关管理员，按交换编号查看原因",
             "Ask the gateway's administrator, naming the exchange"},
    FaultRow{Fault::person_mismatch, "person_mismatch", 502, department, false, "返回的人员与查询的人员不一致",
             "The person in the answer is not the person asked", "核对姓名和证件号码；无误时联系该部门信息中心",
             "Check name and id; if they are right, call the department's IT"},
    FaultRow{Fault::source_closed, "source_closed", 503, department, true, "部门系统暂停对外服务",
             "The department takes no calls now", "按 Retry-After 所示时间后再试；急需时联系该部门信息中心",
             "Try again after the time in Retry-After; if it is urgent, call the department's IT"},
    FaultRow{Fault::source_busy, "source_busy", 503, gateway, true, "部门系统并发已满",
             "The department's agreed number of calls is in flight", "稍后再试", "Try again later"},
    FaultRow{Fault::evidence_unavailable, "evidence_unavailable", 503, gateway, true, "存证不可用，拒绝答复",
             "The evidence can't be written, so nothing is answered", "联系网关管理员检查存证磁盘",
             "Ask the gateway's administrator to check the evidence disk"},
    FaultRow{Fault::unavailable, "unavailable", 503, gateway, true, "网关暂不可用", "The gateway is not available now",
             "稍后再试", "Try again later"},
    FaultRow{Fault::internal, "internal", 500, gateway, false, "网关内部错误", "The gateway failed",
             "联系网关管理员，按交换编号查看原因", "Ask the gateway's administrator, naming the exchange"},
};

}  // namespace

const FaultRow& row_of(Fault fault) {
    for (const FaultRow& row : kRows) {
        if (row.fault == fault) {
            return row;
        }
    }
    return kRows.back();
}

std::span<const FaultRow> fault_table() {
    return kRows;
}

std::optional<Fault> fault_by_code(std::string_view code) {
    for (const FaultRow& row : kRows) {
        if (row.code == code) {
            return row.fault;
        }
    }
    return std::nullopt;
}

std::string_view name_of(Blame blame) {
    switch (blame) {
        case consumer:
            return "consumer";
        case department:
            return "department";
        case gateway:
            return "gateway";
    }
    return "gateway";
}

}  // namespace datong
