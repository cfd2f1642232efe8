#include "core/accounts/password.h"
#include "core/accounts/limits.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::accounts;

namespace {

const crypto::ScryptCost kCost = Limits{}.cost;

}  // namespace

TEST_CASE("what is kept of a password tells that password from others, and not what it is", "[accounts][security]") {
    const Secret password{"correct horse 电池 staple"};
    const auto kept = keep_password(password, kCost);
    REQUIRE(kept);
    CHECK(kept->starts_with("scrypt$32768$8$3$"));
    CHECK(kept->find("horse") == std::string::npos);
    CHECK(is_password(password, *kept, kCost));
    CHECK_FALSE(is_password(Secret{"correct horse 电池 stapl"}, *kept, kCost));
    CHECK_FALSE(is_password(Secret{""}, *kept, kCost));
    CHECK(keep_password(password, kCost).value() != *kept);  // a fresh salt
    std::string altered = *kept;
    altered.back() = altered.back() == 'A' ? 'E' : 'A';
    CHECK_FALSE(is_password(password, altered, kCost));
    for (const char* broken : {"", "scrypt", "scrypt$32768$8$3$$", "md5$16$8$3$AAAA$AAAA", "scrypt$99$8$3$AAAA$AAAA"}) {
        CAPTURE(broken);
        CHECK_FALSE(is_password(password, broken, kCost));
    }
}

TEST_CASE("a password that is easily guessed is not taken", "[accounts][security]") {
    struct Row {
        const char* why;
        std::string password;
        bool fits;
    };
    const auto row = GENERATE(values<Row>({
        {"a sentence", "three cats in a box", true},
        {"Chinese characters count one each", "春眠不觉晓处处闻啼鸟夜来", true},
        {"eleven characters", "r7-kd93-xx2", false},
        {"the account's name around it", "wang2026!-Strong", false},
        {"the name in capitals", "xxWANGyy-1234567", false},
        {"a common word with a year", "Password2026!!", false},
        {"digits alone", "202611300915", false},
        {"one character over and over", "aaaaaaaaaaaa1", false},
        {"a row", "abcdefghijklm", false},
        {"a row backwards", "zyxwvutsrqpon", false},
        {"too long", std::string(129, 'x') + "abcdefg", false},
        {"no UTF-8", "\xff\xfe\xfd abcdefghijk", false},
    }));
    CAPTURE(row.why);
    const auto judged = check_password(Secret{row.password}, "wang");
    CHECK(judged.has_value() == row.fits);
    CHECK((judged || judged.error().code == "password_unfit"));
}

TEST_CASE("a first password is long, and another each time", "[accounts]") {
    const Secret one = new_password();
    CHECK(one.reveal().size() == 24);
    CHECK(one.reveal() != new_password().reveal());
    CHECK(check_password(one, "wang"));
}
