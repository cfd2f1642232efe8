#include <iostream>

#include "core/access/dossier.h"
#include "core/app/admin_client.h"
#include "core/app/commands.h"
#include "core/app/map_files.h"
#include "core/codec/json.h"

namespace datong::app {
namespace {

using record::Record;

const Record::List& items_of(const Record& record, std::string_view name) {
    static const Record::List none;
    const Record* found = record.find(name);
    return found != nullptr ? found->items() : none;
}

std::string joined(const Record& record, std::string_view name) {
    std::string text;
    for (const Record& one : items_of(record, name)) {
        text.append(text.empty() ? "" : " ").append(one.scalar());
    }
    return text;
}

bool is_overdue(const Record& application) {
    const Record* flag = application.find("overdue");
    return flag != nullptr && flag->truth();
}

void say_line(const Record& one) {
    std::cout << one.text_of("id") << "  " << one.text_of("title") << ' ' << one.text_of("state");
    if (!one.text_of("stage").empty()) {
        std::cout << ' ' << one.text_of("stage");
    }
    std::cout << "  " << one.text_of("organisation") << ": " << one.text_of("consumer") << " -> "
              << joined(one, "services");
    if (const std::string missing = joined(one, "missing"); !missing.empty()) {
        std::cout << "  待批 waits for " << missing << "  期限 due " << one.text_of("due")
                  << (is_overdue(one) ? " 已逾期 overdue" : "");
    }
    std::cout << "  至 until " << one.text_of("valid_to") << '\n';
}

void say_history(const Record& one) {
    for (const Record& step : items_of(one, "history")) {
        std::cout << "  " << step.text_of("at").substr(0, 19) << "  " << step.text_of("account") << "  "
                  << step.text_of("act") << " -> " << step.text_of("state");
        if (!step.text_of("reason").empty()) {
            std::cout << "  (" << step.text_of("reason") << ')';
        }
        std::cout << '\n';
    }
}

/// What was done, and whether it is in force.
int say_done(const Record& done, const AccessOptions& options) {
    if (options.json) {
        std::cout << codec::write_json(done) << '\n';
    } else {
        say_line(done);
    }
    const auto& mistakes = items_of(done, "mistakes");
    if (mistakes.empty()) {
        return kGood;
    }
    std::cerr << "已决定, 但配置有误, 尚未生效 decided, but not in force: the configuration has mistakes\n";
    for (const Record& one : mistakes) {
        std::cerr << one.scalar() << '\n';
    }
    return kWanting;
}

int ask(const AccessOptions& options, const std::string& target, const std::string& body) {
    const AdminAnswer answer = ask_admin(options.config, {.target = target, .body = body, .reason = options.reason});
    if (!answer.http) {
        return answer.code;
    }
    const auto done = codec::read_json(answer.http->body);
    return answer.http->status == 200 && done ? say_done(*done, options) : say_problem(*answer.http);
}

/// The application's text; empty, and why, where it can't be read.
std::string application_in(const std::string& file) {
    auto text = read_text(file);
    if (!text || text->empty()) {
        std::cerr << "无法读取 can't read " << file << '\n';
        return {};
    }
    return std::move(*text);
}

}  // namespace

int access_list(const AccessOptions& options) {
    int code = kGood;
    const Record all = read_admin(options.config, "/v1/access", code);
    if (all.find("applications") == nullptr) {
        return code;
    }
    std::size_t shown = 0;
    Record kept = Record::list();
    for (const Record& one : items_of(all, "applications")) {
        if (options.overdue && !is_overdue(one)) {
            continue;
        }
        ++shown;
        if (options.json) {
            kept.add(one);
        } else {
            say_line(one);
        }
    }
    if (options.json) {
        std::cout << codec::write_json(kept) << '\n';
    } else if (shown == 0) {
        std::cout << (options.overdue ? "没有逾期的申请 nothing is overdue\n" : "没有申请 no applications\n");
    }
    return options.overdue && shown > 0 ? kWanting : kGood;
}

int access_show(const AccessOptions& options) {
    int code = kGood;
    const Record one = read_admin(options.config, "/v1/access/" + options.id, code);
    if (one.find("id") == nullptr) {
        return code;
    }
    if (options.json) {
        std::cout << codec::write_json(one) << '\n';
        return kGood;
    }
    say_line(one);
    say_history(one);
    std::cout << "  sha256 " << one.text_of("sha256") << "\n\n" << one.text_of("text");
    return kGood;
}

int access_request(const AccessOptions& options) {
    const std::string text = application_in(options.file);
    return text.empty() ? kUsage : ask(options, "/v1/access", text);
}

int access_act(const AccessOptions& options, const std::string& act) {
    if (const auto known = access::act_by_name(act); known && access::needs_digest(*known) && options.of.empty()) {
        std::cerr << "须写明所读文本的摘要 say which text was read: --of SHA256\n  datong access show " << options.id
                  << " 会打印 prints it, with the text itself\n";
        return kUsage;
    }
    const std::string text = act == "amend" ? application_in(options.file) : options.of;
    if (act == "amend" && text.empty()) {
        return kUsage;
    }
    return ask(options, "/v1/access/" + options.id + '/' + act, text);
}

}  // namespace datong::app
