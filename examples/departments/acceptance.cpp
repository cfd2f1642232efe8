#include "examples/departments/acceptance.h"

#include <algorithm>

#include "examples/departments/legacy_text.h"

namespace datong::departments {
namespace {

Told reply(std::string_view code, std::string_view message, std::string_view data = "null") {
    Told told;
    told.body = "{\"code\":" + json_quoted(code) + ",\"msg\":" + json_quoted(message) + ",\"data\":";
    told.body.append(data).append("}");
    return told;
}

std::string value(const Asked& asked, std::string_view name) {
    const auto found = asked.form.find(name);
    return found == asked.form.end() ? std::string{} : found->second;
}

}  // namespace

void AcceptanceDesk::set(const std::string& department, Mood mood) {
    const std::lock_guard lock{mutex_};
    departments_[department].mood = mood;
}

void AcceptanceDesk::move(const std::string& department, const std::string& state) {
    const std::lock_guard lock{mutex_};
    for (Entry& entry : departments_[department].entries) {
        entry.state = state;
        entry.reason = state == "2" ? "01" : "";
    }
}

std::size_t AcceptanceDesk::written(const std::string& department) const {
    const std::lock_guard lock{mutex_};
    const auto found = departments_.find(department);
    return found == departments_.end() ? 0 : found->second.written;
}

std::size_t AcceptanceDesk::asked(const std::string& department) const {
    const std::lock_guard lock{mutex_};
    const auto found = departments_.find(department);
    return found == departments_.end() ? 0 : found->second.asked;
}

void AcceptanceDesk::after_write(std::function<void()> what) {
    const std::lock_guard lock{mutex_};
    after_write_ = std::move(what);
}

void AcceptanceDesk::at_find(std::function<void()> what) {
    const std::lock_guard lock{mutex_};
    at_find_ = std::move(what);
}

Told AcceptanceDesk::answer(const Asked& asked) {
    const auto slash = asked.path.find('/', 1);
    if (asked.path.empty() || slash == std::string::npos) {
        return {.status = 404, .content_type = "text/plain", .body = "no such interface"};
    }
    const std::string name = asked.path.substr(1, slash - 1);
    const std::string operation = asked.path.substr(slash);
    if (operation == "/push") {
        return push(name, asked);
    }
    std::function<void()> then;
    if (operation == "/find") {
        const std::lock_guard lock{mutex_};
        then = at_find_;
    }
    if (then) {
        then();
    }
    const std::lock_guard lock{mutex_};
    Department& department = departments_[name];
    if (operation == "/find") {
        ++department.asked;
        return find(department, value(asked, "bjbh"));
    }
    return operation == "/result" ? result(department, value(asked, "bjbh"))
                                  : Told{.status = 404, .content_type = "text/plain", .body = "no such interface"};
}

Told AcceptanceDesk::push(const std::string& name, const Asked& asked) {
    std::unique_lock lock{mutex_};
    Department& department = departments_[name];
    const Mood mood = department.mood;
    if (mood == Mood::losing_request) {
        return {.status = kReset, .content_type = {}, .body = {}};
    }
    if (mood == Mood::busy) {
        return reply("503", "系统忙，请稍后再试");
    }
    if (mood == Mood::rejecting) {
        return reply("E01", "办件编号不合规");
    }
    Entry entry{.serial = value(asked, "lsh"), .case_number = value(asked, "bjbh"), .id_no = value(asked, "zjhm")};
    if (entry.serial.empty() || entry.case_number.empty() || entry.id_no.empty()) {
        return reply("E02", "参数不完整");
    }
    const bool is_there = std::any_of(department.entries.begin(), department.entries.end(),
                                      [&](const Entry& one) { return one.serial == entry.serial; });
    if (name != "tax" || !is_there) {
        entry.state = mood == Mood::refusing ? "4" : mood == Mood::deferring ? "0" : "1";
        entry.reason = mood == Mood::refusing ? "02" : "";
        department.entries.push_back(entry);
        ++department.written;
    }
    const auto then = after_write_;
    lock.unlock();
    if (then) {
        then();
    }
    lock.lock();
    switch (mood) {
        case Mood::losing_reply:
            return {.status = kReset, .content_type = {}, .body = {}};
        case Mood::hanging:
            return {.status = kHang, .content_type = {}, .body = {}};
        case Mood::unlisted:
            return reply("E77", "?");
        case Mood::page:
            return {.status = 200, .content_type = "text/html", .body = "<html><body>系统升级中</body></html>"};
        case Mood::bus_timeout: {
            Told told = reply("503", "系统忙，请稍后再试");
            told.status = 504;
            return told;
        }
        case Mood::none_found:
            return reply("404", "无此办件");
        case Mood::another_person: {
            Department other;
            other.entries.push_back(entry);
            other.entries.back().id_no = "999902198506150037";
            return find(other, entry.case_number);
        }
        default:
            return find(department, entry.case_number);
    }
}

Told AcceptanceDesk::find(Department& department, const std::string& case_number) const {
    const auto found = std::find_if(department.entries.rbegin(), department.entries.rend(),
                                    [&](const Entry& one) { return one.case_number == case_number; });
    if (found == department.entries.rend()) {
        return reply("404", "无此办件");
    }
    std::string data = "{\"bjbh\":" + json_quoted(found->case_number) +
                       ",\"slh\":" + json_quoted("SL-" + found->serial) + ",\"zt\":" + json_quoted(found->state) +
                       ",\"yy\":" + (found->reason.empty() ? "null" : json_quoted(found->reason)) +
                       ",\"slsj\":\"2026-11-20 09:30:00\",\"zjhm\":" + json_quoted(found->id_no) + "}";
    return reply("0", "成功", data);
}

Told AcceptanceDesk::result(const Department& department, const std::string& case_number) const {
    const auto found = std::find_if(department.entries.begin(), department.entries.end(), [&](const Entry& one) {
        return one.case_number == case_number && one.state == "3";
    });
    if (found == department.entries.end()) {
        return reply("404", "尚未办结");
    }
    const std::string data = "{\"bjbh\":" + json_quoted(found->case_number) + ",\"zjhm\":" + json_quoted(found->id_no) +
                             ",\"wsbh\":\"示例受理〔2026〕1号\",\"wsmc\":\"准予登记通知书\",\"fzrq\":\"20261120\"," +
                             "\"wjzy\":\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"}";
    return reply("0", "成功", data);
}

}  // namespace datong::departments
