#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/steps/mask.h"
#include "core/yaml/node.h"

namespace datong::steps {
namespace {

/// One reading of masking.yaml.
struct Reading {
    Mistakes mistakes;

    void wrong(const yaml::Node& node, std::string code, std::string zh, std::string en, std::string hint = {}) {
        mistakes.push_back(
            {node.where, std::move(code), Severity::error, std::move(zh), std::move(en), std::move(hint)});
    }
};

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) {
        out += (out.empty() ? "" : ", ") + word;
    }
    return out;
}

/// The place of a word among those allowed; 0 with a mistake for another.
std::size_t word(const yaml::Node& node, const std::vector<std::string>& allowed, Reading& reading) {
    const auto found = std::find(allowed.begin(), allowed.end(), node.is_scalar() ? node.text : std::string{});
    if (found == allowed.end()) {
        reading.wrong(node, "M104", "只能是 " + joined(allowed), "must be one of " + joined(allowed),
                      nearest(node.text, allowed).value_or(std::string{}));
        return 0;
    }
    return static_cast<std::size_t>(found - allowed.begin());
}

Kept kept(const yaml::Node& node, Reading& reading) {
    std::array<std::uint64_t, 2> ends{};
    bool good = node.is_list() && node.items.size() == ends.size();
    for (std::size_t at = 0; good && at < ends.size(); ++at) {
        const auto number = to_whole_number(node.items[at].text);
        good = number && *number <= kMostShown;
        ends[at] = number.value_or(0);
    }
    if (!good || ends[0] + ends[1] > kMostShown) {
        reading.wrong(node, "M104", "要写 [首位数, 末位数]，合计不超过 10",
                      "must be [first, last], together 10 at most", "[6, 4]");
        return {};
    }
    return {static_cast<std::size_t>(ends[0]), static_cast<std::size_t>(ends[1])};
}

MaskProfile profile_of(const yaml::Node& node, Reading& reading) {
    MaskProfile out;
    for (const yaml::Node::Entry& entry : node.entries) {
        const std::string& key = entry.first.text;
        if (key == "name") {
            out.name = static_cast<NameMask>(word(entry.second, {"first", "last", "ends", "none"}, reading));
        } else if (key == "id") {
            out.id = kept(entry.second, reading);
        } else if (key == "phone") {
            out.phone = kept(entry.second, reading);
        } else if (key == "bank_card") {
            out.bank_card = kept(entry.second, reading);
        } else if (key == "address") {
            out.county = word(entry.second, {"county", "none"}, reading) == 0;
        } else if (key == "email") {
            out.first_of_email = word(entry.second, {"first", "none"}, reading) == 0;
        } else {
            const std::vector<std::string> keys{"name", "id", "phone", "bank_card", "address", "email"};
            reading.wrong(entry.first, "M103", "没有键 '" + key + "'", "no key '" + key + "' here",
                          nearest(key, keys).value_or(joined(keys)));
        }
    }
    return out;
}

}  // namespace

tl::expected<MaskProfile, Mistakes> read_mask_profile(std::string_view yaml, const std::string& file,
                                                      const std::string& name) {
    const auto root = yaml::parse(yaml, file);
    if (!root) {
        return tl::unexpected{root.error()};
    }
    Reading reading;
    const yaml::Node* profiles = root->find("profiles");
    if (root->text_of("datong") != "masking/v1" || profiles == nullptr || !profiles->is_map()) {
        reading.wrong(*root, "M104", "应为 datong: masking/v1，含 profiles",
                      "this must be datong: masking/v1 with profiles");
        return tl::unexpected{std::move(reading.mistakes)};
    }
    const yaml::Node* profile = profiles->find(name);
    if (profile == nullptr || !profile->is_map()) {
        std::vector<std::string> names;
        for (const yaml::Node::Entry& entry : profiles->entries) {
            names.push_back(entry.first.text);
        }
        reading.wrong(*profiles, "M301", "没有名为 '" + name + "' 的遮掩方案",
                      "no masking profile is named '" + name + "'", nearest(name, names).value_or(joined(names)));
        return tl::unexpected{std::move(reading.mistakes)};
    }
    MaskProfile out = profile_of(*profile, reading);
    if (!reading.mistakes.empty()) {
        return tl::unexpected{std::move(reading.mistakes)};
    }
    return out;
}

}  // namespace datong::steps
