#include "core/profiles/sha1_appkey.h"

#include "core/base/text.h"
#include "core/crypto/weak.h"

namespace datong::profiles {

std::string sha1_appkey_sign(const std::string& app_key, const Secret& app_secret, const std::string& timestamp) {
    const Secret base{app_key + app_secret.reveal() + timestamp};
    return to_hex(crypto::weak_sha1(base.reveal()));
}

std::vector<codec::HttpField> sha1_appkey_headers(const std::string& app_key, const Secret& app_secret,
                                                  const std::string& timestamp) {
    return {
        {"appKey", app_key}, {"timestamp", timestamp}, {"signature", sha1_appkey_sign(app_key, app_secret, timestamp)}};
}

}  // namespace datong::profiles
