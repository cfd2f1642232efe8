#include <utility>

#include "core/base/ids.h"
#include "core/codec/form.h"
#include "core/outbound/scheme_kinds.h"
#include "core/profiles/httpproxy_form.h"
#include "core/profiles/national.h"

namespace datong::outbound {
namespace {

using profiles::NationalCall;
using profiles::Platform;

struct Identity {
    Platform platform{};
    std::string rid;
    std::string sid;
    Secret appkey;
    std::string lend_path;
    std::chrono::milliseconds life{};
    std::string soap_block;  ///< empty: HTTP headers
    std::string soap_uri;
};

/// gjgxjhpt and gjzwfwpt: the secret is lent for each pair of rid and sid.
class National : public Scheme {
public:
    National(const profiles::Traits& traits, Identity identity) : Scheme{traits}, identity_{std::move(identity)} {}

    Status apply(codec::HttpMessage& request, const std::string& service, const Grant* grant, Time now) const override {
        const NationalCall call = call_at(service, now);
        set_all(request, profiles::national_fields(identity_.platform, call, national_sign(call, grant->secret)));
        return {};
    }

    std::optional<SoapBlock> soap_block(const std::string& service, const Grant* grant, Time now) const override {
        if (identity_.soap_block.empty()) {
            return std::nullopt;
        }
        const NationalCall call = call_at(service, now);
        return SoapBlock{
            .name = identity_.soap_block,
            .uri = identity_.soap_uri,
            .values = profiles::national_soap_values(identity_.platform, call, national_sign(call, grant->secret))};
    }

    std::string scope_of(const std::string& service) const override {
        return service.empty() ? identity_.sid : service;
    }

    Result<codec::HttpMessage> lending_call(const std::string& scope, const Grant*, Time now) const override {
        auto request = profiles::national_secret_request(identity_.platform, call_at(scope, now), identity_.appkey);
        request.target = identity_.lend_path;
        return request;
    }

    Result<Grant> read_grant(const codec::HttpMessage& answer, Time, Time now) const override {
        auto lent = profiles::read_national_secret(answer.body, identity_.appkey);
        if (!lent) {
            return fail(std::move(lent.error()));
        }
        Grant grant;
        grant.secret = std::move(lent->secret);
        grant.ends = end_of(lent->ends, now, identity_.life);
        return grant;
    }

protected:
    [[nodiscard]] NationalCall call_at(const std::string& service, Time now) const {
        return {.rid = identity_.rid, .sid = National::scope_of(service), .rtime = milliseconds_of(now)};
    }

private:
    Identity identity_;
};

/// The same secret, a form in place of headers.
class NationalForm final : public National {
public:
    NationalForm(const profiles::Traits& traits, Identity identity, std::string access_key, profiles::FormParts parts)
        : National{traits, std::move(identity)}, access_key_{std::move(access_key)}, parts_{std::move(parts)} {}

    Status apply(codec::HttpMessage& request, const std::string& service, const Grant* grant, Time now) const override {
        const NationalCall call = call_at(service, now);
        const profiles::FormCall form{.access_key = access_key_,
                                      .rid = call.rid,
                                      .sid = call.sid,
                                      .timestamp = call.rtime,
                                      .request_id = new_id(now),
                                      .content = std::move(request.body)};
        request.body = codec::write_form(form_fields(form, form_sign(form, parts_, grant->secret)));
        request.set("Content-Type", "application/x-www-form-urlencoded");
        return {};
    }

private:
    std::string access_key_;
    profiles::FormParts parts_;
};

}  // namespace

std::unique_ptr<Scheme> make_national(const Making& making, const profiles::Traits& traits) {
    const adapter::Settings& sign = making.sign;
    Identity identity{.platform = traits.name == "gjgxjhpt" ? Platform::gjgxjhpt : Platform::gjzwfwpt,
                      .rid = sign.text("id"),
                      .sid = sign.text("service"),
                      .appkey = making.secret,
                      .lend_path = lend_path(sign, profiles::kNationalSecretPath),
                      .life = sign.milliseconds("life_ms"),
                      .soap_block = sign.text("soap_block"),
                      .soap_uri = sign.text("soap_uri")};
    if (traits.name != "gjzwfwpt-form") {
        return std::make_unique<National>(traits, std::move(identity));
    }
    profiles::FormParts parts = sign.has("signs") ? sign.texts("signs") : profiles::default_form_parts();
    for (const std::string& part : parts) {
        if (!profiles::is_form_part(part)) {
            making.mistakes.push_back(adapter::mistake_at(sign.where("signs"), "signs 中没有 " + part,
                                                          "signs: there is no part " + part,
                                                          "access_key, rid, sid, timestamp, request_id, content"));
            return nullptr;
        }
    }
    std::string access_key = sign.has("access_key") ? sign.text("access_key") : identity.rid;
    return std::make_unique<NationalForm>(traits, std::move(identity), std::move(access_key), std::move(parts));
}

}  // namespace datong::outbound
