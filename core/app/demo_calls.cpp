#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "core/app/demo_calls.h"
#include "core/codec/json.h"

namespace datong::app {
namespace {

namespace fs = std::filesystem;
using record::Record;

struct Said {
    int code{};
    std::string text;
};

/// Runs the client with a body and reads what it says.
Said say_call(Stage& stage, const Call& call, const std::string& file) {
    std::ofstream{file} << codec::write_json_for_people(call.body) << '\n';
    const std::string output = file + ".out";
    std::error_code error;
    fs::remove(output, error);  // of an earlier run in the same folder
    const std::string key = stage.folder + "/keys/" + call.consumer + ".key.pem";
    std::vector<std::string> words{stage.programs + "datong-call",
                                   "--url",
                                   stage.url,
                                   "--ca",
                                   stage.folder + "/keys/ca.pem",
                                   "--trust",
                                   stage.folder + "/keys/trust.jwks",
                                   "--key",
                                   key,
                                   "--keyid",
                                   call.consumer + "-2026",
                                   "--content",
                                   call.kind,
                                   call.name,
                                   "--body",
                                   file};
    if (call.soap) {
        words.emplace_back("--soap");
    }
    auto child = Child::start(words, {}, output);
    const int code = child ? child->wait() : kUsage;
    return {.code = code, .text = text_of(output)};
}

bool is_good(const Call& call, const Said& said) {
    return said.code == call.expected && said.text.find(call.expected_text) != std::string::npos;
}

std::string body_file(const Stage& stage, const Call& call) {
    return stage.folder + "/calls/" + call.consumer + '-' + call.name + ".json";
}

/// What the departments wrote about themselves: a question for each service, about somebody whom they know.
const Record* question_for(const Stage& stage, const std::string& service) {
    for (const Record& one : stage.city.find("demo")->find("questions")->items()) {
        if (one.text_of("service") == service) {
            return &one;
        }
    }
    return nullptr;
}

/// For the commands of who administers the gateway.
std::map<std::string, std::string> administering(const Stage& stage) {
    auto environment = stage.environment;
    environment["DATONG_ADMIN_PORT"] = stage.admin.substr(stage.admin.rfind(':') + 1);
    return environment;
}

/// As a shell reads it back, whatever stands in it.
std::string quoted(const std::string& text) {
    std::string out = "'";
    for (const char c : text) {
        out += c == '\'' ? std::string{"'\\''"} : std::string{c};
    }
    return out + '\'';
}

/// What the demo does not start by itself, and how to have it; empty: nothing lacks.
std::string what_lacks(const Stage& stage, const SystemRow& row) {
    if (row.adapter == "queue" && question_for(stage, row.service) == nullptr) {
        return "未启动 left out: needs a message broker, --broker amqp://user:password@host";
    }
    if (row.adapter == "dbf" && !stage.environment.contains("DATONG_DBF_PLUGIN")) {
        return "未启动 left out: its plug-in datong_dbf.so is not beside this program";
    }
    return {};
}

/// Calls one service as it is done before a case is opened; the certificate is verified like any other.
bool call_before_a_case(Stage& stage, const std::string& service) {
    const Record* question = question_for(stage, service);
    if (question == nullptr) {
        return false;
    }
    Record context = *body_for(stage, "subject", {}).find("context");
    context.put("matter", {});
    context.put("case_number", {});
    context.put("purpose", Record::text("no-resubmission"));
    context.put("subject", *question->find("subject"));
    Call call{.title = {}, .name = service, .body = Record::object()};
    call.body.put("context", std::move(context));
    call.body.put("query", *question->find("query"));
    const Said said = say_call(stage, call, body_file(stage, call));
    if (!is_good(call, said)) {
        say(said.text);
    }
    return is_good(call, said);
}

}  // namespace

Status write_environment(const Stage& stage) {
    auto all = administering(stage);
    all.insert({{"DATONG_URL", stage.url},
                {"DATONG_CA", stage.folder + "/keys/ca.pem"},
                {"DATONG_TRUST", stage.folder + "/keys/trust.jwks"},
                {"DATONG_KEY", stage.folder + "/keys/one-window.key.pem"},
                {"DATONG_KEYID", "one-window-2026"}});
    std::ofstream out{environment_file(stage)};
    out << "# what the commands that the demo shows need while it serves: . " << environment_file(stage) << '\n'
        << "PATH=" << quoted(stage.programs) << ":$PATH\n";
    for (const auto& [name, value] : all) {
        out << "export " << name << '=' << quoted(value) << '\n';
    }
    out.close();
    return out ? Status{} : fail(Fault::unavailable, "can't write " + environment_file(stage));
}

std::string environment_file(const Stage& stage) {
    return stage.folder + "/env.sh";
}

bool asked_to_end() {
    sigset_t pending;
    sigpending(&pending);
    return sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1;
}

void say(const std::string& line) {
    std::cout << line << std::endl;
}

std::string text_of(const std::string& file) {
    std::ifstream in{file, std::ios::binary};
    std::ostringstream text;
    text << in.rdbuf();
    return std::move(text).str();
}

Record body_for(const Stage& stage, const std::string& subject, Record query) {
    const Record& demo = *stage.city.find("demo");
    Record context = Record::object();
    context.put("matter", Record::text("existing-home-transfer"));
    context.put("purpose", Record::text("existing-home-transfer"));
    context.put("case_number", Record::text(demo.text_of("case_number")));
    context.put("channel", Record::text("window"));
    context.put("subject", *demo.find(subject));
    Record who = Record::object();
    who.put("account", Record::text("window-07"));
    who.put("organisation", Record::text("示例市政务服务中心"));
    who.put("division", Record::text(demo.text_of("divisionCode")));
    context.put("operator", std::move(who));
    Record body = Record::object();
    body.put("context", std::move(context));
    if (query.is_object()) {
        body.put("query", std::move(query));
    }
    return body;
}

void make_call(Stage& stage, const Call& call) {
    if (asked_to_end()) {
        return;
    }
    const std::string file = body_file(stage, call);
    say("\n── " + call.title + "\n   datong-call " + (call.soap ? "--soap " : "") + call.kind + ' ' + call.name +
        " --body " + file);
    const Said said = say_call(stage, call, file);
    std::cout << said.text << std::flush;
    const bool good = is_good(call, said);
    stage.asked[call.name] = good;
    if (!good && !asked_to_end()) {  // the terminal's Ctrl-C reaches the client, too
        ++stage.failures;
        say("   失败 FAILED: exit code " + std::to_string(said.code) + ", expected " + std::to_string(call.expected) +
            " and '" + call.expected_text + "'");
    }
}

void run_datong(Stage& stage, const std::vector<std::string>& words, const std::string& expected_text) {
    if (asked_to_end()) {
        return;
    }
    std::vector<std::string> all{stage.programs + "datong"};
    std::string shown = "   datong";
    for (const std::string& word : words) {
        shown += ' ' + word;
        all.push_back(word);
    }
    say(shown);
    const std::string output = stage.folder + "/calls/datong.out";
    std::error_code error;
    fs::remove(output, error);  // of the command before
    auto child = Child::start(all, administering(stage), output);
    const int code = child ? child->wait() : kUsage;
    const std::string text = text_of(output);
    std::cout << text << std::flush;
    if ((code != kGood || text.find(expected_text) == std::string::npos) && !asked_to_end()) {
        ++stage.failures;
        say("   失败 FAILED: exit code " + std::to_string(code) + ", expected 0 and '" + expected_text + "'");
    }
}

void call_the_rest(Stage& stage, const std::string& config) {
    if (asked_to_end()) {
        return;
    }
    say("\n── 全市各部门 Every system of the city, a call each; every certificate is verified");
    const auto rows = systems_of(fs::path{config}.parent_path().string());
    if (!rows) {
        ++stage.failures;
        say("   失败 FAILED: " + rows.error().detail());
        return;
    }
    std::string last;
    for (const SystemRow& row : *rows) {
        if (asked_to_end()) {
            return;
        }
        const bool shown = stage.asked.contains(row.service);
        const std::string lacks = what_lacks(stage, row);
        if (!shown && question_for(stage, row.service) == nullptr && lacks.empty()) {
            continue;  // about a case that must be pushed first
        }
        const std::string begins = "   " + in_columns(row.title == last ? "" : row.title, 26) +
                                   in_columns(row.source, 20) + in_columns(row.adapter, 15) +
                                   in_columns(row.service, 26) + in_columns(row.service_title, 26);
        last = row.title;
        if (!lacks.empty()) {
            say(begins + lacks);
            continue;
        }
        const auto begin = std::chrono::steady_clock::now();
        const bool good = shown ? stage.asked[row.service] : call_before_a_case(stage, row.service);
        const auto took =
            std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
        if (!good && asked_to_end()) {
            return;
        }
        stage.failures += good || shown ? 0 : 1;
        say(begins + (good ? "found" : "FAILED") + (shown ? "  above" : "  " + std::to_string(took.count()) + " ms"));
    }
}

}  // namespace datong::app
