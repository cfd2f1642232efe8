// A file of a department that answers after the call.

#include <future>
#include <memory>
#include <string>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/store/awaited.h"
#include "examples/departments/licence_file.h"
#include "tests/journeys/file_house.h"
#include "tests/support/catch.h"
#include "tests/support/faulty_files.h"

using namespace datong;
using namespace datong::journeys;
using record::Record;

namespace {

constexpr const char* kPermitMatter = "/v1/matters/permit-check/materials";

/// A matter of the permit alone, whose department may answer after a second.
void make_slow(const std::string& config) {
    edit(config + "/services/discharge-permit.yaml", "deadline_ms: 4000",
         "slow: {question_s: 30, ask_again_s: 1, within_s: 600}\ndeadline_ms: 4000");
    edit(config + "/departments/environment.yaml", "call_ms: 3000", "call_ms: 30000");
    write_text(config + "/matters/permit-check.yaml", R"(datong: matter/v1
id: permit-check
version: 1.0.0
title: 排污许可核对
purpose: no-resubmission
deadline_ms: 1000
requirements:
  - id: permit
    title: 排污许可
    any_of: [{all_of: [{material: permit, title: 排污许可证, service: discharge-permit, about: subject}]}]
)");
}

std::int64_t files_given(const GatewayUnderTest& gateway) {
    std::int64_t all = 0;
    const std::string metrics = gateway.admin("GET", "/metrics").body;
    for (const std::string_view line : split(metrics, '\n')) {
        if (line.starts_with("datong_exchange_files_total{")) {
            all += std::stoll(std::string{line.substr(line.rfind(' ') + 1)});
        }
    }
    return all;
}

}  // namespace

TEST_CASE("a file that comes after the deadline and before the answer is kept is told whole",
          "[journey][files][later]") {
    const std::string ofd = departments::sealed_ofd("test");
    std::promise<void> may_come;
    FileHouse house{[&ofd, wait = may_come.get_future().share()](const std::string&) {
        wait.wait();
        return FileHouse::Told{.head = "200 OK\r\nContent-Type: application/ofd", .body = ofd};
    }};
    const auto faults = std::make_shared<support::Faults>();
    auto options = house.options();
    options.files = std::make_unique<support::FaultyFiles>(faults);
    options.change = [change = options.change](const std::string& config) {
        change(config);
        make_slow(config);
    };
    GatewayUnderTest gateway{std::move(options)};
    Record body = body_of(permit_question());
    body.find("context")->put("matter", Record::text("permit-check"));
    body.put("files", Record::text("url"));
    std::erase_if(body.members_to_edit(), [](const auto& member) { return member.name == "query"; });
    auto called = std::async(std::launch::async, [&] { return gateway.platform().call(kPermitMatter, body); });

    const bool is_asked = wait_until([&] { return house.asked().size() == 1; });  // its intent is durable
    faults->close_gate();
    const auto book = store::AwaitedBook::open(gateway.folder() + "/state/datong.db.later");
    REQUIRE(book);
    const bool is_over = wait_until([&] {
        const auto calls = (*book)->calls_waiting();
        return calls && !calls->empty();
    });
    const auto before = files_given(gateway);
    may_come.set_value();
    const bool has_come = wait_until([&] { return files_given(gateway) == before + 1; });
    faults->open_gate();
    const auto answer = called.get();
    CAPTURE(answer.body, gateway.log());
    REQUIRE(is_asked);
    REQUIRE(is_over);
    REQUIRE(has_come);
    REQUIRE(answer.status == 202);

    const Platform platform = gateway.platform();
    const auto look = [&] { return platform.send(platform.prepare_get(json_of(answer).text_of("status"))); };
    REQUIRE(wait_until([&] { return look().status == 200; }));
    const Record material = json_of(look()).find("materials")->items().front();
    REQUIRE(material.find("told") != nullptr);
    const Record& told = *material.find("told")->find("answer");
    CHECK(told.find("files")->items().front().find("url") == nullptr);
    REQUIRE(told.find_path({"content", "document", "file"}) != nullptr);
    CHECK(told.find_path({"content", "document", "file"})->scalar() == to_base64(ofd));
    gateway.stop();
    CHECK(gateway.verify().valid);
}
