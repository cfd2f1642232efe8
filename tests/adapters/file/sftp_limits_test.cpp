// What a server that has let us in may send beside what was asked for.
#include "adapters/file/sftp_session.h"
#include "tests/support/catch.h"
#include "tests/support/sftp_server.h"

#include <fstream>

using namespace datong;
using namespace std::chrono_literals;
using support::ScratchFolder;

namespace {

adapters::file::SftpServer settings_of(const support::SftpServer& server) {
    return {.host = "127.0.0.1",
            .port = std::to_string(server.port()),
            .user = ::geteuid() == 0 ? "root" : std::getenv("USER"),
            .key_file = server.key("user"),
            .host_keys = {server.fingerprint("host")}};
}

// AddressSanitizer keeps what was given back, and finds what was not
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kKeepsFreed = true;
#elif defined(__has_feature)
constexpr bool kKeepsFreed = __has_feature(address_sanitizer);
#else
constexpr bool kKeepsFreed = false;
#endif

/// Octets of this process in memory.
std::uint64_t resident() {
    std::uint64_t all = 0;
    std::uint64_t pages = 0;
    std::ifstream{"/proc/self/statm"} >> all >> pages;
    return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

TEST_CASE("a server that sends what nobody asked for fills no memory within one call",
          "[adapters][file][sftp][security]") {
    struct Row {
        const char* why;
        int more;  ///< packets of 32,000 octets in front of each piece of 30,000
        bool is_good;
    };
    const auto row = GENERATE(values<Row>({
        {"none", 0, true},
        {"a third of a megabyte a piece", 10, false},
        {"a megabyte a piece", 32, false},
    }));
    CAPTURE(row.why);
    const ScratchFolder folder;
    const support::SftpServer server{DATONG_SFTP_TALKER " " + std::to_string(row.more) + ' ' + (folder / "told")};
    const auto until = std::chrono::steady_clock::now() + 60s;
    const auto place = adapters::file::open_sftp_place(settings_of(server), until);
    REQUIRE(place.has_value());
    const auto read = (*place)->read("/in/reply", 32U << 20U, until);
    REQUIRE(read.has_value() == row.is_good);
    if (row.is_good) {
        CHECK((*read)->size() == 4'000'000);
    } else {
        CHECK(read.error().fault() == Fault::department_down);
    }
    CHECK((*place)->is_sound() == row.is_good);
    CHECK(folder.read("told").size() * 32'000 < 16U << 20U);  // ours are 4 MiB at most, the rest are the system's
}

TEST_CASE("a session that is given up leaves nothing behind", "[adapters][file][sftp][security]") {
    const ScratchFolder folder;
    const support::SftpServer server{DATONG_SFTP_TALKER " 10 " + (folder / "told")};
    const auto until = std::chrono::steady_clock::now() + 60s;
    std::uint64_t before = 0;
    for (int i = 0; i < 11; ++i) {
        const auto place = adapters::file::open_sftp_place(settings_of(server), until);
        REQUIRE(place.has_value());
        REQUIRE_FALSE((*place)->read("/in/reply", 32U << 20U, until).has_value());
        before = i == 0 ? resident() : before;
    }
    CHECK((kKeepsFreed || resident() < before + (16U << 20U)));  // a session has 4 MiB that nobody took
}
