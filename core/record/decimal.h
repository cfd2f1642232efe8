#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace datong::record {

/// An exact decimal of at most 38 significant digits: digits x 10^-scale, scale 0..38. 1.50 keeps its
/// scale of 2 (and prints so) but equals 1.5. Every operation that can't be exact within 38 digits
/// gives nullopt.
class Decimal {
public:
    enum class Rounding { reject, half_up, half_even };  ///< half_up: away from zero (四舍五入); half_even: GB/T 8170

    Decimal() = default;
    /// digits x 10^-scale: Decimal{1250, 2} is 12.50. A scale outside 0..38 becomes the nearer end.
    explicit Decimal(std::int64_t digits, int scale = 0);
    /// "-12.50", "1e3" refused; optional sign, digits, optional point with digits behind it.
    [[nodiscard]] static std::optional<Decimal> parse(std::string_view text);

    [[nodiscard]] std::string to_text() const;  ///< never an exponent; "-0" is "0"
    [[nodiscard]] int scale() const noexcept { return scale_; }
    [[nodiscard]] bool is_negative() const noexcept { return digits_ < 0; }
    [[nodiscard]] std::optional<std::int64_t> to_integer() const;  ///< exact and in range, else nullopt
    [[nodiscard]] std::optional<Decimal> rescale(int scale, Rounding rounding) const;
    [[nodiscard]] Decimal negated() const;

    friend std::optional<Decimal> add(const Decimal& one, const Decimal& other);
    friend std::optional<Decimal> subtract(const Decimal& one, const Decimal& other);
    friend std::optional<Decimal> multiply(const Decimal& one, const Decimal& other);
    /// Quotient with `scale` places, rounded half_up; nullopt for a zero divisor.
    friend std::optional<Decimal> divide(const Decimal& one, const Decimal& other, int scale);
    friend std::strong_ordering operator<=>(const Decimal& one, const Decimal& other);
    friend bool operator==(const Decimal& one, const Decimal& other);

private:
    __extension__ typedef __int128 Digits;
    Digits digits_{};
    int scale_{};
};

}  // namespace datong::record
