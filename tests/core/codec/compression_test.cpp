#include "core/codec/compression.h"

#include "core/base/text.h"
#include "tests/support/catch.h"

using namespace datong;
using codec::Compression;

TEST_CASE("packed octets come out as they went in", "[codec]") {
    const auto format = GENERATE(Compression::gzip, Compression::zlib);
    const std::string text = GENERATE(std::string{}, std::string{"x"}, std::string(100'000, 'a'));
    const auto packed = codec::compress(text, format);
    REQUIRE(packed.has_value());
    CHECK(codec::decompress(*packed, format, text.size()) == text);
    CHECK(codec::compress(text, format) == *packed);
    const Compression other = format == Compression::gzip ? Compression::zlib : Compression::gzip;
    CHECK_FALSE(codec::decompress(*packed, other, 1000).has_value());
}

TEST_CASE("what gzip itself wrote is read, members one behind the other too", "[codec]") {
    // printf 'datong\n' | gzip -n, of gzip 1.12
    const std::string gzip = from_hex("1f8b08000000000000034b492cc9cf4be7020079380ac607000000").value();
    CHECK(codec::decompress(gzip, Compression::gzip, 7) == "datong\n");
    const auto whole = codec::compress("datong\n", Compression::gzip);
    REQUIRE(whole.has_value());
    CHECK(codec::decompress(gzip + *whole, Compression::gzip, 100) == "datong\ndatong\n");
}

TEST_CASE("packed data that lies is refused by name", "[codec][security]") {
    const std::string good = codec::compress(std::string(3'000'000, 'a'), Compression::gzip).value();
    CHECK(good.size() < 10'000);
    const auto bomb = codec::decompress(good, Compression::gzip, 1'000'000);
    REQUIRE_FALSE(bomb.has_value());
    CHECK(bomb.error().fault() == Fault::body_too_large);
    std::string flipped = good;
    flipped[flipped.size() - 6] = static_cast<char>(flipped[flipped.size() - 6] ^ 1);  // check sum
    for (const std::string& broken :
         {good.substr(0, good.size() - 1), good.substr(0, 5), std::string{}, flipped, good + "x", "x" + good}) {
        const auto out = codec::decompress(broken, Compression::gzip, 10'000'000);
        REQUIRE_FALSE(out.has_value());
        CHECK(out.error().fault() == Fault::bad_request);
    }
    const std::string zlib = codec::compress("x", Compression::zlib).value();
    CHECK_FALSE(codec::decompress(zlib + zlib, Compression::zlib, 100).has_value());
}
