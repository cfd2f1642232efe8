#include "core/platforms/access_token.h"

#include <algorithm>
#include <array>
#include <optional>

#include "core/base/text.h"
#include "core/codec/form.h"
#include "core/codec/json.h"
#include "core/profiles/lent_secret.h"

namespace datong::platforms {
namespace {

using catalogue::CallerDoor;
using catalogue::Protocol;
using record::Record;

/// The protocols whose calls show a token.
constexpr std::array kProtocols{Protocol::access_token, Protocol::licence_a, Protocol::licence_b};

profiles::SecretLoan loan_of(const CallerDoor& door, const catalogue::Snapshot& snapshot) {
    return {snapshot.gateway.subject_key, std::string{catalogue::name_of(door.protocol)} + '\n' + door.id, door.secret,
            door.secret_life};
}

/// Who asks for a token, as the form or the Authorization says.
struct Client {
    std::string id;
    Secret appkey;
};

std::optional<std::string> decoded(std::string_view text) {
    const auto fields = codec::read_form(text);
    return fields && fields->size() == 1 && fields->front().value.empty() ? std::optional{fields->front().name}
                                                                          : std::nullopt;
}

/// Source: RFC 7617, 2; RFC 6749, 2.3.1 (both parts form-encoded before).
std::optional<Client> by_basic(const codec::HttpMessage& http) {
    constexpr std::string_view kScheme = "basic ";
    const std::string line = http.field("authorization").value_or("");
    const auto pair = ascii_lower(line).starts_with(kScheme) ? from_base64(line.substr(kScheme.size())) : std::nullopt;
    const auto colon = pair ? pair->find(':') : std::string::npos;
    if (colon == std::string::npos) {
        return std::nullopt;
    }
    const auto id = decoded(std::string_view{*pair}.substr(0, colon));
    auto appkey = decoded(std::string_view{*pair}.substr(colon + 1));
    return id && appkey ? std::optional{Client{*id, Secret{std::move(*appkey)}}} : std::nullopt;
}

std::string value_of(const std::vector<codec::FormField>& form, std::string_view name) {
    const auto found = std::ranges::find(form, name, &codec::FormField::name);
    return found == form.end() ? std::string{} : found->value;
}

const CallerDoor* find_client(const catalogue::Snapshot& snapshot, const Client& client) {
    for (const Protocol protocol : kProtocols) {
        const CallerDoor* door = catalogue::find_caller(snapshot, protocol, client.id);
        if (door != nullptr && equal_in_constant_time(door->secret.reveal(), client.appkey.reveal())) {
            return door;
        }
    }
    return nullptr;
}

/// Why no token is lent, in RFC 6749's words.
codec::HttpMessage refused(int status, std::string_view error) {
    Record body = Record::object();
    body.put("error", Record::text(std::string{error}));
    codec::HttpMessage http;
    http.status = status;
    http.add("Content-Type", "application/json");
    http.add("Cache-Control", "no-store");
    if (status == 401) {
        http.add("WWW-Authenticate", "Basic realm=\"datong\"");
    }
    http.body = codec::write_json(body);
    return http;
}

struct Answer {
    codec::HttpMessage http;
    std::string consumer = "unknown";
    std::string_view fault = "none";
};

Answer lend(const codec::HttpMessage& http, const policy::Peer& peer, const catalogue::Snapshot& snapshot,
            std::chrono::system_clock::time_point now) {
    const auto form = codec::read_form(http.body);
    if (doors::media_type_of(http) != "application/x-www-form-urlencoded" || !http.query().empty() || !form ||
        !doors::check_authority(http, snapshot.gateway.listen)) {
        return {.http = refused(400, "invalid_request"), .fault = row_of(Fault::bad_request).code};
    }
    if (value_of(*form, "grant_type") != "client_credentials") {
        return {.http = refused(400, "unsupported_grant_type"), .fault = row_of(Fault::bad_request).code};
    }
    const Client client =
        by_basic(http).value_or(Client{value_of(*form, "client_id"), Secret{value_of(*form, "client_secret")}});
    const CallerDoor* door = find_client(snapshot, client);
    if (door == nullptr) {
        return {.http = refused(401, "invalid_client"), .fault = row_of(Fault::signature_invalid).code};
    }
    const catalogue::Consumer& consumer = *door->caller.consumer;
    if (!policy::check_certificate(consumer.certificates, peer) ||
        !policy::check_address(consumer.networks, peer.address)) {
        return {.http = refused(401, "invalid_client"), .fault = row_of(Fault::wrong_certificate).code};
    }
    const AccessToken lent = lend_token(*door, snapshot, now);
    Record body = Record::object();
    body.put("access_token", Record::text(lent.text));
    body.put("token_type", Record::text("Bearer"));
    body.put("expires_in", Record::integer(to_unix_seconds(lent.ends) - to_unix_seconds(now)));
    Answer answer{.http = {}, .consumer = consumer.id};
    answer.http.status = 200;
    answer.http.add("Content-Type", "application/json");
    answer.http.add("Cache-Control", "no-store");
    answer.http.body = codec::write_json(body);
    return answer;
}

}  // namespace

AccessToken lend_token(const CallerDoor& door, const catalogue::Snapshot& snapshot,
                       std::chrono::system_clock::time_point now) {
    const auto lent = loan_of(door, snapshot).lend(now);
    return {.text = to_base64url(door.id) + '.' + lent.secret.reveal(), .ends = lent.ends};
}

Result<const CallerDoor*> caller_by_token(const catalogue::Snapshot& snapshot, Protocol protocol,
                                          std::string_view token, std::chrono::system_clock::time_point now) {
    const auto dot = token.find('.');
    const auto id = from_base64url(token.substr(0, std::min(dot, token.size())));
    const CallerDoor* door =
        dot != std::string_view::npos && id ? catalogue::find_caller(snapshot, protocol, *id) : nullptr;
    if (door != nullptr) {
        for (const Secret& secret : loan_of(*door, snapshot).in_force(now)) {
            if (equal_in_constant_time(secret.reveal(), token.substr(dot + 1))) {
                return door;
            }
        }
    }
    return fail(Fault::signature_invalid, "an access token that nobody has, or has no more");
}

Status TokenDoor::judge_head(const codec::HttpMessage& head) const {
    constexpr bool kClaimsNothing = false;
    return judge_length(head, kClaimsNothing);
}

boost::asio::awaitable<codec::HttpMessage> TokenDoor::handle(codec::HttpMessage http, policy::Peer peer,
                                                             Deadline /*arrived*/) const {
    if (http.method != "POST") {
        co_return doors::wrong_method("POST");
    }
    Answer answer = lend(http, peer, *current_.get(), clock_.now());
    sink_.count("datong_doors_lendings_total", {{"consumer", answer.consumer}, {"fault", answer.fault}});
    co_return std::move(answer.http);
}

}  // namespace datong::platforms
