#include "core/platforms/licence_record.h"

#include "core/base/text.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::platforms;
using record::Record;

namespace {

catalogue::Licence licence(const std::string& file_type = "pdf") {
    catalogue::Licence one;
    one.identifier = "/id";
    one.file = "/document/file";
    one.file_type = file_type;
    one.state = "/status";
    one.inactive = {"unpaid"};
    one.suspended = {"moved_out"};
    one.voided = {"ended"};
    one.valid_to = "/validTo";
    return one;
}

Record content(const std::vector<std::pair<std::string, std::string>>& members) {
    Record made = Record::object();
    for (const auto& [name, value] : members) {
        made.put(name, Record::text(value));
    }
    return made;
}

Record with_file(const std::string& base64) {
    Record made = content({{"id", "1.2.156.3005.2.11100000MB03271699022.11999901MB0000019U.20240000001.001.R"}});
    Record document = Record::object();
    document.put("file", Record::text(base64));
    made.put("document", std::move(document));
    return made;
}

}  // namespace

TEST_CASE("an identifier and a sealed file pass as they are, or the department is at fault", "[platforms][security]") {
    const std::string pdf = to_base64("%PDF-1.7\n...");
    const std::string ofd = to_base64(std::string{"PK\x03\x04OFD.xml"});
    CHECK(check_licence(licence(), with_file(pdf)).has_value());
    CHECK(check_licence(licence("ofd"), with_file(ofd)).has_value());
    CHECK(check_licence(licence(), Record::object()).has_value());  // a grant may hold both back
    CHECK_FALSE(check_licence(licence(), with_file(ofd)).has_value());
    CHECK_FALSE(check_licence(licence("ofd"), with_file(pdf)).has_value());
    CHECK_FALSE(check_licence(licence(), with_file(pdf + "=")).has_value());
    CHECK_FALSE(check_licence(licence(), with_file("JVBERi0xLjcK\n")).has_value());
    Record mistyped = with_file(pdf);
    mistyped.put("id", Record::text("1.2.156.3005.2.11100000MB03271699022.11999901MB0000019U.20240000001.001.S"));
    const auto wrong = check_licence(licence(), mistyped);
    REQUIRE_FALSE(wrong.has_value());
    CHECK(wrong.error().fault() == Fault::department_invalid);
    CHECK(without_file(licence(), with_file(pdf)).find_path({"document", "file"}) == nullptr);
}

TEST_CASE("what a licence's state and end say of it", "[platforms]") {
    const auto of = [](const std::string& status, const std::string& end) {
        return condition_of(licence(), content({{"status", status}, {"validTo", end}}), "2026-11-30");
    };
    CHECK(of("current", "2026-11-30") == Condition::good);
    CHECK(of("current", "") == Condition::good);
    CHECK(of("current", "2026-11-29") == Condition::expired);
    CHECK(of("unpaid", "") == Condition::inactive);
    CHECK(of("moved_out", "") == Condition::suspended);
    CHECK(of("ended", "2026-11-29") == Condition::voided);
    CHECK(condition_of(licence(), Record::object(), "2026-11-30") == Condition::good);
}
