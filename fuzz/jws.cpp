#include "core/signing/jws.h"

#include "fuzz/must.h"

using namespace datong;

/// What is read stands in the input as it was signed, and verifies under no key that signed nothing.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto kKey = crypto::VerifyingKey::from_secret(Secret{std::string(32, 'k')});
    const auto compact = fuzz::text_of(data, size);
    const auto jws = signing::read_jws(compact);
    if (jws) {
        fuzz::must(compact.starts_with(jws->signing_input));
        [[maybe_unused]] const std::string keyid = jws->keyid();
        fuzz::must(!signing::verify_jws(*jws, kKey));
    }
    return 0;
}
