#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "core/codec/csv.h"
#include "core/workbench/row_table.h"
#include "tests/support/catch.h"

using namespace datong;

namespace {

/// Every mapping of the project and of the tests.
std::vector<std::string> mappings() {
    std::vector<std::string> out;
    for (const char* folder : {DATONG_SOURCE_DIR "/mappings", DATONG_TEST_DATA "/mapping"}) {
        for (const auto& entry : std::filesystem::recursive_directory_iterator{folder}) {
            if (entry.path().extension() != ".yaml") {
                continue;
            }
            std::ifstream file{entry.path(), std::ios::binary};
            const std::string text{std::istreambuf_iterator<char>{file}, {}};
            if (text.find("datong: mapping/v1") != std::string::npos && text.find("\nfields:") != std::string::npos) {
                out.push_back(text.substr(0, text.find("\ntests:")) + '\n');  // tests are long, and no rows
            }
        }
    }
    return out;
}

/// Comments that have a line or the end of one to themselves.
std::multiset<std::string> comments(const std::string& yaml) {
    std::multiset<std::string> out;
    for (std::size_t at = yaml.find("# "); at != std::string::npos; at = yaml.find("# ", at + 1)) {
        if (at == 0 || yaml[at - 1] == ' ' || yaml[at - 1] == '\n') {
            out.insert(yaml.substr(at, yaml.find('\n', at) - at));
        }
    }
    return out;
}

std::string exported(const std::string& yaml) {
    return workbench::export_rows(yaml, "a.yaml").value();
}

/// The file after the table came back; the table must be what the new file exports.
std::string round(const std::string& yaml, const codec::CsvRows& rows) {
    const std::string csv = codec::write_csv(rows, true);
    const auto got = workbench::import_rows(yaml, "a.yaml", csv, "a.csv");
    REQUIRE(got.has_value());
    CHECK(exported(got->yaml) == csv);
    return got->yaml;
}

}  // namespace

TEST_CASE("every cell of every mapping can be edited, and everything comes back", "[workbench]") {
    const std::vector<std::string> files = mappings();
    REQUIRE(files.size() >= 10);
    const std::vector<std::string> puts{"", "trim", "'=a: #b, c"};
    int edits = 0;
    for (const std::string& yaml : files) {
        const auto rows = codec::read_csv(exported(yaml)).value();
        const auto before = comments(yaml);
        for (std::size_t row = 1; row < rows.size(); ++row) {
            for (std::size_t column = 1; column < rows[0].size(); ++column) {
                const bool is_steps = rows[0][column] == "steps";
                auto edited = rows;
                edited[row][column] = puts[static_cast<std::size_t>(edits) % puts.size()];
                if (is_steps && edited[row][column].starts_with('\'')) {
                    edited[row][column] = "{replace: {a: \"#\"}}, upper";
                }
                CAPTURE(rows[row][0], rows[0][column], edited[row][column]);
                const std::string changed = round(yaml, edited);
                CHECK(comments(changed) == before);
                (void)round(changed, rows);  // and back again
                ++edits;
            }
        }
    }
    CHECK(edits > 1000);
}

TEST_CASE("every row of every mapping can be taken out and put in again", "[workbench]") {
    for (const std::string& yaml : mappings()) {
        const auto rows = codec::read_csv(exported(yaml)).value();
        for (std::size_t row = 1; row < rows.size(); ++row) {
            auto less = rows;
            less.erase(less.begin() + static_cast<std::ptrdiff_t>(row));
            CAPTURE(rows[row][0]);
            const auto got = workbench::import_rows(yaml, "a.yaml", codec::write_csv(less, true), "a.csv");
            if (!got) {
                CHECK(got.error().front().code == "T106");  // the only row of its list
                continue;
            }
            CHECK(got->removed == 1);
            const auto again = workbench::import_rows(got->yaml, "a.yaml", codec::write_csv(rows, true), "a.csv");
            REQUIRE(again.has_value());
            CHECK(again->added == 1);
            auto one = codec::read_csv(exported(again->yaml)).value();
            auto other = rows;
            std::sort(one.begin(), one.end());
            std::sort(other.begin(), other.end());
            CHECK(one == other);
        }
    }
}
