#include "bench/rivals.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>

#include "core/codec/json_writer.h"
#include "core/codec/soap.h"
#include "core/codec/xml.h"
#include "core/mapping/paths.h"
#include "core/record/date.h"
#include "core/steps/identifiers.h"

namespace datong::bench {
namespace {

using codec::JsonWriter;
using record::Record;

struct Code {
    std::string_view from;
    std::string_view to;
};
constexpr std::array kRights{Code{"3", "land_use"}, Code{"4", "land_use_and_house"}, Code{"7", "collective_land_use"},
                             Code{"8", "collective_land_use_and_house"}, Code{"99", "other"}};
constexpr std::array kForms{Code{"0", "sole"}, Code{"1", "joint"}, Code{"2", "shares"}, Code{"3", "other"}};
constexpr std::array kStates{Code{"0", "provisional"}, Code{"1", "current"}, Code{"2", "history"}, Code{"3", "ended"}};
constexpr std::array kUses{Code{"10", "住宅"}, Code{"11", "成套住宅"}, Code{"20", "工业、交通、仓储"},
                           Code{"30", "商业、金融、信息"}, Code{"80", "其他"}};
constexpr std::array kIdTypes{Code{"1", "111"}, Code{"2", "990"}, Code{"3", "414"}, Code{"4", "113"},
                              Code{"5", "114"}, Code{"7", "001"}, Code{"8", "001"}, Code{"99", "990"}};

template <std::size_t kSize>
std::string_view look_up(const std::array<Code, kSize>& codes, std::string_view from) {
    const auto found = std::ranges::find(codes, from, &Code::from);
    return found != codes.end() ? found->to : std::string_view{};
}

bool all_digits(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// A member's text without white space around it; empty for what stands for null.
std::string_view kept(const Record& object, std::string_view name) {
    const Record* member = object.find(name);
    const std::string_view text = member != nullptr ? mapping::trim_all(member->scalar()) : std::string_view{};
    return text == "/" || text == "无" || text == "NULL" ? std::string_view{} : text;
}

/// Without blanks and ideographic blanks; small letters become capitals on request.
std::string squeezed(std::string_view text, bool capitals) {
    constexpr std::string_view kIdeographicBlank = "\u3000";
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        if (text.substr(at).starts_with(kIdeographicBlank)) {
            at += kIdeographicBlank.size();
            continue;
        }
        const char c = text[at++];
        if (c != ' ' && (c < '\t' || c > '\r')) {
            out += capitals && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        }
    }
    return out;
}

/// Full-width forms (U+FF01 to U+FF5E, U+3000) become ASCII, runs of blanks one.
std::string halfwidth(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const auto byte = [&](std::size_t i) {
            return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
        };
        char made = 0;
        if (byte(0) == 0xEF && ((byte(1) == 0xBC && byte(2) >= 0x81) || (byte(1) == 0xBD && byte(2) <= 0x9E))) {
            made = static_cast<char>(((byte(1) - 0xBC) << 6U) + byte(2) - 0x80 + 0x20);
        } else if (byte(0) == 0xE3 && byte(1) == 0x80 && byte(2) == 0x80) {
            made = ' ';
        }
        const char c = made != 0 ? made : text[at];
        at += made != 0 ? 3 : 1;
        if (c != ' ' || !out.ends_with(' ')) {
            out += c;
        }
    }
    return out;
}

/// "藏（2023）示例市不动产权第0001234号" with ASCII brackets; empty when it is none.
std::string certificate_number(std::string_view text) {
    std::string out = squeezed(text, false);
    for (const auto& [wide, narrow] : {std::pair{"（", "("}, {"）", ")"}}) {
        for (auto at = out.find(wide); at != std::string::npos; at = out.find(wide, at)) {
            out.replace(at, 3, narrow);
        }
    }
    constexpr std::string_view kMiddle = "不动产权第";
    constexpr std::string_view kEnd = "号";
    constexpr std::size_t kHan = 3;  // octets of the province's short name
    const std::string_view all = out;
    const auto middle = all.find(kMiddle);
    const bool good =
        all.size() > kHan + 6 && (all[0] & 0x80) != 0 && all[kHan] == '(' && all_digits(all.substr(kHan + 1, 4)) &&
        all[kHan + 5] == ')' && middle != std::string_view::npos && middle > kHan + 6 && all.ends_with(kEnd) &&
        all.size() == middle + kMiddle.size() + 7 + kEnd.size() && all_digits(all.substr(middle + kMiddle.size(), 7));
    return good ? out : std::string{};
}

int number_at(std::string_view& text, std::size_t most) {
    int number = -1;
    const auto end = std::from_chars(text.data(), text.data() + std::min(most, text.size()), number).ptr;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

/// yyyy-MM-dd, yyyy/M/d or yyyyMMdd, a time behind it is left; empty when it is no day.
std::string date(std::string_view text) {
    const int year = number_at(text, 4);
    const bool parted = text.starts_with('-') || text.starts_with('/');
    text.remove_prefix(parted ? 1 : 0);
    const int month = number_at(text, 2);
    text.remove_prefix(parted && !text.empty() ? 1 : 0);
    const int day = number_at(text, 2);
    const std::chrono::year_month_day all{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                          std::chrono::day{static_cast<unsigned>(day)}};
    if (!all.ok() || (!text.empty() && text[0] != ' ')) {
        return {};
    }
    std::array<char, 16> out{};
    std::snprintf(out.data(), out.size(), "%04d-%02d-%02d", year, month, day);
    return out.data();
}

/// The number in units of its `places`th decimal; nullopt when it is none or has more places.
std::optional<std::int64_t> scaled(std::string_view text, std::size_t places) {
    const auto point = std::min(text.find('.'), text.size());
    const std::string_view fraction = text.substr(std::min(point + 1, text.size()));
    std::int64_t out = 0;
    if (!all_digits(text.substr(0, point)) || fraction.size() > places || text.size() > 17 ||
        (point < text.size() && !all_digits(fraction))) {
        return std::nullopt;
    }
    for (const char c : text) {
        out = c == '.' ? out : out * 10 + (c - '0');
    }
    for (std::size_t i = fraction.size(); i < places; ++i) {
        out *= 10;
    }
    return out;
}

std::string with_places(std::int64_t number, std::size_t places) {
    std::string out = std::to_string(number);
    out.insert(0, out.size() <= places ? places + 1 - out.size() : 0, '0');
    return out.insert(out.size() - places, 1, '.');
}

std::string masked_phone(std::string_view text) {
    const std::string phone = squeezed(text, false);
    if (phone.size() == 11 && phone[0] == '1' && all_digits(phone)) {
        return phone.substr(0, 3) + "****" + phone.substr(7);
    }
    const auto dash = phone.find('-');
    if (dash != std::string::npos && phone.size() > dash + 5) {
        return phone.substr(0, dash + 1) + std::string(phone.size() - dash - 5, '*') + phone.substr(phone.size() - 4);
    }
    return std::string(phone.size(), '*');
}

/// Writes one certificate; `good` is false once something was refused.
class Certificate {
public:
    explicit Certificate(const Record& land) : land_{land}, shares_{kept(land, "GYFS") == "2"} { out_.reserve(2048); }

    std::optional<std::string> write() {
        json_.open_object();
        head();
        house_and_land();
        encumbrance();
        holders();
        json_.close_object();
        return good_ ? std::optional{std::move(out_)} : std::nullopt;
    }

private:
    void need(std::string_view name, std::string_view text) {
        good_ = good_ && !text.empty();
        json_.member(name, text);
    }
    void may(std::string_view name, std::string_view text) {
        if (!text.empty()) {
            json_.member(name, text);
        }
    }
    void flag(std::string_view name, bool yes) { json_.name(name).written(yes ? "true" : "false"); }
    void flag_of(std::string_view name, std::string_view text) {
        good_ = good_ && (text == "0" || text == "1");
        flag(name, text == "1");
    }

    void head() {
        const std::string unit = squeezed(kept(land_, "BDCDYH"), true);
        const std::string issued = date(kept(land_, "DJSJ"));
        const std::string_view division = kept(land_, "QXDM");
        const std::string location = halfwidth(kept(land_, "ZL"));
        const std::string_view right = kept(land_, "QLLX");
        good_ = !steps::unit_layout_mistake(unit) && issued <= kToday && !steps::uscc_mistake(kAuthority) &&
                steps::is_division_shape(division, true) && location.size() <= 600;
        json_.member("certificateTypeCode", "11100000MB03271699001").member("certificateTypeName", "不动产权证书");
        may("certificateIdentifier", kept(land_, "DZZZBS"));
        need("certificateNumber", certificate_number(kept(land_, "BDCQZH")));
        need("certificateIssuingAuthorityName", kept(land_, "DJJG"));
        need("certificateIssuingAuthorityCode", kAuthority);
        need("certificateIssuedDate", issued);
        need("unitNo", unit);
        need("divisionCode", division);
        need("location", location);
        if (!right.empty()) {
            need("rightType", look_up(kRights, right));
        }
        need("ownershipForm", look_up(kForms, kept(land_, "GYFS")));
        need("status", look_up(kStates, kept(land_, "QSZT")));
    }

    void house_and_land() {
        const std::string_view use = look_up(kUses, kept(land_, "GHYT"));
        const std::string_view area = kept(land_, "JZMJ");
        const auto area_cm = scaled(area, 2);
        const auto price = scaled(kept(land_, "JYJG"), 6);  // 万元 to 分
        json_.name("house").open_object();
        json_.member("useCode", use.empty() ? "80" : kept(land_, "GHYT")).member("useName", use.empty() ? "其他" : use);
        if (!area.empty()) {
            need("areaM2", area_cm && *area_cm > 0 ? with_places(*area_cm, 2) : std::string{});
        }
        may("floor", kept(land_, "SZC"));
        if (price) {
            json_.member("priceFen", *price);
        }
        json_.close_object().name("land").open_object();
        const std::string_view until = kept(land_, "TDSYJSSJ");
        if (const std::string_view from = kept(land_, "TDSYQSSJ"); !from.empty()) {
            need("useFrom", date(from));
        }
        if (!until.empty() && until != "99991231" && until != "00000000") {
            need("useTo", date(until));
        }
        flag("perpetual", until == "99991231");
        json_.close_object();
    }

    void encumbrance() {
        const std::string_view seized = kept(land_, "CFZT");
        json_.name("encumbrance").open_object();
        flag_of("mortgaged", kept(land_, "DYZT"));
        flag_of("seized", seized);
        json_.close_object();
        flag("transferable", seized != "1" && kept(land_, "QSZT") == "1");
    }

    void holders() {
        const Record* list = land_.find_path({"QLRS", "QLR"});
        json_.name("holders").open_list();
        std::size_t count = 0;
        if (list != nullptr && list->is_list()) {
            for (const Record& one : list->items()) {
                holder(one);
            }
            count = list->items().size();
        } else if (list != nullptr) {
            holder(*list);
            count = 1;
        }
        json_.close_list();
        good_ = good_ && count > 0 && count <= 200 && (kept(land_, "GYFS") != "0" || count == 1);
    }

    std::string id_number(const Record& holder) {
        const std::string_view type = kept(holder, "ZJZL");
        std::string number = squeezed(kept(holder, "ZJH"), true);
        if (type == "1") {
            auto upgraded = steps::upgraded_resident_id(number);
            good_ = good_ && upgraded && !steps::resident_id_mistake(*upgraded, false);
            return upgraded ? std::move(*upgraded) : std::string{};
        }
        if ((type == "6" || type == "7" || type == "8") && number.size() == 18) {
            good_ = good_ && !steps::uscc_mistake(number);
        }
        return number;
    }

    void holder(const Record& one) {
        json_.open_object();
        need("name", kept(one, "QLRMC"));
        need("idType", look_up(kIdTypes, kept(one, "ZJZL")));
        need("idNo", id_number(one));
        std::string_view share = kept(one, "QLBL");
        if (shares_ && !share.empty()) {
            const bool percent = share.ends_with('%');
            share.remove_suffix(percent ? 1 : 0);
            const auto parts = scaled(share, 4);
            good_ = good_ && parts && *parts > 0 && *parts <= 1'000'000;
            json_.member("sharePercent", with_places(parts.value_or(0), 4));
        }
        may("phoneMasked", masked_phone(kept(one, "DH")));
        json_.close_object();
    }

    const Record& land_;
    bool shares_;
    bool good_{true};
    std::string out_;
    JsonWriter json_{out_};
};

}  // namespace

std::optional<std::string> land_by_hand(std::string_view soap) {
    const auto message = codec::read_soap(soap, false);
    const Record* inner = message && !message->is_fault ? message->body.find("return") : nullptr;
    if (inner == nullptr) {
        return std::nullopt;
    }
    const auto response = codec::read_xml(mapping::trim_all(inner->scalar()), true);
    const Record* head = response ? response->content.find("HEAD") : nullptr;
    const Record* land = response ? response->content.find_path({"DATA", "BDCQ"}) : nullptr;
    if (head == nullptr || kept(*head, "CODE") != "0000" || land == nullptr || !land->is_object()) {
        return std::nullopt;
    }
    return Certificate{*land}.write();
}

}  // namespace datong::bench
