#include "examples/departments/drop_folder.h"

#include <array>
#include <fstream>
#include <sstream>
#include <utility>

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

namespace datong::departments {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

constexpr int kLookMs = 20;  // how often late replies and lost notices are looked after

std::string read_file(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream{file, std::ios::binary}.rdbuf();
    return text.str();
}

/// As a careful system drops a file: nobody sees it before it is whole.
void drop_file(const fs::path& file, const std::string& content) {
    fs::path building = file;
    building += ".tmp";
    std::ofstream{building, std::ios::binary} << content;
    std::error_code ignored;
    fs::rename(building, file, ignored);
}

}  // namespace

DropFolder::DropFolder(Faults& faults, System system, fs::path folder, DropOffice office)
    : faults_{faults}, system_{system}, folder_{std::move(folder)}, office_{std::move(office)} {
    fs::create_directories(folder_ / "req");
    fs::create_directories(folder_ / "rep");
    thread_ = std::jthread{[this](const std::stop_token& stop) { watch(stop); }};
}

DropFolder::~DropFolder() = default;

void DropFolder::watch(const std::stop_token& stop) {
    const int notices = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    inotify_add_watch(notices, (folder_ / "req").c_str(), IN_MOVED_TO | IN_CLOSE_WRITE);
    while (!stop.stop_requested()) {
        look();
        pollfd waiting{.fd = notices, .events = POLLIN, .revents = 0};
        if (poll(&waiting, 1, kLookMs) > 0) {
            std::array<char, 4096> swallowed{};
            while (read(notices, swallowed.data(), swallowed.size()) > 0) {
            }
        }
    }
    close(notices);
}

void DropFolder::look() {
    const Trouble trouble = faults_.peek(system_).trouble;
    for (auto late = late_.begin(); late != late_.end();) {
        const bool due = late->due <= steady_clock::now();
        if (due) {
            drop_file(folder_ / "rep" / late->name, late->content);
        }
        late = due ? late_.erase(late) : std::next(late);
    }
    if (trouble == Trouble::down) {
        return;
    }
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator{folder_ / "req", ignored}) {
        const std::string name = entry.path().filename().string();
        const auto reply = name.ends_with(".tmp") ? std::nullopt : office_.reply_name(name);
        if (reply) {
            serve(entry.path(), *reply);
        }
    }
}

void DropFolder::serve(const fs::path& request, const std::string& reply_name) {
    const std::string content = read_file(request);
    if (content.empty()) {
        return;  // still being written
    }
    std::error_code ignored;
    fs::remove(request, ignored);
    const Setting setting = faults_.take(system_);
    if (setting.trouble == Trouble::hang) {
        return;
    }
    const fs::path reply = folder_ / "rep" / reply_name;
    const std::string answer =
        setting.trouble == Trouble::empty_body ? std::string{} : office_.answer(content, setting.trouble);
    if (setting.trouble == Trouble::late) {
        late_.push_back({steady_clock::now() + setting.time, reply_name, answer});
    } else if (setting.trouble == Trouble::partial) {
        std::ofstream{reply, std::ios::binary} << answer.substr(0, answer.size() / 2);
    } else {
        drop_file(reply, answer);
    }
}

}  // namespace datong::departments
