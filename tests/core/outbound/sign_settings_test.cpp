#include "core/outbound/sign_settings.h"

#include <filesystem>

#include "core/outbound/signed_source.h"
#include "core/yaml/node.h"
#include "tests/support/adapter_kit.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
namespace fs = std::filesystem;

namespace {

/// What `sign: {...}` gives; the secret lies in a file of the folder.
Mistakes mistakes_of(const support::ScratchFolder& folder, const std::string& sign) {
    support::AdapterBench bench{folder.path()};
    const auto node = yaml::parse("url: http://h\nsign: " + sign + "\n", "land.yaml");
    REQUIRE(node.has_value());
    Mistakes mistakes;
    const adapter::Kind kind{.name = "sample", .settings = outbound::SignedSource::settings()};
    const auto settings = adapter::read_settings(*node, kind, mistakes);
    if (!has_errors(mistakes)) {
        const auto made = outbound::SignedSource::make(settings, bench.tools(), mistakes);
        CHECK((made != nullptr) == mistakes.empty());
    }
    return mistakes;
}

std::string lines_of(const Mistakes& mistakes) {
    std::string all;
    for (const Mistake& mistake : mistakes) {
        all += to_line(mistake) + '\n';
    }
    return all;
}

support::ScratchFolder& folder() {
    static support::ScratchFolder made;
    made.write("key", "0123456789abcdef0123456789abcdef\n");
    fs::permissions(made / "key", fs::perms::owner_read | fs::perms::owner_write);
    return made;
}

}  // namespace

TEST_CASE("every profile can be set", "[outbound]") {
    const std::string sign = GENERATE(
        as<std::string>{}, "{profile: gjgxjhpt, id: r, service: s, secret_file: key}",
        "{profile: gjzwfwpt, id: r, service: s, secret_file: key, life_ms: 60000, expired_at: code, expired_values: "
        "\"2002\"}",
        "{profile: gjzwfwpt-form, id: r, service: s, secret_file: key, signs: [rid, content], access_key: k}",
        "{profile: tif, id: p, secret_file: key, prefix: x-rio-}", "{profile: zj-md5, id: a, secret_file: key}",
        "{profile: gateway-sig, id: a, secret_file: key, lend_path: /token}",
        "{profile: sha1-appkey, id: a, secret_file: key}",
        "{profile: body-token, secret_file: key, lend_path: /t, token_at: data.token, token_in: json, token_to: "
        "head.token, "
        "token_fields: {user: u, password: \"{secret}\"}, expired_status: [401]}");
    CAPTURE(sign);
    CHECK(lines_of(mistakes_of(folder(), sign)).empty());
}

TEST_CASE("mistakes in sign are found when it is read", "[outbound]") {
    struct Row {
        const char* why;
        const char* sign;
        const char* says;
    };
    const auto row = GENERATE(values<Row>({
        {"no profile", "{id: r}", "profile"},
        {"a profile unknown", "{profile: md5, id: r, secret_file: key}", "profile must be one of"},
        {"no id", "{profile: tif, secret_file: key}", "tif needs id"},
        {"no service", "{profile: gjgxjhpt, id: r, secret_file: key}", "gjgxjhpt needs service"},
        {"no secret", "{profile: tif, id: r}", "say one of secret"},
        {"a secret in the file", "{profile: tif, id: r, secret: s3cret}", "is a secret: it is not written here"},
        {"no such file", "{profile: tif, id: r, secret_file: none}", "secret_file: can't read"},
        {"another's setting", "{profile: tif, id: r, secret_file: key, token_at: x}", "tif has no token_at"},
        {"a life where nothing is lent", "{profile: tif, id: r, secret_file: key, life_ms: 60000}",
         "tif has no life_ms"},
        {"a path with a query", "{profile: gateway-sig, id: r, secret_file: key, lend_path: \"/t?x=1\"}",
         "lend_path must"},
        {"half a rule", "{profile: zj-md5, id: r, secret_file: key, expired_at: code}", "go together"},
        {"no place", "{profile: zj-md5, id: r, secret_file: key, expired_at: a..b, expired_values: x}",
         "expired_at must"},
        {"no status", "{profile: zj-md5, id: r, secret_file: key, expired_status: [x]}", "status codes"},
        {"no part", "{profile: gjzwfwpt-form, id: r, service: s, secret_file: key, signs: [secret]}", "no part secret"},
        {"a token without its place",
         "{profile: body-token, secret_file: key, lend_path: /t, token_at: a, token_in: json}", "token_to must"},
        {"a token without its name",
         "{profile: body-token, secret_file: key, lend_path: /t, token_at: a, token_in: query}", "token_name must say"},
        {"a token in the client's own header",
         "{profile: body-token, secret_file: key, lend_path: /t, token_at: a, token_in: header, token_name: Host}",
         "token_name can't"},
        {"a field of something else",
         "{profile: body-token, secret_file: key, lend_path: /t, token_at: a, token_in: form, token_name: t, "
         "token_fields: "
         "{a: \"{env}\"}}",
         "{id} and {secret} only"},
        {"no SM2 key", "{profile: sm-envelope, id: r, secret_file: key, peer_key: key}", "no SM2 key"},
        {"an id that ends a header", "{profile: tif, id: \"a\\r\\nX: 1\", secret_file: key}", "control characters"},
        {"misspelt", "{profile: tif, id: r, secret_file: key, servise: s}", "servise"},
    }));
    CAPTURE(row.why);
    const std::string lines = lines_of(mistakes_of(folder(), row.sign));
    CHECK_THAT(lines, ContainsSubstring(row.says));
    CHECK(lines.find("s3cret") == std::string::npos);
    CHECK(lines.find("0123456789abcdef") == std::string::npos);
}

TEST_CASE("a secret's file must be kept from others", "[outbound][security]") {
    using fs::perms;
    const std::string sign = "{profile: tif, id: p, secret_file: key2}";
    folder().write("key2", "k");
    const auto with = [&](perms mode) {
        fs::permissions(folder() / "key2", mode);
        return lines_of(mistakes_of(folder(), sign));
    };
    constexpr auto kOwner = perms::owner_read | perms::owner_write;
    CHECK(with(kOwner).empty());
    CHECK(with(kOwner | perms::group_read).empty());
    CHECK_THAT(with(kOwner | perms::others_read), ContainsSubstring("others may read"));
    CHECK_THAT(with(kOwner | perms::group_read | perms::group_write), ContainsSubstring("others may read"));
    fs::remove(folder() / "key2");
    fs::create_directory(folder() / "key2");
    CHECK_THAT(lines_of(mistakes_of(folder(), sign)), ContainsSubstring("must be a plain file"));
    fs::remove(folder() / "key2");
}

TEST_CASE("a secret that an environment variable holds is taken", "[outbound]") {
    support::AdapterBench bench;
    auto node = yaml::parse("url: http://h\nsign: {profile: tif, id: p, secret: from-the-environment}\n", "land.yaml");
    REQUIRE(node.has_value());
    // what core/catalogue/loading.cpp does for ${NAME}
    node->entries[1].second.entries[2].second.from_environment = true;
    Mistakes mistakes;
    const adapter::Kind kind{.name = "sample", .settings = outbound::SignedSource::settings()};
    const auto settings = adapter::read_settings(*node, kind, mistakes);
    CHECK(lines_of(mistakes).empty());
    CHECK(outbound::SignedSource::make(settings, bench.tools(), mistakes) != nullptr);
}
