#include "core/files/rule.h"

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "examples/departments/licence_file.h"
#include "tests/support/catch.h"

using namespace datong;
using record::Record;

namespace {

files::Judged<files::File> judge(const std::string& octets, const files::Rule& rule, const Record& content = {}) {
    return files::judge(std::make_shared<const std::string>(octets), rule, content);
}

}  // namespace

TEST_CASE("a file is what its own octets say, and one that the service does not give is refused", "[files]") {
    using namespace std::string_literals;
    struct Row {
        const char* why;
        std::string octets;
        const char* type;  ///< empty: refused
    };
    const auto row = GENERATE(values<Row>({
        {"PDF", "%PDF-1.7\n", "application/pdf"},
        {"OFD", departments::sealed_ofd("1"), "application/ofd"},
        {"a ZIP container that is no OFD", "PK\x03\x04 something else", ""},
        {"PNG", "\x89PNG\r\n\x1A\n.", "image/png"},
        {"JPEG", "\xFF\xD8\xFF\xE0", "image/jpeg"},
        {"TIFF", "II*\0"s, "image/tiff"},
        {"a drawing", "AC1032", "image/vnd.dwg"},
        {"a maintenance page", "<html><body>系统维护</body></html>", ""},
        {"nothing", "", ""},
        {"a PDF that begins late", " %PDF-1.7", ""},
    }));
    CAPTURE(row.why);
    const files::Rule rule{.at = "/f",
                           .media_types = {"application/pdf", "application/ofd", "image/png", "image/jpeg",
                                           "image/tiff", "image/vnd.dwg"}};
    const auto file = judge(row.octets, rule);
    REQUIRE(file.has_value() == (*row.type != '\0'));
    if (file) {
        CHECK(file->media_type == row.type);
        CHECK(file->sha256 == crypto::sha256(row.octets));
    } else {
        CHECK(file.error() == files::Wrong::media_type);
    }
}

TEST_CASE("a file over its limit has a code of its own", "[files]") {
    const files::Rule rule{.at = "/f", .media_types = {"application/pdf"}, .most = 8};
    CHECK(judge("%PDF-1.7", rule).has_value());
    CHECK(judge("%PDF-1.7\n", rule).error() == files::Wrong::too_large);
}

TEST_CASE("the digest that the department gives must be the file's", "[files][security]") {
    const std::string pdf = "%PDF-1.7\n";
    const bool by_sm3 = GENERATE(false, true);
    const bool in_hex = GENERATE(false, true);
    const std::string digest = by_sm3 ? crypto::sm3(pdf) : crypto::sha256(pdf);
    const files::Rule rule{.at = "/f",
                           .media_types = {"application/pdf"},
                           .digest_at = "/digest",
                           .digest_by = by_sm3 ? "sm3" : "sha-256"};
    Record content = Record::object();
    content.put("digest", Record::text(in_hex ? to_hex(digest) : to_base64(digest)));
    CHECK(judge(pdf, rule, content).has_value());
    CHECK(judge(pdf + "x", rule, content).error() == files::Wrong::other_digest);
    content.put("digest", Record::text("0000"));
    CHECK(judge(pdf, rule, content).error() == files::Wrong::other_digest);
    CHECK(judge(pdf, rule, Record::object()).has_value());  // this record has none
}
