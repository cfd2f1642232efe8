#include "core/container/archive.h"

#include "core/codec/compression.h"
#include "tests/support/catch.h"

using namespace datong;
using container::Part;
using container::read_asic;

namespace {

std::string packed(const std::vector<Part>& parts) {
    const auto made = container::write_asic(parts, "<signatures/>", std::chrono::system_clock::now());
    REQUIRE(made);
    return *made;
}

Part part(const std::string& name, const std::string& octets = "x") {
    return {.name = name, .media = "text/plain", .octets = octets};
}

std::string why(const std::string& octets, const container::AsicLimits& limits = {}) {
    const auto read = read_asic(octets, limits);
    return read ? "read" : read.error().detail();
}

std::string with(std::string octets, std::size_t at, const std::string& put) {
    return octets.replace(at, put.size(), put);
}

}  // namespace

TEST_CASE("a container is read as it was written, its mimetype first, stored and without anything before it",
          "[container]") {
    const std::string octets = packed({part("records/intent.json", "{}"), part("a.bin", std::string(100'000, 'a'))});
    // where `file` and every other tool look. Source: ETSI EN 319 162-1, A.1
    CHECK(octets.substr(30, 8) == "mimetype");
    CHECK(octets.substr(38, container::kMimetype.size()) == container::kMimetype);
    const auto read = read_asic(octets);
    REQUIRE(read);
    CHECK(read->size() == 4);
    CHECK(read->at("records/intent.json") == "{}");
    CHECK(read->at("a.bin").size() == 100'000);
    CHECK(read->at("META-INF/signatures.xml") == "<signatures/>");
    CHECK(octets.size() < 2'000);
}

TEST_CASE("names that lead elsewhere, or mean one file in two ways, are refused", "[container][security]") {
    const auto* const name =
        GENERATE("../x", "a/../../x", "./x", "a/./x", ".hidden", "a//x", "C:x", "a\\x", "名", "a b");
    CAPTURE(name);
    // written under a plain name of the same length, then renamed in both heads
    const std::string plain(std::string_view{name}.size(), 'q');
    std::string octets = packed({part(plain)});
    for (auto at = octets.find(plain); at != std::string::npos; at = octets.find(plain)) {
        octets.replace(at, plain.size(), name);
    }
    CHECK_THAT(why(octets), ContainsSubstring("a name that is refused"));
}

TEST_CASE("a name twice is refused, also in another case", "[container][security]") {
    std::string octets = packed({part("aaaa"), part("bbbb")});
    for (const char* twice : {"aaaa", "AAAA"}) {
        std::string other = octets;
        for (auto at = other.find("bbbb"); at != std::string::npos; at = other.find("bbbb")) {
            other.replace(at, 4, twice);
        }
        CHECK_THAT(why(other), ContainsSubstring("two files of the name"));
    }
}

TEST_CASE("what is no plain container is refused", "[container][security]") {
    const std::string good = packed({part("a", "first"), part("b", "second")});
    REQUIRE(why(good) == "read");
    CHECK_THAT(why("no archive"), ContainsSubstring("is no ZIP"));
    CHECK_THAT(why(""), ContainsSubstring("is no ZIP"));
    CHECK_THAT(why("junk" + good), !ContainsSubstring("read"));
    CHECK_THAT(why(good + "junk"), !ContainsSubstring("read"));
    CHECK_THAT(why(good.substr(0, good.size() / 2)), ContainsSubstring("is no ZIP"));
    CHECK_THAT(why(with(good, 38, "X")), !ContainsSubstring("read"));
    CHECK_THAT(why(with(good, 30, "M")), !ContainsSubstring("read"));
    std::string encrypted = good;  // the flag in the directory's second entry
    const auto entry = encrypted.find("PK\1\2", encrypted.find("PK\1\2") + 1);
    encrypted[entry + 8] = '\1';
    CHECK_THAT(why(encrypted), ContainsSubstring("encrypted"));
    std::string crc = good;
    crc[entry + 16] = static_cast<char>(crc[entry + 16] ^ 1);
    CHECK_THAT(why(crc), ContainsSubstring("check sum"));
}

TEST_CASE("two files in the same octets are refused", "[container][security]") {
    // the second entry of the directory points at the first file's octets
    std::string octets = packed({part("aaaa", "same"), part("aaab", "same")});
    const auto one = octets.find("PK\1\2", octets.find("PK\1\2") + 1);
    const auto two = octets.find("PK\1\2", one + 1);
    REQUIRE(two != std::string::npos);
    octets.replace(two + 42, 4, octets.substr(one + 42, 4));
    CHECK(why(octets) != "read");
}

TEST_CASE("a bomb is refused before it is unpacked", "[container][security]") {
    const std::string octets =
        packed({part("a", std::string(3'000'000, '\0')), part("b", std::string(3'000'000, '\0'))});
    REQUIRE(octets.size() < 20'000);
    CHECK(why(octets) == "read");
    CHECK_THAT(why(octets, {.file = 1'000'000}), ContainsSubstring("more than"));
    CHECK_THAT(why(octets, {.whole = 4'000'000}), ContainsSubstring("more than"));
    CHECK_THAT(why(octets, {.files = 3}), ContainsSubstring("more than 3 files"));
}
