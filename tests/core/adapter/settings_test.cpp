#include "core/adapter/settings.h"

#include <algorithm>

#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using adapter::Setting;
using adapter::SettingKind;

namespace {

adapter::Kind sample() {
    return {.name = "sample",
            .settings = {{.name = "url", .kind = SettingKind::url, .required = true},
                         {.name = "key", .secret = true},
                         {.name = "count", .kind = SettingKind::whole, .otherwise = "4", .least = 1, .most = 9},
                         {.name = "wait_ms", .kind = SettingKind::milliseconds, .otherwise = "50"},
                         {.name = "mode", .otherwise = "fast", .choices = {"fast", "slow"}},
                         {.name = "on", .kind = SettingKind::flag, .otherwise = "true"},
                         {.name = "names", .kind = SettingKind::list},
                         {.name = "file", .kind = SettingKind::file},
                         {.name = "headers", .kind = SettingKind::map, .secret = true}},
            .operation_settings = {
                {.name = "path", .required = true},
                {.name = "sets", .kind = SettingKind::map, .entry = {{.name = "sql", .required = true}}}}};
}

yaml::Node parse(const std::string& text) {
    auto node = yaml::parse(text, "land.yaml");
    REQUIRE(node.has_value());
    return std::move(*node);
}

const std::string kGood =
    "url: https://10.0.0.1:8443/api\n"
    "key: s3cret\n"
    "count: 7\n"
    "wait_ms: 1500\n"
    "mode: slow\n"
    "on: false\n"
    "names: [a, b]\n"
    "headers: {X-Key: k}\n"
    "operations:\n"
    "  query: {path: /q, sets: {rows: {sql: SELECT 1}}}\n"
    "  other: {path: /o}\n";

std::string codes(const Mistakes& mistakes) {
    std::string joined;
    for (const Mistake& mistake : mistakes) {
        joined += mistake.code + " ";
    }
    return joined;
}

}  // namespace

TEST_CASE("settings are read by the kind's list", "[adapter]") {
    const yaml::Node node = parse(kGood);
    Mistakes mistakes;
    const auto settings = adapter::read_settings(node, sample(), mistakes);
    REQUIRE(mistakes.empty());
    CHECK(settings.text("url") == "https://10.0.0.1:8443/api");
    CHECK(settings.secret("key").reveal() == "s3cret");
    CHECK(settings.whole("count") == 7);
    CHECK(settings.milliseconds("wait_ms") == std::chrono::milliseconds{1500});
    CHECK(settings.text("mode") == "slow");
    CHECK_FALSE(settings.flag("on"));
    CHECK(settings.texts("names") == std::vector<std::string>{"a", "b"});
    REQUIRE(settings.map("headers").size() == 1);
    CHECK(settings.map("headers").front().second.reveal() == "k");
    CHECK_FALSE(settings.has("file"));
    REQUIRE(settings.entries("operations").size() == 2);
    const auto& [name, query] = settings.entries("operations").front();
    CHECK(name == "query");
    CHECK(query.text("path") == "/q");
    CHECK(query.entries("sets").front().second.text("sql") == "SELECT 1");
    CHECK(query.where("path").line == 10);
}

TEST_CASE("what is not said has the list's default", "[adapter]") {
    const yaml::Node node = parse("url: http://h\noperations: {a: {path: /}}\n");
    Mistakes mistakes;
    const auto settings = adapter::read_settings(node, sample(), mistakes);
    REQUIRE(mistakes.empty());
    CHECK(settings.whole("count") == 4);
    CHECK(settings.milliseconds("wait_ms") == std::chrono::milliseconds{50});
    CHECK(settings.text("mode") == "fast");
    CHECK(settings.flag("on"));
    CHECK(settings.secret("key").empty());
    CHECK(settings.texts("names").empty());
}

TEST_CASE("every mistake is found at once, at its place", "[adapter]") {
    struct Row {
        const char* why;
        std::string from;
        std::string to;
        const char* code;
        int line;
    };
    const auto row = GENERATE(values<Row>({
        {"unknown key", "count: 7", "cuont: 7", "C101 ", 3},
        {"missing", "url: https://10.0.0.1:8443/api\n", "", "C102 ", 1},
        {"missing in an operation", "path: /o", "", "C102 ", 11},
        {"unknown in an operation", "path: /o", "path: /o, pth: 1", "C101 ", 11},
        {"missing deep inside", "{sql: SELECT 1}", "", "C102 ", 10},
        {"no number", "count: 7", "count: seven", "C103 ", 3},
        {"too large", "count: 7", "count: 10", "C104 ", 3},
        {"no flag", "on: false", "on: no", "C103 ", 6},
        {"not a choice", "mode: slow", "mode: slwo", "C105 ", 5},
        {"no url", "https://10.0.0.1:8443/api", "ftp://10.0.0.1", "C103 ", 1},
        {"user in the url", "https://10.0.0.1", "https://me@10.0.0.1", "C103 ", 1},
        {"query in the url", "8443/api", "8443/api?x=1", "C103 ", 1},
        {"no host in the url", "https://10.0.0.1:8443/api", "https:///api", "C103 ", 1},
        {"no map", "headers: {X-Key: k}", "headers: k", "C103 ", 8},
        {"no text in a map", "headers: {X-Key: k}", "headers: {X-Key: [k]}", "C103 ", 8},
    }));
    CAPTURE(row.why);
    std::string text = kGood;
    REQUIRE(text.find(row.from) != std::string::npos);
    text.replace(text.find(row.from), row.from.size(), row.to);
    const yaml::Node node = parse(text);
    Mistakes mistakes;
    static_cast<void>(adapter::read_settings(node, sample(), mistakes));
    CHECK(codes(mistakes) == row.code);
    REQUIRE_FALSE(mistakes.empty());
    CHECK(mistakes.front().where.file == "land.yaml");
    CHECK(mistakes.front().where.line == row.line);
    CHECK_FALSE(mistakes.front().text_zh.empty());
}

TEST_CASE("a misspelt key or choice is answered with the nearest right one", "[adapter]") {
    const yaml::Node node = parse("url: http://h\ncountt: 3\nmode: slov\noperations: {a: {path: /}}\n");
    Mistakes mistakes;
    static_cast<void>(adapter::read_settings(node, sample(), mistakes));
    REQUIRE(mistakes.size() == 2);
    CHECK(std::ranges::any_of(
        mistakes, [](const Mistake& mistake) { return to_line(mistake).find("count") != std::string::npos; }));
    CHECK(std::ranges::any_of(mistakes, [](const Mistake& mistake) { return mistake.hint == "slow"; }));
}

TEST_CASE("no operations is a mistake of a kind that has them", "[adapter]") {
    const std::string text = GENERATE("url: http://h\n", "url: http://h\noperations: {}\n");
    const yaml::Node node = parse(text);
    Mistakes mistakes;
    static_cast<void>(adapter::read_settings(node, sample(), mistakes));
    CHECK(mistakes.size() == 1);
}

TEST_CASE("a secret's value never stands in a mistake", "[adapter][security]") {
    const yaml::Node node = parse("url: http://h\nkey: [s3cret]\nheaders: {K: [s3cret]}\noperations: {a: {path: /}}\n");
    Mistakes mistakes;
    static_cast<void>(adapter::read_settings(node, sample(), mistakes));
    REQUIRE(mistakes.size() == 2);
    for (const Mistake& mistake : mistakes) {
        CHECK(to_line(mistake).find("s3cret") == std::string::npos);
    }
}

TEST_CASE("a named file is read below the configuration's folder, and one that is not there is a mistake",
          "[adapter]") {
    const support::ScratchFolder folder;
    folder.write("ca.pem", "PEM");
    async::Pools pools;
    const SystemClock clock;
    auto sink = telemetry::Sink::make({.file = "-"});
    REQUIRE(sink.has_value());
    const adapter::Tools tools{.blocking = pools.make({}), .clock = clock, .sink = **sink, .folder = folder.path()};
    const std::string name = GENERATE("ca.pem", "none.pem", ".");
    const yaml::Node node = parse("url: http://h\nfile: " + name + "\noperations: {a: {path: /}}\n");
    Mistakes mistakes;
    const auto settings = adapter::read_settings(node, sample(), mistakes);
    REQUIRE(mistakes.empty());
    const std::string text = adapter::read_named_file(settings, "file", tools, mistakes);
    CHECK(text == (name == "ca.pem" ? "PEM" : ""));
    CHECK(mistakes.empty() == (name == "ca.pem"));
}
