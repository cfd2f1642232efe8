#include "core/files/place.h"

#include "core/codec/json.h"
#include "tests/support/catch.h"

using namespace datong;
using record::Record;

namespace {

Record json(const char* text) {
    return codec::read_json(text).value();
}

}  // namespace

TEST_CASE("files are found in lists and objects, by their own places", "[files]") {
    Record content = json(R"({"no": "1", "plans": [{"file": "a"}, {"name": "b"}, {"file": "c"}]})");
    const auto found = files::find_places(content, "/plans/*/file");
    REQUIRE(found.size() == 2);
    CHECK(found[0].pointer == "/plans/0/file");
    CHECK(found[1].pointer == "/plans/2/file");
    *found[1].leaf = Record::text("token");
    CHECK(codec::write_json(content) == R"({"no":"1","plans":[{"file":"a"},{"name":"b"},{"file":"token"}]})");
    CHECK(files::find_places(content, "/plans/file").empty());
    CHECK(files::find_places(content, "/document/file").empty());
    CHECK(files::find_place(content, "/no")->scalar() == "1");
    CHECK(files::find_place(content, "/no/deeper") == nullptr);
}

TEST_CASE("what is given elsewhere is taken out, and what held nothing else goes along", "[files]") {
    const Record content = json(R"({"no": "1", "document": {"file": "x"}, "plans": [{"file": "a", "name": "n"}]})");
    const std::vector<std::string> gone{"/document/file", "/plans/0/file", "/none/at/all", "/plans/7/file"};
    CHECK(codec::write_json(files::without(content, gone)) == R"({"no":"1","plans":[{"name":"n"}]})");
    CHECK(codec::write_json(content).find("document") != std::string::npos);
    const std::vector<std::string> none{""};  // a kind of licences without a file
    CHECK(files::without(content, none) == content);
}
