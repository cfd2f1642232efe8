#include "core/outbound/signed_source.h"

#include <algorithm>
#include <utility>

#include "core/base/text.h"
#include "core/outbound/sign_settings.h"
#include "core/telemetry/events.h"

namespace datong::outbound {
namespace {

namespace asio = boost::asio;
using adapter::Reply;
using codec::HttpMessage;

Reply to_reply(HttpMessage answer) {
    Reply reply;
    reply.status = answer.status;
    reply.content_type = answer.field("Content-Type").value_or("");
    reply.body = std::move(answer.body);
    return reply;
}

ExpiredRule read_rule(const adapter::Settings& sign, Mistakes& mistakes) {
    ExpiredRule rule;
    if (sign.has("expired_at")) {
        auto place = profiles::Place::parse(sign.text("expired_at"));
        if (place) {
            rule.at.push_back(std::move(*place));
        } else {
            mistakes.push_back(adapter::mistake_at(sign.where("expired_at"), "expired_at 不是可用的路径",
                                                   "expired_at must be names with dots between", "head.code"));
        }
    }
    rule.values = sign.texts("expired_values");
    for (const std::string& text : sign.texts("expired_status")) {
        const auto status = to_whole_number(text);
        if (!status || *status < 200 || *status > 599) {
            mistakes.push_back(adapter::mistake_at(sign.where("expired_status"), "expired_status 应为 HTTP 状态码",
                                                   "expired_status must be HTTP status codes", "401"));
            continue;
        }
        rule.status.push_back(static_cast<int>(*status));
    }
    return rule;
}

}  // namespace

bool ExpiredRule::matches(const HttpMessage& answer) const {
    if (std::ranges::find(status, answer.status) != status.end()) {
        return true;
    }
    // an answer of megabytes is not read for a word that it does not have
    const bool may_say = std::ranges::any_of(
        values, [&](const std::string& value) { return answer.body.find(value) != std::string::npos; });
    if (at.empty() || !may_say) {
        return false;
    }
    const auto message = profiles::read_message(answer.body);
    const record::Record* said = message ? at.front().find(*message) : nullptr;
    return said != nullptr && said->is_scalar() && std::ranges::find(values, said->scalar()) != values.end();
}

SignedSource::SignedSource(std::unique_ptr<adapter::HttpSource> source, std::unique_ptr<Scheme> scheme,
                           ExpiredRule expired, const adapter::Tools& tools)
    : source_{std::move(source)},
      scheme_{std::move(scheme)},
      expired_{std::move(expired)},
      clock_{tools.clock},
      sink_{tools.sink},
      keeper_{*this, tools.clock} {
}

std::vector<adapter::Setting> SignedSource::settings() {
    std::vector<adapter::Setting> all = adapter::HttpSource::settings();
    all.push_back(sign_setting());
    return all;
}

std::unique_ptr<SignedSource> SignedSource::make(const adapter::Settings& settings, const adapter::Tools& tools,
                                                 Mistakes& mistakes) {
    const std::size_t before = mistakes.size();
    const adapter::Settings* sign = settings.group("sign");
    std::unique_ptr<Scheme> scheme;
    ExpiredRule expired;
    if (sign != nullptr) {
        check_sign(*sign, mistakes);
        if (mistakes.size() == before) {
            scheme = make_scheme(*sign, tools, mistakes);
            expired = read_rule(*sign, mistakes);
        }
    }
    auto source = adapter::HttpSource::make(settings, tools, mistakes);
    if (mistakes.size() != before || !source) {
        return nullptr;
    }
    return std::make_unique<SignedSource>(std::move(source), std::move(scheme), std::move(expired), tools);
}

asio::awaitable<Result<GrantPtr>> SignedSource::grant_for(std::string service, Deadline deadline) {
    if (!scheme_->traits().lends_secret) {
        co_return GrantPtr{};
    }
    auto got = co_await keeper_.get(scheme_->scope_of(service), deadline);
    co_return got;
}

Status SignedSource::sign(HttpMessage& request, const std::string& service, const Grant* grant,
                          const PutBlock& put_block) const {
    const auto now = clock_.now();
    const auto block = put_block ? scheme_->soap_block(service, grant, now) : std::nullopt;
    if (!block) {
        return scheme_->apply(request, service, grant, now);
    }
    auto envelope = put_block(std::move(request.body), *block);
    if (!envelope) {
        return fail(std::move(envelope.error()));
    }
    request.body = std::move(*envelope);
    return {};
}

asio::awaitable<Result<Reply>> SignedSource::send(HttpMessage request, std::string service, adapter::Errand errand,
                                                  PutBlock put_block) {
    if (!scheme_) {
        co_return co_await source_->send(std::move(request), errand.deadline, errand.once);
    }
    for (int attempt = 0;; ++attempt) {
        auto grant = co_await grant_for(service, errand.deadline);
        if (!grant) {
            co_return fail(std::move(grant.error()));
        }
        const bool may_be_stale = attempt == 0 && *grant != nullptr && !expired_.is_empty();
        HttpMessage made = may_be_stale && !errand.once ? request : std::move(request);
        if (auto signed_now = sign(made, service, grant->get(), put_block); !signed_now) {
            co_return fail(std::move(signed_now.error()));
        }
        auto answer = co_await source_->exchange(std::move(made), errand.deadline, errand.once);
        if (!answer) {
            co_return fail(std::move(answer.error()));
        }
        if (may_be_stale && expired_.matches(*answer)) {
            const bool may_help = keeper_.drop(scheme_->scope_of(service), *grant);
            if (errand.once) {
                co_return fail(Fault::department_invalid,
                               "the platform says that what it lent has expired; the question reached it and is not "
                               "sent again");
            }
            if (may_help) {
                continue;
            }
        }
        if (auto opened = scheme_->open(*answer); !opened) {
            co_return fail(std::move(opened.error()));
        }
        co_return to_reply(std::move(*answer));
    }
}

asio::awaitable<Result<Grant>> SignedSource::lend_once(std::string scope, GrantPtr last, Deadline deadline) {
    const auto asked_at = clock_.now();
    auto request = scheme_->lending_call(scope, last.get(), asked_at);
    if (!request) {
        co_return fail(std::move(request.error()));
    }
    auto answer = co_await source_->exchange(std::move(*request), deadline, false);
    if (!answer) {
        co_return fail(std::move(answer.error()));
    }
    if (answer->status >= 500) {
        co_return fail(Fault::department_invalid,
                       "the platform's secret service answers with status " + std::to_string(answer->status));
    }
    co_return scheme_->read_grant(*answer, asked_at, clock_.now());
}

asio::awaitable<Result<Grant>> SignedSource::lend(std::string scope, GrantPtr last, Deadline deadline) {
    auto lent = co_await lend_once(scope, last, deadline);
    const bool renewal_refused =
        !lent && last != nullptr && !last->renewal.empty() && lent.error().fault() == Fault::department_refused;
    if (renewal_refused) {  // what was lent to renew may have ended too: begin anew
        lent = co_await lend_once(std::move(scope), nullptr, deadline);
    }
    emit(sink_, telemetry::SecretLent{.profile = scheme_->traits().name,
                                      .fault = lent ? std::string_view{} : row_of(lent.error().fault()).code});
    co_return lent;
}

asio::awaitable<Result<adapter::Contact>> SignedSource::probe(Deadline deadline) {
    auto reached = co_await source_->probe(deadline);
    if (!reached || !scheme_) {
        co_return reached;
    }
    if (!scheme_->traits().lends_secret) {
        co_return adapter::Contact::reachable;  // what only signs is judged with a call
    }
    auto grant = co_await grant_for({}, deadline);
    if (!grant) {
        co_return fail(std::move(grant.error()));
    }
    co_return adapter::Contact{.step = adapter::Contact::Step::authenticated,
                               .proof_zh = "平台已借给密钥或令牌",
                               .proof_en = "the platform has lent us its secret or token"};
}

std::vector<adapter::Warning> SignedSource::warnings() const {
    std::vector<adapter::Warning> all = source_->warnings();
    if (!scheme_) {
        return all;
    }
    const profiles::Traits& traits = scheme_->traits();
    const std::string name{traits.name};
    if (traits.is_weak) {
        all.push_back({.text_zh = "sign：" + name + " 强度不足，只因平台要求才用",
                       .text_en = "sign: " + name + " is weak, and used only because the platform asks for it"});
    }
    if (!traits.covers_body && !source_->is_encrypted()) {
        all.push_back({.text_zh = "sign：" + name + " 不保护报文内容，url 又是 http，途中可被改动",
                       .text_en = "sign: " + name +
                                  " does not cover the body and url is http: on the way it can be "
                                  "changed"});
    }
    return all;
}

}  // namespace datong::outbound
