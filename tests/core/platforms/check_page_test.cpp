#include "core/platforms/check_page.h"

#include "core/platforms/check_door.h"
#include "core/sharing/result.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::platforms;
using record::Record;

namespace {

Record shown(const std::string& outcome, const std::string& until) {
    Record one = Record::object();
    one.put("outcome", Record::text(outcome));
    one.put("valid_until", Record::text(until));
    one.put("issuer", Record::text("<img src=x onerror=alert(1)>"));
    return one;
}

constexpr std::chrono::system_clock::time_point kNow{std::chrono::seconds{1'795'989'150}};  // 2026-11-30 at +08:00

}  // namespace

TEST_CASE("whatever a result says, its page holds no markup but its own", "[platforms][security]") {
    const std::string page = result_page(shown("found", "2026-12-29"), kNow);
    CHECK(page.find("<img") == std::string::npos);
    CHECK_THAT(page, ContainsSubstring("&lt;img src=x onerror=alert(1)&gt;"));
    CHECK(page.find("<script") == std::string::npos);
    CHECK(escaped(R"(<a b="c" d='e'>&)") == "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;");
    CHECK_THAT(content_security_policy(), ContainsSubstring("default-src 'none'") && ContainsSubstring("'sha256-"));
}

TEST_CASE("a page says whether a result may still be used", "[platforms]") {
    CHECK_THAT(result_page(shown("found", "2026-11-30"), kNow), ContainsSubstring("真实有效：查有记录"));
    CHECK_THAT(result_page(shown("not_found", "2026-12-29"), kNow), ContainsSubstring("真实有效：查无记录"));
    const std::string late = result_page(shown("found", "2026-11-29"), kNow);
    CHECK_THAT(late, ContainsSubstring("已过可用期限"));
    CHECK(late.find("真实有效") == std::string::npos);
}

TEST_CASE("a code is read as people write it", "[sharing]") {
    CHECK(sharing::normal_code("7k4m-9qwx 2btd") == "7K4M9QWX2BTD");
    CHECK(sharing::normal_code("OIL0-0000-0000") == "011000000000");
    CHECK(sharing::normal_code("7K4M-9QWX-2BT").empty());
    CHECK(sharing::normal_code("7K4M-9QWX-2BTU").empty());
    CHECK(sharing::normal_code("").empty());
}

TEST_CASE("one and the same checks so often in ten minutes, and others meanwhile", "[platforms][security]") {
    CheckLimit limit{CheckLimit::kMostOfExchange};
    const Deadline now{std::chrono::hours{1}};
    for (std::size_t i = 0; i < CheckLimit::kMostOfExchange; ++i) {
        CHECK(limit.take("192.0.2.1", now));
    }
    CHECK_FALSE(limit.take("192.0.2.1", now));
    CHECK(limit.take("192.0.2.2", now));
    CHECK(limit.take("192.0.2.1", now + CheckLimit::kWindow));
}

TEST_CASE("nobody keeps others from checking, with however many addresses", "[platforms][security]") {
    CHECK(site_of("2001:db8:0:1::1") == site_of("2001:db8:0:1:ffff:ffff:ffff:ffff"));
    CHECK(site_of("2001:db8:0:1::1") != site_of("2001:db8:0:2::1"));
    CHECK(site_of("192.0.2.1") != site_of("192.0.2.2"));
    CHECK(site_of("::ffff:192.0.2.1") == site_of("192.0.2.1"));
    CHECK(site_of("").empty());

    CheckLimit one_host{CheckLimit::kMostOfSite};
    const Deadline now{std::chrono::hours{1}};
    std::size_t passed = 0;
    for (std::size_t i = 0; i < CheckLimit::kMostKeys; ++i) {
        passed += one_host.take(site_of("2001:db8::" + std::to_string(i % 10'000)), now) ? 1 : 0;
    }
    CHECK(passed == CheckLimit::kMostOfSite);
    CHECK(one_host.take(site_of("192.0.2.1"), now));

    CheckLimit many_hosts{CheckLimit::kMostOfSite};
    for (std::size_t i = 0; i < CheckLimit::kMostKeys; ++i) {
        CHECK(many_hosts.take(std::to_string(i), now));
    }
    CHECK(many_hosts.take(site_of("192.0.2.1"), now));
}
