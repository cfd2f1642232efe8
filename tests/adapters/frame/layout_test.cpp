#include "adapters/frame/layout.h"

#include <fstream>
#include <iterator>

#include "adapters/frame/frame_adapter.h"
#include "core/base/text.h"
#include "core/charset/charset.h"
#include "tests/support/adapter_kit.h"

using namespace datong;
using adapters::frame::Layout;

namespace {

Layout layout_in(const yaml::Node& settings) {
    Mistakes mistakes;
    const adapter::Settings read = adapter::read_settings(settings, adapters::frame::kind(), mistakes);
    Layout layout = Layout::read(read, "request", mistakes);
    for (const Mistake& mistake : mistakes) {
        FAIL_CHECK(to_line(mistake));
    }
    return layout;
}

Layout shipped(const std::string& name) {
    std::ifstream stream{std::string{DATONG_SOURCE_DIR} + "/adapters/frame/" + name, std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{stream}, std::istreambuf_iterator<char>{}};
    auto node = yaml::parse(text, name);
    REQUIRE(node.has_value());
    yaml::Node settings = *node->entries.front().second.find("settings");
    for (auto& [setting, value] : settings.entries) {
        for (auto& [inner, secret] : value.entries) {
            secret.from_environment = secret.text.starts_with("${");
        }
    }
    return layout_in(settings);
}

Layout layout_of(const std::string& parts) {
    const auto node =
        yaml::parse("host: h\nport: 1\nmac_key: k\nrequest: " + parts + "\noperations: {q: {}}\n", "settings.yaml");
    REQUIRE(node.has_value());
    return layout_in(*node);
}

const std::string* no_value(const std::string&) {
    return nullptr;
}

/// The published message of the CNNONTAX frame, as GBK.
std::string nontax_message() {
    const std::string xml =
        "<?xml version=\"1.0\" encoding=\"GBK\"?><CFX><HEAD><APP>CNNONTAX</APP><VER>1.0</VER><SRC>F320000</SRC>"
        "<DES>K3200000001</DES><MsgNo>5001</MsgNo><MsgID>1</MsgID><MsgRef>1</MsgRef><WorkDate>20240102</WorkDate>"
        "<Reserve/></HEAD><MSG><MOF><VoucherCount>1</VoucherCount><VoucherBody><Voucher>PFZvdWNoZXI+PE9yaU1zZ05vPjg5"
        "OTQ8L09yaU1zZ05vPjxSZXN1bHQ+MDAwMDA8L1Jlc3VsdD48SW5mb3JtYXRpb24+s8m5pjwvSW5mb3JtYXRpb24+PC9Wb3VjaGVyPg=="
        "</Voucher></VoucherBody></MOF></MSG></CFX>";
    return charset::encode(xml, charset::Charset::gbk).value();
}

}  // namespace

TEST_CASE("the CNNONTAX frame is one settings file and agrees with the published vector", "[adapters][frame]") {
    const Layout layout = shipped("sample.yaml");
    const std::string message = nontax_message();
    const std::string number = "5001";
    const auto value_of = [&](const std::string& name) { return name == "msg_no" ? &number : nullptr; };
    const auto frame = layout.write(value_of, message, "demo-fs-token");
    REQUIRE(frame.has_value());
    CHECK(frame->size() == 542);
    CHECK(frame->starts_with("542     CNNONTAX1.05001"));
    CHECK(frame->ends_with("ef0199021655be169778ba923a69b8e8ab52eac40f5edb5d7b2ef2ab5175f650"));

    REQUIRE(layout.head_size() == 8);
    CHECK(layout.rest_size(frame->substr(0, 8)).value() == 534);
    CHECK(layout.body_of(*frame, "demo-fs-token").value() == message);
}

TEST_CASE("a frame with one octet altered is refused wherever it stands", "[adapters][frame][security]") {
    const Layout layout = shipped("sample.yaml");
    const std::string number = "5001";
    const auto value_of = [&](const std::string& name) { return name == "msg_no" ? &number : nullptr; };
    const std::string frame = layout.write(value_of, nontax_message(), "demo-fs-token").value();
    const std::string upper = frame.substr(0, 478) + "EF" + frame.substr(480);
    CHECK(layout.body_of(upper, "demo-fs-token").has_value());  // a MAC in capitals is the same MAC
    CHECK_FALSE(layout.body_of(frame, "another-token").has_value());
    for (std::size_t at = 0; at < frame.size(); ++at) {
        if (at >= 19 && at < 23) {
            continue;  // the message number, which nothing covers
        }
        CAPTURE(at);
        std::string altered = frame;
        altered[at] = static_cast<char>(altered[at] ^ 1);
        const auto body = layout.body_of(altered, "demo-fs-token");
        REQUIRE_FALSE(body.has_value());
        CHECK(body.error().fault() == Fault::department_invalid);
    }
}

TEST_CASE("the housing fund's frame is one settings file", "[adapters][frame]") {
    const Layout layout = shipped("sample-fund.yaml");
    const auto frame = layout.write(no_value, "<x/>", "");
    REQUIRE(frame.has_value());
    CHECK(*frame == std::string{"C52240"} + "0" + "000000000" + std::string("\0\0\0\x04", 4) + "<x/>");
    CHECK(layout.head_size() == 20);
    CHECK(layout.rest_size(frame->substr(0, 20)).value() == 4);
    CHECK(layout.body_of(*frame, "").value() == "<x/>");
}

TEST_CASE("a length counts what it is told to, in its own form", "[adapters][frame]") {
    struct Row {
        const char* why;
        const char* length;
        std::string head;  ///< the length's octets for a body of 5 and a mark of 2 behind it
    };
    const auto row = GENERATE(values<Row>({
        {"digits, zeros in front", "{kind: length, size: 6}", "000007"},
        {"digits, blanks in front", "{kind: length, size: 6, pad: blanks_left}", "     7"},
        {"digits, blanks behind", "{kind: length, size: 6, pad: blanks_right}", "7     "},
        {"itself too", "{kind: length, size: 6, covers: all}", "000013"},
        {"the body alone", "{kind: length, size: 6, covers: [body]}", "000005"},
        {"network order", "{kind: length, size: 2, form: big_endian}", std::string("\0\x07", 2)},
        {"the other order", "{kind: length, size: 2, form: little_endian}", std::string("\x07\0", 2)},
    }));
    CAPTURE(row.why);
    const Layout layout =
        layout_of(std::string{"{n: "} + row.length + ", body: {kind: body}, mark: {kind: constant, text: \"##\"}}");
    const auto frame = layout.write(no_value, "hello", "");
    REQUIRE(frame.has_value());
    CHECK(*frame == row.head + "hello##");
    CHECK(layout.rest_size(row.head).value() == 7);
    CHECK(layout.body_of(*frame, "").value() == "hello");
}

TEST_CASE("a message too long for its length part is refused before it is sent", "[adapters][frame]") {
    const Layout digits = layout_of("{n: {kind: length, size: 2}, body: {kind: body}}");
    CHECK(digits.write(no_value, std::string(99, 'x'), "").has_value());
    CHECK_FALSE(digits.write(no_value, std::string(100, 'x'), "").has_value());
    const Layout octet = layout_of("{n: {kind: length, size: 1, form: big_endian}, body: {kind: body}}");
    CHECK(octet.write(no_value, std::string(255, 'x'), "").has_value());
    CHECK_FALSE(octet.write(no_value, std::string(256, 'x'), "").has_value());
}

TEST_CASE("a length that is no number or too small is refused", "[adapters][frame][security]") {
    const Layout layout =
        layout_of("{n: {kind: length, size: 4, covers: all}, body: {kind: body}, end: {kind: constant, text: E}}");
    for (const char* head : {"12a4", "    ", "-001", "1 2 ", "0004", "0000", "+012"}) {
        CAPTURE(head);
        const auto size = layout.rest_size(head);
        REQUIRE_FALSE(size.has_value());
        CHECK(size.error().fault() == Fault::department_invalid);
    }
    CHECK(layout.rest_size("0005").value() == 1);
    CHECK_FALSE(layout.body_of("0006abE", "").has_value());
    CHECK_FALSE(layout.body_of("000", "").has_value());
}

TEST_CASE("check values agree with another implementation's", "[adapters][frame]") {
    // printf '%s' ... | openssl dgst -sha256 [-hmac k]
    struct Row {
        const char* algorithm;
        const char* mac;
    };
    const auto row = GENERATE(values<Row>({
        {"hmac_sha256", "342e519ce0ad6c03a36b98eeb3f1d130db4813b9df4d1160eda488d712dc78ee"},
        {"sha256_key_first", "f78a7b4e8a1704b457870de7f2b5e549a286dec091f03057d9d8729a9bc101cc"},
        {"sha256_key_last", "5b8520af8f0d91fe75b96bf7f12f7027d3a9e02bf68edcffd67de69a0ea5b1e1"},
    }));
    CAPTURE(row.algorithm);
    const Layout layout =
        layout_of(std::string{"{body: {kind: body}, m: {kind: mac, algorithm: "} + row.algorithm + "}}");
    CHECK(layout.write(no_value, "abc", "k").value() == std::string{"abc"} + row.mac);
}
