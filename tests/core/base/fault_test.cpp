#include "core/base/fault.h"

#include <set>
#include <string>

#include "tests/support/catch.h"

using namespace datong;

TEST_CASE("every fault has its own row with a code, both languages and the right status class", "[base]") {
    std::set<std::string_view> codes;
    for (const FaultRow& row : fault_table()) {
        CAPTURE(row.code);
        CHECK(codes.insert(row.code).second);
        CHECK(&row_of(row.fault) == &row);
        CHECK(fault_by_code(row.code) == row.fault);
        CHECK_FALSE(row.title_zh.empty());
        CHECK_FALSE(row.todo_en.empty());
        switch (row.blame) {
            case Blame::consumer:
                CHECK(row.status / 100 == 4);
                break;
            case Blame::department:
                CHECK((row.status == 502 || row.status == 504 || row.fault == Fault::source_closed));
                break;
            case Blame::gateway:
                CHECK((row.status == 500 || row.status == 503));
                break;
        }
    }
    CHECK(codes.size() == static_cast<std::size_t>(Fault::internal) + 1);
}
