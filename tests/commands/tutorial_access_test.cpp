#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "tests/commands/installation.h"
#include "tests/commands/page.h"
#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using namespace datong::commands;

namespace {

/// A port that nobody listened on a moment ago: the page's gateway is told its ports, for its authorities name them.
std::string free_port() {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    auto* address = reinterpret_cast<sockaddr*>(&at);
    REQUIRE(::bind(fd, address, size) == 0);
    REQUIRE(::getsockname(fd, address, &size) == 0);
    ::close(fd);
    return std::to_string(ntohs(at.sin_port));
}

}  // namespace

TEST_CASE("the access tutorial goes from an empty folder to a call that is refused again", "[commands][access]") {
    std::ifstream file{DATONG_SOURCE_DIR "/docs/tutorial-access.md", std::ios::binary};
    const std::vector<Step> steps = steps_of({std::istreambuf_iterator<char>{file}, {}});
    REQUIRE(steps.size() == 16);
    const support::ScratchFolder folder;
    const Started gateway{folder / "serve.pid"};
    const Started city{folder / "city.pid"};
    const std::string programs = std::filesystem::path{DATONG_PROGRAM}.parent_path().string();
    const std::map<std::string, std::string> set{{"PATH", programs + ':' + std::getenv("PATH")},
                                                 {"DATONG", DATONG_SOURCE_DIR},
                                                 {"DATONG_PORT", free_port()},
                                                 {"DATONG_ADMIN_PORT", free_port()}};
    for (const Step& step : steps) {
        const Ran ran =
            commands::run({"/bin/sh", "-c", "set -e\nexec 2>&1\ncd '" + folder.path() + "'\n" + step.command}, set);
        CAPTURE(step.command, ran.out, ran.err);
        REQUIRE(ran.code == 0);
        std::size_t from = 0;
        for (const std::string& line : step.says) {  // in this order
            CAPTURE(line);
            const std::size_t at = ran.out.find(line, from);
            REQUIRE(at != std::string::npos);
            from = at + line.size();
        }
    }
}
