#include "tests/core/mapping/small.h"
#include "tests/support/catch.h"

using datong::mapping::tests::errors;
using datong::mapping::tests::Small;

namespace {

Small with(const std::string& row) {
    return Small{.rows = "let: [{name: k, from: d, steps: [upper]}]\nfields:\n  - " + row + "\n"};
}

}  // namespace

TEST_CASE("a template names its parts by number, by the name of a path or by a named value", "[mapping]") {
    const std::string json = R"({"a":"湘","b":"2024","c":"衡阳","d":"x","num":{"p":"7"}})";
    CHECK(with("{to: a, from_all: [a, b, c], steps: [{template: '{0}({b}){c}'}]}").gives(json) ==
          R"({"a":"湘(2024)衡阳"})");
    CHECK(with("{to: a, from_all: [num.p, $.b], steps: [{template: '{p}-{num.p}-{b}-{let.k}'}]}").gives(json) ==
          R"({"a":"7-7-2024-X"})");
    CHECK(with("{to: a, from_all: [a], steps: [{template: {text: '{{a}}={a}', null_part: ''}}]}").gives(json) ==
          R"({"a":"{a}=湘"})");
    CHECK(with("{to: a, from_all: [e], steps: [{template: {text: '{e}{let.k}', null_part: '-'}}]}").gives(json) ==
          R"({"a":"-X"})");
    CHECK(with("{to: a, from_all: [e], steps: [{template: '{e}{let.k}'}]}").gives(json) == "{}");
}

TEST_CASE("a part of a template that is no path of the row is a mistake with the nearest name", "[mapping]") {
    CHECK(errors(with("{to: a, from_all: [abc, b], steps: [{template: '{abd}'}]}").compile().mistakes) ==
          "M301 small.yaml:8:52 -> abc");
    CHECK(errors(with("{to: a, from_all: [a], steps: [{template: '{let.q}'}]}").compile().mistakes)
              .starts_with("M301 small.yaml:8:"));
    CHECK(errors(with("{to: a, from_all: [num.p, o.p], steps: [{template: '{p}'}]}").compile().mistakes)
              .starts_with("M301 small.yaml:8:"));
}

TEST_CASE("a named value that a template takes in brings its class along", "[mapping][security]") {
    Small small{.head = "source: {format: json, schema: in.yaml}\n",
                .rows =
                    "let: [{name: k, from: d}]\nfields:\n"
                    "  - {to: open, from_all: [a], steps: [{template: '{a}{let.k}'}]}\n"};
    small.files.put("in.yaml",
                    "datong: source/v1\nid: in\nversion: 1.0.0\nfields:\n  - {path: a, class: public}\n"
                    "  - {path: d, class: sensitive}\n");
    CHECK(errors(small.compile().mistakes).starts_with("M501 small.yaml:8:"));
}
