#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <iostream>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "core/app/commands.h"
#include "core/app/program.h"
#include "core/codec/json.h"

namespace datong::app {
namespace {

/// The signals of a process that serves, heard by a thread of its own from the first moment on. While it starts, the
/// first that wants an end ends it, for there is nothing to drain yet; while it serves, it is told to the main thread;
/// and another one behind it ends the process at once, whatever still runs or hangs.
class Signals {
public:
    /// Before any other thread is made, for all have them blocked.
    Signals() {
        std::signal(SIGPIPE, SIG_IGN);
        sigset_t set;
        sigemptyset(&set);
        for (const int one : {SIGTERM, SIGINT, SIGHUP}) {
            sigaddset(&set, one);
        }
        pthread_sigmask(SIG_BLOCK, &set, nullptr);
        std::thread{[told = told_, set] { hear(*told, set); }}.detach();  // hears until the process ends
    }
    /// From now on an end is told, not taken.
    void started() {
        const std::lock_guard lock{told_->mutex};
        told_->is_serving = true;
    }
    /// Waits. @return who wants a reload; nullopt: it is to end.
    [[nodiscard]] std::optional<std::string> next() {
        std::unique_lock lock{told_->mutex};
        told_->changed.wait(lock, [this] { return told_->is_ending || !told_->reloads.empty(); });
        if (told_->is_ending) {
            return std::nullopt;
        }
        std::string sender = std::move(told_->reloads.front());
        told_->reloads.pop_front();
        return sender;
    }

private:
    struct Told {
        std::mutex mutex;
        std::condition_variable changed;
        bool is_serving{};
        bool is_ending{};
        std::deque<std::string> reloads;  ///< by whom
    };

    [[noreturn]] static void hear(Told& told, const sigset_t& set) {
        for (;;) {
            siginfo_t from{};
            const int signal = sigwaitinfo(&set, &from);
            if (signal < 0) {
                continue;  // stopped and continued
            }
            const std::lock_guard lock{told.mutex};
            if (signal == SIGHUP) {
                told.reloads.push_back(sender_of(from));
            } else if (!told.is_serving) {
                end_at_once("启动未完成, 立即结束 told to end before it serves: ending at once\n");
            } else if (told.is_ending) {
                end_at_once("第二次信号, 立即结束 a second signal: ending at once\n");
            } else {
                told.is_ending = true;
            }
            told.changed.notify_one();
        }
    }
    /// What was answered is in the evidence; what was not is cut off.
    [[noreturn]] static void end_at_once(const char* why) {
        std::cerr << why;
        std::_Exit(kCutShort);
    }
    /// Source: sigaction(2), si_code.
    [[nodiscard]] static std::string sender_of(const siginfo_t& from) {
        const bool is_sent = from.si_code == SI_USER || from.si_code == SI_QUEUE || from.si_code == SI_TKILL;
        return is_sent ? "uid " + std::to_string(from.si_uid) : "the system";
    }

    std::shared_ptr<Told> told_ = std::make_shared<Told>();
};

bool write_ports(const std::string& path, const Program& program) {
    record::Record ports = record::Record::object();
    ports.put("port", record::Record::integer(program.port()));
    ports.put("admin_port", record::Record::integer(program.admin_port()));
    const std::string unfinished = path + ".tmp";
    std::ofstream{unfinished} << codec::write_json(ports) << '\n';
    return std::rename(unfinished.c_str(), path.c_str()) == 0;
}

void wait_for_the_end(Program& program, Signals& signals) {
    while (const auto sender = signals.next()) {
        const admin::Reloaded reloaded = program.reload_by_signal(*sender);
        print(reloaded.mistakes);
        std::cerr << (reloaded.taken ? "已换用新配置 new configuration in force: "
                                     : "配置有误, 继续使用原配置 kept the old configuration: ")
                  << reloaded.digest << '\n';
    }
}

}  // namespace

void print(const Mistakes& mistakes) {
    for (const Mistake& mistake : mistakes) {
        std::cerr << to_line(mistake) << '\n';
    }
}

int serve(const ServeOptions& options) {
    Signals signals;
    auto made = Program::make({.gateway_file = options.config, .log_file = options.log_file});
    if (!made) {
        print(made.error());
        return kConfig;
    }
    Program& program = **made;
    if (auto started = program.start(); !started) {
        std::cerr << "无法启动 can't start: " << started.error().detail() << '\n';
        return kConfig;
    }
    signals.started();
    std::cerr << "datong 正在监听 listening: " << program.current().get()->gateway.listen.address << ':'
              << program.port() << "  管理 admin: " << program.current().get()->gateway.admin.address << ':'
              << program.admin_port() << '\n';
    if (!options.port_file.empty() && !write_ports(options.port_file, program)) {
        std::cerr << "can't write " << options.port_file << '\n';
        return kWanting;
    }
    wait_for_the_end(program, signals);
    program.drain();
    return kGood;
}

}  // namespace datong::app
