#include "core/vault/subjects.h"

#include "core/base/text.h"
#include "core/crypto/cipher.h"
#include "core/crypto/digest.h"

namespace datong::vault {
namespace {

constexpr std::string_view kUse = "datong subject keys";
constexpr std::size_t kKey = 32;  ///< octets
constexpr std::size_t kId = 16;

std::string place_of(const SubjectKey& row) {
    return row.id + '\n' + row.case_number + '\n' + std::to_string(row.until);
}

/// Days of this country begin at +08:00.
std::int64_t end_of_day(std::chrono::system_clock::time_point at) {
    constexpr std::chrono::hours kOffset{8};
    const auto day = std::chrono::floor<std::chrono::days>(at + kOffset) + std::chrono::days{1};
    return std::chrono::duration_cast<std::chrono::seconds>((day - kOffset).time_since_epoch()).count();
}

}  // namespace

std::string name_under(const Secret& key, std::string_view person) {
    return to_hex(crypto::hmac_sha256(key.reveal(), person));
}

std::string locator_of(std::string_view person) {
    return to_hex(crypto::hmac_sha256(person, "datong subject locator"));
}

SubjectKey seal_subject_key(const std::string& case_number, std::int64_t until, const Secret& key,
                            const Secret& gateway) {
    SubjectKey row{.id = to_hex(crypto::random_bytes(kId)), .case_number = case_number, .until = until, .sealed = {}};
    row.sealed = crypto::seal(gateway, kUse, place_of(row), key.reveal());
    return row;
}

Secret open_subject_key(const SubjectKey& row, const Secret& gateway) {
    auto key = crypto::unseal(gateway, kUse, place_of(row), row.sealed);
    return key ? Secret{std::move(*key)} : Secret{};
}

Subjects::Held& Subjects::held_for(const std::string& case_number, std::int64_t until, const Secret& gateway) {
    while (!held_.empty() && (held_.begin()->first.first < until || held_.size() >= kMost)) {
        held_.erase(held_.begin());  // one that is still being written is held by whoever waits for it, too
    }
    const auto found = held_.find({until, case_number});
    if (found != held_.end() && found->second.located.size() < kMost) {
        return found->second;
    }
    Secret key{crypto::random_bytes(kKey)};
    Held held{.row = seal_subject_key(case_number, until, key, gateway), .key = std::move(key)};
    return held_.insert_or_assign({until, case_number}, std::move(held)).first->second;
}

Named Subjects::name(const std::string& case_number, std::chrono::system_clock::time_point at,
                     std::span<const std::string> persons, const Secret& gateway) {
    Named named;
    if (persons.empty()) {
        return named;
    }
    const std::lock_guard lock{mutex_};
    Held& held = held_for(case_number, end_of_day(at), gateway);
    std::vector<std::string> unwritten;
    for (const std::string& person : persons) {
        named.names.push_back(name_under(held.key, person));
        const std::string locator = locator_of(person);
        if (!held.located[locator]) {
            unwritten.push_back(locator);
        }
    }
    if (!held.is_durable || !unwritten.empty()) {
        named.unwritten.push_back(held.row);
        named.unwritten.back().locators = std::move(unwritten);
    }
    return named;
}

void Subjects::note_durable(const std::vector<SubjectKey>& written) {
    const std::lock_guard lock{mutex_};
    for (const SubjectKey& row : written) {
        const auto found = held_.find({row.until, row.case_number});
        if (found == held_.end() || found->second.row.id != row.id) {
            continue;
        }
        found->second.is_durable = true;
        for (const std::string& locator : row.locators) {
            found->second.located[locator] = true;
        }
    }
}

void Subjects::forget() {
    const std::lock_guard lock{mutex_};
    held_.clear();
}

}  // namespace datong::vault
