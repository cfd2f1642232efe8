#include "core/keyring/secret_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using support::ScratchFolder;

TEST_CASE("a secret is read only from a file that others can't read or change", "[keyring][security]") {
    struct Row {
        mode_t mode;
        bool is_good;
        const char* why;
    };
    const auto row = GENERATE(values<Row>({
        {0600, true, "its owner's"},
        {0400, true, "its owner's, to read"},
        {0640, true, "a group reads it"},
        {0660, false, "a group writes it"},
        {0644, false, "others read it"},
        {0602, false, "others write it"},
        {0650, false, "a group runs it"},
    }));
    CAPTURE(row.why);
    const ScratchFolder folder;
    folder.write("secret", "not shown\n");
    REQUIRE(::chmod((folder / "secret").c_str(), row.mode) == 0);
    const auto read = keyring::read_secret(folder / "secret");
    CHECK(read.has_value() == row.is_good);
    if (read) {
        CHECK(read->reveal() == "not shown\n");
        CHECK(keyring::read_secret_line(folder / "secret")->reveal() == "not shown");
    } else {
        CHECK(read.error().hint == "chmod 600 " + (folder / "secret"));
        CHECK_THAT(read.error().text_en, !ContainsSubstring("not shown"));
    }
}

TEST_CASE("what is no plain file keeps no secret, and a pipe keeps nobody waiting", "[keyring][security]") {
    const ScratchFolder folder;
    CHECK_FALSE(keyring::read_secret(folder / "nowhere").has_value());
    CHECK_FALSE(keyring::read_secret(folder.path()).has_value());
    REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
    CHECK_FALSE(keyring::read_secret(folder / "pipe").has_value());
    folder.write("large", std::string((1U << 20) + 1, 'x'));
    REQUIRE(::chmod((folder / "large").c_str(), 0600) == 0);
    CHECK_FALSE(keyring::read_secret(folder / "large").has_value());
}

TEST_CASE("a link is as good as what it points to", "[keyring][security]") {
    const ScratchFolder folder;
    folder.write("secret", "x");
    REQUIRE(::chmod((folder / "secret").c_str(), 0644) == 0);
    REQUIRE(::symlink((folder / "secret").c_str(), (folder / "link").c_str()) == 0);
    CHECK_FALSE(keyring::read_secret(folder / "link").has_value());
    REQUIRE(::chmod((folder / "secret").c_str(), 0600) == 0);
    CHECK(keyring::read_secret(folder / "link").has_value());
}

TEST_CASE("another user's file is not ours", "[keyring][security]") {
    if (::geteuid() != 0) {
        return;  // only root can give a file away
    }
    const ScratchFolder folder;
    folder.write("secret", "x");
    REQUIRE(::chmod((folder / "secret").c_str(), 0600) == 0);
    REQUIRE(::chown((folder / "secret").c_str(), 65'534, 65'534) == 0);
    const auto read = keyring::read_secret(folder / "secret");
    REQUIRE_FALSE(read.has_value());
    CHECK_THAT(read.error().hint, ContainsSubstring("chown"));
}
