#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/mapping/mapping.h"

namespace datong::mapping::tests {

/// Reads files of tests/data/mapping, unless a test puts another text in their place.
class Files {
public:
    Files& put(const std::string& path, std::string text) {
        texts_[path] = std::move(text);
        return *this;
    }

    /// The file with one text replaced by another; throws when it is not there.
    Files& edit(const std::string& path, const std::string& from, const std::string& to) {
        std::string text = read(path).value();
        const std::size_t at = text.find(from);
        if (at == std::string::npos) {
            throw std::runtime_error{"the test edits what is not there: " + from};
        }
        texts_[path] = text.replace(at, from.size(), to);
        return *this;
    }

    [[nodiscard]] std::optional<std::string> read(std::string_view path) const {
        if (const auto found = texts_.find(path); found != texts_.end()) {
            return found->second;
        }
        std::ifstream file{std::filesystem::path{DATONG_TEST_DATA} / "mapping" / path, std::ios::binary};
        if (!file) {
            return std::nullopt;
        }
        return std::string{std::istreambuf_iterator<char>{file}, {}};
    }

    [[nodiscard]] ReadFile reader() const {
        return [this](std::string_view path) { return read(path); };
    }

    [[nodiscard]] Compiled compile(std::string_view path) const {
        return mapping::compile(path, reader(), {.test_division = true});
    }

private:
    std::map<std::string, std::string, std::less<>> texts_;
};

/// Every mistake, a line each.
[[nodiscard]] inline std::string lines(const Mistakes& mistakes) {
    std::string out;
    for (const Mistake& one : mistakes) {
        out += to_line(one) + '\n';
    }
    return out;
}

/// "M201 land/x.yaml:3:5" of every error.
[[nodiscard]] inline std::string errors(const Mistakes& mistakes) {
    std::string out;
    for (const Mistake& one : mistakes) {
        if (one.severity == Severity::error) {
            out += (out.empty() ? "" : "; ") + one.code + ' ' + one.where.file + ':' + std::to_string(one.where.line) +
                   ':' + std::to_string(one.where.column) + (one.hint.empty() ? "" : " -> " + one.hint);
        }
    }
    return out;
}

}  // namespace datong::mapping::tests
