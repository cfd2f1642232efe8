#include "core/profiles/national.h"

#include "core/base/text.h"
#include "core/crypto/weak.h"
#include "core/profiles/httpproxy_form.h"
#include "core/profiles/wrapped_secret.h"
#include "tests/core/profiles/signing_vectors.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::profiles;
using record::Record;
using tests::tampered;
using tests::vectors_of;

namespace {

const Record& vectors() {
    static const Record all = vectors_of("gjgxjhpt");
    return all;
}

NationalCall call() {
    return {.rid = vectors().text_of("rid"), .sid = vectors().text_of("sid"), .rtime = vectors().text_of("rtime")};
}

Secret appkey() {
    return Secret{vectors().text_of("appkey")};
}

std::string answer(const std::string& code, const std::string& data) {
    return R"({"code":)" + code + R"(,"data":)" + data + R"(,"message":"x"})";
}

}  // namespace

TEST_CASE("the national signature agrees with every vector", "[profiles]") {
    CHECK(national_base(call()) == vectors().text_of("canonical"));
    CHECK(national_sign(call(), appkey()) == vectors().text_of("sign_with_appkey"));
    const Secret secret{vectors().text_of("secret")};
    CHECK(national_sign(call(), secret) == vectors().text_of("sign_with_secret"));
    CHECK(to_hex(crypto::weak_java_sha1prng(appkey(), 16).reveal()) == vectors().text_of("aes128_key_hex"));
    CHECK(unwrap_secret(Wrapping::ecb, appkey(), vectors().text_of("secret_encrypted"))->reveal() == secret.reveal());
    CHECK(wrap_secret(Wrapping::ecb, appkey(), secret) == vectors().text_of("secret_encrypted"));
}

TEST_CASE("a national signature verifies for its call and key alone", "[profiles][security]") {
    const std::string sign = vectors().text_of("sign_with_appkey");
    CHECK(national_verify(call(), appkey(), sign));
    for (const Record& wrong : vectors().find("must_not_verify")->items()) {
        CHECK_FALSE(national_verify(call(), appkey(), wrong.scalar()));
    }
    for (const record::Member& wrong : vectors().find("must_not_verify")->members()) {
        CAPTURE(wrong.name);
        CHECK_FALSE(national_verify(call(), appkey(), wrong.value.scalar()));
    }
    for (std::size_t at = 0; at < sign.size(); ++at) {
        CHECK_FALSE(national_verify(call(), appkey(), tampered(sign, at)));
    }
    for (const auto part : {&NationalCall::rid, &NationalCall::sid, &NationalCall::rtime}) {
        NationalCall other = call();
        (other.*part).back() ^= 1;
        CHECK_FALSE(national_verify(other, appkey(), sign));
    }
    CHECK_FALSE(national_verify(call(), Secret{vectors().text_of("secret")}, sign));
    CHECK_FALSE(national_verify(call(), appkey(), ""));
}

TEST_CASE("the four values stand in headers, in JSON and in a SOAP header", "[profiles]") {
    const auto fields = national_fields(Platform::gjzwfwpt, call(), "s");
    REQUIRE(fields.size() == 4);
    CHECK(fields[0].name == "gjzwfwpt_rid");
    CHECK(fields[3].name == "gjzwfwpt_sign");
    const auto request = national_secret_request(Platform::gjgxjhpt, call(), appkey());
    CHECK(request.target == "/sysapi/auth/refreshappsecret");
    CHECK(request.field("gjgxjhpt_sign") == vectors().text_of("sign_with_appkey"));
    const auto body = codec::read_json(request.body);
    REQUIRE(body.has_value());
    CHECK(body->text_of("gjgxjhpt_sid") == call().sid);
    CHECK(body->text_of("gjgxjhpt_sign") == vectors().text_of("sign_with_appkey"));
    const Record values = national_soap_values(Platform::gjgxjhpt, call(), "s");
    CHECK(values.members().size() == 4);
    CHECK(values.text_of("gjgxjhpt_rtime") == call().rtime);
    CHECK(values.text_of("gjgxjhpt_sign") == "s");
}

TEST_CASE("a lent secret is read with its end, in every form of both", "[profiles]") {
    const std::string secret = R"({"secret":")" + vectors().text_of("secret_encrypted") + R"(","secretEndTime":)";
    const auto good = GENERATE(as<std::string>{}, "\"0\"", "0", "200");
    CAPTURE(good);
    const auto read = read_national_secret(answer(good, secret + "\"1700001800000\"}"), appkey());
    REQUIRE(read.has_value());
    CHECK(read->secret.reveal() == vectors().text_of("secret"));
    REQUIRE(read->ends.has_value());
    CHECK(std::chrono::system_clock::to_time_t(*read->ends) == 1'700'001'800);
    for (const char* none : {"soon", "9999-12-31 23:59:59"}) {
        CHECK_FALSE(read_national_secret(answer(good, secret + '"' + none + "\"}"), appkey())->ends.has_value());
    }
}

TEST_CASE("times of platforms are read as they write them", "[profiles]") {
    const auto at = [](const char* text) {
        const auto time = read_platform_time(text);
        return time ? std::chrono::system_clock::to_time_t(*time) : -1;
    };
    CHECK(at("1700000000000") == 1'700'000'000);
    CHECK(at("1700000000") == 1'700'000'000);
    CHECK(at("2023-11-15 06:13:20") == 1'700'000'000);
    CHECK(at("2023-11-15T06:13:20") == 1'700'000'000);
    CHECK(at("2023-11-14T22:13:20Z") == 1'700'000'000);
    CHECK(at("2261-12-31 23:59:59") == 9'214'617'599);
    CHECK(at("1970-01-01 08:00:00") == 0);
    for (const char* none :
         {"", "x", "170000000", "2023-13-15 06:13:20", "20231115061320", "-1700000000000", "9999999999999",
          "9999999999", "9223372037", "9223372036855", "9999-12-31 23:59:59", "2262-01-01T00:00:00",
          "9999-12-31T23:59:59Z", "1677-01-01 00:00:00", "0001-01-01 00:00:00"}) {
        CAPTURE(none);
        CHECK(at(none) == -1);
    }
}

TEST_CASE("an answer without a secret says whose fault it is and shows no data", "[profiles][security]") {
    struct Row {
        const char* why;
        std::string body;
        Fault fault;
        const char* says;
    };
    const auto row = GENERATE(values<Row>({
        {"refused", answer("\"-1\"", "\"\""), Fault::department_refused, "-1"},
        {"not in the list", answer("\"E-106\"", "null"), Fault::department_refused, "E-106"},
        {"a code that is a sentence", answer("\"姓名 110105199001011234\"", "\"\""), Fault::department_refused,
         "no code"},
        {"no code", "{}", Fault::department_refused, "no code"},
        {"HTML", "<html>error</html>", Fault::department_invalid, "JSON"},
        {"empty", "", Fault::department_invalid, "JSON"},
        {"null", "null", Fault::department_invalid, "JSON"},
        {"a list", "[]", Fault::department_invalid, "JSON"},
        {"no secret", answer("\"0\"", "{}"), Fault::department_invalid, "decrypt"},
        {"a secret of another key", answer("\"0\"", R"({"secret":"AAAAAAAAAAAAAAAAAAAAAA=="})"),
         Fault::department_invalid, "decrypt"},
        {"a secret that is no base64", answer("\"0\"", R"({"secret":"%%%"})"), Fault::department_invalid, "decrypt"},
    }));
    CAPTURE(row.why);
    const auto read = read_national_secret(row.body, appkey());
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().fault() == row.fault);
    CHECK_THAT(read.error().detail(), ContainsSubstring(row.says));
    CHECK(read.error().detail().find("110105") == std::string::npos);
}

TEST_CASE("a wrapped secret opens with its appkey alone", "[profiles][security]") {
    const std::string wrapped = vectors().text_of("secret_encrypted");
    const std::string secret = vectors().text_of("secret");
    const auto opens = [&](const Secret& key, const std::string& text) {
        const auto plain = unwrap_secret(Wrapping::ecb, key, text);
        return plain && plain->reveal() == secret;
    };
    CHECK(opens(appkey(), wrapped));
    CHECK_FALSE(opens(Secret{"0123456789abcdef0123456789abcdee"}, wrapped));
    CHECK_FALSE(opens(appkey(), tampered(wrapped, 3)));
    CHECK_FALSE(opens(appkey(), wrapped.substr(4)));
    CHECK_FALSE(unwrap_secret(Wrapping::cbc, appkey(), "").has_value());
}

TEST_CASE("the form of httpproxy has seven fields and signs the parts that are said", "[profiles][security]") {
    FormCall form{.access_key = "k",
                  .rid = call().rid,
                  .sid = call().sid,
                  .timestamp = call().rtime,
                  .request_id = "u-1",
                  .content = R"({"a":"张&=三"})"};
    const Secret secret{vectors().text_of("secret")};
    CHECK(form_base(form, default_form_parts()) == vectors().text_of("canonical"));
    const std::string sign = form_sign(form, default_form_parts(), secret);
    CHECK(sign == vectors().text_of("sign_with_secret"));
    CHECK(form_verify(form, default_form_parts(), secret, sign));
    CHECK_FALSE(form_verify(form, default_form_parts(), appkey(), sign));
    CHECK_FALSE(form_verify(form, {}, secret, form_sign(form, {}, secret)));
    const FormParts with_content{"access_key", "timestamp", "content"};
    const std::string covers = form_sign(form, with_content, secret);
    form.content += " ";
    CHECK_FALSE(form_verify(form, with_content, secret, covers));
    CHECK(form_verify(form, default_form_parts(), secret, sign));
    const auto fields = form_fields(form, sign);
    REQUIRE(fields.size() == 7);
    const auto again = codec::read_form(codec::write_form(fields));
    CHECK(again == fields);
    CHECK(is_form_part("content"));
    CHECK_FALSE(is_form_part("secret"));
}
