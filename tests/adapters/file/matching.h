#pragma once

#include "tests/adapters/file/drop.h"

namespace datong::drop {

inline const std::string kBase =
    "out: out\nin: in\ndone: done\nlate: late\npoll_ms: 10\nsettle_ms: 0\nmax_reply: 8388608\n";
inline const std::string kByValue =
    kBase +
    "operations:\n  query: {request: \"REQ_{exchange}.xml\", reply: \"REP_*.xml\", holds: \"<id>{exchange}</id>\"}\n";
inline const std::string kByName =
    kBase +
    "operations:\n  query: {request: \"REQ_{exchange}.xml\", reply: \"REP_{exchange}.xml\"}\n"
    "  named: {request: \"REQ_{ID}.xml\", reply: \"REP_{ID}.xml\"}\n"
    "  packed: {request: \"REQ_{exchange}.zip\", reply: \"REP_{exchange}.zip\", archive: zip, "
    "entry: \"*.xml\"}\n";
inline const std::string kExchange = "0198f000-0000-7000-8000-000000000001";

struct Fixture {
    support::ScratchFolder scratch;
    Side side{scratch};
    support::AdapterBench bench{scratch.path()};

    std::unique_ptr<adapter::Adapter> make(const std::string& settings) {
        return bench.make(adapters::file::kind(), settings);
    }
};

/// The id that stands in a request's name.
inline std::string id_of(const std::string& request) {
    return request.substr(4, request.size() - 8);
}

inline std::string holding(const std::string& id) {
    return "<answer><id>" + id + "</id></answer>";
}

}  // namespace datong::drop
