#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "adapters/rest/rest_adapter.h"
#include "core/crypto/x509.h"
#include "tests/adapters/rest/old_box.h"
#include "tests/support/adapter_kit.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/soft_token.h"

using namespace datong;
using namespace std::chrono_literals;
using crypto::SigningKey;
using support::AdapterBench;
using test::OldBox;

namespace {

struct Identity {
    std::string chain;
    std::string key;
};

SigningKey new_key() {
    return SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256).value();
}

/// Self-signed, for no name that anybody calls.
Identity self_signed(std::chrono::hours begins = -1h, int days = 2) {
    const SigningKey key = new_key();
    const auto from = std::chrono::system_clock::now() + begins;
    return {crypto::make_ca(key, "old box", {.not_before = from, .days = days}).value(), key.to_pem()->reveal()};
}

/// RSA of 1024 bits, signed with SHA-1 by itself: made by openssl, for we make no such thing.
Identity ancient(const support::ScratchFolder& folder) {
    const std::string command = "cd " + folder.path() +
                                " && openssl req -x509 -newkey rsa:1024 -sha1 -nodes -days 2 -subj /CN=box "
                                "-keyout box.key -out box.pem > log 2>&1";
    REQUIRE(std::system(command.c_str()) == 0);
    return {folder.read("box.pem"), folder.read("box.key")};
}

struct Caller {
    support::ScratchFolder folder;
    AdapterBench bench{folder.path()};

    /// The version of TLS that was spoken, or the fault.
    std::string call(const std::string& url, const std::string& settings) {
        const auto made = bench.make(adapters::rest::kind(),
                                     "url: " + url + "\n" + settings + "operations: {q: {method: GET, path: /}}\n");
        adapter::Ask what;
        what.operation = "q";
        const auto reply = bench.ask(*made, what);
        return reply ? reply->body : std::string{row_of(reply.error().fault()).code};
    }
};

}  // namespace

TEST_CASE("a pinned certificate is taken whatever its name, and no other is", "[adapters][rest][tls][security]") {
    Caller caller;
    const Identity box = self_signed();
    const Identity other = self_signed();
    caller.folder.write("box.pem", box.chain);
    caller.folder.write("other.pem", other.chain);
    caller.folder.write("both.pem", other.chain + box.chain);
    const OldBox server{{.chain = box.chain, .key = box.key}};
    CHECK(caller.call(server.url(), "pinned: box.pem\n") == "TLSv1.3");
    CHECK(caller.call(server.url(), "pinned: both.pem\n") == "TLSv1.3");
    CHECK(caller.call(server.url(), "pinned: other.pem\n") == "department_down");
    CHECK(caller.call(server.url(), "ca: box.pem\n") == "department_down");  // an anchor does not excuse the name
}

TEST_CASE("a certificate below the pinned one is not the pinned one", "[adapters][rest][tls][security]") {
    Caller caller;
    const SigningKey ca_key = new_key();
    const SigningKey key = new_key();
    const crypto::Validity now{.not_before = std::chrono::system_clock::now() - 1h, .days = 2};
    const std::string ca = crypto::make_ca(ca_key, "ca", now).value();
    crypto::X509Ask ask;
    ask.common_name = "127.0.0.1";
    ask.addresses = {"127.0.0.1"};
    ask.validity = now;
    const std::string leaf = crypto::make_x509({.pem = ca, .key = ca_key}, key, ask).value();
    caller.folder.write("ca.pem", ca);
    const OldBox server{{.chain = leaf + ca, .key = key.to_pem()->reveal()}};
    CHECK(caller.call(server.url(), "ca: ca.pem\n") == "TLSv1.3");
    CHECK(caller.call(server.url(), "pinned: ca.pem\n") == "department_down");
}

TEST_CASE("an expired certificate passes as an old box's only", "[adapters][rest][tls][security]") {
    Caller caller;
    const Identity box = self_signed(-240h, 1);
    caller.folder.write("box.pem", box.chain);
    const OldBox server{{.chain = box.chain, .key = box.key}};
    CHECK(caller.call(server.url(), "pinned: box.pem\n") == "department_down");
    CHECK(caller.call(server.url(), "pinned: box.pem\nold_tls: true\n") == "TLSv1.3");
}

TEST_CASE("TLS 1.0 with SHA-1 and RSA-1024 is met where the settings say so, with a warning",
          "[adapters][rest][tls][security]") {
    Caller caller;
    const Identity box = ancient(caller.folder);
    const Identity other = self_signed();
    caller.folder.write("other.pem", other.chain);
    const OldBox server{{.chain = box.chain, .key = box.key, .most = TLS1_VERSION}};
    CHECK(caller.call(server.url(), "pinned: box.pem\n") == "department_down");
    CHECK(caller.call(server.url(), "pinned: box.pem\nold_tls: true\n") == "TLSv1");
    CHECK(caller.call(server.url(), "pinned: other.pem\nold_tls: true\n") == "department_down");
    const auto made =
        caller.bench.make(adapters::rest::kind(),
                          "url: " + server.url() + "\npinned: box.pem\nold_tls: true\noperations: {q: {path: /}}\n");
    REQUIRE(made->warnings().size() == 1);
    CHECK_THAT(made->warnings().front().text_en, ContainsSubstring("TLS 1.0"));
}

TEST_CASE("there is no way to skip the check of a certificate", "[adapters][rest][tls][security]") {
    Caller caller;
    caller.folder.write("box.pem", self_signed().chain);
    for (const char* settings : {"", "old_tls: true\n", "ca: box.pem\nold_tls: true\n",
                                 "ca: box.pem\npinned: box.pem\n", "insecure: true\n", "verify: false\n"}) {
        CAPTURE(settings);
        Mistakes mistakes;
        CHECK(
            caller.bench.try_make(adapters::rest::kind(),
                                  std::string{"url: https://127.0.0.1:1\n"} + settings + "operations: {q: {path: /}}\n",
                                  mistakes) == nullptr);
        CHECK_FALSE(mistakes.empty());
    }
}

TEST_CASE("a server that wants a client's certificate gets ours", "[adapters][rest][tls]") {
    Caller caller;
    const SigningKey ca_key = new_key();
    const SigningKey own_key = new_key();
    const crypto::Validity now{.not_before = std::chrono::system_clock::now() - 1h, .days = 2};
    const std::string ca = crypto::make_ca(ca_key, "ca", now).value();
    crypto::X509Ask ask;
    ask.common_name = "datong";
    ask.for_client = true;
    ask.validity = now;
    caller.folder.write("own.pem", crypto::make_x509({.pem = ca, .key = ca_key}, own_key, ask).value());
    caller.folder.write("own.key", own_key.to_pem()->reveal());
    std::filesystem::permissions(caller.folder / "own.key", std::filesystem::perms{0600});
    const Identity box = self_signed();
    caller.folder.write("box.pem", box.chain);
    const OldBox server{{.chain = box.chain, .key = box.key, .client_ca = ca}};
    CHECK(caller.call(server.url(), "pinned: box.pem\nclient_chain: own.pem\nclient_key: own.key\n") == "TLSv1.3");
    CHECK(caller.call(server.url(), "pinned: box.pem\n") == "department_down");

    std::filesystem::permissions(caller.folder / "own.key", std::filesystem::perms{0644});
    Mistakes mistakes;
    CHECK(caller.bench.try_make(adapters::rest::kind(),
                                "url: https://h\npinned: box.pem\nclient_chain: own.pem\nclient_key: own.key\n"
                                "operations: {q: {path: /}}\n",
                                mistakes) == nullptr);
    REQUIRE_FALSE(mistakes.empty());
    CHECK_THAT(mistakes.front().hint, ContainsSubstring("chmod 600"));
}

TEST_CASE("the key of a client certificate may be named in its token", "[adapters][rest][tls][token]") {
    const support::SoftToken& token = support::SoftToken::only();
    REQUIRE(token.is_ready());
    support::ScratchFolder folder;
    AdapterBench bench{folder.path()};
    const Identity own = self_signed();
    folder.write("own.pem", own.chain);
    folder.write("own.key", own.key);
    folder.write("other.pem", self_signed().chain);
    REQUIRE(token.import(folder / "own.key", "source", "71"));
    std::filesystem::copy_file(token.pin_file(), folder / "token.pin");
    std::filesystem::permissions(folder / "token.pin", std::filesystem::perms{0600});
    const auto settings = [](const std::string& chain, const std::string& key) {
        return "url: https://127.0.0.1:1\nca: own.pem\nclient_chain: " + chain + "\nclient_key: \"" + key +
               "\"\noperations: {q: {method: GET, path: /}}\n";
    };
    const auto trouble = [&](const std::string& chain, const std::string& key) {
        Mistakes mistakes;
        CHECK(bench.try_make(adapters::rest::kind(), settings(chain, key), mistakes) == nullptr);
        return mistakes.empty() ? std::string{} : to_line(mistakes.front());
    };

    CHECK(bench.make(adapters::rest::kind(), settings("own.pem", token.uri("source", "token.pin"))) != nullptr);
    CHECK_THAT(trouble("other.pem", token.uri("source", "token.pin")), ContainsSubstring("not the certificate's"));
    CHECK_THAT(trouble("own.pem", token.uri("nobody", "token.pin")), ContainsSubstring("client_key"));
    CHECK_THAT(trouble("own.pem", token.uri("source", "no.pin")), ContainsSubstring("no.pin"));
    CHECK_THAT(trouble("own.pem", "pkcs11:object=source"), ContainsSubstring("client_key"));
    const std::string told = trouble("own.pem", token.uri("source", "token.pin") + "&pin-value=483920");
    CHECK_THAT(told, ContainsSubstring("client_key") && !ContainsSubstring("483920"));
}
