#include "tests/journeys/administrator.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <stdexcept>

#include "core/accounts/totp.h"
#include "core/app/admin_client.h"
#include "core/codec/json.h"
#include "core/sources/order.h"
#include "tests/support/acts.h"

namespace datong::journeys {
namespace {

namespace fs = std::filesystem;
using record::Record;

/// Options of a gateway with accounts. @param clock  takes the clock's address.
GatewayUnderTest::Options with_accounts(support::FakeClock*& clock, std::function<void(const std::string&)> more) {
    auto made = std::make_unique<support::FakeClock>(std::chrono::system_clock::now());
    clock = made.get();
    GatewayUnderTest::Options options;
    options.clock = std::move(made);
    options.change = [more = std::move(more)](const std::string& config) {
        std::ifstream in{config + "/gateway.yaml"};
        std::string yaml{std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
        const std::string before = "admin: {address: 127.0.0.1,";
        const auto at = yaml.find(before);
        if (at == std::string::npos) {
            throw std::runtime_error{"gateway.yaml has no such admin"};
        }
        yaml.replace(at, before.size(), "admin: {accounts: required, address: 127.0.0.1,");
        std::ofstream{config + "/gateway.yaml"} << yaml;
        if (more) {
            more(config);
        }
    };
    return options;
}

/// Behind a word, up to the next blank or the line's end.
std::string word_behind(const std::string& text, const std::string& mark) {
    const auto at = text.find(mark);
    if (at == std::string::npos) {
        throw std::runtime_error{"not said: " + mark};
    }
    const auto from = at + mark.size();
    return text.substr(from, text.find_first_of(" \n&\"", from) - from);
}

Person person_of(const std::string& name, const std::string& said, const std::string& mark) {
    return {.name = name,
            .password = word_behind(said, mark),
            .totp = Secret{accounts::from_base32(word_behind(said, "secret=")).value()}};
}

std::string all_of(const fs::path& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
}

}  // namespace

Office::Office(std::function<void(const std::string& config)> more) : gateway{with_accounts(clock, std::move(more))} {
}

Person Office::first(const std::string& name) {
    const std::ostringstream said;
    auto* const before = std::cout.rdbuf(said.rdbuf());
    app::AccountOptions options;
    options.config = gateway.folder() + "/config/gateway.yaml";
    options.name = name;
    options.display = "王五";
    const int code = app::account_init(options);
    std::cout.rdbuf(before);
    if (code != app::kGood) {
        throw std::runtime_error{"account init"};
    }
    return change_password(sign_in(remember(person_of(name, said.str(), "first password: "))));
}

Person Office::remember(Person person) {
    secrets_.push_back(person.password);
    secrets_.push_back(accounts::to_base32(person.totp.reveal()));
    return person;
}

Person Office::enrol(const Person& security, const std::string& body) {
    const auto made = ask(security, "POST", "/v1/accounts", body, "new");
    if (made.status != 201) {
        throw std::runtime_error{made.body};
    }
    return remember(person_of(codec::read_json(made.body)->text_of("account"), made.body, R"("password":")"));
}

Person Office::add(const Person& security, const std::string& name, const std::string& body) {
    Person person = enrol(security, body);
    person.name = name;
    return change_password(sign_in(std::move(person)));
}

Person Office::change_password(const Person& person) {
    Person changed = person;
    changed.password = "three cats in the box of " + std::to_string(secrets_.size());
    Record body = Record::object();
    body.put("before", Record::text(person.password));
    body.put("after", Record::text(changed.password));
    const auto answer = ask(person, "POST", "/v1/accounts/" + person.name + "/password", codec::write_json(body));
    if (answer.status != 200) {
        throw std::runtime_error{answer.body};
    }
    return sign_in(remember(std::move(changed)));
}

std::string Office::session_body(const Person& person) const {
    clock->advance(std::chrono::seconds{30});
    Record body = Record::object();
    body.put("account", Record::text(person.name));
    body.put("password", Record::text(person.password));
    body.put("code", Record::text(accounts::code_of(person.totp, accounts::step_of(to_unix_seconds(clock->now())))));
    return codec::write_json(body);
}

Person Office::sign_in(Person person) {
    const auto opened = gateway.admin("POST", "/v1/session", session_body(person));
    if (opened.status != 201) {
        throw std::runtime_error{opened.body};
    }
    person.token = codec::read_json(opened.body)->text_of("token");
    secrets_.push_back(person.token);
    return person;
}

codec::HttpMessage Office::ask(const Person& person, const std::string& method, const std::string& target,
                               const std::string& body, const std::string& reason, const std::string& client) const {
    codec::HttpMessage request;
    request.method = method;
    request.target = target;
    request.body = body;
    request.add("Authorization", "Bearer " + person.token);
    if (!reason.empty()) {
        request.add("Datong-Reason", codec::percent_encode(reason));
    }
    return gateway.admin(std::move(request), client);
}

std::string Office::order(const std::string& department, const std::string& source) const {
    const std::string pem = all_of(gateway.folder() + "/keys/" + department + ".key.pem");
    const sources::Order order{.what = sources::Order::What::pause,
                               .gateway = "shili",
                               .source = source,
                               .at = clock->now(),
                               .until = std::nullopt};
    return sources::sign_order(order, department + "-2026", crypto::SigningKey::from_pem(pem).value()).value();
}

std::vector<evidence::Administration> Office::acts() const {
    return support::acts_in(gateway.folder() + "/evidence");
}

bool Office::holds_no_secret() const {
    for (const auto& entry : fs::recursive_directory_iterator{gateway.folder()}) {
        const std::string name = entry.path().filename().string();
        if (!entry.is_regular_file() ||
            (name.find("datong.db") == std::string::npos && !name.ends_with(".dlog") && name != "gateway.log")) {
            continue;
        }
        const std::string octets = all_of(entry.path());
        if (std::ranges::any_of(
                secrets_, [&octets](const std::string& secret) { return octets.find(secret) != std::string::npos; })) {
            return false;
        }
    }
    return true;
}

}  // namespace datong::journeys
