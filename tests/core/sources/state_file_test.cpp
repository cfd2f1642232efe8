#include "core/sources/state_file.h"

#include <filesystem>

#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using record::Record;

TEST_CASE("a state is read as it was written, and there is none before", "[sources]") {
    const support::ScratchFolder folder;
    const std::string file = folder / "sources/state.json";
    const auto none = sources::read_state(file);
    REQUIRE(none);
    CHECK(none->is_null());
    Record state = Record::object();
    state.put("x", Record::text("某"));
    REQUIRE(sources::write_state(file, state));
    CHECK(sources::read_state(file).value() == state);
    state.put("x", Record::text("另"));
    REQUIRE(sources::write_state(file, state));
    CHECK(sources::read_state(file).value() == state);
    CHECK_FALSE(std::filesystem::exists(file + ".tmp"));
}

TEST_CASE("a state that can't be written or read is a failure with its reason", "[sources]") {
    const support::ScratchFolder folder;
    folder.write("file", "x");
    CHECK_FALSE(sources::write_state(folder / "file/state.json", Record::object()).has_value());
    CHECK(sources::read_state(folder / "file").error().fault() == Fault::internal);
    if (std::filesystem::exists("/dev/full")) {  // a full disk
        std::filesystem::create_symlink("/dev/full", folder / "full.json.tmp");
        const auto full = sources::write_state(folder / "full.json", Record::object());
        REQUIRE_FALSE(full.has_value());
        CHECK_THAT(full.error().detail(), ContainsSubstring("No space left"));
        CHECK_FALSE(std::filesystem::exists(folder / "full.json"));
    }
}
