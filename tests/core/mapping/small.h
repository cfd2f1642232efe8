#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include "core/codec/json.h"
#include "tests/core/mapping/fixture.h"

namespace datong::mapping::tests {

/// A small JSON mapping around some rows, for one question at a time. Source members a to f, num, rows
/// (a list of {x, y, tags}); target members a to f, n, m, yes, price, l (a list of {x, y, n, in}), k (a list of {x}),
/// o.p.
struct Small {
    std::string head = "source: {format: json}\n";
    std::string target = "target: {format: json, schema: small.schema.json}\n";
    std::string rows;  ///< from "fields:" on
    std::string context = "{}";
    std::string now = "2025-01-01T00:00:00+08:00";
    Files files{};
    bool with_origins{true};

    [[nodiscard]] Compiled compile() {
        files.put("small.yaml", "datong: mapping/v1\nid: small\nversion: 1.0.0\n" + head + target + rows);
        files.put("small.schema.json", R"({"type":"object","x-class":"sensitive","properties":{
            "a":{"type":"string"},"b":{"type":"string"},"c":{"type":"string"},"d":{"type":"string"},
            "e":{"type":"string","enum":["one","two"]},"f":{"type":"string","maxLength":3,"pattern":"^[a-z]"},
            "n":{"type":"integer","minimum":0,"maximum":9},"m":{"type":"integer"},"yes":{"type":"boolean"},
            "price":{"type":"number"},"day":{"type":"string","format":"date"},
            "open":{"type":"string","x-class":"internal"},
            "o":{"type":"object","properties":{"p":{"type":"string"},"q":{"type":"string"}}},
            "l":{"type":"array","items":{"type":"object","properties":{"x":{"type":"string"},"y":{"type":"string"},
                "n":{"type":"integer"},"in":{"type":"array","items":{"type":"object","properties":{
                    "t":{"type":"string"}}}}}}},
            "k":{"type":"array","items":{"type":"object","properties":{"x":{"type":"string"}}}}}})");
        return files.compile("small.yaml");
    }

    [[nodiscard]] Output run(std::string_view bytes, std::vector<TraceLine>* trace = nullptr) {
        const Compiled compiled = compile();
        if (compiled.mapping == nullptr) {
            throw std::runtime_error{lines(compiled.mistakes)};
        }
        const record::Record ctx = codec::read_json(context).value();
        Input input{};
        input.bytes = bytes;
        input.context = &ctx;
        const auto at = record::parse_rfc3339(now).value();
        input.now = std::chrono::system_clock::time_point{
            std::chrono::seconds{record::days_since_epoch(at.date) * 86400 + (at.hour - 8) * 3600}};
        input.trace = trace;
        input.with_origins = with_origins;
        return compiled.mapping->run(input);
    }

    /// The target as JSON, or "outcome: path rule; path rule".
    [[nodiscard]] std::string gives(std::string_view bytes) {
        const Output out = run(bytes);
        if (out.outcome == Outcome::ok) {
            return out.wire;
        }
        std::string text{name_of(out.outcome)};
        for (const Finding& one : out.errors) {
            text += (&one == &out.errors.front() ? ": " : "; ") + one.path + ' ' + one.rule;
        }
        return text;
    }
};

}  // namespace datong::mapping::tests
