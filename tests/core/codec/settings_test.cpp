#include "core/codec/settings.h"

#include <string>

#include "core/yaml/node.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace std::chrono_literals;

namespace {

yaml::Node parsed(std::string_view text) {
    auto node = yaml::parse(text, "land.yaml");
    REQUIRE(node.has_value());
    return std::move(*node);
}

}  // namespace

TEST_CASE("settings are read by their kinds", "[codec]") {
    const yaml::Node node = parsed(
        "url: https://a\npassword: s3\nmost: 12\nwait_ms: 250\noff: true\nmode: b\nscopes: [x, y]\none: z\nin: {a: "
        "1}\n");
    Mistakes mistakes;
    codec::SettingsReader reader{node, mistakes};
    CHECK(reader.text("url") == "https://a");
    CHECK(reader.text("absent", "otherwise") == "otherwise");
    CHECK(reader.secret("password").reveal() == "s3");
    CHECK(reader.whole("most", 1, 20, 3) == 12);
    CHECK(reader.whole("least", 1, 20, 3) == 3);
    CHECK(reader.milliseconds("wait_ms", 1s) == 250ms);
    CHECK(reader.milliseconds("rest_ms", 1s) == 1s);
    CHECK(reader.flag("off", false));
    CHECK(reader.one_of("mode", {"a", "b"}, "a") == "b");
    CHECK(reader.texts("scopes") == std::vector<std::string>{"x", "y"});
    CHECK(reader.texts("one") == std::vector<std::string>{"z"});
    CHECK(reader.texts("none").empty());
    REQUIRE(reader.required_node("in") != nullptr);
    CHECK(reader.node("out") == nullptr);
    reader.finish();
    CHECK(mistakes.empty());
}

TEST_CASE("all mistakes of a settings file are told at once, each with its place and code", "[codec]") {
    const yaml::Node node = parsed(
        "urll: x\nmost: many\nleast: 99\noff: maybe\nmode: c\nscopes: {a: 1}\nempty: ''\nlist: [[1]]\nwait_ms: -1\n");
    Mistakes mistakes;
    codec::SettingsReader reader{node, mistakes};
    CHECK(reader.text("url").empty());
    CHECK(reader.whole("most", 1, 20, 3) == 3);
    CHECK(reader.whole("least", 1, 20, 3) == 3);
    CHECK_FALSE(reader.flag("off", false));
    CHECK(reader.one_of("mode", {"a", "b"}, "a") == "a");
    CHECK(reader.texts("scopes").empty());
    CHECK(reader.text("empty").empty());
    CHECK(reader.texts("list").empty());
    CHECK(reader.milliseconds("wait_ms", 1s) == 1s);
    reader.finish();
    std::string codes;
    for (const Mistake& mistake : mistakes) {
        codes += mistake.code + "@" + std::to_string(mistake.where.line) + " ";
        CHECK(mistake.where.file == "land.yaml");
        CHECK_FALSE(mistake.text_zh.empty());
        CHECK_FALSE(mistake.text_en.empty());
    }
    CHECK(codes == "C102@1 C103@2 C104@3 C103@4 C105@5 C103@6 C102@7 C103@8 C104@9 C101@1 ");
    CHECK(mistakes.back().hint == "did you mean 'url'?");
}

TEST_CASE("settings that are no map are a mistake, and none at all are not", "[codec]") {
    Mistakes mistakes;
    const yaml::Node list = parsed("[1]");
    codec::SettingsReader{list, mistakes}.finish();
    REQUIRE(mistakes.size() == 1);
    CHECK(mistakes.front().code == "C103");
    mistakes.clear();
    const yaml::Node node = parsed("settings:\n");
    codec::SettingsReader{*node.find("settings"), mistakes}.finish();
    CHECK(mistakes.empty());
}

TEST_CASE("a list is one, or a mistake and no items", "[codec]") {
    const yaml::Node node = parsed("good: [{a: 1}, {a: 2}]\nmap: {a: 1}\ntext: x\nnone: []\n");
    Mistakes mistakes;
    codec::SettingsReader reader{node, mistakes};
    CHECK(reader.list("good").size() == 2);
    CHECK(reader.list("none").empty());
    CHECK(reader.list("absent").empty());
    CHECK(mistakes.empty());
    CHECK(reader.list("map").empty());
    CHECK(reader.required_list("text").empty());
    CHECK(reader.required_list("missing").empty());
    reader.finish();
    std::string codes;
    for (const Mistake& one : mistakes) {
        codes += one.code + ' ';
    }
    CHECK(codes == "C103 C103 C102 ");
}
