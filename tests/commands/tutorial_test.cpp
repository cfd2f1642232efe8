#include <cstdlib>
#include <fstream>
#include <iterator>

#include "tests/commands/installation.h"
#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using namespace datong::commands;

namespace {

/// A command of the page and what stands under it.
struct Step {
    std::string command;
    std::string prints;
};

/// The text of a fenced block that begins at `at`, which moves behind it.
std::string block_at(const std::string& page, std::size_t& at) {
    const std::size_t begin = page.find('\n', at) + 1;
    const std::size_t end = page.find("\n```\n", begin - 1);
    REQUIRE(end != std::string::npos);
    at = end + 5;
    return page.substr(begin, end + 1 - begin);
}

std::vector<Step> steps_of(const std::string& page) {
    std::vector<Step> steps;
    for (std::size_t at = page.find("\n```"); at != std::string::npos; at = page.find("\n```", at - 1)) {
        ++at;
        const bool is_command = page.compare(at, 6, "```sh\n") == 0;
        REQUIRE((is_command || page.compare(at, 8, "```text\n") == 0));
        const std::string block = block_at(page, at);
        if (is_command) {
            steps.push_back({block, ""});
        } else {
            REQUIRE_FALSE(steps.empty());
            steps.back().prints = block;
        }
    }
    return steps;
}

}  // namespace

TEST_CASE("the mapping tutorial prints what its page says, in at most twelve commands", "[commands]") {
    std::ifstream file{DATONG_SOURCE_DIR "/docs/tutorial-mapping.md", std::ios::binary};
    const std::string page{std::istreambuf_iterator<char>{file}, {}};
    const std::vector<Step> steps = steps_of(page);
    REQUIRE(steps.size() >= 10);
    CHECK(steps.size() <= 12);
    const support::ScratchFolder folder;
    const std::string programs = std::filesystem::path{DATONG_PROGRAM}.parent_path().string();
    const std::map<std::string, std::string> set{{"PATH", programs + ':' + std::getenv("PATH")}};
    int printing = 0;
    for (const Step& step : steps) {
        const Ran ran = commands::run({"/bin/sh", "-c", "exec 2>&1\ncd '" + folder.path() + "'\n" + step.command}, set);
        CAPTURE(step.command, ran.err);
        const std::string first = step.command.substr(0, step.command.find('\n'));
        CHECK(first.find_first_of(";&") == std::string::npos);  // one command a step
        CHECK(ran.out == step.prints);
        printing += step.prints.empty() ? 0 : 1;
    }
    CHECK(printing >= 5);
}
