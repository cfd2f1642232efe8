#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/crypto/key.h"
#include "tests/commands/installation.h"
#include "tests/journeys/gateway_under_test.h"

namespace datong::interop {

/// A gateway whose key is of that algorithm and has an X.509 certificate in keys/gateway.x509.pem, and which knows the
/// consumer one-window by a second key of that algorithm, in keys/caller.key.pem with keys/caller.x509.pem.
/// @param algorithm  of both keys: ecdsa_p256_sha256 or rsa_v1_5_sha256.
[[nodiscard]] std::unique_ptr<journeys::GatewayUnderTest> gateway_with(crypto::Algorithm algorithm);

/// An unsigned call of that path with our header in it, for the demo household.
[[nodiscard]] std::string bare_call(const journeys::GatewayUnderTest& gateway, const std::string& path,
                                    const std::string& version);

/// A question to the service whose answer has a file that comes by address.
[[nodiscard]] departments::Question permit_question();

/// Whether all of them are there; a test that lacks its tool says so and is left out.
[[nodiscard]] bool has_files(const std::vector<std::string>& files);

/// The text with one occurrence replaced; throws where there is none.
[[nodiscard]] std::string replaced(std::string text, const std::string& what, const std::string& with);

}  // namespace datong::interop
