#include "core/workbench/lineage.h"
#include "core/codec/csv.h"
#include "tests/core/mapping/small.h"
#include "tests/support/catch.h"

using namespace datong;

namespace {

const workbench::LineageRow& row(const std::vector<workbench::LineageRow>& rows, const std::string& target) {
    const auto found = std::find_if(rows.begin(), rows.end(), [&](const auto& one) { return one.target == target; });
    REQUIRE(found != rows.end());
    return *found;
}

using List = std::vector<std::string>;

std::vector<workbench::LineageRow> land() {
    const mapping::tests::Files files;
    const auto compiled = files.compile("land/realestate-certificate.yaml");
    REQUIRE(compiled.mapping != nullptr);
    return workbench::lineage_of(*compiled.mapping, "land/realestate-certificate.yaml", files.reader());
}

}  // namespace

TEST_CASE("lineage says of each target where it is from, through which steps and tables", "[workbench]") {
    const auto rows = land();
    CHECK(row(rows, "certificateTypeName").sources.empty());
    CHECK(row(rows, "certificateIssuingAuthorityCode").sources == List{"ctx.department.uscc"});
    CHECK(row(rows, "land.perpetual").sources == List{"$.TDSYJSSJ"});
    const auto& type = row(rows, "holders[].idType");
    CHECK(type.mapping.starts_with("land.realestate-certificate@"));
    CHECK(type.sources == List{"$.QLRS.QLR[*].ZJZL"});
    CHECK(type.steps == List{"lookup"});
    CHECK(type.tables == List{"tables/land/zjzl.csv"});
    const auto& number = row(rows, "holders[].idNo");
    CHECK(number.sources == List{"$.QLRS.QLR[*].ZJZL", "$.QLRS.QLR[*].ZJH"});
    CHECK(number.class_in == "sensitive");
    CHECK(number.class_out == "sensitive");
    const auto& share = row(rows, "holders[].sharePercent");
    CHECK(share.sources == List{"$.QLRS.QLR[*].QLBL", "$.GYFS"});
    const auto& phone = row(rows, "holders[].phoneMasked");
    CHECK(phone.class_in == "sensitive");
    CHECK(phone.class_out != "sensitive");
}

TEST_CASE("lineage goes through named values and columns that a zip took apart", "[workbench]") {
    mapping::tests::Small small;
    small.rows =
        "let:\n  - {name: k, from: b}\nfields:\n  - {to: a, compute: \"coalesce(let.k, c)\"}\n"
        "lists:\n  - to: l\n    zip: {sep: [\",\"], columns: {x: d, y: e}}\n    fields: [{to: x, from: x}, {to: y, "
        "from: $.f}]\n";
    const auto compiled = small.compile();
    INFO(mapping::tests::lines(compiled.mistakes));
    REQUIRE(compiled.mapping != nullptr);
    const auto rows = workbench::lineage_of(*compiled.mapping, "small.yaml", small.files.reader());
    CHECK(row(rows, "a").sources == List{"$.b", "$.c"});
    CHECK(row(rows, "l[].x").sources == List{"$.d"});
    CHECK(row(rows, "l[].y").sources == List{"$.f"});
}

TEST_CASE("lineage names the legal basis that the mapping says and those of grants, each once", "[workbench]") {
    mapping::tests::Small small;
    small.head = "legal_basis: 政务数据共享条例\nsource: {format: json}\n";
    small.rows =
        "let:\n  - {name: k, from: b}\nfields:\n  - {to: a, from_all: [c], steps: [{template: '{c}{let.k}'}]}\n";
    const auto compiled = small.compile();
    INFO(mapping::tests::lines(compiled.mistakes));
    REQUIRE(compiled.mapping != nullptr);
    const auto rows = workbench::lineage_of(*compiled.mapping, "small.yaml", small.files.reader(),
                                            {"某某办法", "政务数据共享条例", "某某办法"});
    CHECK(row(rows, "a").legal_basis == List{"政务数据共享条例", "某某办法"});
    CHECK(row(rows, "a").sources == List{"$.c", "$.b"});
    CHECK_THAT(workbench::lineage_csv(rows), ContainsSubstring(",政务数据共享条例; 某某办法\r\n"));
}

TEST_CASE("the lineage table opens in Excel and holds a line for every row", "[workbench]") {
    const auto rows = land();
    const std::string csv = workbench::lineage_csv(rows);
    CHECK(csv.starts_with("\xEF\xBB\xBFmapping,target,label,source,steps,tables,class_in,class_out,legal_basis\r\n"));
    const auto read = codec::read_csv(csv);
    REQUIRE(read.has_value());
    CHECK(read->size() == rows.size() + 1);
    workbench::LineageRow formula;
    formula.label = "=1+1";
    CHECK_THAT(workbench::lineage_csv({formula}), ContainsSubstring(",'=1+1,"));
}
