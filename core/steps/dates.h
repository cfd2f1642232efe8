#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "core/record/date.h"

namespace datong::steps {

/// A pattern of dates and times, for reading and for writing. Immutable; may be used from many threads.
///
/// Fields: yyyy; MM or M; dd or d; HH or H; mm; ss; S, SS or SSS; XXX (an offset, "+08:00" or "Z"). A single
/// letter reads one digit or two. Text in single quotes, and every character that is no ASCII letter (the
/// letter T too), stands for itself: yyyy年M月d日.
class DatePattern {
public:
    /// @return why not, in English: an unknown letter, a field twice, a two-digit year, no year, or a field
    ///         of one or two digits directly before another number.
    [[nodiscard]] static tl::expected<DatePattern, std::string> compile(std::string_view text);

    /// The whole text by the pattern, strictly of the calendar; what the pattern lacks is the first month,
    /// first day or zero. An offset is turned into +08:00.
    [[nodiscard]] std::optional<record::DateTime> parse(std::string_view text) const;
    [[nodiscard]] std::string format(const record::DateTime& time) const;

    [[nodiscard]] bool has_day() const;    ///< year, month and day
    [[nodiscard]] bool has_month() const;  ///< year and month
    [[nodiscard]] bool has_time() const;   ///< any of hour, minute, second, fraction, offset

private:
    enum class Field { literal, year, month, day, hour, minute, second, fraction, offset };
    struct Part {
        Field field{Field::literal};
        std::size_t least{};  ///< digits
        std::size_t most{};
        std::string literal;
    };
    struct Reading;

    [[nodiscard]] bool has(Field field) const;
    [[nodiscard]] std::optional<std::string> add(char letter, std::size_t count);
    void add_literal(char c);
    [[nodiscard]] std::optional<std::string> mistake() const;

    std::vector<Part> parts_;
};

/// A date in Chinese numerals: 二〇二三年五月十八日 (〇, 零 and ○ all count as zero).
[[nodiscard]] std::optional<record::Date> parse_chinese_date(std::string_view text);
[[nodiscard]] std::string to_chinese_text(const record::Date& date);

}  // namespace datong::steps
