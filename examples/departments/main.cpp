#include <csignal>

#include <exception>
#include <fstream>
#include <iostream>
#include <string>

#include "core/command_line/command_line.h"
#include "examples/departments/city.h"
#include "examples/departments/legacy_text.h"
#include "examples/departments/questions.h"

namespace {

using datong::departments::Bus;
using datong::departments::City;
using datong::departments::Demo;
using datong::departments::json_quoted;

std::string person_json(const std::string& name, const std::string& type, const std::string& number) {
    return "{\"name\": " + json_quoted(name) + ", \"id_type\": " + json_quoted(type) +
           ", \"id_no\": " + json_quoted(number) + "}";
}

std::string question_json(const datong::departments::Question& one) {
    std::string query;
    for (const auto& [name, value] : one.query) {
        query += (query.empty() ? "" : ", ") + json_quoted(name) + ": " + json_quoted(value);
    }
    return "\n      {\"service\": " + json_quoted(one.service) +
           ", \"subject\": " + person_json(one.about.name, one.about.id_type, one.about.id_no) + ", \"query\": {" +
           query + "}}";
}

/// URLs and paths by the names that config/ reads from the environment, and one household to try with.
std::string port_file(const City& city, Bus bus) {
    std::string out = "{\n";
    for (const auto& [name, value] : city.environment()) {
        out += "  " + json_quoted(name) + ": " + json_quoted(value) + ",\n";
    }
    const Demo demo = datong::departments::demo_person();
    std::string questions;
    for (const auto& one : datong::departments::questions_found(bus)) {
        questions += (questions.empty() ? "" : ",") + question_json(one);
    }
    return out + "  \"demo\": {\n    \"case_number\": " + json_quoted(demo.case_number) +
           ",\n    \"divisionCode\": " + json_quoted(demo.flat.division) +
           ",\n    \"subject\": " + person_json(demo.person.name, "111", demo.person.id) +
           ",\n    \"applicant\": " + person_json(demo.buyer.name, "111", demo.buyer.id) +
           ",\n    \"agent\": " + person_json(demo.agency.name, "001", demo.agency.uscc) + ",\n    \"questions\": [" +
           questions + "\n    ]\n  }\n}\n";
}

void wait_for_signal() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    int which = 0;
    sigwait(&signals, &which);
}

/// Before any thread starts, so that all inherit it and only wait_for_signal() sees them.
void block_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

int run(const std::string& folder, const std::string& file, const std::string& url) {
    const auto broker = url.empty() ? std::nullopt : datong::departments::read_broker(url);
    if (!url.empty() && !broker) {
        throw std::runtime_error{"--broker is no amqp://user:password@host:port/vhost"};
    }
    block_signals();
    const City city{{.folder = folder, .broker = broker}};
    if (!file.empty()) {
        std::ofstream{file + ".tmp"} << port_file(city, broker ? Bus::present : Bus::absent);
        std::filesystem::rename(file + ".tmp", file);
    }
    std::cout << "The departments of a city that does not exist:\n";
    for (const datong::departments::System system : datong::departments::all_systems()) {
        std::cout << "  " << datong::departments::name_of(system) << ' ' << city.where(system) << '\n';
    }
    std::cout << "  faults: GET, POST, DELETE " << city.control_url() << "/faults\n"
              << city.town().persons.size() << " persons, " << city.town().companies.size() << " companies, "
              << city.town().flats.size() << " flats, " << city.town().taxes.size() << " tax files, "
              << city.town().accounts.size() << " accounts, " << city.town().cases.size() << " cases. Ctrl-C ends it."
              << std::endl;
    wait_for_signal();
    return 0;
}

}  // namespace

int main(int count, char** words) {
    std::string folder = "run/departments";
    std::string file;
    std::string broker;
    datong::Command app{"datong-departments: the simulated systems of a city"};
    app.add_option("--folder", folder, "where dropped files and databases go")->capture_default_str();
    app.add_option("--port-file", file, "JSON file to write the URLs and paths to");
    app.add_option("--broker", broker, "amqp://user:password@host:port/vhost: a RabbitMQ for the systems behind a bus")
        ->envname("DATONG_BROKER");
    if (const auto over = app.parse(count, words)) {
        return *over;
    }
    try {
        return run(folder, file, broker);
    } catch (const std::exception& error) {
        std::cerr << "datong-departments: " << error.what() << '\n';
        return 1;
    }
}
