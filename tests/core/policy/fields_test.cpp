#include "core/policy/fields.h"

#include <algorithm>
#include <functional>
#include <random>
#include <set>

#include "core/base/text.h"
#include "tests/support/catch.h"

using namespace datong;
using record::Record;

namespace {

Record certificate() {
    Record holder = Record::object();
    holder.put("name", Record::text("甲"));
    holder.put("idNo", Record::text("1"));
    Record holders = Record::list();
    holders.add(holder);
    holders.add(holder);
    Record house = Record::object();
    house.put("areaM2", Record::text("88.00"));
    Record whole = Record::object();
    whole.put("certificateNumber", Record::text("n"));
    whole.put("house", std::move(house));
    whole.put("holders", std::move(holders));
    return whole;
}

using Path = std::vector<std::string>;
using Fields = std::vector<std::string>;

/// A step of a place: the name of a member, or "" for an item of a list.
void leaves_of(const Record& at, const Path& path, std::set<Path>& leaves) {
    if (at.is_scalar() && !at.is_null()) {
        leaves.insert(path);
    }
    for (const record::Member& member : at.members()) {
        Path next = path;
        next.push_back(member.name.view() == "" ? "(empty)" : std::string{member.name.view()});
        leaves_of(member.value, next, leaves);
    }
    for (std::size_t i = 0; i < at.items().size(); ++i) {
        Path next = path;
        next.push_back(std::string{"\0", 1} + std::to_string(i));
        leaves_of(at.items()[i], next, leaves);
    }
}

std::set<Path> leaves_of(const Record& content) {
    std::set<Path> leaves;
    leaves_of(content, {}, leaves);
    return leaves;
}

/// The plain meaning of a field, written without regard to how the code under test does it.
bool names(const std::string& field, const Path& leaf) {
    if (field == "*") {
        return true;
    }
    std::size_t at = 0;
    std::string_view rest = std::string_view{field}.substr(1);
    for (bool more = true; more; ++at) {
        const std::size_t slash = rest.find('/');
        std::string step{rest.substr(0, slash)};
        more = slash != std::string_view::npos;
        rest = more ? rest.substr(slash + 1) : std::string_view{};
        for (const auto& [escape, plain] : {std::pair{"~1", "/"}, std::pair{"~0", "~"}}) {
            for (std::size_t found = step.find(escape); found != std::string::npos;
                 found = step.find(escape, found + 1)) {
                step.replace(found, 2, plain);
            }
        }
        if (at >= leaf.size() || (step != "*" && step != leaf[at])) {
            return false;
        }
    }
    return true;
}

bool names(const Fields& fields, const Path& leaf) {
    return std::any_of(fields.begin(), fields.end(), [&](const std::string& field) { return names(field, leaf); });
}

/// Records and fields out of few names, so that they often meet.
class Chance {
public:
    explicit Chance(unsigned seed) : random_{seed} {}

    Record record(int depth) {
        const std::size_t kind = depth == 0 ? 2 : below(3);
        if (kind == 2) {
            return Record::text("v");
        }
        Record made = kind == 0 ? Record::object() : Record::list();
        for (std::size_t i = below(4); i > 0; --i) {
            kind == 0 ? made.put(std::string{kNames[below(kNames.size())]}, record(depth - 1))
                      : made.add(record(depth - 1));
        }
        return made;
    }
    Fields fields() {
        Fields all;
        for (std::size_t i = below(4); i > 0; --i) {
            std::string field;
            for (std::size_t step = 1 + below(4); step > 0; --step) {
                field += '/';
                field += below(3) == 0 ? std::string_view{"*"} : kEscaped[below(kEscaped.size())];
            }
            all.push_back(below(12) == 0 ? "*" : field);
        }
        return all;
    }

private:
    static constexpr std::array<std::string_view, 5> kNames{"a", "b", "a/b", "~1", "0"};
    static constexpr std::array<std::string_view, 5> kEscaped{"a", "b", "a~1b", "~01", "0"};
    std::size_t below(std::size_t end) { return std::uniform_int_distribution<std::size_t>{0, end - 1}(random_); }
    std::mt19937 random_;
};

}  // namespace

TEST_CASE("only the granted fields leave", "[policy][security]") {
    const std::vector<std::string> fields{"/certificateNumber", "/holders/*/name"};
    const Record kept = policy::minimise(certificate(), fields);
    CHECK(kept.find("house") == nullptr);
    REQUIRE(kept.find("holders") != nullptr);
    REQUIRE(kept.find("holders")->items().size() == 2);
    CHECK(kept.find("holders")->items()[0].find("idNo") == nullptr);
    CHECK(kept.find("holders")->items()[1].text_of("name") == "甲");
    CHECK(kept.text_of("certificateNumber") == "n");
}

TEST_CASE("a pointer to a whole branch keeps it, one to nothing keeps nothing", "[policy]") {
    const std::vector<std::string> house{"/house"};
    CHECK(policy::minimise(certificate(), house).find("house")->text_of("areaM2") == "88.00");
    const std::vector<std::string> nothing{"/no/such"};
    CHECK(policy::minimise(certificate(), nothing) == Record::object());
    const std::vector<std::string> everything{"*"};
    CHECK(policy::minimise(certificate(), everything) == certificate());
}

TEST_CASE("a grant's fields cover places below them and no others", "[policy][security]") {
    const std::vector<std::string> fields{"/holders", "/house/areaM2", "/shares/*/part"};
    CHECK(policy::covers(fields, "/holders/*/name"));
    CHECK(policy::covers(fields, "/holders"));
    CHECK(policy::covers(fields, "/house/areaM2"));
    CHECK(policy::covers(fields, "/shares/*/part"));
    CHECK_FALSE(policy::covers(fields, "/house"));
    CHECK_FALSE(policy::covers(fields, "/*"));
    CHECK_FALSE(policy::covers(fields, "/holdersAlso"));
    CHECK_FALSE(policy::covers(fields, "/*/name"));
    CHECK(policy::covers(std::vector<std::string>{"*"}, "/anything/*"));
    CHECK_FALSE(policy::covers({}, "/anything"));
}

TEST_CASE("what both of two lists of fields name is what is kept by both", "[policy][security]") {
    struct Row {
        const char* why;
        Fields one;
        Fields other;
        Fields both;
    };
    const auto row = GENERATE(values<Row>({
        {"all and some", {"*"}, {"/a", "/b/c"}, {"/a", "/b/c"}},
        {"an object and what stands in it", {"/a"}, {"/a/b", "/c"}, {"/a/b"}},
        {"any item and one name of it", {"/l/*"}, {"/l/*/x"}, {"/l/*/x"}},
        {"any name and one", {"/*/x"}, {"/a/*"}, {"/a/x"}},
        {"crosswise", {"/a/*/x"}, {"/*/b"}, {"/a/b/x"}},
        {"nothing in common", {"/a"}, {"/b", "/ab"}, {}},
        {"names that are no steps", {"/a~1b"}, {"/a/b", "/a~1b/~0"}, {"/a~1b/~0"}},
        {"one that is told twice", {"/a", "/a/b"}, {"/a/b", "/a"}, {"/a"}},
        {"nothing and all", {}, {"*"}, {}},
    }));
    CAPTURE(row.why);
    CHECK(policy::intersect(row.one, row.other) == row.both);
}

TEST_CASE("fields and what two lists have in common mean what they say, whatever the record", "[policy][security]") {
    Chance chance{20'261'130};
    std::size_t kept = 0;
    for (int i = 0; i < 20'000; ++i) {
        const Record content = chance.record(4);
        const Fields one = chance.fields();
        const Fields other = chance.fields();
        const Fields both = policy::intersect(one, other);
        const auto kept_by_both = leaves_of(policy::minimise(content, both));
        for (const Path& leaf : leaves_of(content)) {
            CAPTURE(one, other, both, leaf);
            const bool by_one = names(one, leaf);
            REQUIRE(kept_by_both.contains(leaf) == (by_one && names(other, leaf)));
            REQUIRE(leaves_of(policy::minimise(content, one)).contains(leaf) == by_one);
            kept += kept_by_both.contains(leaf) ? 1 : 0;
        }
        for (std::size_t k = 0; k < both.size(); ++k) {
            Fields others = both;
            others.erase(others.begin() + static_cast<std::ptrdiff_t>(k));
            REQUIRE_FALSE(policy::covers(others, both[k]));
        }
    }
    CHECK(kept > 1'000);  // else nothing was tried
}
