#include "examples/clients/cpp/run.h"

#include <chrono>
#include <optional>
#include <utility>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "examples/clients/cpp/caller.h"
#include "examples/clients/cpp/files.h"
#include "examples/clients/cpp/input.h"
#include "examples/clients/cpp/judge.h"
#include "examples/clients/cpp/report.h"
#include "examples/clients/cpp/soap_caller.h"
#include "examples/clients/cpp/transport.h"
#include "examples/clients/cpp/trust.h"

namespace datong::client {
namespace {

using codec::HttpMessage;
using record::Record;

/// One run with what all commands share. Every step prints its own trouble and leaves the exit code.
class Run {
public:
    Run(const Options& options, const Streams& streams)
        : options_{options}, streams_{streams}, words_{options.json ? streams.err : streams.out} {}

    int go() {
        if (!options_.url.empty() && !open_transport()) {
            return kConfig;
        }
        switch (options_.command) {
            case Command::keys:
                return list_keys();
            case Command::verify:
                return verify_kept();
            case Command::services:
            case Command::matters:
            case Command::grants:
            case Command::openapi:
            case Command::wsdl:
                return describe();
            case Command::register_consent:
            case Command::consent:
            case Command::revoke_consent:
                return call_about_consent();
            case Command::service:
            case Command::matter:
            case Command::status:
                break;
        }
        return call();
    }

private:
    bool misconfigured(const Error& why) {
        tell_trouble(streams_.err, "配置不可用", "configuration: " + why.detail());
        return false;
    }

    bool open_transport() {
        auto endpoint = read_url(options_.url);
        if (!endpoint) {
            return misconfigured(endpoint.error());
        }
        endpoint_ = *endpoint;
        auto ca = read_optional(options_.ca, streams_.in);
        auto chain = read_optional(options_.cert, streams_.in);
        auto key = read_optional(options_.cert_key, streams_.in);
        for (const auto* file : {&ca, &chain, &key}) {
            if (!*file) {
                return misconfigured(file->error());
            }
        }
        auto transport = Transport::make({.endpoint = std::move(*endpoint),
                                          .ca_pem = std::move(*ca),
                                          .client_chain_pem = std::move(*chain),
                                          .client_key_pem = Secret{std::move(*key)},
                                          .timeout = std::chrono::seconds{options_.timeout_s}});
        if (!transport) {
            return misconfigured(transport.error());
        }
        transport_ = std::move(*transport);
        return true;
    }

    /// Whether words may go to `streams_.out` too is settled by --json.
    int unanswered(const Error& why) {
        tell_trouble(streams_.err, "没有得到答复", "no answer: " + why.detail());
        return kWanting;
    }

    Result<HttpMessage> fetch_keys() {
        HttpMessage request{.method = "GET", .target = endpoint_.base_path + "/v1/keys"};
        request.add("Accept", "application/jwk-set+json, application/json");
        auto answer = transport_->send(request);
        if (answer && answer->status != 200) {
            return fail(Fault::unavailable, "GET /v1/keys answered " + std::to_string(answer->status));
        }
        return answer;
    }

    /// The pinned file, or what the gateway publishes.
    /// @return kGood, or the exit code.
    int load_trust() {
        if (!options_.trust.empty()) {
            const auto text = read_file(options_.trust, streams_.in);
            auto trust = text ? Trust::from_text(*text) : fail(text.error());
            if (!trust) {
                misconfigured(trust.error());
                return kConfig;
            }
            trust_ = std::move(*trust);
            return kGood;
        }
        tell_trouble(streams_.err, "公钥取自网关本身，仅由 TLS 担保；正式使用请用 --trust 指定存档",
                     "keys come from the gateway itself, vouched for by TLS alone; pin them with --trust");
        const auto answer = fetch_keys();
        auto trust = answer ? Trust::from_text(answer->body) : fail(answer.error());
        if (!trust) {
            return unanswered(trust.error());
        }
        trust_ = std::move(*trust);
        return kGood;
    }

    int list_keys() {
        const auto answer = fetch_keys();
        const auto trust = answer ? Trust::from_text(answer->body) : fail(answer.error());
        if (!trust) {
            return unanswered(trust.error());
        }
        if (options_.json) {
            streams_.out << answer->body << '\n';
        }
        tell_keys(words_, *trust);
        return kGood;
    }

    int verify_kept() {
        const auto text = read_file(options_.answer, streams_.in);
        if (!text) {
            misconfigured(text.error());
            return kConfig;
        }
        if (const int loaded = load_trust(); loaded != kGood) {
            return loaded;
        }
        return judge_answer_text(options_, words_, *trust_, *text);
    }

    Result<crypto::SigningKey> read_key() {
        const auto text = read_file(options_.key, streams_.in);
        return text ? crypto::SigningKey::from_pem(*text) : fail(text.error());
    }

    [[nodiscard]] bool is_document() const {
        return options_.command == Command::openapi || options_.command == Command::wsdl;
    }

    Result<std::string> target_of_description() {
        const bool is_wsdl = options_.command == Command::wsdl;
        if (is_document()) {
            return description_target(endpoint_, options_.of_matter ? "matters" : "services", options_.name,
                                      is_wsdl ? "wsdl" : "openapi.json");
        }
        return description_target(endpoint_, options_.command == Command::grants    ? "grants"
                                             : options_.command == Command::matters ? "matters"
                                                                                    : "services");
    }

    /// What this consumer may call, or how: a document is on standard output, to be kept in a file.
    int describe() {
        std::ostream& words = is_document() ? streams_.err : words_;
        const auto key = read_key();
        if (!key) {
            misconfigured(key.error());
            return kConfig;
        }
        auto target = target_of_description();
        if (!target) {
            return misnamed(target.error());
        }
        if (const int loaded = load_trust(); loaded != kGood) {
            return loaded;
        }
        const std::int64_t now = to_unix_seconds(SystemClock{}.now());
        const auto request = signed_get(endpoint_, std::move(*target), {options_.keyid, *key}, now);
        const auto heard = hear(request, words);
        if (!heard.answer) {
            return heard.code;
        }
        if (!is_document()) {
            tell_offer(words, heard.said);
        } else if (!options_.json) {
            streams_.out << *heard.answer << '\n';
        }
        return kGood;
    }

    /// What came back, where it is the gateway's and no problem.
    struct Heard {
        int code{kGood};
        std::optional<std::string> answer{};  ///< nullopt: there is nothing to go on with, as `code` says
        Record said{};                        ///< of a JSON object
    };

    Heard hear(const Result<HttpMessage>& request, std::ostream& words) {
        auto answer = request ? transport_->send(*request) : fail(request.error());
        if (!answer) {
            return {.code = unanswered(answer.error())};
        }
        if (options_.json) {
            streams_.out << answer->body << '\n';
        }
        const auto signer = check_answer(*answer, *request, *trust_);
        if (!signer) {
            tell_bad_signature(words, signer.error().detail());
            return {.code = kWanting};
        }
        tell_signature(words, *signer);
        Record said = codec::read_json(answer->body, kAnswerLimits).value_or(Record::object());
        if (answer->status / 100 != 2) {
            tell_problem(words, answer->status, said);
            return {.code = kWanting};
        }
        return {.code = kGood, .answer = std::move(answer->body), .said = std::move(said)};
    }

    int call() {
        const bool asks_status = options_.command == Command::status;
        const auto body = asks_status ? Result<std::string>{"{}"} : read_file(options_.body, streams_.in);
        const auto key = body ? read_key() : fail(body.error());
        if (!key) {
            misconfigured(key.error());
            return kConfig;
        }
        if (const auto json = codec::read_json(*body, kAnswerLimits); !json) {
            tell_trouble(streams_.err, "请求体不是 JSON", "--body: " + json.error().detail());
            return kUsage;
        }
        if (options_.soap) {
            return call_by_soap(asks_status ? R"({"id":")" + options_.name + "\"}" : *body, *key);
        }
        auto target = asks_status                            ? status_target(endpoint_, options_.name)
                      : options_.command == Command::service ? service_target(endpoint_, options_.name)
                                                             : matter_target(endpoint_, options_.name);
        if (!target) {
            return misnamed(target.error());
        }
        if (const int loaded = load_trust(); loaded != kGood) {
            return loaded;
        }
        const std::int64_t now = to_unix_seconds(SystemClock{}.now());
        const auto request = asks_status
                                 ? signed_get(endpoint_, std::move(*target), {options_.keyid, *key}, now)
                                 : signed_request(endpoint_, std::move(*target), *body, {options_.keyid, *key}, now);
        if (!request) {
            misconfigured(request.error());
            return kConfig;
        }
        const auto answer = transport_->send(*request);
        return answer ? judge_answer(check_answer(*answer, *request, *trust_), *answer, request->body)
                      : unanswered(answer.error());
    }

    /// Registers a consent, asks how it stands, or brings the word that it is revoked.
    int call_about_consent() {
        const bool asks = options_.command == Command::consent;
        const bool registers = options_.command == Command::register_consent;
        auto target = consent_target(endpoint_, options_.name, !asks && !registers);
        if (!target) {
            return misnamed(target.error());
        }
        const auto text = asks ? Result<std::string>{std::string{}} : read_file(options_.body, streams_.in);
        const auto key = text ? read_key() : fail(text.error());
        if (!key) {
            misconfigured(key.error());
            return kConfig;
        }
        if (const int loaded = load_trust(); loaded != kGood) {
            return loaded;
        }
        Record body = Record::object();
        const std::string jws = text->substr(0, text->find_last_not_of(" \r\n") + 1);
        body.put(registers ? "consent" : "revocation", Record::text(jws));
        const std::int64_t now = to_unix_seconds(SystemClock{}.now());
        const auto request =
            asks ? signed_get(endpoint_, std::move(*target), {options_.keyid, *key}, now)
                 : signed_request(endpoint_, std::move(*target), codec::write_json(body), {options_.keyid, *key}, now);
        const auto heard = hear(request, words_);
        const Record* consent = heard.said.find("consent");
        if (consent == nullptr) {
            return heard.answer ? unanswered({Fault::unavailable, "an answer that says nothing of a consent"})
                                : heard.code;
        }
        tell_consent(words_, *consent);
        return kGood;
    }

    int misnamed(const Error& why) {
        tell_trouble(streams_.err, "名称不对", why.detail());
        return kUsage;
    }

    /// The same call as XML: what comes back is judged as JSON, for it is the same.
    int call_by_soap(const std::string& body, const crypto::SigningKey& key) {
        const auto aim = options_.command == Command::status    ? Result<SoapAim>{soap_status(endpoint_)}
                         : options_.command == Command::service ? soap_service(endpoint_, options_.name, options_.major)
                                                                : soap_matter(endpoint_, options_.name, options_.major);
        if (!aim) {
            return misnamed(aim.error());
        }
        if (const int loaded = load_trust(); loaded != kGood) {
            return loaded;
        }
        const auto request = signed_soap(endpoint_, *aim, body, {options_.keyid, key}, SystemClock{}.now());
        if (!request) {
            misconfigured(request.error());
            return kConfig;
        }
        auto answer = transport_->send(*request);
        if (!answer) {
            return unanswered(answer.error());
        }
        const auto said = check_soap_answer(*answer, *request, *trust_, SystemClock{}.now());
        const Record found = said ? said->body : unproven_body(answer->body);
        answer->body = codec::write_json(found.is_null() ? Record::object() : found);
        const auto status = to_whole_number(found.text_of("status"));
        answer->status = status ? static_cast<int>(*status) : answer->status;  // of a problem: what REST would say
        return judge_answer(said ? Result<std::string>{said->keyid} : fail(said.error()), *answer, body);
    }

    /// @param answer   with the native JSON as its body. @param question  the JSON that was sent.
    int judge_answer(const Result<std::string>& signer, const HttpMessage& answer, const std::string& question) {
        if (options_.json) {
            streams_.out << answer.body << '\n';
        }
        if (signer) {
            tell_signature(words_, *signer);
        } else {
            tell_bad_signature(words_, signer.error().detail());
        }
        if (answer.status < 200 || answer.status > 299) {
            const auto problem = codec::read_json(answer.body, kAnswerLimits);
            tell_problem(words_, answer.status, problem.value_or(Record::object()));
            return kWanting;
        }
        const int judged = judge_answer_text(options_, words_, *trust_, answer.body);
        if (!signer || (judged != kPending && !is_about_the_question(options_, words_, answer.body, question))) {
            return kWanting;
        }
        return options_.files.empty() || keep_files_of(answer.body) ? judged : kWanting;
    }

    /// Those of what is good in an answer that is the gateway's, and about what was asked.
    bool keep_files_of(const std::string& body) {
        const auto answer = codec::read_json(body, kAnswerLimits);
        const auto key = read_key();
        const FetchFile fetch = [this, &key](std::string target) -> Result<std::string> {
            const std::int64_t now = to_unix_seconds(SystemClock{}.now());
            const auto request = signed_get(endpoint_, std::move(target), {options_.keyid, *key}, now);
            auto fetched = request ? transport_->send(*request) : fail(request.error());
            if (!fetched) {
                return fail(std::move(fetched.error()));
            }
            if (const auto signer = check_answer(*fetched, *request, *trust_); !signer) {
                return fail(signer.error());
            }
            if (fetched->status != 200) {
                const auto problem = codec::read_json(fetched->body, kAnswerLimits);
                return fail(Fault::unavailable,
                            std::to_string(fetched->status) + ' ' + problem.value_or(Record::object()).text_of("code"));
            }
            return std::move(fetched->body);
        };
        return answer && key && keep_files(options_, words_, *answer, *trust_, fetch);
    }

    const Options& options_;
    const Streams& streams_;
    std::ostream& words_;
    Endpoint endpoint_;
    std::optional<Transport> transport_;
    std::optional<Trust> trust_;
};

}  // namespace

int run(const Options& options, const Streams& streams) {
    return Run{options, streams}.go();
}

}  // namespace datong::client
