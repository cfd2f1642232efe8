#include "tests/journeys/container_kit.h"

#include <chrono>

#include "core/base/clock.h"
#include "core/codec/json.h"
#include "core/container/archive.h"
#include "tests/support/catch.h"

namespace datong::journeys {

using container::Checked;
using record::Record;

Record trusted(const GatewayUnderTest& gateway) {
    return codec::read_json(read_file(gateway.folder() + "/keys/trust.jwks")).value();
}

std::string fetch(const GatewayUnderTest& gateway, const std::string& exchange, const std::string& consumer) {
    const Platform platform = gateway.platform(consumer);
    auto request = platform.prepare_get("/v1/exchanges/" + exchange + "/evidence");
    const auto answer = platform.send(request);
    CAPTURE(answer.body.substr(0, 300));
    REQUIRE(answer.status == 200);
    CHECK(answer.field("content-type") == "application/vnd.etsi.asic-e+zip");
    CHECK(platform.check_signature(answer, request));
    return answer.body;
}

Checked check(const GatewayUnderTest& gateway, const std::string& octets) {
    auto checked = container::check_container(octets, trusted(gateway));
    INFO((checked ? std::string{} : checked.error().detail()));
    REQUIRE(checked);
    return std::move(*checked);
}

std::vector<std::string> found(const Checked& checked) {
    std::vector<std::string> lines;
    for (const container::Finding& one : checked.findings) {
        lines.push_back(one.code + ' ' + one.file + (one.field.empty() ? "" : ' ' + one.field));
    }
    return lines;
}

std::string resigned(const GatewayUnderTest& gateway, const Files& files) {
    std::vector<container::Part> parts;
    for (const auto& [name, octets] : files) {
        if (name != "mimetype" && name != container::kSignatures) {
            parts.push_back({.name = name, .media = "application/octet-stream", .octets = octets});
        }
    }
    const auto snapshot = gateway.program().current().get();
    const auto now = std::chrono::system_clock::now();
    const catalogue::NamedKey& key = snapshot->gateway.key.at(now);
    const auto signatures =
        container::write_xades(parts, {.key = *key.key, .x509_pem = key.chain_pem}, to_rfc3339(now));
    REQUIRE(signatures);
    const auto made = container::write_asic(parts, *signatures, now);
    REQUIRE(made);
    return *made;
}

std::string exchange_of(const codec::HttpMessage& answer) {
    return json_of(answer).text_of("exchange");
}

}  // namespace datong::journeys
