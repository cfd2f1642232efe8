#include <cstdlib>
#include <filesystem>

#include "core/app/admin_client.h"
#include "core/base/durable_file.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/keyring/secret_file.h"

namespace datong::app {
namespace {

namespace fs = std::filesystem;
using record::Record;

std::string environment_of(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : std::string{};
}

/// Where this user's sessions are; empty when there is no such place.
std::string folder_of_sessions() {
    for (const auto& [name, below] : {std::pair{"XDG_RUNTIME_DIR", "/datong"}, std::pair{"XDG_CACHE_HOME", "/datong"},
                                      std::pair{"HOME", "/.cache/datong"}}) {
        if (const std::string folder = environment_of(name); folder.starts_with('/')) {
            return folder + below;
        }
    }
    return {};
}

/// One file a gateway: its name tells nothing that may not stand in a file's name.
std::string file_of(const std::string& url) {
    constexpr std::size_t kDigits = 16;
    const std::string folder = folder_of_sessions();
    return folder.empty() ? std::string{} : folder + "/session-" + to_hex(crypto::sha256(url)).substr(0, kDigits);
}

}  // namespace

std::optional<Session> kept_session(const std::string& url) {
    const std::string file = file_of(url);
    const auto text = file.empty() || !fs::exists(file)
                          ? tl::expected<Secret, keyring::Unkept>{tl::unexpected{keyring::Unkept{}}}
                          : keyring::read_secret(file);
    const auto kept = text ? codec::read_json(text->reveal()) : fail(Fault::bad_request, "");
    if (!kept || kept->text_of("url") != url) {
        return std::nullopt;
    }
    return Session{.url = url,
                   .account = kept->text_of("account"),
                   .until = kept->text_of("until"),
                   .token = Secret{kept->text_of("token")},
                   .x509 = kept->text_of("x509"),
                   .x509_key = kept->text_of("x509_key")};
}

Status keep_session(const Session& session) {
    const std::string file = file_of(session.url);
    if (file.empty()) {
        return fail(Fault::internal, "neither XDG_RUNTIME_DIR nor HOME is set: no place to keep the session");
    }
    Record made = Record::object();
    made.put("url", Record::text(session.url));
    made.put("account", Record::text(session.account));
    made.put("until", Record::text(session.until));
    made.put("token", Record::text(session.token.reveal()));
    if (!session.x509.empty()) {
        made.put("x509", Record::text(session.x509));
        made.put("x509_key", Record::text(session.x509_key));
    }
    std::error_code error;
    const fs::path folder = fs::path{file}.parent_path();
    fs::create_directories(folder, error);
    fs::permissions(folder, fs::perms::owner_all, error);
    return replace_file(file, codec::write_json(made));
}

void drop_session(const std::string& url) {
    std::error_code error;
    fs::remove(file_of(url), error);
}

}  // namespace datong::app
