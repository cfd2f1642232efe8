#include <map>

#include "core/base/text.h"
#include "core/charset/charset.h"
#include "core/codec/form.h"
#include "tests/core/mapping/small.h"
#include "tests/support/catch.h"

using namespace datong;
using datong::mapping::tests::Files;
using datong::mapping::tests::lines;
using record::Record;

namespace {

struct Range {
    char32_t first;
    char32_t last;
};

/// Every assigned code point of Tibetan, of CJK Unified Ideographs with extensions A to J (and the hexagrams between
/// A and the first block), and of the compatibility ideographs. Source: Unicode 17.0, DerivedGeneralCategory.txt,
/// all that is not Cn.
constexpr Range kAssigned[]{{0x0F00, 0x0F47},   {0x0F49, 0x0F6C},   {0x0F71, 0x0F97},   {0x0F99, 0x0FBC},
                            {0x0FBE, 0x0FCC},   {0x0FCE, 0x0FDA},   {0x3400, 0x9FFF},   {0xF900, 0xFA6D},
                            {0xFA70, 0xFAD9},   {0x20000, 0x2A6DF}, {0x2A700, 0x2B73F}, {0x2B740, 0x2B81D},
                            {0x2B820, 0x2CEAD}, {0x2CEB0, 0x2EBE0}, {0x2EBF0, 0x2EE5D}, {0x2F800, 0x2FA1D},
                            {0x30000, 0x3134A}, {0x31350, 0x323AF}, {0x323B0, 0x33479}};
constexpr std::size_t kCount = 103'273;
constexpr std::size_t kBatch = 1'000;
constexpr std::size_t kErrors = 100;  // the most that one record names

std::u32string all_assigned() {
    std::u32string all;
    for (const Range& range : kAssigned) {
        for (char32_t c = range.first; c <= range.last; ++c) {
            all += c;
        }
    }
    return all;
}

std::shared_ptr<const mapping::Mapping> made(const std::string& ends, const std::string& rows,
                                             const std::string& schema) {
    Files files;
    files.put("one.yaml", "datong: mapping/v1\nid: one\nversion: 1.0.0\n" + ends + rows);
    files.put("cells.yaml", "datong: source/v1\nid: cells\nversion: 1.0.0\nfields:\n" + schema);
    files.put("unified.json",
              R"({"type":"object","x-class":"sensitive","properties":{"a":{"type":"string"},"l":{"type":"array",)"
              R"("items":{"type":"object","properties":{"x":{"type":"string"}}}}}})");
    const mapping::Compiled compiled = files.compile("one.yaml");
    INFO(lines(compiled.mistakes));
    REQUIRE(compiled.mapping != nullptr);
    return compiled.mapping;
}

/// A format with its charset: how it is written and how it is read, and what the text's place is called there.
struct Way {
    const char* why;
    std::string target;
    std::string source;
    std::string place = "a";
};

const std::string kColumns =
    "charset: gb18030, record_bytes: 4001, layout: {H: {select: {at: 1, is: H}, rows: one, "
    "columns: {a: [2, 4000]}}}";

std::vector<Way> ways() {
    std::vector<Way> all;
    for (const std::string charset : {"utf-8", "gb18030"}) {
        const std::string schema = "schema: cells.yaml";
        const std::string said = "charset: " + charset + ", " + schema;
        const auto wrap = [&](const std::string& text) {
            return "wrap: [" + text + ", {encode_charset: " + charset + "}]";
        };
        const std::string csv = "layout: {rows: one}";
        all.push_back({"json", "format: json, schema: unified.json, " + wrap("to_json"), "format: json, " + said});
        all.push_back({"xml", "format: xml, root: R, " + schema + ", " + wrap("to_xml"), "format: xml, " + said});
        all.push_back({"csv", "format: csv, " + said + ", " + csv, "format: csv, " + said + ", " + csv});
        all.push_back({"kv", "format: kv, " + schema, "format: kv, " + said});
    }
    all.push_back({"fixed", "format: fixed, schema: cells.yaml, line_end: lf, " + kColumns,
                   "format: fixed, schema: cells.yaml, line_end: lf, " + kColumns, "H.a"});
    return all;
}

/// The bytes of an output; a form's fields are put into the charset of its source here, as its adapter does.
std::string bytes_of(const mapping::Output& out, const std::string& source) {
    if (!source.starts_with("format: kv")) {
        return out.wire;
    }
    const auto charset =
        source.find("gb18030") != std::string::npos ? charset::Charset::gb18030 : charset::Charset::utf_8;
    return codec::write_form({{"a", charset::encode(out.target.text_of("a"), charset).value()}});
}

/// How often a text with one of these in it, each hundredth, is refused where the text is encoded as a whole: in CSV,
/// and by encode_charset around XML.
std::size_t refused_as_a_whole(const std::u32string& refused, const std::string& charset) {
    const std::string a = "  - {path: a, class: sensitive}\n";
    const std::string rows = "fields: [{to: a, from: a, required: true}]\n";
    const std::string target = "source: {format: json}\ntarget: {schema: cells.yaml, ";
    const auto csv = made(target + "format: csv, layout: {rows: one}, charset: " + charset + "}\n", rows, a);
    const auto xml =
        made(target + "format: xml, root: R, wrap: [to_xml, {encode_charset: " + charset + "}]}\n", rows, a);
    std::size_t count = 0;
    for (std::size_t i = 0; i < refused.size(); i += kErrors) {
        const Record record = Record::object({{"a", Record::text("一" + to_utf8({&refused[i], 1}))}});
        for (const auto& way : {csv, xml}) {
            const mapping::Output out = way->run({.tree = &record});
            count += out.errors.size() == 1 && out.errors[0].rule == "charset.unmappable" ? 1U : 0U;
        }
    }
    return count;
}

Record list_of(std::u32string_view text) {
    Record list = Record::list();
    for (const char32_t& c : text) {
        list.add(Record::object({{"x", Record::text(to_utf8({&c, 1}))}}));
    }
    return Record::object({{"l", std::move(list)}});
}

}  // namespace

TEST_CASE("every Tibetan and CJK character survives every format there and back", "[mapping][charset]") {
    const Way way = GENERATE(from_range(ways()));
    CAPTURE(way.why, way.source);
    const std::string cells = "  - {path: " + way.place + ", max_length: 1000, class: sensitive}\n";
    const auto there = made("source: {format: json}\ntarget: {" + way.target + "}\n",
                            "fields: [{to: " + way.place + ", from: a, required: true}]\n", cells);
    const auto back = made("source: {" + way.source + "}\ntarget: {format: json, schema: unified.json}\n",
                           "fields: [{to: a, from: " + way.place + ", required: true}]\n", cells);
    const std::u32string all = all_assigned();
    std::size_t tried = 0;
    std::size_t same = 0;
    for (std::size_t at = 0; at < all.size(); at += kBatch) {
        const std::u32string_view batch = std::u32string_view{all}.substr(at, kBatch);
        const Record record = Record::object({{"a", Record::text(to_utf8(batch))}});
        const mapping::Output sent = there->run({.tree = &record});
        const std::string bytes = bytes_of(sent, way.source);
        const mapping::Output come = back->run({.bytes = bytes});
        tried += batch.size();
        same += sent.outcome == mapping::Outcome::ok && come.target == record ? batch.size() : 0;
    }
    CHECK(tried == kCount);
    CHECK(same == kCount);
}

TEST_CASE("every Tibetan and CJK character survives the cells of a database there and back", "[mapping][charset]") {
    const std::string name = GENERATE("utf-8", "gb18030");
    CAPTURE(name);
    const auto both =
        made("source: {format: rows, schema: cells.yaml, sets: {s: {rows: one, charset: " + name +
                 "}}}\ntarget: {format: json, schema: unified.json}\nreverse: true\n",
             "fields: [{to: a, from: s.a, required: true}]\n", "  - {path: s.a, type: bytes, class: sensitive}\n");
    const std::u32string all = all_assigned();
    std::size_t same = 0;
    for (std::size_t at = 0; at < all.size(); at += kBatch) {
        const std::string text = to_utf8(std::u32string_view{all}.substr(at, kBatch));
        const std::string cell = charset::encode(text, charset::by_name(name).value()).value();
        const Record rows = Record::object({{"s", Record::list({Record::object({{"a", Record::bytes(cell)}})})}});
        const mapping::Output come = both->run({.tree = &rows});
        const mapping::Output back = both->run_reverse({.tree = &come.target});
        const bool right =
            come.target == Record::object({{"a", Record::text(text)}}) &&
            back.target == Record::object({{"s", Record::list({Record::object({{"a", Record::text(text)}})})}});
        same += right ? std::min(kBatch, all.size() - at) : 0;
    }
    CHECK(same == kCount);
}

TEST_CASE("what an old charset can't hold is named by its field, the rest comes back", "[mapping][charset]") {
    struct Row {
        const char* charset;
        std::size_t held;
    };
    // gbk: the 20,923 of Python's codec, and what GB 18030 has moved out of private use into the same two bytes since:
    // 52 of extension A, U+9FB4 to U+9FBB, 6 of plane 2. gb2312 is gbk, as the web treats it. big5 has the Hong Kong
    // supplement, as glibc knows it.
    const auto row = GENERATE(values<Row>({{"gbk", 20'989}, {"gb2312", 20'989}, {"big5", 17'642}}));
    CAPTURE(row.charset);
    const std::string layout = std::string{"format: fixed, schema: cells.yaml, line_end: lf, charset: "} + row.charset +
                               ", record_bytes: 5, layout: {D: {select: {at: 1, is: D}, rows: many, "
                               "columns: {x: [2, 4]}}}";
    const std::string cells = "  - {path: D, type: list}\n  - {path: D.x, max_length: 2, class: sensitive}\n";
    const auto there =
        made("source: {format: json}\ntarget: {" + layout + "}\n",
             "fields: []\nlists: [{to: D, from: l, fields: [{to: x, from: x, required: true}]}]\n", cells);
    const auto back =
        made("source: {" + layout + "}\ntarget: {format: json, schema: unified.json}\n",
             "fields: []\nlists: [{to: l, from: D, fields: [{to: x, from: x, required: true}]}]\n", cells);
    const std::u32string all = all_assigned();
    std::u32string refused;
    std::size_t same = 0;
    for (std::size_t at = 0; at < all.size(); at += kErrors) {
        std::map<std::string, char32_t> left;
        for (std::size_t i = at; i < std::min(at + kErrors, all.size()); ++i) {
            left.emplace("/D/" + std::to_string(i - at) + "/x", all[i]);
        }
        const Record first = list_of(std::u32string_view{all}.substr(at, kErrors));
        for (const mapping::Finding& one : there->run({.tree = &first}).errors) {
            const auto found = left.find(one.path);
            if (one.rule == "charset.unmappable" && found != left.end()) {
                refused += found->second;
                left.erase(found);
            }
        }
        std::u32string rest;
        for (const auto& [path, c] : left) {
            rest += c;
        }
        if (rest.empty()) {
            continue;
        }
        const Record second = list_of(rest);
        const mapping::Output sent = there->run({.tree = &second});
        same += back->run({.bytes = sent.wire}).target == second ? rest.size() : 0;
    }
    CHECK(same == row.held);
    CHECK(refused.size() == kCount - row.held);
    CHECK(refused_as_a_whole(refused, row.charset) == (refused.size() + kErrors - 1) / kErrors * 2);
}
