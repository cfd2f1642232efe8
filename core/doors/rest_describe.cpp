#include <algorithm>
#include <array>
#include <utility>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/contracts/directory.h"
#include "core/contracts/openapi.h"
#include "core/contracts/wsdl.h"
#include "core/doors/door.h"
#include "core/doors/rest_dialect.h"

namespace datong::doors {
namespace {

using exchange::Answer;
using exchange::Request;
using Target = std::optional<RestTarget>;

constexpr std::string_view kServices = "/v1/services/";
constexpr std::string_view kMatters = "/v1/matters/";
constexpr std::string_view kMaterials = "/materials";
constexpr std::string_view kSubmissions = "/v1/submissions/";
constexpr std::string_view kExchanges = "/v1/exchanges/";
constexpr std::string_view kEvidence = "/evidence";
constexpr std::string_view kFiles = "/files/";
constexpr std::string_view kUsage = "/v1/usage";
constexpr std::string_view kConsents = "/v1/consents";
constexpr std::string_view kRevoke = "/revoke";

struct Listed {
    std::string_view path;
    RestView view;
};
constexpr std::array<Listed, 3> kLists{{
    {"/v1/services", RestView::services},
    {"/v1/matters", RestView::matters},
    {"/v1/grants", RestView::grants},
}};
constexpr std::array<Listed, 2> kDescriptions{{
    {"/openapi.json", RestView::openapi},
    {"/wsdl", RestView::wsdl},
}};

Target named(Request::Kind kind, std::string_view name) {
    return is_name(name) ? Target{RestTarget{.kind = kind, .name = std::string{name}}} : std::nullopt;
}

/// @param below  the path behind /v1/services/ or /v1/matters/.
Target description_target(std::string_view below, bool is_matters) {
    for (const Listed& one : kDescriptions) {
        if (!below.ends_with(one.path)) {
            continue;
        }
        Target target = named(Request::Kind::description, below.substr(0, below.size() - one.path.size()));
        if (target) {
            target->view = one.view;
            target->is_matters = is_matters;
        }
        return target;
    }
    return std::nullopt;
}

/// @param below  the path behind /v1/exchanges/: "ID/evidence", "ID/materials" or "ID/files/NUMBER".
Target exchange_target(std::string_view below) {
    constexpr std::size_t kDigits = 4;
    const std::string_view id = below.substr(0, below.find('/'));
    const std::string_view rest = below.substr(id.size());
    if (!is_exchange_id(id)) {
        return std::nullopt;
    }
    if (rest == kEvidence || rest == kMaterials) {
        const auto kind = rest == kEvidence ? Request::Kind::evidence : Request::Kind::later;
        return RestTarget{.kind = kind, .name = std::string{id}};
    }
    const std::string_view digits = rest.starts_with(kFiles) ? rest.substr(kFiles.size()) : std::string_view{};
    const auto number = digits.size() <= kDigits ? to_whole_number(digits) : std::nullopt;
    return number
               ? Target{RestTarget{
                     .kind = Request::Kind::file, .name = std::string{id}, .number = static_cast<std::size_t>(*number)}}
               : std::nullopt;
}

/// @param below  the path behind /v1/consents: empty, "/ID" or "/ID/revoke".
Target consent_target(std::string_view below) {
    if (below.empty()) {
        return RestTarget{.kind = Request::Kind::consent, .name = {}};
    }
    const std::string_view behind = below.substr(1);
    const std::string_view id = behind.substr(0, behind.find('/'));
    const std::string_view rest = behind.substr(id.size());
    const auto kind = rest.empty() ? Request::Kind::consent_state : Request::Kind::revocation;
    const bool fits = below.front() == '/' && consent::is_id(id) && (rest.empty() || rest == kRevoke);
    return fits ? Target{RestTarget{.kind = kind, .name = std::string{id}}} : std::nullopt;
}

Answer answered(std::string body, std::string media_type) {
    return {.outcome = "described", .body = std::move(body), .media_type = std::move(media_type)};
}

Answer list_of(RestView view, const contracts::Audience& who) {
    const record::Record list = view == RestView::services  ? contracts::services_for(who)
                                : view == RestView::matters ? contracts::matters_for(who)
                                                            : contracts::grants_for(who);
    return answered(codec::write_json(list), {});
}

}  // namespace

std::optional<RestTarget> rest_target(std::string_view path) {
    for (const Listed& one : kLists) {
        if (path == one.path) {
            return RestTarget{.kind = Request::Kind::description, .name = {}, .view = one.view};
        }
    }
    if (path == kUsage) {
        return RestTarget{.kind = Request::Kind::usage, .name = "usage"};
    }
    if (path.starts_with(kConsents)) {
        return consent_target(path.substr(kConsents.size()));
    }
    if (path.starts_with(kExchanges)) {
        return exchange_target(path.substr(kExchanges.size()));
    }
    if (path.starts_with(kSubmissions)) {
        const std::string_view id = path.substr(kSubmissions.size());
        return is_exchange_id(id) ? Target{RestTarget{.kind = Request::Kind::submission, .name = std::string{id}}}
                                  : std::nullopt;
    }
    if (path.starts_with(kServices)) {
        const std::string_view name = path.substr(kServices.size());
        const Target target = named(Request::Kind::service, name);
        return target ? target : description_target(name, false);
    }
    if (path.starts_with(kMatters)) {
        const std::string_view name = path.substr(kMatters.size());
        return name.ends_with(kMaterials)
                   ? named(Request::Kind::matter, name.substr(0, name.size() - kMaterials.size()))
                   : description_target(name, true);
    }
    return std::nullopt;
}

Result<Answer> RestDialect::describe(const exchange::Visit& visit) const {
    const auto target = rest_target(visit.http.path());
    const contracts::Audience who{.snapshot = *visit.snapshot,
                                  .consumer = visit.claim.key->consumer->id,
                                  .today = record::to_civil(visit.at).date};
    if (!target || target->name.empty()) {
        return list_of(target ? target->view : RestView::services, who);
    }
    const auto contract = target->is_matters ? contracts::matter_contract_for(who, target->name)
                                             : contracts::service_contract_for(who, target->name);
    if (!contract) {
        return fail(Fault::no_such_resource, "no service or matter of that name that this consumer has a grant for");
    }
    const std::string base = base_of(visit.http, visit.snapshot->gateway.listen);
    return target->view == RestView::wsdl ? answered(contracts::wsdl_of(*contract, base), "text/xml; charset=utf-8")
                                          : answered(codec::write_json(contracts::openapi_of(*contract, base)), {});
}

}  // namespace datong::doors
