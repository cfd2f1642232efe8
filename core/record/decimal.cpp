#include "core/record/decimal.h"

#include <algorithm>
#include <array>

namespace datong::record {
namespace {

__extension__ typedef __int128 Wide;
__extension__ typedef unsigned __int128 Unsigned;

constexpr int kDigits = 38;

constexpr std::array<Wide, kDigits + 1> powers_of_ten() {
    std::array<Wide, kDigits + 1> powers{};
    powers[0] = 1;
    for (std::size_t i = 1; i < powers.size(); ++i) {
        powers[i] = powers[i - 1] * 10;
    }
    return powers;
}

constexpr std::array<Wide, kDigits + 1> kPower = powers_of_ten();

Wide power(int exponent) {
    return kPower[static_cast<std::size_t>(exponent)];
}

Wide magnitude(Wide digits) {
    return digits < 0 ? -digits : digits;
}

bool fits(Wide digits) {
    return magnitude(digits) < power(kDigits);
}

/// The product when it has at most 38 digits. Divides rather than multiplies and looks, for the
/// overflow builtin of 128 bits needs a function that libgcc does not have.
std::optional<Wide> product(Wide one, Wide other) {
    constexpr Wide kSmall = 1'000'000'000'000'000'000;  // two of them have 36 digits
    if (magnitude(one) < kSmall && magnitude(other) < kSmall) {
        return one * other;
    }
    if (one != 0 && magnitude(other) > (power(kDigits) - 1) / magnitude(one)) {
        return std::nullopt;
    }
    return one * other;
}

/// Divides by ten; nearly all numbers fit 64 bits, where that takes no function call.
int take_last_digit(Unsigned& rest) {
    if (rest <= UINT64_MAX) {
        const auto low = static_cast<std::uint64_t>(rest);
        rest = low / 10;
        return static_cast<int>(low % 10);
    }
    const int digit = static_cast<int>(rest % 10);
    rest /= 10;
    return digit;
}

/// Digits and scale of a decimal while it is worked on.
struct Parts {
    Wide digits;
    int scale;
};

Parts without_trailing_zeros(Parts parts) {
    while (parts.scale > 0 && parts.digits % 10 == 0) {
        parts.digits /= 10;
        --parts.scale;
    }
    return parts;
}

std::optional<Parts> sum_of(Parts one, Parts other) {
    const int scale = std::max(one.scale, other.scale);
    const auto left = product(one.digits, power(scale - one.scale));
    const auto right = product(other.digits, power(scale - other.scale));
    if (!left || !right) {
        return std::nullopt;
    }
    const bool same_sign = (*left < 0) == (*right < 0);
    if (same_sign && magnitude(*left) > power(kDigits) - 1 - magnitude(*right)) {
        return std::nullopt;
    }
    return Parts{*left + *right, scale};
}

std::optional<Parts> product_of(Parts one, Parts other) {
    const auto digits = product(one.digits, other.digits);
    if (!digits || one.scale + other.scale > kDigits) {
        return std::nullopt;
    }
    return Parts{*digits, one.scale + other.scale};
}

/// Whether what was cut off makes the last kept digit one larger in magnitude.
bool rounds_away(Unsigned rest, Unsigned unit, bool is_odd, Decimal::Rounding rounding) {
    const Unsigned twice = rest * 2;
    return twice > unit || (twice == unit && (rounding == Decimal::Rounding::half_up || is_odd));
}

/// |one| / |other| with `places` digits behind the point, rounded half up; both not negative.
std::optional<Wide> long_division(Wide one, Wide other, int places) {
    Wide quotient = one / other;
    Wide rest = one % other;
    for (int place = 0; place < places; ++place) {
        Wide digit = 0;
        Unsigned sum = 0;
        for (int i = 0; i < 10; ++i) {  // ten times the rest would not fit; ten additions modulo `other` do
            sum += static_cast<Unsigned>(rest);
            if (sum >= static_cast<Unsigned>(other)) {
                sum -= static_cast<Unsigned>(other);
                ++digit;
            }
        }
        if (quotient > (power(kDigits) - 1 - digit) / 10) {
            return std::nullopt;
        }
        quotient = quotient * 10 + digit;
        rest = static_cast<Wide>(sum);
    }
    if (static_cast<Unsigned>(rest) * 2 >= static_cast<Unsigned>(other)) {
        ++quotient;
    }
    return fits(quotient) ? std::optional{quotient} : std::nullopt;
}

}  // namespace

Decimal::Decimal(std::int64_t digits, int scale) : digits_{digits}, scale_{std::clamp(scale, 0, kDigits)} {
}

std::optional<Decimal> Decimal::parse(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) {
        text.remove_prefix(1);
    }
    const auto point = text.find('.');
    if (text.empty() || point == 0 || text.back() == '.') {
        return std::nullopt;
    }
    Decimal out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (at == point) {
            continue;
        }
        if (text[at] < '0' || text[at] > '9' || out.digits_ >= power(kDigits - 1)) {
            return std::nullopt;
        }
        out.digits_ = out.digits_ * 10 + (text[at] - '0');
    }
    if (point != std::string_view::npos) {
        const std::size_t places = text.size() - point - 1;
        if (places > static_cast<std::size_t>(kDigits)) {
            return std::nullopt;
        }
        out.scale_ = static_cast<int>(places);
    }
    out.digits_ = negative ? -out.digits_ : out.digits_;
    return out;
}

std::string Decimal::to_text() const {
    std::array<char, kDigits + 3> text{};  // sign, a zero, the point
    std::size_t at = text.size();
    Unsigned rest = static_cast<Unsigned>(magnitude(digits_));
    for (int place = 0; rest != 0 || place <= scale_; ++place) {
        if (place == scale_ && scale_ > 0) {
            text[--at] = '.';
        }
        text[--at] = static_cast<char>('0' + take_last_digit(rest));
    }
    if (is_negative()) {
        text[--at] = '-';
    }
    return {text.data() + at, text.size() - at};
}

std::optional<std::int64_t> Decimal::to_integer() const {
    if (scale_ == 0 && digits_ >= INT64_MIN && digits_ <= INT64_MAX) {
        return static_cast<std::int64_t>(digits_);
    }
    const Wide whole = digits_ / power(scale_);
    if (digits_ % power(scale_) != 0 || whole > INT64_MAX || whole < INT64_MIN) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(whole);
}

std::optional<Decimal> Decimal::rescale(int scale, Rounding rounding) const {
    if (scale < 0 || scale > kDigits) {
        return std::nullopt;
    }
    Decimal out;
    out.scale_ = scale;
    if (scale == scale_) {
        return *this;
    }
    if (scale > scale_) {
        const auto digits = product(digits_, power(scale - scale_));
        if (!digits) {
            return std::nullopt;
        }
        out.digits_ = *digits;
        return out;
    }
    const Wide unit = power(scale_ - scale);
    const Wide rest = magnitude(digits_) % unit;
    Wide whole = magnitude(digits_) / unit;
    if (rest != 0 && rounding == Rounding::reject) {
        return std::nullopt;
    }
    if (rounds_away(static_cast<Unsigned>(rest), static_cast<Unsigned>(unit), whole % 2 != 0, rounding)) {
        ++whole;
    }
    out.digits_ = is_negative() ? -whole : whole;
    return out;
}

Decimal Decimal::negated() const {
    Decimal out{*this};
    out.digits_ = -out.digits_;
    return out;
}

std::optional<Decimal> add(const Decimal& one, const Decimal& other) {
    const Parts left{one.digits_, one.scale_};
    const Parts right{other.digits_, other.scale_};
    auto sum = sum_of(left, right);
    if (!sum) {  // zeros behind the point may be all that does not fit
        sum = sum_of(without_trailing_zeros(left), without_trailing_zeros(right));
    }
    if (!sum) {
        return std::nullopt;
    }
    Decimal out;
    out.digits_ = sum->digits;
    out.scale_ = sum->scale;
    return out;
}

std::optional<Decimal> subtract(const Decimal& one, const Decimal& other) {
    return add(one, other.negated());
}

std::optional<Decimal> multiply(const Decimal& one, const Decimal& other) {
    const Parts left{one.digits_, one.scale_};
    const Parts right{other.digits_, other.scale_};
    auto result = product_of(left, right);
    if (!result) {
        result = product_of(without_trailing_zeros(left), without_trailing_zeros(right));
    }
    if (!result) {
        return std::nullopt;
    }
    Decimal out;
    out.digits_ = result->digits;
    out.scale_ = result->scale;
    return out;
}

std::optional<Decimal> divide(const Decimal& one, const Decimal& other, int scale) {
    if (other.digits_ == 0 || scale < 0 || scale > kDigits) {
        return std::nullopt;
    }
    const Wide dividend = magnitude(one.digits_);
    const Wide divisor = magnitude(other.digits_);
    const int places = scale + other.scale_ - one.scale_;
    std::optional<Wide> quotient;
    if (places >= 0) {
        quotient = long_division(dividend, divisor, places);
    } else {
        // Cutting the integer quotient is exact: what the first division lost is less than one unit, and
        // half of 10^n is whole.
        const Wide unit = power(-places);
        const Wide whole = dividend / divisor;
        const auto rest = static_cast<Unsigned>(whole % unit);
        quotient = whole / unit + (rest * 2 >= static_cast<Unsigned>(unit) ? 1 : 0);
    }
    if (!quotient) {
        return std::nullopt;
    }
    Decimal out;
    out.digits_ = one.is_negative() != other.is_negative() ? -*quotient : *quotient;
    out.scale_ = scale;
    return out;
}

std::strong_ordering operator<=>(const Decimal& one, const Decimal& other) {
    const Wide whole = one.digits_ / power(one.scale_);
    const Wide other_whole = other.digits_ / power(other.scale_);
    if (whole != other_whole) {
        return whole < other_whole ? std::strong_ordering::less : std::strong_ordering::greater;
    }
    const int scale = std::max(one.scale_, other.scale_);
    const Wide rest = one.digits_ % power(one.scale_) * power(scale - one.scale_);  // below 10^scale
    const Wide other_rest = other.digits_ % power(other.scale_) * power(scale - other.scale_);
    if (rest == other_rest) {
        return std::strong_ordering::equal;
    }
    return rest < other_rest ? std::strong_ordering::less : std::strong_ordering::greater;
}

bool operator==(const Decimal& one, const Decimal& other) {
    return (one <=> other) == std::strong_ordering::equal;
}

}  // namespace datong::record
