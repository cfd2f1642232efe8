#include "examples/clients/cpp/command_line.h"

#include <string>
#include <vector>

#include "tests/support/catch.h"

using namespace datong::client;

namespace {

std::variant<Options, int> read(std::vector<const char*> words) {
    words.insert(words.begin(), "datong-call");
    return read_command_line(static_cast<int>(words.size()), words.data());
}

int code_of(const std::vector<const char*>& words) {
    const auto result = read(words);
    return std::holds_alternative<int>(result) ? std::get<int>(result) : -1;
}

}  // namespace

TEST_CASE("options may stand before the command or behind it", "[client]") {
    const auto result = read({"--url", "https://a", "--key", "k", "service", "tax-clearance", "--body", "-", "--keyid",
                              "id", "--json", "--trust", "t"});
    REQUIRE(std::holds_alternative<Options>(result));
    const auto& options = std::get<Options>(result);
    CHECK(options.command == Command::service);
    CHECK(options.url == "https://a");
    CHECK(options.key == "k");
    CHECK(options.keyid == "id");
    CHECK(options.trust == "t");
    CHECK(options.name == "tax-clearance");
    CHECK(options.body == "-");
    CHECK(options.json);
}

TEST_CASE("every command is known", "[client]") {
    const std::vector<const char*> common{"--url", "https://a", "--key", "k", "--keyid", "id"};
    auto words = common;
    words.insert(words.end(), {"matter", "m", "--body", "f"});
    CHECK(std::get<Options>(read(words)).command == Command::matter);
    CHECK(std::get<Options>(read({"--url", "https://a", "keys"})).command == Command::keys);
    CHECK(std::get<Options>(read({"verify", "--answer", "f", "--trust", "t"})).command == Command::verify);
}

TEST_CASE("a command line that says too little or too much is a usage error, help is none", "[client]") {
    CHECK(code_of({"--help"}) == kGood);
    CHECK(code_of({"service", "--help"}) == kGood);
    CHECK(code_of({}) == kUsage);
    CHECK(code_of({"nonsense"}) == kUsage);
    CHECK(code_of({"--nonsense", "keys"}) == kUsage);
    CHECK(code_of({"keys"}) == kUsage);
    CHECK(code_of({"--url", "https://a", "service", "x"}) == kUsage);
    CHECK(code_of({"--url", "https://a", "service", "x", "--body", "-"}) == kUsage);
    CHECK(code_of({"--url", "https://a", "--key", "k", "service", "x", "--body", "-"}) == kUsage);
    CHECK(code_of({"--url", "https://a", "--cert", "c", "keys"}) == kUsage);
    CHECK(code_of({"--url", "https://a", "--timeout", "0", "keys"}) == kUsage);
    CHECK(code_of({"verify", "--answer", "f"}) == kUsage);
}

TEST_CASE("files are fetched of answers alone", "[client]") {
    const std::vector<const char*> common{"--url", "https://a", "--key", "k", "--keyid", "id", "--files", "licences"};
    auto call = common;
    call.insert(call.end(), {"service", "discharge-permit", "--body", "-"});
    const auto result = read(call);
    REQUIRE(std::holds_alternative<Options>(result));
    CHECK(std::get<Options>(result).files == "licences");
    auto list = common;
    list.push_back("services");
    CHECK(code_of(list) == kUsage);
}
