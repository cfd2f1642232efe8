#include <utility>

#include "core/base/clock.h"
#include "core/outbound/scheme_kinds.h"
#include "core/profiles/sha1_appkey.h"
#include "core/profiles/tif.h"

namespace datong::outbound {
namespace {

class Tif final : public Scheme {
public:
    Tif(const profiles::Traits& traits, const Making& making)
        : Scheme{traits},
          prefix_{making.sign.text("prefix")},
          paasid_{making.sign.text("id")},
          service_{making.sign.text("service")},
          token_{making.secret} {}

    Status apply(codec::HttpMessage& request, const std::string& service, const Grant*, Time now) const override {
        const profiles::TifCall call{.timestamp = std::to_string(to_unix_seconds(now)),
                                     .nonce = profiles::tif_nonce(now)};
        set_all(request, profiles::tif_headers(prefix_, paasid_, service.empty() ? service_ : service, call, token_));
        return {};
    }

private:
    std::string prefix_;
    std::string paasid_;
    std::string service_;
    Secret token_;
};

class Sha1Appkey final : public Scheme {
public:
    Sha1Appkey(const profiles::Traits& traits, const Making& making)
        : Scheme{traits}, app_key_{making.sign.text("id")}, app_secret_{making.secret} {}

    Status apply(codec::HttpMessage& request, const std::string&, const Grant*, Time now) const override {
        set_all(request, profiles::sha1_appkey_headers(app_key_, app_secret_, milliseconds_of(now)));
        return {};
    }

private:
    std::string app_key_;
    Secret app_secret_;
};

}  // namespace

std::unique_ptr<Scheme> make_header(const Making& making, const profiles::Traits& traits) {
    if (traits.name == "tif") {
        return std::make_unique<Tif>(traits, making);
    }
    return std::make_unique<Sha1Appkey>(traits, making);
}

}  // namespace datong::outbound
