#include "core/adapter/adapter.h"
#include "core/codec/json.h"
#include "tests/support/catch.h"

using namespace datong;

namespace {

std::unique_ptr<adapter::Adapter> make_none(const yaml::Node&, const adapter::Tools&, Mistakes&) {
    return nullptr;
}

adapter::Kind sample() {
    return {.name = "sample",
            .version = "1.0.0",
            .status = "alpha",
            .settings = {{.name = "url",
                          .kind = adapter::SettingKind::url,
                          .required = true,
                          .help_en = "where",
                          .help_zh = "地址"},
                         {.name = "key", .secret = true, .help_en = "a key", .help_zh = "密钥"},
                         {.name = "count",
                          .kind = adapter::SettingKind::whole,
                          .otherwise = "4",
                          .help_en = "how many",
                          .help_zh = "数量",
                          .least = 1,
                          .most = 9},
                         {.name = "mode", .otherwise = "a", .help_en = "m", .help_zh = "m", .choices = {"a", "b"}},
                         {.name = "on", .kind = adapter::SettingKind::flag, .otherwise = "true"},
                         {.name = "names", .kind = adapter::SettingKind::list}},
            .operation_settings = {{.name = "path", .required = true}},
            .make = make_none};
}

}  // namespace

TEST_CASE("a registry finds kinds by name", "[adapter]") {
    adapter::Registry registry;
    registry.add(sample());
    REQUIRE(registry.find("sample") != nullptr);
    CHECK(registry.find("sample")->status == "alpha");
    CHECK(registry.find("simple") == nullptr);
    CHECK(registry.kinds().size() == 1);
}

TEST_CASE("the JSON Schema of a kind says what its settings are", "[adapter]") {
    const auto schema = codec::read_json(adapter::settings_schema(sample()));
    REQUIRE(schema.has_value());
    CHECK(schema->text_of("$schema") == "https://json-schema.org/draft/2020-12/schema");
    CHECK_FALSE(schema->find("additionalProperties")->truth());
    const record::Record* properties = schema->find("properties");
    REQUIRE(properties != nullptr);
    CHECK(properties->members().size() == 7);
    CHECK(properties->find_path({"key", "x-secret"})->truth());
    CHECK(properties->find_path({"url", "x-secret"}) == nullptr);
    CHECK(properties->find_path({"count", "minimum"})->scalar() == "1");
    CHECK(properties->find_path({"count", "maximum"})->scalar() == "9");
    CHECK(properties->find_path({"count", "default"})->is_number());
    CHECK(properties->find_path({"mode", "enum"})->items().size() == 2);
    CHECK(properties->find_path({"on", "default"})->truth());
    CHECK(properties->find_path({"url", "title"})->scalar() == "地址");
    const record::Record* operation = properties->find_path({"operations", "additionalProperties"});
    REQUIRE(operation != nullptr);
    CHECK(operation->find("required")->items().size() == 1);
    CHECK(schema->find("required")->items().size() == 2);  // url, operations
}
