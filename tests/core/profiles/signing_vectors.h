#pragma once

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "core/codec/json.h"

namespace datong::tests {

/// The vectors of one profile in tests/data/domain/vectors.json; throws when there are none.
inline record::Record vectors_of(const std::string& profile) {
    std::ifstream file{DATONG_TEST_DATA "/domain/vectors.json", std::ios::binary};
    const auto all = codec::read_json(std::string{std::istreambuf_iterator<char>{file}, {}});
    const record::Record* found = all ? all->find_path({"signing", profile}) : nullptr;
    if (found == nullptr) {
        throw std::runtime_error("no vectors of " + profile);
    }
    return *found;
}

/// One character changed, wherever it stands.
inline std::string tampered(std::string text, std::size_t at) {
    text[at] = text[at] == 'A' ? 'B' : 'A';
    return text;
}

}  // namespace datong::tests
