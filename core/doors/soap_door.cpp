#include "core/doors/soap_door.h"

#include <algorithm>

#include "core/contracts/wsdl.h"
#include "core/contracts/xsd.h"
#include "core/doors/soap_dialect.h"
#include "core/policy/networks.h"

namespace datong::doors {
namespace {

/// Whether a connection's certificate is one of a consumer's with a grant for the service: tools that fetch a WSDL
/// can't sign, and a stranger is not told what there is.
bool may_describe(const catalogue::Snapshot& snapshot, const policy::Peer& peer, const std::string& service,
                  const record::Date& today) {
    return std::any_of(snapshot.consumers.begin(), snapshot.consumers.end(), [&](const auto& one) {
        const catalogue::Consumer& consumer = *one.second;
        return !consumer.certificates.empty() && policy::check_certificate(consumer.certificates, peer) &&
               policy::check_address(consumer.networks, peer.address) &&
               snapshot.is_granted(consumer.id, service, today);
    });
}

codec::HttpMessage description(const contracts::Contract& contract, const std::string& base, bool is_wsdl) {
    codec::HttpMessage http;
    http.status = 200;
    http.add("Content-Type", "text/xml; charset=utf-8");
    http.add("Cache-Control", "no-store");
    http.body = is_wsdl ? contracts::wsdl_of(contract, base) : contracts::xsd_of(contract);
    return http;
}

codec::HttpMessage describe(const codec::HttpMessage& http, const policy::Peer& peer, const SoapTarget& target,
                            const catalogue::Snapshot& snapshot, const record::Date& today) {
    if (http.query() != "?wsdl" && http.query() != "?xsd") {
        return wrong_method("POST");
    }
    const std::string base = base_of(http, snapshot.gateway.listen);
    const bool is_wsdl = http.query() == "?wsdl";
    if (target.kind == exchange::Request::Kind::submission) {
        return description(contracts::contract_of_submissions(), base, is_wsdl);
    }
    const catalogue::Service* service = snapshot.service(target.name);
    if (target.kind != exchange::Request::Kind::service || service == nullptr ||
        !may_describe(snapshot, peer, service->id, today)) {
        return plain_problem({Fault::not_permitted, "no description for this connection"});
    }
    return description(contracts::contract_of(*service), base, is_wsdl);
}

}  // namespace

Status SoapDoor::judge_head(const codec::HttpMessage& head) const {
    const auto snapshot = current_.get();  // a reload may let go of it
    const auto& tls = snapshot->gateway.listen.tls;
    return judge_length(head, tls && tls->client_required);
}

boost::asio::awaitable<codec::HttpMessage> SoapDoor::handle(codec::HttpMessage http, policy::Peer peer,
                                                            Deadline arrived) const {
    auto target = soap_target(http.path());
    if (!target) {
        co_return plain_problem({Fault::no_such_resource, "unknown path"});
    }
    const auto snapshot = current_.get();
    if (http.method == "GET") {
        co_return describe(http, peer, *target, *snapshot, record::to_civil(clock_.now()).date);
    }
    if (http.method != "POST") {
        co_return wrong_method("POST");
    }
    const bool by_parts = takes_parts(http);
    http = unpacked(std::move(http));
    const SoapDialect dialect{http, std::move(*target), *snapshot, tokens_, by_parts};
    co_return co_await gateway_.answer(&dialect, std::move(http), std::move(peer), arrived);
}

}  // namespace datong::doors
