#include "tests/blackbox/suite.h"

#include <filesystem>
#include <iostream>
#include <stdexcept>

namespace datong::blackbox {
namespace {

namespace fs = std::filesystem;

/// Takes the lines of `tls:` out of gateway.yaml.
void without_tls(const commands::Installation& installation) {
    std::string text = installation.read("config/gateway.yaml");
    const auto begun = text.find("  tls:\n");
    const auto ended = text.find("admin:", begun);
    if (begun == std::string::npos || ended == std::string::npos) {
        throw std::runtime_error{"gateway.yaml has no tls"};
    }
    text.erase(begun, ended - begun);
    journeys::write_text(installation.config(), text);
}

}  // namespace

int Tally::total() const {
    int all = passed + failed;
    for (const auto& [rule, count] : refused_by_policy) {
        all += count;
    }
    return all;
}

void Tally::print(const std::string& suite) const {
    int refused = 0;
    std::string rules;
    for (const auto& [rule, count] : refused_by_policy) {
        refused += count;
        rules += "\n    " + std::to_string(count) + " " + rule;
    }
    std::cout << suite << ": " << passed << " passed / " << refused << " refused by policy / " << failed
              << " failed, of " << total() << rules << "\n    dearest: " << worst.cpu.count() / 1'000 << " us ("
              << worst.cpu_of << "), " << worst.memory / 1'024 << " KiB (" << worst.memory_of << ")\n";
}

Target::Target(bool plain) : plain_{plain} {
    if (plain) {
        without_tls(installation_);
    }
    serving_ = std::make_unique<commands::Serving>(installation_);
    meter_ = std::make_unique<Meter>(serving_->process());
}

Target::Target(const std::function<void(commands::Installation& at)>& change) {
    change(installation_);
    serving_ = std::make_unique<commands::Serving>(installation_);
    meter_ = std::make_unique<Meter>(serving_->process());
}

std::uint16_t Target::port() const {
    const std::string& url = serving_->url();
    return static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
}

journeys::Platform Target::platform(const std::string& consumer) const {
    return {(plain_ ? "http://127.0.0.1:" : "https://127.0.0.1:") + std::to_string(port()), installation_.path("keys"),
            consumer};
}

std::string Target::good_body() const {
    return commands::fund_body();
}

bool Target::answers() const {
    return platform().send(platform().prepare(kService, good_body())).status == 200;
}

int Target::intents() const {
    constexpr std::string_view kIntent = R"("kind":"intent")";
    int count = 0;
    for (const auto& segment : fs::directory_iterator{installation_.path("evidence")}) {
        const std::string text = journeys::read_file(segment.path().string());
        for (auto at = text.find(kIntent); at != std::string::npos; at = text.find(kIntent, at + 1)) {
            ++count;
        }
    }
    return count;
}

}  // namespace datong::blackbox
