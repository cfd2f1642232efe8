#include "core/signing/jcs.h"

#include <bit>
#include <charconv>
#include <cstdint>
#include <sstream>

#include "tests/core/signing/corpus.h"
#include "tests/support/catch.h"

using namespace datong;
using signing::canonical_json;
using signing::ecmascript_number;

namespace {

Result<std::string> canonical(const std::string& json) {
    return canonical_json(codec::read_json(json).value());
}

}  // namespace

TEST_CASE("the six documents of the JCS test suite come out octet by octet", "[signing]") {
    int compared = 0;
    for (const std::string name : {"arrays", "french", "structures", "unicode", "values", "weird"}) {
        CAPTURE(name);
        CHECK(canonical_json(tests::json_data("jcs/input/" + name + ".json")).value() ==
              tests::data("jcs/output/" + name + ".json"));
        ++compared;
    }
    CHECK(compared == 6);
}

TEST_CASE("ten thousand doubles are written as ECMAScript writes them", "[signing]") {
    std::istringstream lines{tests::data("jcs/es6-numbers-10000.txt")};
    int compared = 0;
    int wrong = 0;
    for (std::string line; std::getline(lines, line); ++compared) {
        const std::size_t comma = line.find(',');
        std::uint64_t bits = 0;
        REQUIRE(std::from_chars(line.data(), line.data() + comma, bits, 16).ptr == line.data() + comma);
        const std::string written = ecmascript_number(std::bit_cast<double>(bits));
        if (written != line.substr(comma + 1)) {
            CAPTURE(line, written);
            CHECK(++wrong == 0);
        }
        // and the same text is read as the same number
        CHECK(canonical("[" + written + "]") == "[" + written + "]");
    }
    CHECK(compared == 10'000);
}

TEST_CASE("numbers that no double holds are refused, those too small are nothing", "[signing]") {
    CHECK(canonical_json(record::Record::number("1e400")).error().fault() == Fault::bad_request);
    CHECK_FALSE(canonical_json(record::Record::number("-1e400")).has_value());
    CHECK(canonical("[1e-400, -0.0, 1.0, 100.10]") == "[0,0,1,100.1]");
    CHECK_FALSE(canonical_json(record::Record::bytes("\xff")).has_value());
}

TEST_CASE("names sort by their UTF-16 code units, where U+10000 stands before U+E000", "[signing]") {
    // U+20000 is D840 DC00 in UTF-16, U+FB33 is FB33; by code points it would be the other way round
    CHECK(canonical("{\"\xef\xac\xb3\":1,\"\xf0\xa0\x80\x80\":2,\"b\":3,\"a\":4}") ==
          "{\"a\":4,\"b\":3,\"\xf0\xa0\x80\x80\":2,\"\xef\xac\xb3\":1}");
    CHECK(canonical("{}") == "{}");
    CHECK(canonical("{\"\":[]}") == "{\"\":[]}");
}
