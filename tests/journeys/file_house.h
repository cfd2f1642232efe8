#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "examples/departments/questions.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/support/loopback_server.h"

namespace datong::journeys {

/// The environment bureau's permit system as a test wants it: each question gets one permit, whose file stands at an
/// address of the test's choice, and every other path is answered by the test. It keeps the request lines.
class FileHouse {
public:
    struct Told {
        std::string head;  ///< "200 OK", with further lines of the head
        std::string body;
    };
    /// @param file  what any path but the permits' is answered with.
    explicit FileHouse(std::function<Told(const std::string& request)> file);

    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
    /// What the next permits name as the address of their file.
    void name(std::string address);
    /// The requests for files so far: their heads.
    [[nodiscard]] std::vector<std::string> asked() const;

    /// The project's configuration with this system in place of the simulated one.
    [[nodiscard]] GatewayUnderTest::Options options(const std::string& more_settings = {}) const;

private:
    void talk(support::LoopbackServer::Socket& socket);
    [[nodiscard]] Told permit() const;

    std::function<Told(const std::string&)> file_;
    mutable std::mutex mutex_;  ///< of what follows
    std::string address_ = "/pwxk/permit/file?permitCode=1";
    std::vector<std::string> asked_;
    support::LoopbackServer server_{[this](auto& socket) { talk(socket); }};
};

/// The question about the demo company's permit.
[[nodiscard]] departments::Question permit_question();

/// Replaces the first `what` in a file of the configuration; throws when it is not there.
void edit(const std::string& file, const std::string& what, const std::string& with);

inline constexpr const char* kPermit = "/v1/services/discharge-permit";
inline constexpr const char* kReceipt = "/v1/services/deed-tax-receipt";

}  // namespace datong::journeys
