#include "core/keyring/ring.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "core/base/clock.h"
#include "core/base/moment.h"
#include "core/codec/settings.h"
#include "core/record/date.h"

namespace datong::keyring {
namespace {

using codec::SettingsReader;
using crypto::KeyUse;

constexpr std::array<std::pair<KeyUse, std::string_view>, 3> kRoles{
    {{KeyUse::tls, "tls"}, {KeyUse::sign, "sign"}, {KeyUse::encrypt, "encrypt"}}};

RingKey read_key(const yaml::Node& node, Mistakes& mistakes) {
    SettingsReader reader{node, mistakes};
    RingKey key{.id = reader.text("id"), .file = reader.text("file"), .chain = reader.text("chain", "")};
    const std::string from = reader.text("from", "");
    reader.finish();
    const auto moment = parse_moment(from);
    if (!from.empty() && !moment) {
        reader.mistake(*node.find("from"), "C103", "from 应为时刻", "from must be a moment",
                       "from: \"2026-12-01T00:00:00+08:00\"");
    }
    key.from = moment.value_or(WallTime{});
    return key;
}

RetiredRingKey read_retired(const yaml::Node& node, Mistakes& mistakes) {
    SettingsReader reader{node, mistakes};
    RetiredRingKey key{.id = reader.text("id"),
                       .file = reader.text("file"),
                       .from = reader.text("from", ""),
                       .to = reader.text("to"),
                       .keeps = reader.flag("keeps", false)};
    reader.finish();
    const auto is_date = [](const std::string& text) { return text.empty() || record::parse_iso_date(text); };
    if (!is_date(key.from) || !is_date(key.to)) {
        reader.mistake(node, "C103", "from、to 应为日期, 如 2025-01-01",
                       "from and to must be dates such as 2025-01-01");
    }
    return key;
}

/// Ids stand once, and times come one after the other.
void check_order(const Ring& ring, const yaml::Node& node, Mistakes& mistakes) {
    SettingsReader reader{node, mistakes};
    std::set<std::string_view> seen;
    const auto note = [&](const std::string& id) {
        if (!is_key_id(id) || !seen.insert(id).second) {
            reader.mistake(node, "C202", "密钥编号 '" + id + "' 不合规或重复",
                           "key id '" + id + "' is no id, or stands twice");
        }
    };
    for (const RingKey& key : ring.keys) {
        note(key.id);
    }
    for (const RetiredRingKey& key : ring.retired) {
        note(key.id);
    }
    if (!std::ranges::is_sorted(ring.keys, {}, &RingKey::from)) {
        reader.mistake(node, "C103", "keys 应按 from 先后排列", "keys must stand in the order of their from");
    }
}

std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        out.append(c == '"' || c == '\\' ? "\\" : "").push_back(c);
    }
    return out + '"';
}

std::string to_seconds(WallTime at) {
    return record::to_text(record::to_civil(std::chrono::floor<std::chrono::seconds>(at)));
}

std::string line_of(const RingKey& key) {
    std::string line = "  - {id: " + key.id;
    const auto add = [&line](std::string_view name, const std::string& value) {
        if (!value.empty()) {
            line.append(", ").append(name).append(": ").append(in_quotes(value));
        }
    };
    add("file", key.file);
    add("chain", key.chain);
    add("from", key.from == WallTime{} ? std::string{} : to_seconds(key.from));
    return line + "}\n";
}

}  // namespace

const RingKey* Ring::in_use(WallTime at) const {
    const RingKey* found = nullptr;
    for (const RingKey& key : keys) {
        if (key.from <= at && (role != KeyUse::tls || !key.chain.empty())) {
            found = &key;
        }
    }
    return found;
}

const RingKey* Ring::find(std::string_view id) const {
    const auto found = std::ranges::find(keys, id, &RingKey::id);
    return found == keys.end() ? nullptr : &*found;
}

bool Ring::knows(std::string_view id) const {
    return find(id) != nullptr || std::ranges::find(retired, id, &RetiredRingKey::id) != retired.end();
}

std::string_view name_of(KeyUse role) {
    return std::ranges::find(kRoles, role, &std::pair<KeyUse, std::string_view>::first)->second;
}

std::optional<KeyUse> role_by_name(std::string_view name) {
    for (const auto& [role, text] : kRoles) {
        if (text == name) {
            return role;
        }
    }
    return std::nullopt;
}

std::optional<Ring> read_ring(const yaml::Node& node, Mistakes& mistakes) {
    const std::size_t before = mistakes.size();
    SettingsReader reader{node, mistakes};
    if (reader.text("datong") != "keys/v1") {
        reader.mistake(node, "C205", "第一行应为 datong: keys/v1", "the first line must be datong: keys/v1",
                       "datong cert init sign NAME");
        return std::nullopt;
    }
    Ring ring{.name = reader.text("name"), .role = {}, .keys = {}, .retired = {}};
    ring.role = role_by_name(reader.one_of("role", {"tls", "sign", "encrypt"}, "sign")).value_or(KeyUse::sign);
    const yaml::Node* keys = reader.required_node("keys");
    const yaml::Node* retired = reader.node("retired");
    reader.finish();
    if (keys != nullptr && (!keys->is_list() || keys->items.empty())) {
        reader.mistake(*keys, "C103", "keys 应为非空列表", "keys must be a list of one key at least");
    }
    for (std::size_t i = 0; keys != nullptr && i < keys->items.size(); ++i) {
        ring.keys.push_back(read_key(keys->items[i], mistakes));
    }
    for (std::size_t i = 0; retired != nullptr && i < retired->items.size(); ++i) {
        ring.retired.push_back(read_retired(retired->items[i], mistakes));
    }
    if (mistakes.size() == before) {
        check_order(ring, node, mistakes);
    }
    return mistakes.size() == before ? std::optional{std::move(ring)} : std::nullopt;
}

std::string to_yaml(const Ring& ring) {
    std::string text =
        "datong: keys/v1\n# 由 datong cert 写成 written by datong cert (docs/keys.md)\nname: " + ring.name +
        "\nrole: " + std::string{name_of(ring.role)} + "\nkeys:\n";
    for (const RingKey& key : ring.keys) {
        text += line_of(key);
    }
    if (!ring.retired.empty()) {
        text += "retired:\n";
    }
    for (const RetiredRingKey& key : ring.retired) {
        text += "  - {id: " + key.id + ", file: " + in_quotes(key.file) +
                (key.from.empty() ? "" : ", from: " + in_quotes(key.from)) + ", to: " + in_quotes(key.to) +
                (key.keeps ? ", keeps: true" : "") + "}\n";
    }
    return text;
}

std::optional<WallTime> parse_moment(std::string_view text) {
    const auto civil = record::parse_rfc3339(text);
    if (!civil) {
        return std::nullopt;
    }
    using namespace std::chrono;
    constexpr hours kOffset{8};
    const auto of_day = hours{civil->hour} - kOffset + minutes{civil->minute} + seconds{civil->second};
    return nearest_moment(seconds{days{record::days_since_epoch(civil->date)} + of_day}.count());
}

bool is_key_id(std::string_view text) {
    constexpr std::size_t kLongest = 64;
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    return !text.empty() && text.size() <= kLongest && text.front() != '.' && text.front() != '-' &&
           text.find_first_not_of(kAllowed) == std::string_view::npos;
}

}  // namespace datong::keyring
