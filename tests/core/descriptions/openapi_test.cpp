#include "core/descriptions/openapi.h"

#include "tests/core/descriptions/sample.h"

using namespace datong;
using namespace datong::descriptions::tests;
using descriptions::read_openapi;

TEST_CASE("an OpenAPI 3 description in YAML is read", "[descriptions]") {
    const auto made = read_openapi("market.yaml", read_sample("openapi/market.yaml"), {});
    REQUIRE(made.has_value());
    CHECK_FALSE(made->is_soap);
    CHECK(made->url == "https://market.example/api");
    REQUIRE(made->operations.size() == 2);
    const descriptions::Operation& get = made->operations[0];
    CHECK(get.name == "getEntity");
    CHECK(get.label == "按统一社会信用代码查询");
    CHECK(get.method == "GET");
    CHECK(get.path == "/v1/entities/{uniscid}");
    CHECK(get.query == std::vector<std::string>{"lang"});
    CHECK(shown(get.input.members) == "uniscid:text lang:text?");
    CHECK(has_gap(get.gaps, "X-App-Id"));
    CHECK(has_gap(get.gaps, "holds itself"));
    const descriptions::Operation& post = made->operations[1];
    CHECK(post.json_body);
    CHECK(shown(post.input.members) == "entname:text page:integer ratio:decimal? exact:boolean?");
    REQUIRE(post.output.members.size() == 3);
    CHECK(post.output.members[0].codes == std::vector<std::string>{"2000", "4004"});
    const descriptions::Shape& data = post.output.members[2];
    CHECK(data.is_object());
    CHECK(data.members[0].name == "UNISCID");
    CHECK(data.members[3].many);
    CHECK(data.members.back().name == "branches");
    CHECK(data.members.back().many);
}

TEST_CASE("a Swagger 2.0 description in JSON is read", "[descriptions]") {
    const auto made = read_openapi("fund.json", read_sample("openapi/fund.json"), {});
    REQUIRE(made.has_value());
    CHECK(made->url == "http://127.0.0.1:8090/fund");
    REQUIRE(made->operations.size() == 1);
    const descriptions::Operation& one = made->operations[0];
    CHECK(one.name == "queryUsingPOST");
    CHECK_FALSE(one.json_body);
    CHECK(one.query == std::vector<std::string>{"citybm"});
    CHECK(shown(one.input.members) == "sfzh:text xm:text citybm:text?");
    CHECK(shown(one.output.members) ==
          "code:integer? success:boolean? data:object?(grzh:text? grzhye:decimal? jzny:text? dwmc:text?)");
    CHECK(one.output.members[2].members[2].label == "缴至年月 换行");
}

TEST_CASE("an operation that is asked for and is not there is said with those that are", "[descriptions]") {
    const auto made = read_openapi("market.yaml", read_sample("openapi/market.yaml"), {.operation = "x"});
    REQUIRE_FALSE(made.has_value());
    CHECK(codes(made.error()) == "I105");
    CHECK(made.error().front().hint == "getEntity, queryEntities");
}
