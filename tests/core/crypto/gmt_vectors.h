#pragma once

#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <string_view>

#include "core/base/text.h"
#include "tests/core/crypto/vectors.h"

namespace datong::tests {

/// One case of a vector file: names and values, as they stand there.
using Case = std::map<std::string, std::string>;

inline std::string trimmed(std::string_view text) {
    return std::string{trim_ows(text)};
}

/// A value of hexadecimal digits, or of text in quotes.
inline std::string octets_of(const Case& one, const std::string& name) {
    const std::string& text = one.at(name);
    if (text.size() >= 2 && text.front() == '"') {
        return text.substr(1, text.size() - 2);
    }
    return from_hex(ascii_lower(text)).value();
}

/// Botan's files: values hold for the cases below them, and the line of `last` ends a case.
inline void for_each_botan(const std::string& file, const std::string& last,
                           const std::function<void(const Case&)>& judge) {
    std::istringstream lines{data("gmt/botan/" + file)};
    Case now;
    for (std::string line; std::getline(lines, line);) {
        const auto equals = line.find('=');
        if (line.empty() || line.front() == '#' || equals == std::string::npos) {
            continue;
        }
        const std::string name = trimmed(std::string_view{line}.substr(0, equals));
        now[name] = trimmed(std::string_view{line}.substr(equals + 1));
        if (name == last) {
            judge(now);
        }
    }
}

/// OpenSSL's evp_test files: one case a paragraph. PEM blocks and their names are left out.
inline void for_each_evp(const std::string& file, const std::function<void(const Case&)>& judge) {
    std::istringstream lines{data("gmt/tongsuo/recipes/30-test_evp_data/" + file) + "\n\n"};
    Case now;
    for (std::string line; std::getline(lines, line);) {
        const auto equals = line.find('=');
        if (line.empty()) {
            if (!now.empty() && !now.contains("Title") && !now.contains("PrivateKey")) {
                judge(now);
            }
            now.clear();
        } else if (line.front() != '#' && equals != std::string::npos) {
            now[trimmed(std::string_view{line}.substr(0, equals))] = trimmed(std::string_view{line}.substr(equals + 1));
        }
    }
}

/// What became of a corpus: shown with the test, and compared with the fixed number.
struct Tally {
    int passed{};
    int refused_by_policy{};  ///< what the corpus holds for good and we don't take
    int failed{};
};

}  // namespace datong::tests
