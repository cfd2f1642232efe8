#include "core/signing/structured_field.h"

#include <array>
#include <string>
#include <utility>

#include "tests/core/signing/corpus.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::signing::sf;
using record::Record;

namespace {

/// Base32 with padding (RFC 4648, 6), which only the corpus uses.
std::string from_base32(std::string_view text) {
    std::string out;
    unsigned group = 0;
    unsigned bits = 0;
    for (const char c : text) {
        if (c == '=') {
            break;
        }
        group = (group << 5U) | static_cast<unsigned>(c >= 'A' ? c - 'A' : c - '2' + 26);
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            out += static_cast<char>((group >> bits) & 0xFFU);
        }
    }
    return out;
}

BareItem number(const Record& value) {
    const std::string digits{value.scalar()};
    if (digits.find('.') != std::string::npos) {
        const auto decimal = to_decimal(digits);
        return decimal ? *decimal : Decimal{1'000'000'000'000'000};  // one that can't be written
    }
    return BareItem{static_cast<std::int64_t>(std::stoll(digits))};
}

BareItem bare(const Record& value) {
    if (value.is_boolean()) {
        return value.truth();
    }
    if (value.is_number()) {
        return number(value);
    }
    if (value.is_text()) {
        return std::string{value.scalar()};
    }
    const std::string kind = value.text_of("__type");
    const Record& inner = *value.find("value");
    if (kind == "token") {
        return Token{std::string{inner.scalar()}};
    }
    if (kind == "binary") {
        return Bytes{from_base32(inner.scalar())};
    }
    if (kind == "date") {
        return Date{std::stoll(std::string{inner.scalar()})};
    }
    REQUIRE(kind == "displaystring");
    return DisplayString{std::string{inner.scalar()}};
}

Parameters parameters(const Record& pairs) {
    Parameters all;
    for (const Record& pair : pairs.items()) {
        all.entries.emplace_back(std::string{pair.items().at(0).scalar()}, bare(pair.items().at(1)));
    }
    return all;
}

Item item(const Record& pair) {
    return {bare(pair.items().at(0)), parameters(pair.items().at(1))};
}

MemberValue member(const Record& pair) {
    if (!pair.items().at(0).is_list()) {
        return item(pair);
    }
    InnerList list{{}, parameters(pair.items().at(1))};
    for (const Record& one : pair.items().at(0).items()) {
        list.items.push_back(item(one));
    }
    return list;
}

List list(const Record& value) {
    List all;
    for (const Record& pair : value.items()) {
        all.push_back(member(pair));
    }
    return all;
}

Dictionary dictionary(const Record& value) {
    Dictionary all;
    for (const Record& pair : value.items()) {
        all.emplace_back(std::string{pair.items().at(0).scalar()}, member(pair.items().at(1)));
    }
    return all;
}

std::string joined(const Record* lines) {
    std::string all;
    for (const Record& line : lines->items()) {
        all.append(&line == &lines->items().front() ? "" : ", ").append(line.scalar());
    }
    return all;
}

struct Count {
    int cases = 0;
    int must_fail = 0;
    int refused = 0;
};

template <class T, class Expect>
void check_parse(const Record& one, const Result<T>& parsed, const Expect& expect, Count& count) {
    CAPTURE(one.text_of("name"));
    const auto flag = [&one](const char* name) { return one.find(name) != nullptr && one.find(name)->truth(); };
    ++count.cases;
    count.refused += parsed ? 0 : 1;
    if (flag("must_fail")) {
        ++count.must_fail;
        CHECK_FALSE(parsed.has_value());
        return;
    }
    if (!parsed && flag("can_fail")) {
        return;
    }
    REQUIRE(parsed.has_value());
    CHECK(*parsed == expect(*one.find("expected")));
    const Record* canonical = one.find("canonical");
    const auto written = signing::sf::write(*parsed);
    REQUIRE(written.has_value());
    CHECK(*written == joined(canonical != nullptr ? canonical : one.find("raw")));
}

void check_parse(const Record& one, Count& count) {
    const std::string kind = one.text_of("header_type");
    const std::string raw = joined(one.find("raw"));
    if (kind == "item") {
        check_parse(one, parse_item(raw), item, count);
    } else if (kind == "list") {
        check_parse(one, parse_list(raw), list, count);
    } else {
        check_parse(one, parse_dictionary(raw), dictionary, count);
    }
}

Result<std::string> write_expected(const Record& one) {
    const std::string kind = one.text_of("header_type");
    const Record& expected = *one.find("expected");
    return kind == "item"   ? signing::sf::write(item(expected))
           : kind == "list" ? signing::sf::write(list(expected))
                            : signing::sf::write(dictionary(expected));
}

}  // namespace

TEST_CASE("every parse case of the structured-field corpus gets its verdict, value and canonical form", "[signing]") {
    constexpr std::array kFiles{
        "binary",         "boolean",       "date",           "dictionary", "display-string",   "examples",
        "item",           "key-generated", "list",           "listlist",   "number",           "number-generated",
        "param-dict",     "param-list",    "param-listlist", "string",     "string-generated", "token",
        "token-generated"};
    Count count;
    for (const std::string file : kFiles) {
        CAPTURE(file);
        const Record cases = tests::json_data("structured-fields/" + file + ".json");
        for (const Record& one : cases.items()) {
            check_parse(one, count);
        }
    }
    CHECK(count.cases == 1580);
    CHECK(count.must_fail == 864);
    CHECK(count.refused == 864 + 2);  // base64 without padding or with bits left over may be refused
}

TEST_CASE("every serialisation case of the structured-field corpus gets its verdict and text", "[signing]") {
    constexpr std::array kFiles{"key-generated", "number", "string-generated", "token-generated"};
    int cases = 0;
    int refused = 0;
    for (const std::string file : kFiles) {
        const Record all = tests::json_data("structured-fields/serialisation-tests/" + file + ".json");
        for (const Record& one : all.items()) {
            CAPTURE(file, one.text_of("name"));
            const auto written = write_expected(one);
            ++cases;
            if (one.find("must_fail") != nullptr && one.find("must_fail")->truth()) {
                ++refused;
                CHECK_FALSE(written.has_value());
                continue;
            }
            REQUIRE(written.has_value());
            CHECK(*written == joined(one.find("canonical")));
        }
    }
    CHECK(cases == 544);
    CHECK(refused == 539);
}

TEST_CASE("a key that comes twice is the last one, or refused where things are signed", "[signing][security]") {
    const auto text = GENERATE(as<std::string>{}, "a=1, a=2", "a=1;p=1;p=2", "a=(1;p 2;q;q)");
    CAPTURE(text);
    CHECK(parse_dictionary(text).has_value());
    const auto refused = parse_dictionary_without_duplicates(text);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().fault() == Fault::bad_request);
    CHECK(parse_dictionary_without_duplicates("a=1;p, b=1;p").has_value());
}

TEST_CASE("a field of more members than any standard asks for is refused", "[signing][security]") {
    std::string text = "k0";
    for (int i = 1; i < 1024; ++i) {
        text += ", k" + std::to_string(i);
    }
    CHECK(parse_dictionary(text).has_value());
    CHECK(parse_list(text).has_value());
    CHECK_FALSE(parse_dictionary(text + ", last").has_value());
    CHECK_FALSE(parse_list(text + ", last").has_value());
}

TEST_CASE("decimals are rounded half to even, as serialising asks", "[signing]") {
    CHECK(to_decimal("0.0015") == Decimal{2});
    CHECK(to_decimal("0.0025") == Decimal{2});
    CHECK(to_decimal("0.00251") == Decimal{3});
    CHECK(to_decimal("-1.5") == Decimal{-1500});
    CHECK(to_decimal("7") == Decimal{7000});
    CHECK_FALSE(to_decimal("1e3").has_value());
    CHECK_FALSE(to_decimal("1234567890123.0").has_value());
    CHECK_FALSE(to_decimal("").has_value());
}
