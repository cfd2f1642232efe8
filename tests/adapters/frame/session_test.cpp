#include <atomic>

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "adapters/frame/frame_adapter.h"
#include "core/base/text.h"
#include "core/crypto/cipher.h"
#include "core/crypto/digest.h"
#include "tests/support/adapter_kit.h"
#include "tests/support/loopback_server.h"

using namespace datong;
using namespace std::chrono_literals;
using crypto::Cipher;
using support::AdapterBench;
using support::LoopbackServer;

namespace {

const std::string kMaster = "00112233445566778899aabbccddeeff";
const Secret kKey{"0123456789abcdef"};
const std::string kLoan = "<MSG><HEAD><TxStatus>0</TxStatus></HEAD><BODY>loan</BODY></MSG>";
const std::string kRefusal = "<MSG><HEAD><TxStatus>1</TxStatus><RtnCode>2002</RtnCode></HEAD></MSG>";

std::string number(std::size_t value) {
    std::string octets;
    for (int shift = 24; shift >= 0; shift -= 8) {
        octets += static_cast<char>(value >> shift & 0xFFU);
    }
    return octets;
}

/// The frame of these tests: '1' in the clear or '0' enciphered, a length, the body.
std::string framed(char mark, const std::string& body) {
    return mark + number(body.size()) + body;
}

std::string sealed(const std::string& text, const Secret& key = kKey) {
    return crypto::encrypt(Cipher::sm4_ecb, key, {}, text).value();
}

/// A department that takes a user and gives out keys.
class SigningDepartment {
public:
    using Answer = std::function<std::string(const std::string& request)>;

    unsigned short port() const { return server_.port(); }
    int sign_ins() const { return sign_ins_; }
    std::string last_sign_in() const {
        const std::scoped_lock lock{mutex_};
        return last_sign_in_;
    }
    /// What business messages get.
    void answer_with(Answer answer) {
        const std::scoped_lock lock{mutex_};
        answer_ = std::move(answer);
    }
    void sign_in_with(Answer answer) {
        const std::scoped_lock lock{mutex_};
        sign_in_ = std::move(answer);
    }
    static std::string good_sign_in(const std::string&) {
        const auto wrapped =
            crypto::encrypt(Cipher::sm4_ecb, Secret{*from_hex(kMaster)}, {}, kKey.reveal(), crypto::Padding::none);
        return framed('1', "<MSG><HEAD><TxStatus>0</TxStatus></HEAD><BODY><WorkKey>" + to_base64(*wrapped) +
                               "</WorkKey></BODY></MSG>");
    }

private:
    void talk(LoopbackServer::Socket& socket) {
        boost::system::error_code ec;
        std::string head(5, '\0');
        boost::asio::read(socket, boost::asio::buffer(head), ec);
        if (ec) {
            return;  // nobody asks: the server is being stopped
        }
        std::size_t size = 0;
        for (std::size_t i = 1; i < 5; ++i) {
            size = size << 8U | static_cast<unsigned char>(head[i]);
        }
        std::string body(size, '\0');
        boost::asio::read(socket, boost::asio::buffer(body), ec);
        std::string reply;
        {
            const std::scoped_lock lock{mutex_};
            if (head[0] == '1') {
                ++sign_ins_;
                last_sign_in_ = body;
                reply = sign_in_(body);
            } else {
                reply = answer_(body);
            }
        }
        boost::asio::write(socket, boost::asio::buffer(reply), ec);
        socket.shutdown(LoopbackServer::Socket::shutdown_both, ec);
    }

    mutable std::mutex mutex_;
    std::atomic<int> sign_ins_{};
    std::string last_sign_in_;
    Answer sign_in_ = good_sign_in;
    Answer answer_ = [](const std::string&) { return framed('0', sealed(kLoan)); };
    LoopbackServer server_{[this](LoopbackServer::Socket& socket) { talk(socket); }};
};

const std::string kParts =
    "{flag: {kind: field, size: 1, text: \"0\"}, length: {kind: length, size: 4, form: big_endian}, body: {kind: "
    "body}}";

std::string session_with(const std::string& more = "cipher: sm4_ecb, mark: flag, marks: [\"0\"]") {
    return "session: {user: \"a<b\", password: \"geheim&\", values: {flag: \"1\"}, message: "
           "\"<MSG><U>{user}</U><P>{password}</P><D>{date}{time}</D></MSG>\", ok_at: HEAD.TxStatus, ok_values: "
           "[\"0\"], "
           "key_at: BODY.WorkKey, key_cipher: sm4_ecb, master_key: \"" +
           kMaster + "\", expired_at: HEAD.RtnCode, expired_values: [\"2002\"], " + more + "}\n";
}

std::string settings_for(int port, const std::string& session = session_with()) {
    return "host: 127.0.0.1\nport: " + std::to_string(port) + "\nrequest: " + kParts +
           "\noperations: {query: {content_type: text/plain}}\n" + session;
}

/// Makes an adapter whose secrets came from the environment, as they must.
std::unique_ptr<adapter::Adapter> make(AdapterBench& bench, const std::string& settings) {
    auto node = yaml::parse(settings, "settings.yaml");
    REQUIRE(node.has_value());
    for (auto& [name, value] : node->entries) {
        for (auto& [inner, text] : value.entries) {
            text.from_environment = inner.text == "password" || inner.text == "master_key";
        }
    }
    Mistakes mistakes;
    auto made = adapters::frame::kind().make(*node, bench.tools(), mistakes);
    for (const Mistake& mistake : mistakes) {
        FAIL_CHECK(to_line(mistake));
    }
    REQUIRE(made != nullptr);
    return made;
}

adapter::Ask question() {
    adapter::Ask ask;
    ask.operation = "query";
    ask.body = "<ask>GBK</ask>";
    return ask;
}

struct Fixture {
    SigningDepartment department;
    AdapterBench bench;
    std::unique_ptr<adapter::Adapter> made = make(bench, settings_for(department.port()));

    Result<adapter::Reply> ask() { return bench.ask(*made, question()); }
    Result<adapter::Reply> submit() {
        adapter::Errand errand = AdapterBench::errand(10s);
        errand.once = true;
        return bench.run(made->ask(question(), errand));
    }
    void check_refused(Fault fault, const std::string& why) {
        const auto reply = ask();
        REQUIRE_FALSE(reply.has_value());
        CAPTURE(reply.error().detail());
        CHECK(reply.error().fault() == fault);
        CHECK(reply.error().detail().find(why) != std::string::npos);
        CHECK(reply.error().detail().find("geheim") == std::string::npos);
    }
};

}  // namespace

TEST_CASE("one sign-in brings the key that all messages behind it are enciphered with", "[adapters][frame][security]") {
    Fixture fixture;
    std::string seen;
    fixture.department.answer_with([&](const std::string& request) {
        seen = request;
        return framed('0', sealed(kLoan));
    });
    for (int i = 0; i < 3; ++i) {
        const auto reply = fixture.ask();
        REQUIRE(reply.has_value());
        CHECK(reply->body == kLoan);
        CHECK(reply->content_type == "text/plain");
    }
    CHECK(fixture.department.sign_ins() == 1);
    CHECK(seen == sealed("<ask>GBK</ask>"));
    // what the settings say can't leave its element
    CHECK_THAT(fixture.department.last_sign_in(),
               ContainsSubstring("<U>a&lt;b</U>") && ContainsSubstring("<P>geheim&amp;</P>"));
    const auto probed = fixture.bench.probe(*fixture.made);
    REQUIRE(probed.has_value());
    CHECK(*probed == adapter::Contact::authenticated);
}

TEST_CASE("a key that the department no longer knows is fetched anew, once, and the call comes through",
          "[adapters][frame]") {
    Fixture fixture;
    REQUIRE(fixture.ask().has_value());
    int refusals = 0;
    fixture.department.answer_with(
        [&](const std::string&) { return ++refusals == 1 ? framed('1', kRefusal) : framed('0', sealed(kLoan)); });
    const auto reply = fixture.ask();
    REQUIRE(reply.has_value());
    CHECK(reply->body == kLoan);
    CHECK(refusals == 2);
    CHECK(fixture.department.sign_ins() == 2);

    // who refuses everything is asked twice, and what it says goes to the mapping
    fixture.department.answer_with([](const std::string&) { return framed('1', kRefusal); });
    const auto refused = fixture.ask();
    REQUIRE(refused.has_value());
    CHECK(refused->body == kRefusal);
    CHECK(fixture.department.sign_ins() <= 3);
}

TEST_CASE("a submission that the department saw is never sent again, whatever is said of the key",
          "[adapters][frame][security]") {
    Fixture fixture;
    REQUIRE(fixture.ask().has_value());
    const bool is_in_the_clear = GENERATE(true, false);
    int taken = 0;
    fixture.department.answer_with([&](const std::string&) {
        ++taken;
        return is_in_the_clear ? framed('1', kRefusal) : framed('0', sealed(kRefusal));
    });
    const auto reply = fixture.submit();
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().fault() == Fault::department_invalid);
    CHECK_FALSE(reply.error().is_unsent());
    CHECK_THAT(std::string{reply.error().detail()}, ContainsSubstring("reached it and is not sent again"));
    CHECK(taken == 1);
    // the next one signs in first
    fixture.department.answer_with([](const std::string&) { return framed('0', sealed(kLoan)); });
    CHECK(fixture.submit().has_value());
    CHECK(fixture.department.sign_ins() == 2);
}

TEST_CASE("the word that a key is not known may stand in an enciphered answer too", "[adapters][frame]") {
    Fixture fixture;
    int asked = 0;
    fixture.department.answer_with(
        [&](const std::string&) { return framed('0', sealed(++asked == 1 ? kRefusal : kLoan)); });
    const auto reply = fixture.ask();
    REQUIRE(reply.has_value());
    CHECK(reply->body == kLoan);
    CHECK(fixture.department.sign_ins() == 2);
}

TEST_CASE("nothing but that word may come in the clear, and what another key enciphered is no answer",
          "[adapters][frame][security]") {
    Fixture fixture;
    fixture.department.answer_with([](const std::string&) { return framed('1', kLoan); });
    fixture.check_refused(Fault::department_invalid, "in the clear");
    const Secret other{"fedcba9876543210"};
    fixture.department.answer_with([&](const std::string&) { return framed('0', sealed(kLoan, other)); });
    fixture.check_refused(Fault::department_invalid, "not enciphered with the session's key");
    fixture.department.answer_with([](const std::string&) { return framed('0', sealed(kLoan).substr(0, 17)); });
    fixture.check_refused(Fault::department_invalid, "not enciphered with the session's key");
    fixture.department.answer_with([](const std::string&) { return framed('0', sealed(kLoan)); });
    CHECK(fixture.ask().has_value());
}

TEST_CASE("a sign-in that is refused or brings no key is told as such", "[adapters][frame][security]") {
    struct Row {
        const char* why;
        std::string answer;
        Fault fault;
        const char* says;
    };
    const auto row = GENERATE(values<Row>({
        {"a wrong password", "<MSG><HEAD><TxStatus>1</TxStatus></HEAD></MSG>", Fault::department_refused,
         "does not take the sign-in"},
        {"no XML", "OK", Fault::department_invalid, "no XML"},
        {"no key", "<MSG><HEAD><TxStatus>0</TxStatus></HEAD><BODY/></MSG>", Fault::department_invalid, "no key"},
        {"no Base64", "<MSG><HEAD><TxStatus>0</TxStatus></HEAD><BODY><WorkKey>#</WorkKey></BODY></MSG>",
         Fault::department_invalid, "no key"},
        {"half a block", "<MSG><HEAD><TxStatus>0</TxStatus></HEAD><BODY><WorkKey>AAAA</WorkKey></BODY></MSG>",
         Fault::department_invalid, "whole blocks"},
        {"two blocks",
         "<MSG><HEAD><TxStatus>0</TxStatus></HEAD><BODY><WorkKey>" + to_base64(std::string(32, 'x')) +
             "</WorkKey></BODY></MSG>",
         Fault::department_invalid, "another size"},
    }));
    CAPTURE(row.why);
    Fixture fixture;
    fixture.department.sign_in_with([&](const std::string&) { return framed('1', row.answer); });
    fixture.check_refused(row.fault, row.says);
    const auto probed = fixture.bench.probe(*fixture.made);
    REQUIRE_FALSE(probed.has_value());
    CHECK(probed.error().fault() == row.fault);
}

TEST_CASE("check values behind the sign-in are made with the session's key", "[adapters][frame][security]") {
    const std::string parts =
        "{flag: {kind: field, size: 1, text: \"0\"}, length: {kind: length, size: 4, form: big_endian, covers: "
        "[body]}, "
        "body: {kind: body}, mac: {kind: mac, algorithm: hmac_sha256}}";
    const std::string first = "bootstrap";
    const auto with_mac = [](char mark, const std::string& body, const std::string& key) {
        return framed(mark, body) + to_hex(crypto::hmac_sha256(key, body));
    };
    std::atomic<int> good_requests{};
    const LoopbackServer server{[&](LoopbackServer::Socket& socket) {
        boost::system::error_code ec;
        std::string head(5, '\0');
        boost::asio::read(socket, boost::asio::buffer(head), ec);
        if (ec) {
            return;  // nobody asks: the server is being stopped
        }
        std::string body(static_cast<unsigned char>(head[4]), '\0');
        boost::asio::read(socket, boost::asio::buffer(body), ec);
        std::string mac(64, '\0');
        boost::asio::read(socket, boost::asio::buffer(mac), ec);
        const std::string& key = head[0] == '1' ? first : kKey.reveal();
        good_requests += mac == to_hex(crypto::hmac_sha256(key, body)) ? 1 : 0;
        const std::string answer = head[0] == '1' ? "<MSG><HEAD><TxStatus>0</TxStatus></HEAD><BODY><WorkKey>" +
                                                        kKey.reveal() + "</WorkKey></BODY></MSG>"
                                                  : kLoan;
        // the second business answer has its check value by the old key
        const bool is_altered = good_requests == 3;
        boost::asio::write(socket, boost::asio::buffer(with_mac(head[0], answer, is_altered ? first : key)), ec);
        socket.shutdown(LoopbackServer::Socket::shutdown_both, ec);
    }};
    AdapterBench bench;
    const auto made = bench.make(
        adapters::frame::kind(),
        "host: 127.0.0.1\nport: " + std::to_string(server.port()) + "\nmac_key: " + first + "\nrequest: " + parts +
            "\noperations: {query: {}}\nsession: {values: {flag: \"1\"}, message: <MSG/>, ok_at: HEAD.TxStatus, "
            "ok_values: [\"0\"], key_at: BODY.WorkKey, key_form: text, macs: true, mark: flag, marks: [\"0\"]}\n");
    const auto reply = bench.ask(*made, question());
    REQUIRE(reply.has_value());
    CHECK(reply->body == kLoan);
    CHECK(good_requests == 2);
    const auto altered = bench.ask(*made, question());
    REQUIRE_FALSE(altered.has_value());
    CHECK(altered.error().fault() == Fault::department_invalid);
    REQUIRE(made->warnings().size() == 1);  // the key comes in the clear; bodies have check values
}

TEST_CASE("mistakes in a session's settings are found when they are read", "[adapters][frame]") {
    struct Row {
        const char* why;
        std::string session;
        const char* says;
    };
    const std::string head = "session: {message: <M/>, ok_at: A, ok_values: [\"0\"], key_at: B";
    const auto row = GENERATE_COPY(values<Row>({
        {"a key for nothing", head + "}", "does nothing"},
        {"cbc without iv", head + ", cipher: sm4_cbc}", "32 hexadecimal digits"},
        {"an iv for ecb", head + ", cipher: sm4_ecb, iv: \"00\"}", "no iv"},
        {"a password that stands in the file", head + ", cipher: sm4_ecb, password: geheim}", "environment variable"},
        {"a wrapped key without master", head + ", cipher: sm4_ecb, key_cipher: sm4_ecb}", "master_key"},
        {"a mark without its values", head + ", cipher: sm4_ecb, mark: flag}", "go together"},
        {"a mark that is no part", head + ", cipher: sm4_ecb, mark: flog, marks: [\"0\"]}", "flog"},
        {"a value of no part", head + ", cipher: sm4_ecb, values: {flog: \"1\"}}", "flog"},
        {"expired without values", head + ", cipher: sm4_ecb, expired_at: A}", "go together"},
        {"macs of no part", head + ", macs: true}", "no part of kind mac"},
        {"a place for nothing",
         "session: {message: \"<M>{pin}</M>\", ok_at: A, ok_values: [\"0\"], key_at: B, cipher: "
         "sm4_ecb}",
         "{pin}"},
        {"no message", "session: {ok_at: A, ok_values: [\"0\"], key_at: B, cipher: sm4_ecb}", "message"},
        {"an empty name in a path",
         "session: {message: <M/>, ok_at: A..B, ok_values: [\"0\"], key_at: B, cipher: sm4_ecb}", "names with dots"},
    }));
    CAPTURE(row.why);
    AdapterBench bench;
    Mistakes mistakes;
    CHECK(bench.try_make(adapters::frame::kind(), settings_for(1, row.session + "\n"), mistakes) == nullptr);
    std::string all;
    for (const Mistake& mistake : mistakes) {
        CHECK(mistake.where.line > 0);
        all += to_line(mistake) + '\n';
    }
    CHECK_THAT(all, ContainsSubstring(row.says));
}
