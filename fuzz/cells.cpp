#include "core/codec/compression.h"
#include "core/codec/csv.h"
#include "core/mapping/mapping.h"
#include "fuzz/must.h"

using namespace datong;

namespace {

std::shared_ptr<const mapping::Mapping> made(const std::string& source) {
    const auto read = [&source](std::string_view path) -> std::optional<std::string> {
        if (path == "out.json") {
            return R"({"type":"object","properties":{"a":{"type":"string"},"l":{"type":"array","items":
                {"type":"object","properties":{"a":{"type":"string"}}}}}})";
        }
        return "datong: mapping/v1\nid: fuzz\nversion: 1.0.0\ntarget: {format: json, schema: out.json}\n" + source;
    };
    return mapping::compile("fuzz.yaml", read, {}).mapping;
}

}  // namespace

/// Whatever comes as a CSV file, a form or a packed layer ends in a record or in a finding that has a rule.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::vector kMappings{
        made("source: {format: csv, charset: gb18030, layout: {columns: [a]}}\nfields: []\n"
             "lists: [{to: l, from: row, fields: [{to: a, from: a}]}]\n"),
        made("source: {format: csv, layout: {rows: one, header: false, separator: '|', columns: [a, b]}}\n"
             "fields: [{to: a, from: a}]\n"),
        made("source: {format: kv, charset: gb18030}\nfields: [{to: a, from: a}]\n"),
        made("source: {format: json, unwrap: [{inflate: gzip, max_bytes: 65536}]}\nfields: [{to: a, from: a}]\n")};
    const auto input = fuzz::text_of(data, size);
    for (const auto& mapping : kMappings) {
        fuzz::must(mapping != nullptr);
        const auto out = mapping->run({.bytes = input});
        fuzz::must((out.outcome == mapping::Outcome::ok) == out.errors.empty());
        for (const auto& one : out.errors) {
            fuzz::must(!one.rule.empty());
        }
    }
    const auto table = codec::read_csv_octets(input);
    if (table && !table->rows.empty()) {
        const auto again = codec::read_csv_octets(codec::write_csv(table->rows));
        fuzz::must(again && again->rows == table->rows);
    }
    for (const auto format : {codec::Compression::gzip, codec::Compression::zlib}) {
        const auto out = codec::decompress(input, format, 4096);
        fuzz::must(!out || out->size() <= 4096);
    }
    return 0;
}
