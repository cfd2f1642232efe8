#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "core/codec/json.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/journeys/receiver.h"
#include "tests/support/catch.h"

namespace datong::journeys {

/// Replaces the first `what` in a file of the configuration.
inline void replace_in(const std::string& file, const std::string& what, const std::string& with) {
    std::string text = read_file(file);
    REQUIRE(text.find(what) != std::string::npos);
    text.replace(text.find(what), what.size(), with);
    write_text(file, text);
}

/// How slow the tax department is, as its service says.
struct SlowTax {
    int question_s = 4;
    int ask_again_s = 1;
    int within_s = 60;
    bool is_told = true;  ///< the platform has an address
    std::string needs;    ///< what the matter says of its material beside that: ", fields: [...]"
};

/// A gateway whose matter waits a second and whose tax department may answer later, and the platform's address.
class Standing {
public:
    Standing() : Standing{SlowTax{}} {}
    explicit Standing(SlowTax slow)
        : gateway_{{.change = [this, slow](const std::string& config) { change(config, slow); }}} {}

    GatewayUnderTest& operator*() { return gateway_; }
    GatewayUnderTest* operator->() { return &gateway_; }
    [[nodiscard]] Receiver& platform_address() { return *receiver_; }

    /// One call for the matter. @return its answer as JSON.
    [[nodiscard]] record::Record call() {
        const Platform platform = gateway_.platform();
        const auto request = platform.prepare(kMatter, codec::write_json(gateway_.matter_body()));
        const auto answer = platform.send(request);
        CAPTURE(answer.body);
        CHECK(platform.check_signature(answer, request).has_value());
        last_status_ = answer.status;
        last_location_ = answer.field("location").value_or("");
        return json_of(answer);
    }
    [[nodiscard]] int last_status() const { return last_status_; }
    [[nodiscard]] const std::string& last_location() const { return last_location_; }

    /// How far what is awaited of an exchange is.
    [[nodiscard]] codec::HttpMessage look(const std::string& exchange, const std::string& who = "one-window") const {
        const Platform platform = gateway_.platform(who);
        return platform.send(platform.prepare_get("/v1/exchanges/" + exchange + "/materials"));
    }

private:
    void change(const std::string& config, SlowTax slow) {
        receiver_ = std::make_unique<Receiver>(config + "/../keys");
        replace_in(config + "/matters/existing-home-transfer.yaml", "deadline_ms: 8000", "deadline_ms: 1000");
        if (slow.question_s > 4) {  // as long as its source takes at most
            replace_in(config + "/departments/tax.yaml", "call_ms: 4000", "call_ms: 30000");
        }
        replace_in(config + "/services/tax-clearance.yaml", "deadline_ms: 5000",
                   "slow: {question_s: " + std::to_string(slow.question_s) +
                       ", ask_again_s: " + std::to_string(slow.ask_again_s) +
                       ", within_s: " + std::to_string(slow.within_s) + "}\ndeadline_ms: 5000");
        replace_in(config + "/matters/existing-home-transfer.yaml", "service: tax-clearance, about: subject",
                   "service: tax-clearance, about: subject" + slow.needs);
        if (slow.is_told) {
            replace_in(config + "/gateway.yaml", "calendar:", "callbacks: {hosts: [127.0.0.1]}\ncalendar:");
            replace_in(config + "/consumers/one-window.yaml", "keys:",
                       "callback: {url: \"" + receiver_->url() +
                           "\", ca: \"${DATONG_KEYS:-keys}/ca.pem\", retry_s: 1, ends_h: 1}\nkeys:");
        }
    }

    std::unique_ptr<Receiver> receiver_;  // before the gateway, which calls it
    GatewayUnderTest gateway_;
    int last_status_{};
    std::string last_location_;
};

inline const record::Record& requirement_of(const record::Record& answer, std::string_view id) {
    for (const record::Record& one : answer.find("requirements")->items()) {
        if (one.text_of("id") == id) {
            return one;
        }
    }
    FAIL("no such requirement");
    throw std::logic_error{"unreachable"};
}

}  // namespace datong::journeys
