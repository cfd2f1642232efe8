#include "tests/interop/toolkit.h"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "core/base/text.h"
#include "core/contracts/contract.h"
#include "core/crypto/digest.h"
#include "core/crypto/x509.h"
#include "core/wsse/envelope.h"
#include "core/wsse/xml_form.h"
#include "tests/journeys/soap_platform.h"

namespace datong::interop {
namespace {

using journeys::read_file;
using journeys::write_text;

void write_pair(const std::string& path, crypto::Algorithm algorithm) {
    const auto key = crypto::SigningKey::generate(algorithm).value();
    write_text(path + ".key.pem", key.to_pem()->reveal());
    std::filesystem::permissions(path + ".key.pem",
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    write_text(path + ".pub.pem", key.public_pem().value());
    write_text(path + ".x509.pem",
               crypto::make_ca(key, std::filesystem::path{path}.filename().string(),
                               {.not_before = std::chrono::system_clock::now() - std::chrono::hours{1}, .days = 2})
                   .value());
}

}  // namespace

std::unique_ptr<journeys::GatewayUnderTest> gateway_with(crypto::Algorithm algorithm) {
    return std::make_unique<journeys::GatewayUnderTest>(
        journeys::GatewayUnderTest::Options{.change = [algorithm](const std::string& config) {
            const std::string keys = config + "/../keys/";
            write_pair(keys + "gateway", algorithm);
            write_pair(keys + "caller", algorithm);
            write_text(config + "/gateway.yaml",
                       read_file(config + "/gateway.yaml") + "x509: \"${DATONG_KEYS}/gateway.x509.pem\"\n");
            const std::string consumer = config + "/consumers/one-window.yaml";
            write_text(consumer, replaced(read_file(consumer), "keys: [",
                                          "keys: [{id: caller-2026, file: \"${DATONG_KEYS}/caller.pub.pem\"}, "));
        }});
}

std::string bare_call(const journeys::GatewayUnderTest& gateway, const std::string& path, const std::string& version) {
    const std::string_view soap = version == "1.2" ? wsse::kSoap12 : wsse::kSoap11;
    const std::string id = to_base64url(crypto::random_bytes(12));
    return "<s:Envelope xmlns:s=\"" + std::string{soap} + "\"><s:Header><Call xmlns=\"" + std::string{wsse::kCallUri} +
           "\"><id>" + id + "</id><to>" + gateway.platform().url() + path + "</to></Call></s:Header><s:Body>" +
           wsse::write_xml_form(gateway.body(path), contracts::kCall, journeys::uri_of(path)) +
           "</s:Body></s:Envelope>";
}

departments::Question permit_question() {
    const auto all = departments::questions_found();
    return *std::find_if(all.begin(), all.end(), [](const auto& one) { return one.service == "discharge-permit"; });
}

bool has_files(const std::vector<std::string>& files) {
    return std::all_of(files.begin(), files.end(),
                       [](const std::string& file) { return std::filesystem::exists(file); });
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    const auto at = text.find(what);
    if (at == std::string::npos) {
        throw std::runtime_error{"there is no " + what};
    }
    return text.replace(at, what.size(), with);
}

}  // namespace datong::interop
