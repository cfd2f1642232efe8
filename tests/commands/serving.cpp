#include "tests/commands/serving.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "core/codec/json.h"
#include "tests/support/acts.h"

namespace datong::commands {
namespace {

using record::Record;

constexpr const char* kPorts = "ports.json";

app::Child start_serving(const Installation& installation, const std::string& err) {
    std::filesystem::remove(installation.path(kPorts));  // of one that ran here before
    return start({DATONG_PROGRAM, "serve", "--config", installation.config(), "--log", installation.path("gateway.log"),
                  "--port-file", installation.path(kPorts)},
                 installation.environment, installation.path("gateway.out"), err);
}

}  // namespace

namespace {

/// About the demo's person; in a case, or before there is one.
std::string person_body(bool in_case) {
    const departments::Demo demo = departments::demo_person();
    Record subject = Record::object();
    subject.put("name", Record::text(demo.person.name));
    subject.put("id_type", Record::text("111"));
    subject.put("id_no", Record::text(demo.person.id));
    Record who = Record::object();
    who.put("account", Record::text("window-07"));
    who.put("division", Record::text(demo.flat.division));
    Record context = Record::object();
    context.put("purpose", Record::text(in_case ? "existing-home-transfer" : "no-resubmission"));
    if (in_case) {
        context.put("matter", Record::text("existing-home-transfer"));
        context.put("case_number", Record::text(demo.case_number));
    }
    context.put("subject", std::move(subject));
    context.put("operator", std::move(who));
    Record body = Record::object();
    body.put("context", std::move(context));
    body.put("query", Record::object());
    return codec::write_json(body);
}

}  // namespace

std::string fund_body() {
    return person_body(true);
}

std::vector<evidence::Administration> acts_of(const Installation& installation) {
    return support::acts_in(installation.path("evidence"));
}

Serving::Serving(const Installation& installation)
    : installation_{installation}, err_{installation.path("gateway.err")}, child_{start_serving(installation, err_)} {
    std::string ports;
    const bool ready = wait_until([&] {
        ports = installation.read(kPorts);
        return !ports.empty() || !child_.running();
    });
    const auto json = codec::read_json(ports);
    if (!ready || !json) {
        throw std::runtime_error{"serve does not start: " + said()};
    }
    url_ = "https://127.0.0.1:" + json->text_of("port");
    admin_port_ = json->text_of("admin_port");
}

std::string Serving::said() const {
    return installation_.read("gateway.err");
}

void Serving::signal(int number) {
    if (!child_.signal(number)) {
        throw std::runtime_error{"serve has ended already: " + said()};
    }
}

int Serving::wait() {
    if (!wait_until([this] { return !child_.running(); })) {
        throw std::runtime_error{"serve does not end"};
    }
    return child_.wait();
}

int Serving::end() {
    signal(SIGTERM);
    return wait();
}

Ran Serving::call() const {
    std::ofstream{installation_.path("body.json"), std::ios::binary} << fund_body();
    return call_with({"service", "fund-deposit-certificate", "--body", installation_.path("body.json")});
}

Ran Serving::call_about(const std::string& service) const {
    std::ofstream{installation_.path("body.json"), std::ios::binary} << person_body(false);
    return call_with({"service", service, "--body", installation_.path("body.json")});
}

Ran Serving::call_with(const std::vector<std::string>& words) const {
    std::vector<std::string> all{DATONG_CALL,
                                 "--url",
                                 url_,
                                 "--ca",
                                 installation_.path("keys/ca.pem"),
                                 "--trust",
                                 installation_.path("keys/trust.jwks"),
                                 "--key",
                                 installation_.path("keys/one-window.key.pem"),
                                 "--keyid",
                                 "one-window-2026"};
    all.insert(all.end(), words.begin(), words.end());
    return run(all);
}

}  // namespace datong::commands
