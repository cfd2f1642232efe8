#include "tests/core/mapping/fixture.h"
#include "tests/support/catch.h"

using namespace datong;
using datong::mapping::tests::errors;
using datong::mapping::tests::Files;
using datong::mapping::tests::lines;

namespace {

const std::string kLand = "land/realestate-certificate.yaml";
const std::string kAsk = "land/realestate-certificate.request.yaml";
const std::string kFund = "fund/deposit-certificate.yaml";
const std::string kTax = "tax/clearance.yaml";

}  // namespace

TEST_CASE("a mistake in a mapping is named with its place and what was meant", "[mapping]") {
    struct Row {
        const char* why;
        std::string file;
        std::string from;
        std::string to;
        std::string wanted;
    };
    const auto row = GENERATE(values<Row>({
        {"duplicate key", kLand, "version: 1.2.0\n", "version: 1.2.0\nversion: 1.2.1\n", "M102 {}:4:1"},
        {"alias", kLand, "title: ", "title: &x ", "M103 {}:4:8 -> write the value out"},
        {"tag", kLand, "title: ", "title: !x ", "M104 {}:4:8 -> remove the tag"},
        {"misspelt key", kLand, "from: DJJG", "fromm: DJJG", "M108 {}:37:5; M105 {}:37:43 -> from"},
        {"no map", kLand,
         "defaults: {trim: true, empty_as_null: true, null_tokens: [\"\", \"/\", \"无\", \"NULL\"], on_error: reject}",
         "defaults: 1", "M107 {}:21:11"},
        {"bad id", kLand, "id: land.realestate-certificate", "id: Land", "M109 {}:2:5 -> land.realestate-certificate"},
        {"bad version", kLand, "version: 1.2.0", "version: 1.02.0", "M109 {}:3:10 -> 1.0.0"},
        {"bad choice", kLand, "on_error: omit}\n  - to: certificateNumber",
         "on_error: omitt}\n  - to: certificateNumber", "M109 {}:32:88 -> omit"},
        {"unknown target", kLand, "to: ownershipForm", "to: ownershipFrom", "M201 {}:43:10 -> ownershipForm"},
        {"required on one path only", kLand, "from: QSZT, steps: [{lookup: qszt}], required: true",
         "from: QSZT, steps: [{lookup: qszt}]", "M202 {}:19:9 -> required: true"},
        {"required never written", kLand,
         "- {to: unitNo, from: BDCDYH, steps: [remove_space, upper, check_real_estate_unit], required: true}",
         "- {to: house.useCode, from: BDCDYH}", "M203 {}:45:10; M202 {}:19:9 -> required: true"},
        {"written twice", kLand, "to: house.useName", "to: house.useCode", "M203 {}:46:10"},
        {"constant not in the schema", kLand, "value: \"11100000MB03271699001\"", "value: \"1110\"", "M204 {}:30:5"},
        {"text where a number is wanted", kLand, "steps: [{parse_amount: {unit: 万元}}], on_error: omit",
         "on_error: omit", "M204 {}:49:5 -> parse_integer"},
        {"unknown source", kLand, "from: DJJG", "from: DJJJ", "M211 {}:37:49 -> DJJG"},
        {"list as a scalar", kLand, "from: SZC", "from: QLRS.QLR", "M212 {}:48:29 -> lists:"},
        {"through a list", kLand, "from: SZC", "from: QLRS.QLR.QLRMC", "M212 {}:48:29 -> QLR[*].QLRMC"},
        {"ignore names nothing", kLand, "ignore: [YWH", "ignore: [YWHH", "M214 {}:82:10 -> YWH"},
        {"unknown step", kLand, "{check_length: {max: 200}}", "{check_lenght: {max: 200}}",
         "M301 {}:42:68 -> check_length"},
        {"types do not fit", kLand, "{parse_date: yyyyMMdd}]}\n  - {to: land.useTo",
         "{parse_date: yyyyMMdd}, upper]}\n  - {to: land.useTo", "M302 {}:50:72"},
        {"omit what is required", kLand, "from: DJJG, required: true", "from: DJJG, required: true, on_error: omit",
         "M304 {}:37:5 -> on_error: reject"},
        {"default without one", kLand, "from: SZC", "from: SZC, on_error: default", "M304 {}:48:5"},
        {"keep what is no text", kLand, "{parse_amount: {unit: 万元}}], on_error: omit",
         "{parse_amount: {unit: 万元}}], on_error: keep", "M304 {}:49:5"},
        {"table missing", kLand, "tables/land/gyfs.csv", "tables/land/gyf.csv", "M401 {}:25:9"},
        {"table with a row too short", "tables/land/gyfs.csv", "3,other,其他共有,y,,\n", "\n3,other\n",
         "M401 tables/land/gyfs.csv:6:1"},
        {"table that nobody names", kLand, "{lookup: gyfs}", "{lookup: gyf}", "M401 {}:43:54 -> gyfs"},
        {"code table lacks a declared code", "tables/land/gyfs.csv", "3,other,其他共有,y,,\n", "",
         "M402 land/realestate-certificate.yaml:43:5 -> 3,..."},
        {"table gives what the target does not know", "tables/land/qszt.csv", "3,ended", "3,over",
         "M403 land/realestate-certificate.yaml:44:5"},
        {"sensitive without a mask", kLand, "steps: [remove_space, mask_phone]", "steps: [remove_space]",
         "M501 {}:76:9 -> steps: [mask_...] 或 x-class: sensitive"},
        {"unknown function", kLand, "length(ZJH)", "lenght(ZJH)", "M601 {}:73:20 -> length"},
        {"condition is no yes or no", kLand, "that: \"count(target.holders) == 1\"", "that: \"count(target.holders)\"",
         "M601 {}:80:47"},
        {"no else", kLand, "      - {else: true, value: true}\n", "", "M601 {}:55:5 -> - {else: true, value: ...}"},
        {"case that can't be reached", kLand, "{when: \"QSZT != '1'\", value: false}",
         "{when: \"CFZT == '1'\", value: false}", "M601 {}:58:9"},
        {"overlapping columns", kTax, "SWJG: [110, 11]", "SWJG: [109, 11]",
         "M701 {}:14:122; M701 {}:14:5 -> FILLER: [120, 1]"},
        {"a gap", kTax, "FILLER: [67, 54]", "FILLER: [68, 53]", "M701 {}:15:164 -> FILLER: [67, 1]"},
        {"column beyond the record", kTax, "FILLER: [24, 97]", "FILLER: [24, 98]", "M701 {}:16:98"},
        {"columns of two-byte blanks", kTax, "charset: gb18030", "charset: utf-16le", "M701 {}:8:3 -> gb18030"},
        {"test key misspelt", kTax, "expect_errors: [{path: /totalFen", "expect_error: [{path: /totalFen",
         "M105 {}:73:5 -> expect_errors"},
        {"drop without a count", kTax, "    max: 5000\n", "    max: 5000\n    on_item_error: drop\n",
         "M304 {}:39:5 -> that: \"count(target.items) == ...\""},
    }));
    CAPTURE(row.why);
    Files files;
    files.edit(row.file, row.from, row.to);
    const std::string main = row.file.starts_with("tables") ? kLand : row.file;
    const auto compiled = files.compile(main);
    CHECK(compiled.mapping == nullptr);
    std::string wanted = row.wanted;
    for (std::size_t at = wanted.find("{}"); at != std::string::npos; at = wanted.find("{}")) {
        wanted.replace(at, 2, row.file);
    }
    CAPTURE(lines(compiled.mistakes));
    CHECK(errors(compiled.mistakes) == wanted);
}
