#include "core/steps/mask.h"

#include <algorithm>
#include <array>

#include "core/base/text.h"

namespace datong::steps {
namespace {

constexpr std::size_t kLogLimit = 64;
constexpr std::string_view kHiddenRest = "****";

bool is_digit(char32_t c) {
    return c >= U'0' && c <= U'9';
}

bool is_name_dot(char32_t c) {
    return c == 0xB7 || c == 0x2022 || c == 0x30FB;
}

bool is_cjk(char32_t c) {
    return c >= 0x2E80;
}

std::u32string hide(std::u32string points, std::size_t keep_first, std::size_t keep_last, char32_t hidden) {
    const bool too_short = points.size() <= keep_first + keep_last;
    const std::size_t first = too_short ? 0 : keep_first;
    const std::size_t last = points.size() - (too_short ? 0 : keep_last);
    std::fill(points.begin() + static_cast<std::ptrdiff_t>(first), points.begin() + static_cast<std::ptrdiff_t>(last),
              hidden);
    return points;
}

bool all_digits(std::u32string_view points) {
    return std::all_of(points.begin(), points.end(), is_digit);
}

/// Whether a street, village or number begins here, so that no county's name can be running on: a street's
/// letter as the first of a name belongs to it (路桥区, 道里区), as the second a town's does (新乡县).
bool ends_search(char32_t c, std::size_t letters_before) {
    constexpr std::u32string_view kNumbered = U"号弄栋幢室";
    constexpr std::u32string_view kStreets = U"路街巷村道";
    constexpr std::u32string_view kTowns = U"镇乡";
    const bool digit = is_digit(c) || (c >= U'０' && c <= U'９');
    return digit || kNumbered.find(c) != std::u32string_view::npos ||
           (letters_before >= 1 && kStreets.find(c) != std::u32string_view::npos) ||
           (letters_before >= 2 && kTowns.find(c) != std::u32string_view::npos);
}

/// Whether a part of a town says of itself that people live in it, and is no county: 怡景花园东区.
bool is_estate(std::u32string_view name) {
    for (const std::u32string_view word :
         {U"花园", U"家园", U"庄园", U"公寓", U"别墅", U"山庄", U"新村", U"苑", U"公馆"}) {
        if (name.find(word) != std::u32string_view::npos) {
            return true;
        }
    }
    return false;
}

/// Where a name of an area ends, looked for from `from` on; npos for none. One character at least has to
/// come before: 县前街 behind 市 is a street.
std::size_t end_of_area(std::u32string_view address, std::size_t from, std::u32string_view ends) {
    constexpr std::size_t kLongestName = 16;
    // 自治区 and 地区 are above the county; 小区, 社区 and 园区 below it
    constexpr std::u32string_view kOtherAreas = U"治地小社园";
    for (std::size_t at = from; at < std::min(address.size(), from + kLongestName); ++at) {
        const bool other =
            at > from && address[at] == U'区' && kOtherAreas.find(address[at - 1]) != std::u32string_view::npos;
        if (at > from && !other && ends.find(address[at]) != std::u32string_view::npos) {
            return at + 1;
        }
        if (ends_search(address[at], at - from)) {
            break;
        }
    }
    return std::u32string_view::npos;
}

std::size_t end_of_province(std::u32string_view address) {
    constexpr std::size_t kLongestProvince = 3;  // 黑龙江
    constexpr std::size_t kLongestRegion = 5;    // 新疆维吾尔
    const auto province = address.find(U'省');
    const auto region = address.find(U"自治区");
    if (province <= kLongestProvince) {
        return province + 1;
    }
    return region <= kLongestRegion ? region + 3 : 0;
}

/// Somebody's name may run into the province's: nothing can be shown then.
bool begins_before_province(std::u32string_view address) {
    constexpr std::size_t kSearched = 12;
    const auto front = address.substr(0, kSearched);
    const bool named =
        front.find(U'省') != std::u32string_view::npos || front.find(U"自治区") != std::u32string_view::npos;
    return named && end_of_province(address) == 0;
}

bool is_han(char32_t c) {
    return c >= 0x3400 && c < 0xA000;
}

/// How much of an address names province, city and county; 0 when that is not to be seen.
std::size_t county_size(std::u32string_view address) {
    constexpr auto kNone = std::u32string_view::npos;
    const std::size_t province = end_of_province(address);
    auto city = end_of_area(address, province, U"市");
    city = city != kNone ? city : end_of_area(address, province, U"州盟");
    const std::size_t above = city != kNone ? city : province;
    auto county = end_of_area(address, above, U"区县旗");
    county = county != kNone && is_estate(address.substr(above, county - above)) ? kNone : county;
    if (county != kNone || city == kNone) {
        return county != kNone ? county : 0;
    }
    constexpr std::size_t kLongestCounty = 5;
    const auto below = end_of_area(address.substr(0, city + kLongestCounty), city, U"市");
    return below != kNone ? below : city;
}

/// How much stands before the address itself and is set off from it: a name, "地址：".
std::size_t front_size(std::u32string_view address) {
    constexpr std::u32string_view kAreas = U"省市区县州盟旗";
    std::size_t begin = 0;
    for (std::size_t at = 0; at < address.size(); ++at) {
        if (is_han(address[at])) {
            continue;
        }
        const auto run = address.substr(begin, at - begin);
        // what is set off behind a county, or by the name of an area, is no front: a street, a court in brackets
        if (!run.empty() && (kAreas.find(run.back()) != std::u32string_view::npos || county_size(run) > 0)) {
            return begin;
        }
        if (is_digit(address[at])) {
            break;
        }
        begin = at + 1;
    }
    return begin;
}

}  // namespace

std::string masked(std::string_view utf8, std::size_t keep_first, std::size_t keep_last, char32_t hidden) {
    return to_utf8(hide(to_code_points(utf8), keep_first, keep_last, hidden));
}

std::string masked_name(std::string_view utf8, NameMask how) {
    const std::u32string name = to_code_points(utf8);
    std::u32string hidden = hide(name, how == NameMask::first || how == NameMask::ends ? 1 : 0,
                                 how == NameMask::last || how == NameMask::ends ? 1 : 0, U'*');
    for (std::size_t at = 0; at < name.size(); ++at) {
        hidden[at] = is_name_dot(name[at]) ? name[at] : hidden[at];
    }
    return to_utf8(hidden);
}

std::string masked_id(std::string_view utf8, Kept kept) {
    const std::size_t size = count_chars(utf8);
    constexpr std::size_t kLong = 18;
    constexpr std::size_t kOld = 15;
    if (size != kLong && size != kOld) {
        return masked(utf8, 0, 0);
    }
    const bool has_check = size == kLong || kept.last < 2;
    return masked(utf8, kept.first, has_check ? kept.last : kept.last - 1);
}

std::string masked_phone(std::string_view utf8, Kept kept) {
    const std::u32string phone = to_code_points(utf8);
    if (phone.size() == 11 && all_digits(phone) && phone.front() == U'1') {
        return to_utf8(hide(phone, kept.first, kept.last, U'*'));
    }
    const auto dash = phone.find(U'-');
    const bool area = (dash == 3 || dash == 4) && phone.front() == U'0' && all_digits(phone.substr(0, dash));
    if (area && phone.size() - dash - 1 >= 7 && phone.size() - dash - 1 <= 8 && all_digits(phone.substr(dash + 1))) {
        const std::u32string area_code = kept.first > 0 ? phone.substr(0, dash) : std::u32string(dash, U'*');
        return to_utf8(area_code + U'-' + hide(phone.substr(dash + 1), 0, kept.last, U'*'));
    }
    return to_utf8(hide(phone, 0, 0, U'*'));
}

std::string masked_email(std::string_view utf8, std::size_t keep_first) {
    const std::u32string address = to_code_points(utf8);
    const auto at = address.find(U'@');
    if (at == std::u32string::npos || at == 0 || at + 1 == address.size() ||
        address.find(U'@', at + 1) != std::u32string::npos) {
        return to_utf8(hide(address, 0, 0, U'*'));
    }
    return to_utf8(hide(address.substr(0, at), keep_first, 0, U'*') + address.substr(at));
}

std::string masked_address(std::string_view utf8) {
    const std::u32string all = to_code_points(utf8);
    const std::size_t front = front_size(all);
    const std::u32string address = all.substr(front);
    const std::size_t size = begins_before_province(address) ? 0 : county_size(address);
    return (front > 0 && size > 0 ? std::string{kHiddenRest} : std::string{}) + to_utf8(address.substr(0, size)) +
           std::string{kHiddenRest};
}

std::string masked_for_log(std::string_view value, std::string_view value_class) {
    std::u32string points = to_code_points(value);
    if (value_class == "public" || value_class == "internal") {
        const bool long_one = points.size() > kLogLimit;
        return to_utf8(points.substr(0, kLogLimit)) + (long_one ? "…" : "");
    }
    const bool chinese = std::any_of(points.begin(), points.end(), is_cjk);
    if (points.size() > kLogLimit) {  // the true length is nobody's business either
        points = points.substr(0, kLogLimit - 1) + points.back();
    }
    return to_utf8(hide(std::move(points), 1, chinese ? 0 : 1, U'*'));
}

}  // namespace datong::steps
