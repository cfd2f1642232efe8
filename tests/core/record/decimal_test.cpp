#include "core/record/decimal.h"

#include "tests/support/catch.h"

using datong::record::Decimal;
using Rounding = Decimal::Rounding;

namespace {

Decimal number(std::string_view text) {
    const auto value = Decimal::parse(text);
    REQUIRE(value.has_value());
    return *value;
}

std::string text_of(const std::optional<Decimal>& value) {
    return value ? value->to_text() : "none";
}

std::string nines(std::size_t count) {
    return std::string(count, '9');
}

}  // namespace

TEST_CASE("a decimal keeps the digits that were written", "[record]") {
    for (const std::string text :
         {"0", "1.50", "-12.50", "0.00", "100.10", "0.05", "-0.5", "12345678901234567890.12"}) {
        CAPTURE(text);
        CHECK(number(text).to_text() == text);
    }
    CHECK(number("+7").to_text() == "7");
    CHECK(number("-0").to_text() == "0");
    CHECK(number("007.10").to_text() == "7.10");
    CHECK(number("1.50").scale() == 2);
    CHECK(Decimal{1250, 2}.to_text() == "12.50");
    CHECK(Decimal{INT64_MIN}.to_text() == "-9223372036854775808");
    CHECK(Decimal{}.to_text() == "0");
}

TEST_CASE("a decimal refuses what is no plain number", "[record]") {
    for (const std::string text :
         {"", "-", "+", ".", ".5", "5.", "1e3", "1,000", " 1", "1 ", "--1", "+-1", "1.2.3", "0x1", "１", "NaN"}) {
        CAPTURE(text);
        CHECK_FALSE(Decimal::parse(text).has_value());
    }
}

TEST_CASE("a decimal holds 38 digits and no more", "[record]") {
    CHECK(number(nines(38)).to_text() == nines(38));
    CHECK(number("-0." + nines(38)).to_text() == "-0." + nines(38));
    CHECK_FALSE(Decimal::parse(nines(39)).has_value());
    CHECK_FALSE(Decimal::parse("0." + std::string(38, '0') + "1").has_value());
    CHECK(number(std::string(60, '0') + "1").to_text() == "1");
    CHECK_FALSE(add(number(nines(38)), number("1")).has_value());
    CHECK_FALSE(add(number("-" + nines(38)), number("-" + nines(38))).has_value());
    CHECK(text_of(subtract(number(nines(38)), number(nines(38)))) == "0");
    CHECK_FALSE(multiply(number(nines(20)), number(nines(20))).has_value());
    CHECK_FALSE(number(nines(38)).rescale(1, Rounding::reject).has_value());
}

TEST_CASE("sums and products are exact where binary fractions are not", "[record]") {
    CHECK(text_of(multiply(number("1.15"), number("100"))) == "115.00");
    CHECK(text_of(add(number("0.1"), number("0.2"))) == "0.3");
    CHECK(text_of(subtract(number("0.3"), number("0.10"))) == "0.20");
    CHECK(text_of(multiply(number("-2.5"), number("0.4"))) == "-1.00");
    CHECK(multiply(number("0"), number(nines(38))) == Decimal{});
}

TEST_CASE("zeros behind the point never make an exact result impossible", "[record]") {
    const std::string large = "1" + std::string(37, '0');
    CHECK(text_of(add(number(large), number("1.0"))) == "1" + std::string(36, '0') + "1");
    CHECK(text_of(multiply(number("1." + std::string(30, '0')), number("2." + std::string(30, '0')))) == "2");
}

TEST_CASE("rounding goes away from zero or to even, or not at all", "[record]") {
    struct Row {
        std::string given;
        int scale;
        std::string half_up;
        std::string half_even;
    };
    const auto row = GENERATE(values<Row>({{"1.005", 2, "1.01", "1.00"},
                                           {"2.5", 0, "3", "2"},
                                           {"3.5", 0, "4", "4"},
                                           {"-2.5", 0, "-3", "-2"},
                                           {"2.51", 0, "3", "3"},
                                           {"2.49", 0, "2", "2"},
                                           {"0.049", 1, "0.0", "0.0"},
                                           {"99.995", 2, "100.00", "100.00"}}));
    CAPTURE(row.given);
    CHECK(text_of(number(row.given).rescale(row.scale, Rounding::half_up)) == row.half_up);
    CHECK(text_of(number(row.given).rescale(row.scale, Rounding::half_even)) == row.half_even);
    CHECK(text_of(number(row.given).rescale(row.scale, Rounding::reject)) == "none");
    CHECK(text_of(number("1.500").rescale(1, Rounding::reject)) == "1.5");
    CHECK(text_of(number("0.12").rescale(4, Rounding::reject)) == "0.1200");
}

TEST_CASE("rounding copes with all 38 places", "[record]") {
    CHECK(text_of(number("0." + nines(38)).rescale(0, Rounding::half_up)) == "1");
    CHECK(text_of(number("0.4" + nines(37)).rescale(0, Rounding::half_even)) == "0");
}

TEST_CASE("a quotient is rounded half up at the place asked for", "[record]") {
    struct Row {
        std::string one;
        std::string other;
        int scale;
        std::string quotient;
    };
    const auto row = GENERATE(values<Row>({{"1", "3", 4, "0.3333"},
                                           {"2", "3", 4, "0.6667"},
                                           {"-2", "3", 0, "-1"},
                                           {"1", "8", 2, "0.13"},
                                           {"12", "100", 4, "0.1200"},
                                           {"100.00", "4", 0, "25"},
                                           {"0.125", "1", 2, "0.13"},
                                           {"0.1249", "1", 2, "0.12"},
                                           {"1", "0", 2, "none"},
                                           {"1", "3", 38, "0.33333333333333333333333333333333333333"},
                                           {"10", "3", 38, "none"}}));
    CAPTURE(row.one, row.other, row.scale);
    CHECK(text_of(divide(number(row.one), number(row.other), row.scale)) == row.quotient);
}

TEST_CASE("a quotient of two 38-digit numbers does not overflow", "[record]") {
    CHECK(text_of(divide(number(nines(38)), number("9" + std::string(37, '8')), 3)) == "1.011");
    CHECK(text_of(divide(number("0." + nines(38)), number("0." + nines(38)), 2)) == "1.00");
    CHECK(text_of(divide(number("1"), number(nines(38)), 37)) == "0." + std::string(37, '0'));
    CHECK(text_of(divide(number("1"), number(nines(38)), 38)) == "0." + std::string(37, '0') + "1");
}

TEST_CASE("decimals compare by value, whatever their scale", "[record]") {
    CHECK(number("1.50") == number("1.5"));
    CHECK(number("-0.0") == number("0"));
    CHECK(number("1.49") < number("1.5"));
    CHECK(number("-1.5") < number("-1.49"));
    CHECK(number(nines(38)) > number("0." + nines(38)));
    CHECK(number("-0.1") < number("0." + std::string(37, '0') + "1"));
    CHECK_FALSE(number("1.51") == number("1.5"));
}

TEST_CASE("a decimal becomes an integer only when it is one", "[record]") {
    CHECK(number("12.00").to_integer() == 12);
    CHECK(number("-9223372036854775808").to_integer() == INT64_MIN);
    CHECK_FALSE(number("9223372036854775808").to_integer().has_value());
    CHECK_FALSE(number("12.01").to_integer().has_value());
}
