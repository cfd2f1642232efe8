#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <thread>

#include "core/app/commands.h"
#include "core/app/program.h"
#include "core/codec/json.h"

namespace datong::app {
namespace {

/// Blocks the signals that the main thread waits for, before any other thread is made.
sigset_t block_signals() {
    std::signal(SIGPIPE, SIG_IGN);
    sigset_t set;
    sigemptyset(&set);
    for (const int one : {SIGTERM, SIGINT, SIGHUP}) {
        sigaddset(&set, one);
    }
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    return set;
}

bool write_ports(const std::string& path, const Program& program) {
    record::Record ports = record::Record::object();
    ports.put("port", record::Record::integer(program.port()));
    ports.put("admin_port", record::Record::integer(program.admin_port()));
    const std::string unfinished = path + ".tmp";
    std::ofstream{unfinished} << codec::write_json(ports) << '\n';
    return std::rename(unfinished.c_str(), path.c_str()) == 0;
}

/// Who sent it. Source: sigaction(2), si_code.
std::string sender_of(const siginfo_t& told) {
    const bool is_sent = told.si_code == SI_USER || told.si_code == SI_QUEUE || told.si_code == SI_TKILL;
    return is_sent ? "uid " + std::to_string(told.si_uid) : "the system";
}

void wait_for_the_end(Program& program, const sigset_t& signals) {
    for (;;) {
        siginfo_t told{};
        const int signal = sigwaitinfo(&signals, &told);
        if (signal < 0) {
            continue;  // stopped and continued
        }
        if (signal != SIGHUP) {
            return;
        }
        const admin::Reloaded reloaded = program.reload_by_signal(sender_of(told));
        print(reloaded.mistakes);
        std::cerr << (reloaded.taken ? "已换用新配置 new configuration in force: "
                                     : "配置有误, 继续使用原配置 kept the old configuration: ")
                  << reloaded.digest << '\n';
    }
}

/// Ends the process at the next SIGTERM or SIGINT, whatever still runs or hangs.
void end_at_once(sigset_t signals) noexcept {
    int signal = SIGHUP;
    while (signal == SIGHUP) {
        sigwait(&signals, &signal);
    }
    std::cerr << "第二次信号, 立即结束 a second signal: ending at once\n";
    std::_Exit(kCutShort);
}

}  // namespace

void print(const Mistakes& mistakes) {
    for (const Mistake& mistake : mistakes) {
        std::cerr << to_line(mistake) << '\n';
    }
}

int serve(const ServeOptions& options) {
    const sigset_t signals = block_signals();
    auto made = Program::make({.gateway_file = options.config, .log_file = options.log_file});
    if (!made) {
        print(made.error());
        return kConfig;
    }
    Program& program = **made;
    if (auto started = program.start(); !started) {
        std::cerr << "无法启动 can't start: " << started.error().detail() << '\n';
        return kWanting;
    }
    std::cerr << "datong 正在监听 listening: " << program.current().get()->gateway.listen.address << ':'
              << program.port() << "  管理 admin: " << program.current().get()->gateway.admin.address << ':'
              << program.admin_port() << '\n';
    if (!options.port_file.empty() && !write_ports(options.port_file, program)) {
        std::cerr << "can't write " << options.port_file << '\n';
        return kWanting;
    }
    wait_for_the_end(program, signals);
    std::thread{end_at_once, signals}.detach();  // waits for its signal until the process ends
    program.drain();
    return kGood;
}

}  // namespace datong::app
