#include "core/catalogue/language.h"
#include "tests/support/catch.h"

using namespace datong::catalogue;

TEST_CASE("the places of a text are filled, and nothing that was filled in is filled again", "[matters]") {
    CHECK(fill("还需提交：{material}（{why}）。", {{"material", "完税证明"}, {"why", "没有记录"}}) ==
          "还需提交：完税证明（没有记录）。");
    CHECK(fill("{a}{b}{a}", {{"a", "1"}, {"b", "2"}}) == "121");
    CHECK(fill("{a}", {{"a", "{b}"}, {"b", "2"}}) == "{b}");  // a title may hold braces
    CHECK(fill("{nobody} } {open", {}) == "{nobody} } {open");
    CHECK(fill("", {{"a", "1"}}).empty());
}

TEST_CASE("the places of a text are listed in their order", "[matters]") {
    CHECK(places_of("{a} and {b}, {a}") == std::vector<std::string>{"a", "b", "a"});
    CHECK(places_of("none").empty());
    CHECK(places_of("{open").empty());
}

TEST_CASE("a title without a language is the first one", "[matters]") {
    const Title title{.text = "完税证明", .others = {{"en", "Tax clearance"}, {"bo", "ཁྲལ་བསྡུ"}}};
    CHECK(title.in("en") == "Tax clearance");
    CHECK(title.in("bo") == "ཁྲལ་བསྡུ");
    CHECK(title.in("zh-CN") == "完税证明");
    CHECK(title.in("ug") == "完税证明");
}
