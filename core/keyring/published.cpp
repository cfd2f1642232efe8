#include "core/keyring/published.h"

#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/crypto/digest.h"

namespace datong::keyring {
namespace {

constexpr std::array<PublishedKey, 28> kPublished{{
    {"yOzJNhoF4oXwTCb5VyExpt6rB-niuGUFPG91pNi9KzI", "RFC 7515, appendix A.1.1"},
    {"c-x0RYBZxwyuPwrehmP-DaHcSxFO2M2sdTZBQLRFikw", "RFC 7520, 3.5"},
    {"LNbxAFbQjhBDCtVli1VlBWyT_N4EdWP35TpWRSRnwFA", "RFC 7520, 3.6"},
    {"BHj8s0GPnMEQtkaULIM-PLgEhLBbuGUQ1vMxmBWZzEo", "RFC 9421, appendix B.1.1"},
    {"oD0HwocPBSfpNy5W3bpJeyFGY_IQ_YpqxSjQ3Yd-CLA", "RFC 9421, appendix B.1.2"},
    {"ydQXMtvbsOsZyFir-Y7A8t7fKEM1gbKPvyFkdpu4fvI", "RFC 9421, appendix B.1.3"},
    {"poqkLGiymh_W0uP6PZFw-dvez3QJT5SolqXBCW38r0U", "RFC 9421, appendix B.1.4"},
    {"V8oU1SD4ib5bxtkxO0QvYqSnHWP86sUHyRRoOolEtKA", "RFC 9421, appendix B.1.5"},
    {"4wY0-kdkPRqxSK7903e0Xu8SKOK4hvbVaOzXvGbxgXw", "the tests of Tongsuo"},
    {"8pZO4kBHFa4sxWRMAAVHed2elG_d3A8i4YOdvgphSE4", "the tests of Tongsuo"},
    {"D-aMGP83jZ_D5nposXJCZeJmfkr6rmGH5xdxvVlgFnU", "the tests of Tongsuo"},
    {"DcLsY4MzZ9S86QSF9OB_wDdnMDtQsvr-AkobNy68ORU", "the tests of Tongsuo"},
    {"HQPUcqw1YuQglsFjZdPHllYV7xK0sfD54pbl8zVlllA", "the tests of Tongsuo"},
    {"SqN1R-t1BIFqLEDgWKC90jToRDKmgy26tvgYGhM4ycw", "the tests of Tongsuo"},
    {"UCfCXt_wbOefrdPqZ-62VA4DkKzMI7y8liMmlNk_qSU", "the tests of Tongsuo"},
    {"_Eln5vM0ouDNExQbyiiV97zJFR_HYuERwRVFIvQckJE", "the tests of Tongsuo"},
    {"kSwUSdfSjRhLUEbleP8W0B0OFIU_OTUelF-Ur0ZJaHc", "the tests of Tongsuo"},
    {"t9njdTvatIcvhxZ8-UANl-MMVfNVGI8dIuE7t9oC8yk", "the tests of Tongsuo"},
    {"u_CEwHqBDGApscELr5RfFGPcBbz0fTxtdX-U1rteJ6o", "the tests of Tongsuo"},
    {"xtUui8CZsSscfY3_jxQSuG03h-yf7ZO6zuar85l5-kE", "the tests of Tongsuo"},
    {"48avvxu94O_CgnoyKUzEYXo7WIv8F4py_bt5F-Z4-ew", "the tests of datong"},
    {"b21J7-_7tF29661DUpeF-7_YbmNeRZV8ZKadkxu-Ya0", "the tests of datong"},
    {"u_CehLW8klDtXhV-Mk-rv7OMsdw0R-iodjrkPvwGG78", "the tests of datong"},
    {"B_TmxL7IEVB2uNM9yIUqQa0qrAFC7HQOCk_LmCgRlUA", "the vectors of the platforms' signatures"},
    {"IKY96UeFVpEu1jpLYxURn1T9cOFPvswRB8iJo8yWzuo", "the vectors of the platforms' signatures"},
    {"PrG9Q5lH63YpmOVmzMLgmceREYsvQFecxPfaK1Bht_k", "the vectors of the platforms' signatures"},
    {"Uoo0Lh0kdx5vkQEWUWUkk4rIFmiiveS9ggsAT_GnbPY", "the vectors of the platforms' signatures"},
    {"e76HowmR7HUzMHC-Bg3ZA_Sa1EipXWyZl3-qrnoaOnU", "the vectors of the platforms' signatures"},
}};

std::string_view find(std::string_view sha256) {
    const auto found = std::ranges::find(kPublished, sha256, &PublishedKey::sha256);
    return found == kPublished.end() || sha256.empty() ? std::string_view{} : found->where;
}

}  // namespace

std::span<const PublishedKey> published_keys() {
    return kPublished;
}

std::string_view published_in(const crypto::VerifyingKey& key) {
    return find(key.thumbprint());
}

std::string_view published_in(const Secret& secret) {
    return find(to_base64url(crypto::sha256(secret.reveal())));
}

}  // namespace datong::keyring
