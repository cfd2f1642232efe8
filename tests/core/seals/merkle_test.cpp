#include "core/seals/merkle.h"

#include "core/base/text.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::seals;

namespace {

/// The eight entries, roots and paths that transparency-dev/merkle tests itself with (testonly/constants.go and
/// reference_test.go, the vectors of RFC 6962's first implementations).
constexpr const char* kEntries[] = {
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
constexpr const char* kRoots[] = {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                                  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                                  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                                  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                                  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                                  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                                  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                                  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

std::vector<std::string> leaves(std::size_t count) {
    std::vector<std::string> hashes;
    for (std::size_t i = 0; i < count; ++i) {
        hashes.push_back(leaf_hash(from_hex(kEntries[i]).value()));
    }
    return hashes;
}

std::vector<std::string> hex_of(const std::vector<std::string>& hashes) {
    std::vector<std::string> out;
    for (const std::string& hash : hashes) {
        out.push_back(to_hex(hash));
    }
    return out;
}

}  // namespace

TEST_CASE("roots of trees of none to eight leaves are those of another implementation", "[seals]") {
    for (std::size_t size = 0; size <= 8; ++size) {
        CAPTURE(size);
        CHECK(to_hex(merkle_root(leaves(size))) == kRoots[size]);
    }
}

TEST_CASE("paths are those of another implementation", "[seals]") {
    using Hashes = std::vector<std::string>;
    CHECK(inclusion_path(leaves(1), 0).empty());
    CHECK(hex_of(inclusion_path(leaves(2), 0)) ==
          Hashes{"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"});
    CHECK(hex_of(inclusion_path(leaves(3), 2)) ==
          Hashes{"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"});
    CHECK(hex_of(inclusion_path(leaves(5), 1)) ==
          Hashes{"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                 "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                 "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"});
    CHECK(hex_of(inclusion_path(leaves(8), 5)) ==
          Hashes{"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                 "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                 "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"});
}

TEST_CASE("every path leads to its root, and no other path, place or size does", "[seals][security]") {
    std::vector<std::string> all;
    for (std::uint64_t size = 1; size <= 70; ++size) {
        all.push_back(leaf_hash("record " + std::to_string(size)));
        const std::string root = merkle_root(all);
        for (std::uint64_t index = 0; index < size; ++index) {
            CAPTURE(size, index);
            auto path = inclusion_path(all, index);
            REQUIRE(root_from_path(all[index], index, size, path) == root);
            CHECK(root_from_path(leaf_hash("another"), index, size, path) != root);
            CHECK(root_from_path(all[index], size, size, path) == std::nullopt);
            CHECK(root_from_path(all[index], index ^ 1U, size, path) != root);
            path.push_back(root);
            CHECK(root_from_path(all[index], index, size, path) == std::nullopt);
            path.pop_back();
            if (!path.empty()) {
                path.front()[7] = static_cast<char>(path.front()[7] ^ 1);
                CHECK(root_from_path(all[index], index, size, path) != root);
                path.pop_back();
                CHECK(root_from_path(all[index], index, size, path) == std::nullopt);
            }
        }
    }
}

TEST_CASE("a node of the tree can't be shown as an entry", "[seals][security]") {
    const auto two = leaves(2);
    CHECK(leaf_hash(two[0] + two[1]) != merkle_root(two));
}
