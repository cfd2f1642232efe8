#pragma once

#include <string>
#include <vector>

namespace datong {

/// A place in a file that a person wrote. Line and column count from 1; 0 means the whole file.
struct Position {
    std::string file;
    int line{};
    int column{};
};

enum class Severity { error, warning, note };

/// One thing wrong with what a person wrote, said so that they can mend it.
struct Mistake {
    Position where;
    std::string code;  ///< "M501", "C102"
    Severity severity{Severity::error};
    std::string text_zh;
    std::string text_en;
    std::string hint;  ///< what to write instead; may be empty
};

/// All of them at once, so that a person mends a file once and not once a mistake.
using Mistakes = std::vector<Mistake>;

[[nodiscard]] bool has_errors(const Mistakes& mistakes);

/// "error M105 mappings/land/x.yaml:12:3 unknown key 'fromm' (未知的键 'fromm'); did you mean 'from'?"
[[nodiscard]] std::string to_line(const Mistake& mistake);

}  // namespace datong
