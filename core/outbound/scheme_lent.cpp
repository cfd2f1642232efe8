#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "core/adapter/http_source.h"
#include "core/adapter/pattern.h"
#include "core/base/text.h"
#include "core/codec/form.h"
#include "core/codec/json.h"
#include "core/outbound/scheme_kinds.h"
#include "core/profiles/body_token.h"
#include "core/profiles/gateway_sig.h"
#include "core/profiles/zj_md5.h"

namespace datong::outbound {
namespace {

constexpr std::string_view kForm = "application/x-www-form-urlencoded";

class Zj final : public Scheme {
public:
    Zj(const profiles::Traits& traits, const Making& making)
        : Scheme{traits},
          app_key_{making.sign.text("id")},
          app_secret_{making.secret},
          key_path_{lend_path(making.sign, profiles::kZjKeyPath)},
          renew_path_{making.sign.has("renew_path") ? making.sign.text("renew_path") : profiles::kZjRenewPath},
          life_{making.sign.milliseconds("life_ms")} {}

    /// The three stand before the call's own, in the form where there is one, else in the query.
    Status apply(codec::HttpMessage& request, const std::string&, const Grant* grant, Time now) const override {
        const std::string own = codec::write_form(profiles::zj_fields(app_key_, grant->secret, milliseconds_of(now)));
        if (request.field("Content-Type").value_or("").starts_with(kForm)) {
            request.body = request.body.empty() ? own : own + '&' + request.body;
            return {};
        }
        const std::string rest{request.query()};
        request.target = std::string{request.path()} + '?' + own + (rest.size() > 1 ? '&' + rest.substr(1) : "");
        return {};
    }

    Result<codec::HttpMessage> lending_call(const std::string&, const Grant* last, Time now) const override {
        const bool renews = last != nullptr && !last->renewal.empty() && now < last->renewal_ends;
        codec::HttpMessage request;
        request.method = "POST";
        request.target = renews ? renew_path_ : key_path_;
        request.set("Content-Type", std::string{kForm});
        request.body = codec::write_form(
            profiles::zj_fields(app_key_, renews ? last->renewal : app_secret_, milliseconds_of(now)));
        return request;
    }

    Result<Grant> read_grant(const codec::HttpMessage& answer, Time, Time now) const override {
        auto secrets = profiles::read_zj_secrets(answer.body);
        if (!secrets) {
            return fail(std::move(secrets.error()));
        }
        Grant grant;
        grant.secret = std::move(secrets->request);
        grant.renewal = std::move(secrets->refresh);
        grant.ends = end_of(secrets->request_ends, now, life_);
        grant.renewal_ends = end_of(secrets->refresh_ends, now, std::chrono::hours{48});
        return grant;
    }

private:
    std::string app_key_;
    Secret app_secret_;
    std::string key_path_;
    std::string renew_path_;
    std::chrono::milliseconds life_;
};

class Gateway final : public Scheme {
public:
    Gateway(const profiles::Traits& traits, const Making& making)
        : Scheme{traits},
          appid_{making.sign.text("id")},
          app_key_{making.secret},
          path_{making.sign.text("lend_path")},
          life_{making.sign.has("life_ms") ? making.sign.milliseconds("life_ms") : profiles::kGatewayTokenLife} {}

    Status apply(codec::HttpMessage& request, const std::string&, const Grant* grant, Time) const override {
        set_all(request, profiles::gateway_headers({.appid = appid_, .rtime = grant->stamp}, grant->secret));
        return {};
    }

    Result<codec::HttpMessage> lending_call(const std::string&, const Grant*, Time now) const override {
        codec::HttpMessage request;
        request.method = "POST";
        request.target = path_;
        request.set("Content-Type", "application/json");
        request.body = "{}";
        set_all(request, profiles::gateway_headers({.appid = appid_, .rtime = milliseconds_of(now)}, app_key_));
        return request;
    }

    Result<Grant> read_grant(const codec::HttpMessage& answer, Time asked_at, Time now) const override {
        auto secret = profiles::read_gateway_token(answer.body, app_key_);
        if (!secret) {
            return fail(std::move(secret.error()));
        }
        Grant grant;
        grant.secret = std::move(*secret);
        grant.stamp = milliseconds_of(asked_at);
        grant.ends = end_of(std::nullopt, now, life_);
        return grant;
    }

private:
    std::string appid_;
    Secret app_key_;
    std::string path_;
    std::chrono::milliseconds life_;
};

/// How a token is asked for.
struct TokenCall {
    std::string method;
    std::string path;
    bool is_json{};
    std::vector<std::pair<std::string, adapter::Pattern>> fields;
    profiles::Place token_at;
};

class BodyToken final : public Scheme {
public:
    BodyToken(const profiles::Traits& traits, const Making& making, TokenCall call, profiles::TokenSpot spot)
        : Scheme{traits},
          id_{making.sign.text("id")},
          secret_{making.secret},
          life_{making.sign.milliseconds("life_ms")},
          call_{std::move(call)},
          spot_{std::move(spot)} {}

    Status apply(codec::HttpMessage& request, const std::string&, const Grant* grant, Time) const override {
        return profiles::put_token(request, spot_, grant->secret);
    }

    Result<codec::HttpMessage> lending_call(const std::string&, const Grant*, Time) const override {
        std::vector<codec::FormField> fields;
        for (const auto& [name, pattern] : call_.fields) {
            auto value = pattern.fill([this](const std::string& what) { return value_of(what); });
            if (!value) {
                return fail(std::move(value.error()));
            }
            fields.push_back({name, std::move(*value)});
        }
        codec::HttpMessage request;
        request.method = call_.method;
        request.target = call_.path;
        if (call_.method == "GET") {
            request.target += fields.empty() ? "" : '?' + codec::write_form(fields);
            return request;
        }
        request.set("Content-Type", std::string{call_.is_json ? std::string_view{"application/json"} : kForm});
        request.body = call_.is_json ? json_of(fields) : codec::write_form(fields);
        return request;
    }

    Result<Grant> read_grant(const codec::HttpMessage& answer, Time, Time now) const override {
        auto token = profiles::read_token(answer.body, call_.token_at);
        if (!token) {
            return fail(std::move(token.error()));
        }
        Grant grant;
        grant.secret = std::move(*token);
        grant.ends = end_of(std::nullopt, now, life_);
        return grant;
    }

private:
    [[nodiscard]] Result<std::string> value_of(const std::string& what) const {
        return what == "secret" ? secret_.reveal() : id_;  // other names are refused when settings are read
    }

    static std::string json_of(const std::vector<codec::FormField>& fields) {
        record::Record body = record::Record::object();
        for (const codec::FormField& field : fields) {
            body.put(field.name, record::Record::text(field.value));
        }
        return codec::write_json(body);
    }

    std::string id_;
    Secret secret_;
    std::chrono::milliseconds life_;
    TokenCall call_;
    profiles::TokenSpot spot_;
};

/// A place of the settings; a mistake where it is none.
profiles::Place read_place(const Making& making, const std::string& setting) {
    auto place = profiles::Place::parse(making.sign.text(setting));
    if (!place) {
        making.mistakes.push_back(adapter::mistake_at(making.sign.where(setting), setting + " 不是可用的路径",
                                                      setting + " must be names with dots between", "head.token"));
        return {};
    }
    return std::move(*place);
}

std::optional<profiles::TokenPlace> token_place(const std::string& name) {
    using profiles::TokenPlace;
    constexpr std::array<std::pair<std::string_view, TokenPlace>, 6> kPlaces{{{"json", TokenPlace::json},
                                                                              {"xml", TokenPlace::xml},
                                                                              {"form-json", TokenPlace::form_json},
                                                                              {"form", TokenPlace::form},
                                                                              {"query", TokenPlace::query},
                                                                              {"header", TokenPlace::header}}};
    for (const auto& [known, place] : kPlaces) {
        if (known == name) {
            return place;
        }
    }
    return std::nullopt;
}

profiles::TokenSpot read_spot(const Making& making) {
    using profiles::TokenPlace;
    profiles::TokenSpot spot;
    spot.where = token_place(making.sign.text("token_in")).value_or(TokenPlace::json);
    spot.name = making.sign.text("token_name");
    const bool wants_place =
        spot.where == TokenPlace::json || spot.where == TokenPlace::xml || spot.where == TokenPlace::form_json;
    const bool wants_name = spot.where != TokenPlace::json && spot.where != TokenPlace::xml;
    if (wants_place) {
        spot.place = read_place(making, "token_to");
    }
    if (wants_name && spot.name.empty()) {
        making.mistakes.push_back(adapter::mistake_at(making.sign.where("token_in"), "须用 token_name 写明字段名",
                                                      "token_name must say the field's or header's name"));
    }
    if (spot.where == TokenPlace::header && !spot.name.empty() && !adapter::is_allowed_header(spot.name, "")) {
        making.mistakes.push_back(adapter::mistake_at(making.sign.where("token_name"), "token_name 不能作请求头",
                                                      "token_name can't be a header here"));
    }
    return spot;
}

TokenCall read_call(const Making& making) {
    TokenCall call{.method = making.sign.text("token_method"),
                   .path = making.sign.text("lend_path"),
                   .is_json = making.sign.text("token_format") == "json",
                   .fields = {},
                   .token_at = read_place(making, "token_at")};
    for (const auto& [name, value] : making.sign.map("token_fields")) {
        auto pattern = adapter::Pattern::parse(value.reveal());
        const bool fits = pattern && std::ranges::all_of(pattern->names(), [](const std::string& what) {
                              return what == "secret" || what == "id";
                          });
        if (!fits) {
            making.mistakes.push_back(adapter::mistake_at(making.sign.where("token_fields"),
                                                          "token_fields." + name + " 只能用 {id} 与 {secret}",
                                                          "token_fields." + name + " may hold {id} and {secret} only"));
            continue;
        }
        call.fields.emplace_back(name, std::move(*pattern));
    }
    return call;
}

}  // namespace

std::unique_ptr<Scheme> make_zj(const Making& making, const profiles::Traits& traits) {
    return std::make_unique<Zj>(traits, making);
}

std::unique_ptr<Scheme> make_gateway(const Making& making, const profiles::Traits& traits) {
    return std::make_unique<Gateway>(traits, making);
}

std::unique_ptr<Scheme> make_body_token(const Making& making, const profiles::Traits& traits) {
    const std::size_t before = making.mistakes.size();
    TokenCall call = read_call(making);
    profiles::TokenSpot spot = read_spot(making);
    if (making.mistakes.size() != before) {
        return nullptr;
    }
    return std::make_unique<BodyToken>(traits, making, std::move(call), std::move(spot));
}

}  // namespace datong::outbound
