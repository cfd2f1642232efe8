#include "core/doors/national_door.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/codec/json_writer.h"
#include "core/exchange/problem.h"
#include "core/profiles/lent_secret.h"
#include "core/profiles/wrapped_secret.h"

namespace datong::doors {
namespace {

using catalogue::CallerDoor;
using catalogue::Protocol;
using record::Record;

constexpr std::string_view kCall = "/httpproxy";
constexpr std::string_view kGatewayCall = "/gateway/httpproxy";

/// A call with its keyed digest, as it came.
struct Signed {
    Protocol protocol{};
    profiles::NationalCall call;
    std::string sign;
};

std::string header_name(Protocol protocol, std::string_view value) {
    return std::string{catalogue::name_of(protocol)} + '_' + std::string{value};
}

bool has_headers(const codec::HttpMessage& http, Protocol protocol) {
    return http.field(header_name(protocol, "rid")) && http.field(header_name(protocol, "sign"));
}

Protocol protocol_of(const codec::HttpMessage& http) {
    return has_headers(http, Protocol::gjzwfwpt) ? Protocol::gjzwfwpt : Protocol::gjgxjhpt;
}

/// The four values, each once. @param body  clients of the secret service may write them there instead; nullptr: no.
Result<Signed> read_signed(const codec::HttpMessage& http, const Record* body) {
    if (has_headers(http, Protocol::gjgxjhpt) && has_headers(http, Protocol::gjzwfwpt)) {
        return fail(Fault::bad_request, "signed by two protocols at once");
    }
    Signed read{.protocol = protocol_of(http), .call = {}, .sign = {}};
    if (body != nullptr && !has_headers(http, read.protocol) &&
        body->find(header_name(Protocol::gjzwfwpt, "sign")) != nullptr) {
        read.protocol = Protocol::gjzwfwpt;
    }
    for (const auto& [name, into] : {std::pair{"rid", &read.call.rid}, std::pair{"sid", &read.call.sid},
                                     std::pair{"rtime", &read.call.rtime}, std::pair{"sign", &read.sign}}) {
        const std::string header = header_name(read.protocol, name);
        const auto lines = http.lines(header);
        *into = lines.size() == 1 ? std::string{lines.front()} : std::string{};
        if (lines.empty() && body != nullptr) {
            *into = body->text_of(header);
        }
        if (into->empty()) {
            return fail(Fault::not_signed, "needs " + header + " once");
        }
    }
    return read;
}

/// Rid and sid are compared whole with what is registered, and rtime has a fixed length: what is digested has no
/// separators, and reads in one way only by that.
/// @param lends  a secret is asked for: callers by the form ask with the same headers.
Result<const CallerDoor*> caller_of(const Signed& read, const catalogue::Snapshot& snapshot, bool lends) {
    const CallerDoor* door = catalogue::find_caller(snapshot, read.protocol, read.call.rid);
    if (door == nullptr && lends && read.protocol == Protocol::gjzwfwpt) {
        door = catalogue::find_caller(snapshot, Protocol::gjzwfwpt_form, read.call.rid);
    }
    if (door == nullptr || !door->services.contains(read.call.sid)) {
        return fail(Fault::signature_invalid, "an unknown rid, or a sid that is not registered for it");
    }
    return door;
}

profiles::SecretLoan loan_of(const CallerDoor& door, const catalogue::Snapshot& snapshot) {
    const bool is_form = door.protocol == Protocol::gjzwfwpt_form;
    const std::string_view name = catalogue::name_of(is_form ? Protocol::gjzwfwpt : door.protocol);
    return {snapshot.gateway.subject_key, std::string{name} + '\n' + door.id, door.secret, door.secret_life};
}

Status verify(const Signed& read, const CallerDoor& door, const catalogue::Snapshot& snapshot,
              std::chrono::system_clock::time_point now) {
    Status last = fail(Fault::signature_invalid, "no secret");
    for (const Secret& secret : loan_of(door, snapshot).in_force(now)) {
        last = profiles::national_verify(read.call, secret, read.sign);
        if (last) {
            break;
        }
    }
    return last;
}

/// What the platform writes for good and bad. Source: china-exchange facts, seen in public clients: "0" and "-1", with
/// "E-106" for who is not in the list, of the one; 200 and 300 of the other.
std::string code_of(Protocol protocol, const exchange::Answer& answer) {
    if (protocol == Protocol::gjzwfwpt) {
        return answer.is_problem ? "300" : "200";
    }
    if (!answer.is_problem) {
        return R"("0")";
    }
    const std::string_view denied = row_of(Fault::not_permitted).code;
    return answer.outcome == denied ? R"("E-106")" : R"("-1")";
}

std::string in_platform_form(Protocol protocol, const exchange::Answer& answer) {
    const auto fault = fault_by_code(answer.outcome);
    std::string body;
    codec::JsonWriter json{body};
    json.open_object().name("code").written(code_of(protocol, answer));
    json.member("message", answer.is_problem && fault ? row_of(*fault).title_zh : std::string_view{"成功"});
    json.name("data").written(answer.body).close_object();
    return body;
}

}  // namespace

Result<exchange::Claim> NationalDialect::prove(const codec::HttpMessage& http, const policy::Peer& peer,
                                               const catalogue::Snapshot& snapshot) const {
    if (auto good = check_platform_call(http, snapshot); !good) {
        return fail(std::move(good.error()));
    }
    const auto read = read_signed(http, nullptr);
    if (!read) {
        return fail(read.error());
    }
    const auto door = caller_of(*read, snapshot, false);
    if (!door) {
        return fail(door.error());
    }
    const auto now = clock_.now();
    const auto made = check_time(read->call.rtime, (*door)->freshness, now);
    if (!made) {
        return fail(made.error());
    }
    if (auto good = verify(*read, **door, snapshot, now); !good) {
        return fail(std::move(good.error()));
    }
    return claim_by_proof(http, snapshot, {.door = *door, .peer = &peer},
                          {.base = profiles::national_base(read->call), .mac = read->sign, .made = *made}, now);
}

Result<exchange::Request> NationalDialect::read(const exchange::Visit& visit) const {
    auto body = codec::read_json(visit.http.body);
    if (!body) {
        return fail(std::move(body.error()));
    }
    const CallerDoor& door = *visit.claim.key->consumer->door;
    const std::string sid = visit.http.field(header_name(door.protocol, "sid")).value_or("");
    return read_inbound(visit, door, sid, std::move(*body));
}

Result<exchange::Sealed> NationalDialect::write(exchange::Answer& answer, const exchange::Visit& visit,
                                                bool signed_too) const {
    const Protocol protocol = protocol_of(visit.http);
    exchange::Sealed sealed = sealed_json(answer, in_platform_form(protocol, answer));
    if (!signed_too) {
        return sealed;
    }
    auto seen = sign_answer(sealed.http, visit, {header_name(protocol, "rtime"), header_name(protocol, "sign")});
    if (!seen) {
        return fail(std::move(seen.error()));
    }
    sealed.seen = std::move(*seen);
    return sealed;
}

bool NationalDoor::owns(std::string_view path) const {
    return path == kCall || path == kGatewayCall || path == profiles::kNationalSecretPath;
}

Status NationalDoor::judge_head(const codec::HttpMessage& head) const {
    return judge_length(head, has_headers(head, protocol_of(head)));
}

boost::asio::awaitable<codec::HttpMessage> NationalDoor::handle(codec::HttpMessage http, policy::Peer peer,
                                                                Deadline arrived) const {
    if (http.method != "POST") {
        co_return wrong_method("POST");
    }
    if (http.path() == profiles::kNationalSecretPath) {
        co_return lend(http, peer);
    }
    const exchange::Dialect* dialect =
        is_national_form(http) ? static_cast<const exchange::Dialect*>(&form_) : &dialect_;
    co_return co_await gateway_.answer(dialect, std::move(http), std::move(peer), arrived);
}

namespace {

struct Loan {
    Protocol protocol{};
    std::string consumer;
    profiles::SecretLoan::Lent lent;
    std::string wrapped;
};

/// Who asks for a secret signs with the appkey; the connection must be theirs as for every call.
Result<Loan> lend_secret(const codec::HttpMessage& http, const policy::Peer& peer, const catalogue::Snapshot& snapshot,
                         std::chrono::system_clock::time_point now) {
    if (auto good = check_platform_call(http, snapshot); !good) {
        return fail(std::move(good.error()));
    }
    const auto body = codec::read_json(http.body);
    const auto read = read_signed(http, body ? &*body : nullptr);
    const auto door = read ? caller_of(*read, snapshot, true) : fail(read.error());
    if (!door) {
        return fail(door.error());
    }
    const catalogue::Consumer& consumer = *(*door)->caller.consumer;
    if (const auto made = check_time(read->call.rtime, (*door)->freshness, now); !made) {
        return fail(made.error());
    }
    for (auto good : {profiles::national_verify(read->call, (*door)->secret, read->sign),
                      policy::check_certificate(consumer.certificates, peer),
                      policy::check_address(consumer.networks, peer.address)}) {
        if (!good) {
            return fail(std::move(good.error()));
        }
    }
    Loan loan{.protocol = read->protocol,
              .consumer = consumer.id,
              .lent = loan_of(**door, snapshot).lend(now),
              .wrapped = {}};
    auto wrapped = profiles::wrap_secret(profiles::Wrapping::ecb, (*door)->secret, loan.lent.secret);
    if (!wrapped) {
        return fail(std::move(wrapped.error()));
    }
    loan.wrapped = std::move(*wrapped);
    return loan;
}

}  // namespace

codec::HttpMessage NationalDoor::lend(const codec::HttpMessage& http, const policy::Peer& peer) const {
    const auto loan = lend_secret(http, peer, *current_.get(), clock_.now());
    const std::string_view fault = loan ? std::string_view{"none"} : row_of(loan.error().fault()).code;
    sink_.count(
        "datong_doors_lendings_total",
        {{"consumer", loan ? std::string_view{loan->consumer} : std::string_view{"unknown"}}, {"fault", fault}});
    if (!loan) {
        const exchange::Answer refused = exchange::problem_answer(exchange::Trouble{loan.error()}, {});
        return sealed_json(refused, in_platform_form(protocol_of(http), refused)).http;
    }
    Record data = Record::object();
    data.put("secret", Record::text(loan->wrapped));
    const auto ends = std::chrono::duration_cast<std::chrono::milliseconds>(loan->lent.ends.time_since_epoch());
    data.put("secretEndTime", Record::text(std::to_string(ends.count())));
    const exchange::Answer lent{.outcome = "lent", .body = codec::write_json(data)};
    return sealed_json(lent, in_platform_form(loan->protocol, lent)).http;
}

}  // namespace datong::doors
