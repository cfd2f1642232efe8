#include "core/app/child.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <thread>
#include <utility>

namespace datong::app {
namespace {

int exit_code(int status) {
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// What happens between fork and exec; leaves only by exec or _exit.
[[noreturn]] void become(const std::vector<std::string>& words, const std::map<std::string, std::string>& set,
                         const std::string& output) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    setpgid(0, 0);  // Ctrl-C at a terminal is for this program: it ends its children itself, in its order
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    if (!output.empty()) {
        const int file = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        dup2(file, STDOUT_FILENO);
        dup2(file, STDERR_FILENO);
    }
    for (const auto& [name, value] : set) {
        setenv(name.c_str(), value.c_str(), 1);
    }
    std::vector<char*> arguments;
    for (const std::string& word : words) {
        arguments.push_back(const_cast<char*>(word.c_str()));  // execv does not change them
    }
    arguments.push_back(nullptr);
    execv(arguments.front(), arguments.data());
    _exit(127);
}

}  // namespace

Result<Child> Child::start(const std::vector<std::string>& words, const std::map<std::string, std::string>& set,
                           const std::string& output) {
    if (::access(words.front().c_str(), X_OK) != 0) {
        return fail(Fault::unavailable, "no program " + words.front() + "; run make build");
    }
    const pid_t pid = fork();
    if (pid == 0) {
        become(words, set, output);
    }
    if (pid < 0) {
        return fail(Fault::internal, std::string{"fork: "} + std::strerror(errno));
    }
    return Child{pid};
}

Child::Child(Child&& other) noexcept : pid_{std::exchange(other.pid_, -1)}, status_{other.status_} {
}

Child& Child::operator=(Child&& other) noexcept {
    std::swap(pid_, other.pid_);
    std::swap(status_, other.status_);
    return *this;
}

Child::~Child() {
    end(std::chrono::seconds{12});
}

int Child::wait() {
    if (pid_ > 0) {
        waitpid(pid_, &status_, 0);
        pid_ = -1;
    }
    return exit_code(status_);
}

bool Child::running() {
    if (pid_ > 0 && waitpid(pid_, &status_, WNOHANG) == pid_) {
        pid_ = -1;
    }
    return pid_ > 0;
}

bool Child::signal(int number) {
    // a child that has ended is -1 here, and kill(-1) would reach every process of this user
    return running() && kill(pid_, number) == 0;
}

void Child::end(std::chrono::milliseconds grace) {
    if (!signal(SIGTERM)) {
        return;
    }
    const auto until = std::chrono::steady_clock::now() + grace;
    while (running() && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    if (signal(SIGKILL)) {
        (void)wait();
    }
}

std::string program_folder() {
    return std::filesystem::read_symlink("/proc/self/exe").parent_path().string() + '/';
}

}  // namespace datong::app
