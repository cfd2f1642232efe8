#include <algorithm>
#include <functional>

#include "core/base/text.h"
#include "core/sources/fingerprint.h"

namespace datong::sources {
namespace {

using record::Record;

/// Whether a name may be kept where it is a field's.
bool is_keepable(const std::string& name) {
    constexpr std::size_t kLongest = 64;
    constexpr int kMostDigits = 5;
    int digits = 0;
    for (const char c : name) {
        digits = c >= '0' && c <= '9' ? digits + 1 : 0;
        if (digits > kMostDigits) {
            return false;
        }
    }
    return !name.empty() && name.size() <= kLongest && is_utf8(name);
}

/// Of all that it holds: the same person asked about again gives the same.
std::size_t digest_of(const Record& record, int depth) {
    constexpr std::size_t kPrime = 1'099'511'628'211U;
    std::size_t made = static_cast<std::size_t>(record.kind());
    const auto add = [&made](std::size_t one) { made = (made ^ one) * kPrime; };
    if (depth == 0) {
        return made;
    }
    if (record.is_scalar()) {
        add(std::hash<std::string_view>{}(record.scalar()));
    }
    for (const record::Member& member : record.members()) {
        add(std::hash<std::string_view>{}(member.name.str()));
        add(digest_of(member.value, depth - 1));
    }
    for (const Record& item : record.items()) {
        add(digest_of(item, depth - 1));
    }
    return made;
}

}  // namespace

/// The candidate of this name, a new one if there was none; nullptr when there are too many.
Fingerprint::Candidate* Fingerprint::candidate(const std::string& path, const std::string& name) {
    const Field& parent = fields_.find(path)->second;
    auto& siblings = candidates_[path];
    auto found = siblings.find(name);
    if (found == siblings.end() && (siblings.size() >= kMostUnknown || candidate_count_ >= kMostFields)) {
        candidate_count_ -= std::erase_if(siblings, [&parent](const auto& one) {
            return parent.objects - one.second.field.parent_at_first >= kRare;
        });
        if (siblings.size() >= kMostUnknown || candidate_count_ >= kMostFields) {
            return nullptr;
        }
    }
    if (found == siblings.end()) {
        ++candidate_count_;
        found = siblings.emplace(name, Candidate{.field = {.parent_at_first = parent.objects}}).first;
    } else if (parent.objects - found->second.field.parent_at_first >= kRare) {
        found->second = Candidate{.field = {.parent_at_first = parent.objects}};
    }
    return &found->second;
}

/// @return whether the name is a field's by now.
bool Fingerprint::learn(const record::Member& member, const std::string& path, bool& is_new, Notice& notice) {
    Field& parent = fields_.find(path)->second;
    const std::string full = path.empty() ? member.name.str() : path + '.' + member.name.str();
    if (fields_.contains(full)) {
        return true;
    }
    Candidate* one = is_keepable(member.name) ? candidate(path, member.name.str()) : nullptr;
    if (one == nullptr || parent.unknown_members >= kMostUnknown) {
        is_new = !notice.has_schema && parent.objects > kLearning;
        return false;
    }
    is_new = !notice.has_schema && one->field.parent_at_first > kLearning;
    if (!notice.digest) {
        notice.digest = digest_of(*notice.reply, kMostDepth);
    }
    if (std::ranges::find(one->replies, *notice.digest) == one->replies.end()) {
        one->replies.push_back(*notice.digest);
    }
    if (one->replies.size() < kLearning || fields_.size() >= kMostFields) {
        notice.is_silent = true;
        note_value(one->field, member.value, full, nullptr, notice);
        notice.is_silent = false;
        return false;
    }
    ++parent.unknown_members;
    fields_.emplace(full, one->field);
    auto& siblings = candidates_.find(path)->second;
    siblings.erase(siblings.find(member.name.str()));
    --candidate_count_;
    if (is_new) {
        change(Change::Kind::new_field, full, {}, notice);
    }
    return true;
}

}  // namespace datong::sources
