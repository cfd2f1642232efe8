#include "core/store/results.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <map>

#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace datong;
using namespace datong::store;
using support::ScratchFolder;

namespace {

SharingResult result(const std::string& mac = "m", std::int64_t until = 100) {
    return {.exchange = "e", .code_mac = mac, .shown = "{}", .until = until};
}

/// Counts how often SQLite has its files written out, from its making to its end.
class CountedSyncs {
public:
    CountedSyncs() : usual_{sqlite3_vfs_find(nullptr)} {
        syncs() = 0;
        ours_ = *usual_;
        ours_.zName = "counted";
        ours_.pNext = nullptr;
        ours_.pAppData = usual_;
        ours_.xOpen = [](sqlite3_vfs* self, const char* name, sqlite3_file* file, int flags, int* given) {
            auto* usual = static_cast<sqlite3_vfs*>(self->pAppData);
            const int code = usual->xOpen(usual, name, file, flags, given);
            if (file->pMethods != nullptr) {
                file->pMethods = &counting(file->pMethods);
            }
            return code;
        };
        sqlite3_vfs_register(&ours_, 1);
    }
    CountedSyncs(const CountedSyncs&) = delete;
    CountedSyncs& operator=(const CountedSyncs&) = delete;
    ~CountedSyncs() {
        sqlite3_vfs_unregister(&ours_);
        sqlite3_vfs_register(usual_, 1);
    }
    static int& syncs() {
        static int count = 0;
        return count;
    }

private:
    /// One for each kind of file that SQLite has; they sync alike.
    static const sqlite3_io_methods& counting(const sqlite3_io_methods* original) {
        static const auto usual = original->xSync;
        static std::map<const sqlite3_io_methods*, sqlite3_io_methods> all;
        const auto [made, is_new] = all.try_emplace(original, *original);
        made->second.xSync = [](sqlite3_file* file, int how) {
            ++syncs();
            return usual(file, how);
        };
        return made->second;
    }

    sqlite3_vfs* usual_;
    sqlite3_vfs ours_{};
};

}  // namespace

TEST_CASE("that a code was used is on the disk before it is said", "[store][security]") {
    const CountedSyncs counted;
    const ScratchFolder folder;
    const auto results = Results::open(folder / "results.db");
    REQUIRE(results.has_value());
    const auto by = [](const auto& work) {
        const int before = CountedSyncs::syncs();
        work();
        return CountedSyncs::syncs() - before;
    };
    CHECK(by([&] { REQUIRE((*results)->take("e", "none", 50).has_value()); }) == 0);
    REQUIRE((*results)->keep({result("a"), result("b")}).has_value());
    CHECK(by([&] { CHECK((*results)->take("e", "a", 50)->value().used == 0); }) > 0);
    CHECK(by([&] { CHECK((*results)->take("e", "a", 60)->value().used == 50); }) == 0);
    CHECK(by([&] { REQUIRE((*results)->keep({result("c")}).has_value()); }) == 0);
    CHECK(by([&] { CHECK((*results)->take("e", "b", 70)->value().used == 0); }) > 0);
}

TEST_CASE("a code is used once, also over a restart, and not after its time", "[store][security]") {
    const ScratchFolder folder;
    const std::string file = folder / "state/results.db";
    {
        const auto results = Results::open(file);
        REQUIRE(results.has_value());
        REQUIRE((*results)->keep({result("a"), result("b"), result("c", 10)}).has_value());
        const auto first = (*results)->take("e", "a", 50);
        REQUIRE((first.has_value() && first->has_value()));
        CHECK((*first)->used == 0);
        CHECK_FALSE((*first)->over);
        CHECK((*results)->take("e", "a", 60)->value().used == 50);
        CHECK((*results)->take("e", "c", 50)->value().over);
        CHECK_FALSE((*results)->take("e", "d", 50)->has_value());
        CHECK_FALSE((*results)->take("f", "b", 50)->has_value());
    }
    const auto again = Results::open(file);
    REQUIRE(again.has_value());
    CHECK((*again)->take("e", "a", 70)->value().used == 50);
    REQUIRE((*again)->forget(50).has_value());
    CHECK_FALSE((*again)->take("e", "c", 70)->has_value());
    CHECK((*again)->take("e", "b", 70)->value().used == 0);
    struct stat facts{};
    REQUIRE(::stat(file.c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777) == 0600);
}

TEST_CASE("results are kept all or none", "[store]") {
    const ScratchFolder folder;
    const auto results = Results::open(folder / "results.db");
    REQUIRE(results.has_value());
    CHECK_FALSE((*results)->keep({result("a"), result("a")}).has_value());
    CHECK_FALSE((*results)->take("e", "a", 50)->has_value());
}
