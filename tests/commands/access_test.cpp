#include "core/record/date.h"
#include "tests/commands/office.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::commands;

namespace {

std::string day_in(int days) {
    return record::to_text(record::to_civil(std::chrono::system_clock::now() + std::chrono::days{days}).date);
}

std::string application() {
    return R"(datong: application/v1
organisation: portal
reason: 企业开办时核对登记信息
consumer: portal
services: [business-licence]
fields: [/name, /status]
purposes: [no-resubmission]
legal_basis: {title: 企业信息公示暂行条例, number: 国务院令第654号, sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}
territory: ["9999"]
contacts: [数据科 0000-0000]
valid_from: )" +
           day_in(-1) + "\nvalid_to: " + day_in(30) + '\n';
}

}  // namespace

TEST_CASE("access from the application to the call and its end, as people type it", "[commands][access][accounts]") {
    Office office;
    (void)office.write("application.yaml", application());
    const std::string file = office.installation.path("application.yaml");
    const std::string id = "a-" + day_in(0).substr(0, 4) + "-0001";
    const Ran first = office.as("wang", {"account", "init", "wang"});
    Office::succeed(first);
    office.start();
    office.settle("wang", first.out);
    office.add("portal-zhao", "consumer", "portal");
    office.add("market-li", "department", "market");
    CHECK_THAT(office.as("market-li", {"whoami"}).out, ContainsSubstring("market-li  department"));
    CHECK_THAT(office.call().err + office.call().out, ContainsSubstring("not_permitted"));

    Office::refused(office.as("nobody", {"access", "request", file, "--reason", "企业开办"}), "not_signed_in");
    Office::refused(office.as("wang", {"access", "request", file, "--reason", "企业开办"}), "role_missing");
    const Ran requested = office.as("portal-zhao", {"access", "request", file, "--reason", "企业开办"});
    Office::succeed(requested);
    CHECK_THAT(requested.out, ContainsSubstring(id) && ContainsSubstring("待批 waits for"));
    Office::refused(
        office.as("portal-zhao", {"access", "approve", id, "--of", std::string(64, '0'), "--reason", "自批"}),
        "role_missing");

    const Ran shown = office.as("market-li", {"access", "show", id});
    Office::succeed(shown);
    const std::string read = word_behind(shown.out, "sha256 ");
    Office::refused(
        office.as("market-li", {"access", "approve", id, "--of", std::string(64, '0'), "--reason", "用途与依据相符"}),
        "changed_meanwhile");
    const Ran typo = office.as("market-li", {"access", "approve", id, "--of", "abc", "--reason", "用途与依据相符"});
    CHECK(typo.code == 2);
    CHECK_THAT(typo.err, ContainsSubstring("--of: 应为 datong access show 打印的 64 位十六进制"));
    for (const char* act : {"approve", "promote", "refuse"}) {
        const Ran unread = office.as("market-li", {"access", act, id, "--reason", "用途与依据相符"});
        CHECK(unread.code == 2);
        CHECK_THAT(unread.err, ContainsSubstring("--of") && ContainsSubstring("datong access show " + id));
    }
    Office::succeed(office.as("market-li", {"access", "approve", id, "--of", read, "--reason", "用途与依据相符"}));
    Office::refused(office.as("market-li", {"access", "approve", id, "--of", read, "--reason", "再批"}),
                    "approved_twice");
    CHECK(office.call().code == 1);  // one of two
    Office::succeed(office.as("wang", {"access", "approve", id, "--of", read, "--reason", "合规"}));

    const Ran permitted = office.call();
    Office::succeed(permitted);
    CHECK_THAT(permitted.out, ContainsSubstring("2 fields"));  // those that were applied for
    CHECK_THAT(office.as("market-li", {"access", "list"}).out, ContainsSubstring(id) && ContainsSubstring("approved"));

    Office::succeed(office.as("market-li", {"access", "revoke", id, "--reason", "依据已废止"}));
    const Ran after = office.call();
    CHECK(after.code == 1);
    CHECK_THAT(after.err + after.out, ContainsSubstring("not_permitted"));
    Office::succeed(office.as("market-li", {"logout"}));
    Office::refused(office.as("market-li", {"access", "reopen", id, "--reason", "x"}), "not_signed_in");

    CHECK(office.end() == 0);
    std::vector<std::string> done;
    for (const evidence::Administration& act : acts_of(office.installation)) {
        if (act.target == id && act.outcome == "done") {
            done.push_back(act.actor + ' ' + act.act + ' ' + act.reason);
        }
    }
    CHECK(done == std::vector<std::string>{"portal-zhao access.submit 企业开办",
                                           "market-li access.approve 用途与依据相符", "wang access.approve 合规",
                                           "market-li access.revoke 依据已废止"});
}
