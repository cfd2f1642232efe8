#include <atomic>
#include <chrono>
#include <filesystem>

#include "adapters/soap/soap_adapter.h"
#include "core/charset/charset.h"
#include "core/codec/soap.h"
#include "core/profiles/national.h"
#include "core/profiles/wrapped_secret.h"
#include "tests/support/adapter_kit.h"
#include "tests/support/http_handler.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using support::AdapterBench;

namespace {

const Secret kAppkey{"0123456789abcdef0123456789abcdef"};

/// The platform's WebService form: the four values stand in the SOAP header, and it answers "2002" inside a 200 when
/// the secret is not the last one lent.
class SoapPlatform {
public:
    [[nodiscard]] std::string url() const { return server_.url(); }
    std::atomic<int> lendings{0};
    std::atomic<int> good{0};
    std::atomic<int> refused{0};
    std::atomic<bool> is_expired{false};

private:
    using Answer = support::HttpHandler::Answer;

    Answer handle(const support::HandledRequest& request) {
        if (request.path() == "/sysapi/auth/refreshappsecret") {
            is_expired = false;
            return {.body = R"({"code":"0","data":{"secret":")" +
                            profiles::wrap_secret(profiles::Wrapping::ecb, kAppkey, secret(++lendings)).value() +
                            R"("}})"};
        }
        const bool is_good = !is_expired && verifies(request);
        ++(is_good ? good : refused);
        return {.body = "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><r><code>" +
                        std::string{is_good ? "0" : "2002"} + "</code></r></s:Body></s:Envelope>"};
    }

    static Secret secret(int number) { return Secret{"secret-" + std::to_string(number)}; }

    bool verifies(const support::HandledRequest& request) const {
        const auto message = codec::read_soap(request.body, false);
        const record::Record* auth = message ? message->header.find("auth") : nullptr;
        if (auth == nullptr || !request.header("gjgxjhpt_sign").empty() || message->body.text_of("name") != "张&三") {
            return false;
        }
        const profiles::NationalCall call{.rid = auth->text_of("gjgxjhpt_rid"),
                                          .sid = auth->text_of("gjgxjhpt_sid"),
                                          .rtime = auth->text_of("gjgxjhpt_rtime")};
        return call.sid == "s_2" &&
               profiles::national_verify(call, secret(lendings), auth->text_of("gjgxjhpt_sign")).has_value();
    }

    support::HttpHandler server_{[this](const support::HandledRequest& request) { return handle(request); }};
};

}  // namespace

TEST_CASE("the national signature stands in the SOAP header, made anew when the secret has expired",
          "[adapters][soap][sign]") {
    SoapPlatform platform;
    support::ScratchFolder folder;
    folder.write("appkey", kAppkey.reveal());
    std::filesystem::permissions(folder / "appkey", std::filesystem::perms::owner_read);
    AdapterBench bench{folder.path()};
    const std::string charset = GENERATE(as<std::string>{}, "utf-8", "gbk");
    const auto adapter =
        bench.make(adapters::soap::kind(),
                   "url: " + platform.url() + "\ncharset: " + charset +
                       "\nsign: {profile: gjgxjhpt, id: DEMO-RID, service: s_1, secret_file: appkey, soap_block: auth, "
                       "soap_uri: \"urn:auth\", expired_at: Body.r.code, expired_values: \"2002\"}\n"
                       "operations: {q: {action: getBirthInfo, path: /services/Birth, service: s_2}}\n");
    const auto ask = [&](bool once = false) {
        record::Record content = record::Record::object();
        content.put("name", record::Record::text("张&三"));
        adapter::Ask what;
        what.operation = "q";
        what.body = codec::write_soap("1.1", "getBirthInfo", "urn:x", content).value();
        if (charset == "gbk") {
            what.body = charset::encode(what.body, charset::Charset::gbk).value();
        }
        auto errand = AdapterBench::errand(std::chrono::seconds{10});
        errand.once = once;
        return bench.run(adapter->ask(std::move(what), std::move(errand)));
    };
    for (int i = 0; i < 2; ++i) {
        const auto reply = ask();
        REQUIRE(reply.has_value());
        CHECK_THAT(reply->body, ContainsSubstring("<code>0</code>"));
    }
    CHECK(platform.lendings == 1);
    platform.is_expired = true;
    CHECK_THAT(ask()->body, ContainsSubstring("<code>0</code>"));
    CHECK(platform.lendings == 2);
    CHECK(platform.good == 3);
    CHECK(platform.refused == 1);
    CHECK(adapter->warnings().size() == 1);  // http, and the body is not covered
    platform.is_expired = true;
    const auto pushed = ask(true);
    REQUIRE_FALSE(pushed.has_value());
    CHECK(pushed.error().fault() == Fault::department_invalid);
    CHECK(platform.refused == 2);  // a submission is not sent again
    CHECK(platform.lendings == 2);
}
