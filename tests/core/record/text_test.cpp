#include "core/record/text.h"

#include <thread>
#include <vector>

#include "core/record/record.h"
#include "tests/support/catch.h"

using datong::record::Record;
using datong::record::Text;

namespace {

std::string octets(std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) {
        out += static_cast<char>('a' + i % 26);
    }
    return out;
}

}  // namespace

TEST_CASE("a text of every length reads back, copies, moves and compares", "[record]") {
    for (std::size_t length = 0; length <= 64; ++length) {
        const std::string wanted = octets(length);
        CAPTURE(length);
        const Text text{wanted};
        const Text copy = text;
        Text source = text;
        const Text moved = std::move(source);
        CHECK(text.view() == wanted);
        CHECK(text.size() == length);
        CHECK(text.empty() == wanted.empty());
        CHECK(copy == text);
        CHECK(moved == text);
        CHECK(text == wanted);
        CHECK(source.empty());  // NOLINT(bugprone-use-after-move): a moved-from text is empty
        CHECK(source == Text{});
        CHECK_FALSE(text == Text{wanted + 'x'});
        CHECK((length == 0 || !(text == Text{octets(length - 1) + '!'})));
    }
}

TEST_CASE("a text keeps octets of all values, zero too", "[record]") {
    const std::string short_one{"a\0b", 3};
    const std::string long_one = short_one + std::string(40, '\0');
    CHECK(Text{short_one}.view() == short_one);
    CHECK(Text{long_one}.view() == long_one);
    CHECK_FALSE(Text{short_one} == Text{"a"});
}

TEST_CASE("a text that takes a large string over has the same octets", "[record]") {
    const std::string wanted = octets(100'000);
    std::string given = wanted;
    const Text text{std::move(given)};
    CHECK(text.view() == wanted);
}

TEST_CASE("a part keeps what it was taken from alive", "[record]") {
    Text part;
    Text small;
    Text nested;
    {
        const Text file{octets(1000)};
        part = file.part(26, 52);
        small = file.part(1, 3);
        nested = part.part(26, 26);
        CHECK(part.view().data() == file.view().data() + 26);  // a view, no copy
    }
    CHECK(part == octets(52));
    CHECK(small == "bcd");
    CHECK(nested == octets(26));
}

TEST_CASE("assignment leaves one holder of a buffer less and of the other more", "[record]") {
    Text one{octets(100)};
    Text other{octets(50)};
    one = other;
    other = Text{"short"};
    CHECK(one == octets(50));
    CHECK(other == "short");
    const Text& same = one;
    one = same;
    CHECK(one == octets(50));
}

TEST_CASE("copies of a text are used from many threads", "[record]") {
    const Text shared{octets(200)};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([copy = shared] {
            for (int i = 0; i < 2000; ++i) {
                const Text mine = copy;
                const Record record = Record::object({{mine, Record::text(mine)}});
                Record again = record;
                again.put("x", Record::text(mine.part(0, 100)));
            }
        });
    }
    for (std::thread& one : threads) {
        one.join();
    }
    CHECK(shared == octets(200));
}

TEST_CASE("a record may be replaced by a part of itself", "[record]") {
    Record record = Record::object({{"a", Record::list({Record::text(octets(40)), Record::integer(2)})}});
    record = std::move(record.find("a")->items_to_edit()[0]);
    CHECK(record.scalar() == octets(40));
    Record list = Record::list({Record::list({Record::boolean(true)})});
    list = list.items()[0];
    REQUIRE(list.items().size() == 1);
    CHECK(list.items()[0].truth());
}

TEST_CASE("a record that was moved from is null", "[record]") {
    for (Record one : {Record::text(octets(40)), Record::object({{"a", Record{}}}), Record::list({Record::integer(1)}),
                       Record::boolean(true)}) {
        const Record copy = one;
        const Record moved = std::move(one);
        CHECK(moved == copy);
        CHECK(one.is_null());  // NOLINT(bugprone-use-after-move): this is what is tested
        CHECK(one == Record{});
    }
}

TEST_CASE("a member is found at its usual place, and elsewhere too", "[record]") {
    const Record row = Record::object({{"a", Record::integer(1)}, {"b", Record::integer(2)}});
    REQUIRE(row.find(Text{"b"}, 1) != nullptr);
    CHECK(row.find(Text{"b"}, 1)->scalar() == "2");
    CHECK(row.find(Text{"b"}, 0)->scalar() == "2");
    CHECK(row.find(Text{"b"}, 7)->scalar() == "2");
    CHECK(row.find(Text{"c"}, 0) == nullptr);
    CHECK(Record::text("b").find(Text{"b"}, 0) == nullptr);
}
