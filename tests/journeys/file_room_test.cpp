// What files hold on their way: for whom, for how long, and who waits for whom.

#include <sqlite3.h>

#include <future>
#include <memory>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "core/codec/json.h"
#include "core/files/kept.h"
#include "core/http/client.h"
#include "examples/departments/licence_file.h"
#include "tests/journeys/evidence_kit.h"
#include "tests/journeys/file_house.h"
#include "tests/journeys/platform_client.h"
#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"

using namespace datong;
using namespace datong::journeys;
using namespace std::chrono_literals;
using codec::HttpMessage;
using record::Record;

namespace {

namespace asio = boost::asio;

/// A sealed file of about that many octets.
std::string ofd_of(std::size_t octets) {
    std::string made = departments::sealed_ofd("test");
    made.resize(std::max(made.size(), octets), 'x');
    return made;
}

FileHouse::Told told(const std::string& octets) {
    return {.head = "200 OK\r\nContent-Type: application/ofd", .body = octets};
}

/// Does both to the copied configuration.
GatewayUnderTest::Options both(GatewayUnderTest::Options one, GatewayUnderTest::Options other) {
    one.change = [first = one.change, then = other.change](const std::string& config) {
        first(config);
        then(config);
    };
    return one;
}

std::int64_t gauge(const GatewayUnderTest& gateway, const std::string& name) {
    const std::string metrics = "\n" + gateway.admin("GET", "/metrics").body;
    const auto at = metrics.find("\n" + name + " ");
    return at == std::string::npos ? -1 : std::stoll(metrics.substr(at + name.size() + 2));
}

std::int64_t held(const GatewayUnderTest& gateway) {
    return gauge(gateway, "datong_files_held_bytes");
}

asio::awaitable<void> ask(http::Client* client, HttpMessage request, HttpMessage* into) {
    auto answer = co_await client->send(std::move(request), std::chrono::steady_clock::now() + 60s);
    if (answer) {
        *into = std::move(*answer);
    }
}

/// A call whose answer nobody takes from its connection until read().
class SlowReader {
public:
    SlowReader(const GatewayUnderTest& gateway, HttpMessage request) {
        http::ClientSettings settings;
        settings.url = "https://" + request.authority;
        settings.ca_pem = read_file(gateway.folder() + "/keys/ca.pem");
        settings.max_answer = 64U << 20;
        client_ = std::move(*http::Client::make(std::move(settings)));
        asio::co_spawn(loop_, ask(client_.get(), std::move(request), &answer_), asio::detached);
    }
    void send_until(const std::function<bool()>& there) {
        const auto until = std::chrono::steady_clock::now() + 20s;
        while (!there() && std::chrono::steady_clock::now() < until) {
            loop_.run_one_for(10ms);
        }
    }
    [[nodiscard]] HttpMessage read() {
        loop_.run();
        return answer_;
    }

private:
    asio::io_context loop_{1};
    HttpMessage answer_;
    std::unique_ptr<http::Client> client_;
};

/// A platform by an access token, which gets every file in the answer, and asks for permits.
const std::string kSid = "s_1200000900000_2108";
GatewayUnderTest::Options with_permits_for_a_platform() {
    auto options = with_door(
        "door:\n  protocol: access-token\n  access_id: DEMO-APP-0001\n"
        "  inbound: doors/national.inbound.yaml\n  services: [{sid: " +
            kSid + ", service: discharge-permit}]\n",
        kListedNetwork);
    options.change = [before = options.change](const std::string& config) {
        before(config);
        const std::string table = config + "/../mappings/tables/doors/use-cause.csv";
        write_text(table, read_file(table) + "免提交,no-resubmission,免提交,y,,\n");
    };
    return options;
}

Record platform_call(const std::string& token) {
    const auto about = permit_question().about;
    Record who = Record::object();
    who.put("account", Record::text("window-07"));
    who.put("division_code", Record::text("999901"));
    Record data = Record::object();
    data.put("usecause", Record::text("免提交"));
    data.put("xm", Record::text(about.name));
    data.put("zjlx", Record::text(about.id_type));
    data.put("zjhm", Record::text(about.id_no));
    data.put("operator", std::move(who));
    Record head = Record::object();
    head.put("accessId", Record::text("DEMO-APP-0001"));
    head.put("accessToken", Record::text(token));
    head.put("sid", Record::text(kSid));
    head.put("timestamp", Record::text(now_ms()));
    Record body = Record::object();
    body.put("head", std::move(head));
    body.put("data", std::move(data));
    return body;
}

/// A database that nobody else can write to meanwhile.
class Locked {
public:
    explicit Locked(const std::string& file) {
        sqlite3* opened = nullptr;
        const bool is_open = sqlite3_open_v2(file.c_str(), &opened, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK;
        database_.reset(opened);
        sqlite3_busy_timeout(opened, 5'000);
        if (!is_open || sqlite3_exec(opened, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) != SQLITE_OK) {
            throw std::runtime_error{"can't lock " + file};
        }
    }

private:
    struct Close {
        void operator()(sqlite3* opened) const noexcept { sqlite3_close(opened); }
    };
    std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace

TEST_CASE("a file in an answer is counted until its reader has it", "[journey][files][security]") {
    const std::string file = ofd_of(8U << 20);  // as Base64 more than a connection's buffers take
    FileHouse house{[&file](const std::string&) { return told(file); }};
    GatewayUnderTest gateway{both(with_permits_for_a_platform(), house.options())};
    const PlatformClient province{gateway};
    const std::string token = province.token("DEMO-APP-0001");
    const HttpMessage request = province.prepare("POST", "/gateway/access", codec::write_json(platform_call(token)));
    SlowReader slow{gateway, request};
    slow.send_until([&] { return !house.asked().empty(); });
    REQUIRE(house.asked().size() == 1);
    const auto as_base64 = static_cast<std::int64_t>((file.size() + 2) / 3 * 4 + files::Kept::kBeside);
    CHECK(wait_until([&] { return held(gateway) == as_base64; }));
    const auto other = gateway.platform();
    CHECK(other.call(kFund, gateway.body(kFund)).status == 200);  // the loop has long gone on
    CHECK(held(gateway) == as_base64);
    const HttpMessage answer = slow.read();
    CAPTURE(answer.body.substr(0, 300));
    CHECK(answer.status == 200);
    CHECK(answer.body.size() > file.size());
    CHECK(wait_until([&] { return held(gateway) == 0; }));
}

TEST_CASE("an address ends with the last day of the grant that shows the file", "[journey][files][security]") {
    const std::string file = ofd_of(32U << 10);
    FileHouse house{[&file](const std::string&) { return told(file); }};
    auto options = house.options();
    auto clock = std::make_unique<support::FakeClock>(std::chrono::system_clock::now());
    const std::string today = to_rfc3339(clock->now()).substr(0, 10);
    const std::string tomorrow = to_rfc3339(clock->now() + 24h).substr(0, 10);
    options.clock = std::move(clock);
    options.change = [change = options.change, today](const std::string& config) {
        change(config);
        write_text(config + "/gateway.yaml", read_file(config + "/gateway.yaml") + "files: {keep_s: 86400}\n");
        edit(config + "/grants/one-window-city-services.yaml", "valid_to: 2027-12-31", "valid_to: " + today);
    };
    GatewayUnderTest gateway{std::move(options)};
    const auto answer = json_of(gateway.platform().call(kPermit, body_of(permit_question())));
    REQUIRE(answer.find("files") != nullptr);
    const Record& named = answer.find("files")->items().front();
    CHECK(named.text_of("until") == tomorrow + "T00:00:00.000+08:00");
    const auto platform = gateway.platform();
    CHECK(platform.send(platform.prepare_get(named.text_of("url"))).body == file);
}

TEST_CASE("files that hang hold up nobody who looks things up in the evidence", "[journey][files]") {
    std::promise<void> let_go;
    const std::shared_future<void> gone = let_go.get_future().share();
    FileHouse house{[gone](const std::string&) {
        gone.wait();
        return told("no file");
    }};
    GatewayUnderTest gateway{house.options()};
    const auto exchange = json_of(gateway.platform().call(kFund, gateway.body(kFund))).text_of("exchange");
    std::vector<std::future<HttpMessage>> hung;
    for (int i = 0; i < 2; ++i) {
        hung.push_back(std::async(std::launch::async,
                                  [&] { return gateway.platform().call(kPermit, body_of(permit_question())); }));
    }
    CHECK(wait_until([&] { return house.asked().size() == hung.size(); }));
    const auto platform = gateway.platform();
    CHECK(platform.send(platform.prepare_get("/v1/exchanges/" + exchange + "/evidence")).status == 200);
    for (auto& one : hung) {
        CHECK(one.wait_for(0s) != std::future_status::ready);
    }
    let_go.set_value();
    for (auto& one : hung) {
        CHECK(one.get().status != 0);
    }
}

TEST_CASE("look-ups that wait for the evidence's index hold up no file", "[journey][files]") {
    const std::string file = ofd_of(2U << 20);  // large enough to be digested on a thread
    FileHouse house{[&file](const std::string&) { return told(file); }};
    GatewayUnderTest gateway{house.options()};
    const auto exchange = json_of(gateway.platform().call(kFund, gateway.body(kFund))).text_of("exchange");
    auto lock = std::make_unique<const Locked>(gateway.folder() + "/evidence/index/index.db");
    std::vector<std::future<HttpMessage>> waiting;
    for (int i = 0; i < 4; ++i) {
        waiting.push_back(std::async(std::launch::async, [&] {
            const auto platform = gateway.platform();
            return platform.send(platform.prepare_get("/v1/exchanges/" + exchange + "/evidence"));
        }));
    }
    // their intents are there, so they have gone on to the index
    CHECK(wait_until([&] { return records_of(gateway, "intent").size() == 1 + waiting.size(); }));
    const auto answer = gateway.platform().call(kPermit, body_of(permit_question()));
    CAPTURE(answer.body.substr(0, 300));
    CHECK(answer.status == 200);
    for (auto& one : waiting) {
        CHECK(one.wait_for(0s) != std::future_status::ready);  // they still wait
    }
    lock.reset();
    for (auto& one : waiting) {
        CHECK(one.get().status != 0);
    }
}
