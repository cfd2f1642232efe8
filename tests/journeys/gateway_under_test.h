#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/app/program.h"
#include "core/evidence/verify.h"
#include "examples/departments/city.h"
#include "examples/departments/questions.h"
#include "tests/journeys/platform.h"

namespace datong::journeys {

/// The real gateway with the project's own configuration, in front of the simulated city, all in this
/// process on loopback ports of the system's choice, in a folder that goes with it.
class GatewayUnderTest {
public:
    struct Options {
        std::unique_ptr<evidence::Files> files{};
        /// Changes a copy of config/ before the gateway reads it.
        std::function<void(const std::string& config_folder)> change{};
        std::optional<departments::Broker> broker{};  ///< a message broker beside the city
        std::unique_ptr<Clock> clock{};               ///< until a restart; nullptr: the system's
    };
    GatewayUnderTest() : GatewayUnderTest{Options{}} {}
    explicit GatewayUnderTest(Options options);
    ~GatewayUnderTest();
    GatewayUnderTest(const GatewayUnderTest&) = delete;
    GatewayUnderTest& operator=(const GatewayUnderTest&) = delete;

    [[nodiscard]] Platform platform(const std::string& consumer = "one-window") const;
    [[nodiscard]] departments::City& city() { return *city_; }
    [[nodiscard]] app::Program& program() { return *program_; }
    [[nodiscard]] const app::Program& program() const { return *program_; }
    [[nodiscard]] const std::string& folder() const { return folder_; }
    [[nodiscard]] std::string log() const;
    /// Ends the gateway, so that log and evidence are whole.
    void stop();
    /// Ends it and starts it again on the same folder: the port may be another.
    /// @param clock  from now on, until a restart; nullptr: the system's.
    void restart(std::unique_ptr<Clock> clock = nullptr);
    [[nodiscard]] evidence::Verdict verify() const;
    [[nodiscard]] codec::HttpMessage admin(const std::string& method, const std::string& target,
                                           const std::string& body = {}) const;
    /// Over TLS where the listener speaks it; status 0 where no connection came about.
    /// @param client  CLIENT.chain.pem and .key.pem are shown; empty: no certificate.
    [[nodiscard]] codec::HttpMessage admin(codec::HttpMessage request, const std::string& client = {}) const;

    /// Bodies about the demo household.
    [[nodiscard]] record::Record body(const std::string& service) const;
    [[nodiscard]] record::Record matter_body() const;

private:
    void start(std::unique_ptr<evidence::Files> files, std::unique_ptr<Clock> clock);

    std::string folder_;
    std::unique_ptr<departments::City> city_;
    std::unique_ptr<app::Program> program_;
};

/// A call's body with this question, for the purpose that wants no case.
[[nodiscard]] record::Record body_of(const departments::Question& question);

/// Waits a bounded time until that holds; what it is at the end.
[[nodiscard]] bool wait_until(const std::function<bool()>& ready);

inline constexpr const char* kLand = "/v1/services/realestate-certificate";
inline constexpr const char* kTax = "/v1/services/tax-clearance";
inline constexpr const char* kFund = "/v1/services/fund-deposit-certificate";
inline constexpr const char* kMarket = "/v1/services/business-licence";
inline constexpr const char* kMatter = "/v1/matters/existing-home-transfer/materials";

}  // namespace datong::journeys
