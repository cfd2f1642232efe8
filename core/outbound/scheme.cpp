#include "core/outbound/scheme.h"

#include <array>
#include <utility>

#include "core/base/clock.h"
#include "core/outbound/scheme_kinds.h"

namespace datong::outbound {
namespace {

using Maker = std::unique_ptr<Scheme> (*)(const Making&, const profiles::Traits&);

struct Known {
    std::string_view profile;
    Maker make;
};
constexpr std::array<Known, 9> kKnown{{{"gjgxjhpt", make_national},
                                       {"gjzwfwpt", make_national},
                                       {"gjzwfwpt-form", make_national},
                                       {"tif", make_header},
                                       {"zj-md5", make_zj},
                                       {"gateway-sig", make_gateway},
                                       {"sha1-appkey", make_header},
                                       {"sm-envelope", make_envelope},
                                       {"body-token", make_body_token}}};

Error lends_nothing() {
    return {Fault::internal, "this way of signing lends nothing"};
}

}  // namespace

std::optional<SoapBlock> Scheme::soap_block(const std::string&, const Grant*, Time) const {
    return std::nullopt;
}

std::string Scheme::scope_of(const std::string&) const {
    return {};
}

Result<codec::HttpMessage> Scheme::lending_call(const std::string&, const Grant*, Time) const {
    return fail(lends_nothing());
}

Result<Grant> Scheme::read_grant(const codec::HttpMessage&, Time, Time) const {
    return fail(lends_nothing());
}

Status Scheme::open(codec::HttpMessage&) const {
    return {};
}

std::unique_ptr<Scheme> make_scheme(const adapter::Settings& sign, const adapter::Tools& tools, Mistakes& mistakes) {
    const std::string& name = sign.text("profile");
    const profiles::Traits* traits = profiles::find_traits(name);
    Secret secret =
        sign.has("secret") ? sign.secret("secret") : adapter::read_secret_file(sign, "secret_file", tools, mistakes);
    const Making making{.sign = sign, .tools = tools, .secret = std::move(secret), .mistakes = mistakes};
    for (const Known& known : kKnown) {
        if (traits != nullptr && known.profile == name) {
            return known.make(making, *traits);
        }
    }
    return nullptr;
}

std::string milliseconds_of(Scheme::Time time) {
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count());
}

std::string lend_path(const adapter::Settings& sign, std::string_view otherwise) {
    return sign.has("lend_path") ? sign.text("lend_path") : std::string{otherwise};
}

Scheme::Time end_of(std::optional<Scheme::Time> said, Scheme::Time now, std::chrono::milliseconds life) {
    const Scheme::Time latest = now + life;
    return said && *said > now && *said < latest ? *said : latest;
}

void set_all(codec::HttpMessage& request, const std::vector<codec::HttpField>& fields) {
    for (const codec::HttpField& field : fields) {
        request.set(field.name, field.value);
    }
}

}  // namespace datong::outbound
