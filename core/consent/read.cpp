#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/consent/consent.h"
#include "core/crypto/digest.h"
#include "core/policy/persons.h"
#include "core/record/date.h"
#include "core/signing/jws.h"

// What an issuer signed, taken apart: hostile until every member was looked at.
namespace datong::consent {
namespace {

using record::Record;

constexpr codec::JsonLimits kLimits{.max_bytes = 16U << 10, .max_depth = 4, .max_nodes = 400};
constexpr std::size_t kMostNames = 64;
constexpr std::int64_t kMostUses = 100'000;
constexpr std::int64_t kDay = 86'400;

/// Whether a number stands in it that could be a person's.
bool holds_long_number(std::string_view text) {
    constexpr std::size_t kOfPerson = 15;
    std::size_t run = 0;
    for (const char c : text) {
        run = c >= '0' && c <= '9' ? run + 1 : 0;
        if (run >= kOfPerson) {
            return true;
        }
    }
    return false;
}

/// Reads the members of one object, remembering the first thing wrong.
class Members {
public:
    Members(const Record& object, std::string at) : object_{object}, at_{std::move(at)} {
        if (!object.is_object()) {
            refuse("", "must be an object");
        }
    }

    const Record* take(std::string_view name) {
        known_.emplace_back(name);
        return object_.find(name);
    }
    std::string text(std::string_view name, bool is_required = true) {
        const Record* value = take(name);
        if (value == nullptr || !value->is_text() || value->scalar().empty()) {
            if (is_required || value != nullptr) {
                refuse(name, value == nullptr ? "is required" : "must be a text, in quotes, and not empty");
            }
            return {};
        }
        return std::string{value->scalar()};
    }
    std::string word(std::string_view name) {
        std::string text = this->text(name);
        if (!text.empty() && !is_word(text)) {
            refuse(name, "must be at most 64 of A-Z, a-z, 0-9, '.', '_' and '-'");
        }
        return text;
    }
    std::vector<std::string> words(std::string_view name) {
        std::vector<std::string> made;
        const Record* list = take(name);
        if (list == nullptr) {
            return made;
        }
        for (const Record& one : list->items()) {
            made.emplace_back(one.scalar());
            if (!one.is_text() || !is_word(one.scalar())) {
                refuse(name, "must be a list of names");
            }
        }
        if (made.empty() || made.size() > kMostNames) {
            refuse(name, "must be a list of 1 to 64 names");
        }
        return made;
    }
    std::int64_t whole(std::string_view name, std::int64_t least, std::int64_t most, std::int64_t otherwise) {
        const Record* value = take(name);
        const auto number = value != nullptr && value->is_number() ? to_whole_number(value->scalar()) : std::nullopt;
        if (value != nullptr &&
            (!number || *number > static_cast<std::uint64_t>(most) || static_cast<std::int64_t>(*number) < least)) {
            refuse(name, "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
            return otherwise;
        }
        return number ? static_cast<std::int64_t>(*number) : otherwise;
    }
    std::int64_t time(std::string_view name) {
        const std::string text = this->text(name);
        const auto seconds = seconds_of(text);
        if (!text.empty() && !seconds) {
            refuse(name, "must be a time such as 2026-03-01T09:00:00+08:00");
        }
        return seconds.value_or(0);
    }
    /// @return the place of the word among the choices.
    std::size_t one_of(std::string_view name, std::span<const std::string_view> choices) {
        const std::string text = this->text(name);
        const auto found = std::find(choices.begin(), choices.end(), text);
        if (found == choices.end()) {
            std::string all;
            for (const std::string_view one : choices) {
                all.append(all.empty() ? "" : ", ").append(one);
            }
            refuse(name, "must be one of " + all);
            return 0;
        }
        return static_cast<std::size_t>(found - choices.begin());
    }

    void refuse(std::string_view name, std::string_view why) {
        if (!error_) {
            error_ = at_ + (name.empty() ? "" : "/") + std::string{name} + ' ' + std::string{why};
        }
    }
    void take_over(Members& inner) {
        const auto found = inner.finish();
        error_ = error_ ? error_ : found;
    }
    [[nodiscard]] std::optional<std::string> finish() {
        for (const record::Member& member : object_.members()) {
            if (std::find(known_.begin(), known_.end(), member.name) == known_.end()) {
                const auto meant = nearest(member.name, known_);
                // before what is missing: the one is mostly the other, misspelt
                return at_ + " has an unknown member" + (meant ? "; did you mean '" + *meant + "'?" : std::string{});
            }
        }
        return error_;
    }

private:
    const Record& object_;
    std::string at_;
    std::vector<std::string> known_;
    std::optional<std::string> error_;
};

void read_person(Members& parent, const Secret& subject_key, Consent& consent) {
    const Record* value = parent.take("person");
    if (value == nullptr) {
        parent.refuse("person", "is required");
        return;
    }
    Members members{*value, "/person"};
    policy::Person person{.id_type = members.text("id_type", false),
                          .id_no = Personal{members.text("id_no")},
                          .name = Personal{members.text("name", false)}};
    constexpr std::string_view kOfNumbers = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz()-";
    if (person.id_no.reveal().find_first_not_of(kOfNumbers) != std::string::npos) {
        members.refuse("id_no", "must be letters, digits, '(', ')' and '-' only");
    }
    parent.take_over(members);
    consent.id_type = person.id_type;
    consent.person = to_hex(crypto::hmac_sha256(subject_key.reveal(), policy::subject_text(person)));
}

Frequency read_frequency(Members& parent) {
    constexpr std::array<std::string_view, 3> kPers{"consent", "month", "day"};
    const Record* value = parent.take("frequency");
    if (value == nullptr) {
        parent.refuse("frequency", "is required: how often it may be used");
        return {};
    }
    Members members{*value, "/frequency"};
    Frequency frequency{.uses = members.whole("uses", 1, kMostUses, 0)};
    frequency.per = static_cast<Per>(members.one_of("per", kPers));
    if (frequency.uses == 0) {
        members.refuse("uses", "is required");
    }
    parent.take_over(members);
    return frequency;
}

void read_given(Members& parent, Consent& consent) {
    constexpr std::array<std::string_view, 4> kHow{"window", "face", "signature", "sign-in"};
    const Record* value = parent.take("given");
    if (value == nullptr) {
        parent.refuse("given", "is required: when and how the person consented");
        return;
    }
    Members members{*value, "/given"};
    consent.given_at = members.time("at");
    consent.given_how = kHow[members.one_of("how", kHow)];
    parent.take_over(members);
}

/// What must go together.
void check_whole(Members& members, const Consent& consent) {
    if (holds_long_number(consent.id)) {
        members.refuse("id", "must not hold a number of 15 digits or more");
    }
    if (consent.services.empty() && consent.matters.empty()) {
        members.refuse("services", "is required, or matters");
    }
    if ((consent.mode == Mode::store) != (consent.keep_days > 0)) {
        members.refuse("keep_days", "goes with mode store, and with no other");
    }
    if (consent.valid_to <= consent.valid_from || consent.valid_to - consent.valid_from > kMostDays * kDay) {
        members.refuse("valid_to", "must be after valid_from, by 3660 days at most");
    }
}

tl::unexpected<Error> not_accepted(std::string why) {
    return fail(Fault::consent_not_accepted, std::move(why));
}

/// A statement whose signature holds, with whose it is.
struct Signed {
    Record payload;
    std::string octets;
    const catalogue::ConsentIssuer* issuer{};
};

Result<Signed> read_signed(std::string_view compact, std::string_view type, const catalogue::Snapshot& snapshot) {
    const auto jws = signing::read_jws(compact);
    if (!jws || jws->header.text_of("typ") != type) {
        return fail(Fault::bad_request, "no compact JWS of type " + std::string{type});
    }
    const std::string keyid = jws->keyid();
    const catalogue::ConsentIssuer* issuer = snapshot.consent_issuer_of(keyid);
    if (issuer == nullptr) {
        return not_accepted("signed by a key of no issuer of consents");
    }
    if (!signing::verify_jws(*jws, issuer->keys.find(keyid)->second)) {
        return not_accepted("the issuer's signature does not hold");
    }
    auto payload = codec::read_json(jws->payload, kLimits);
    if (!payload) {
        return not_accepted("what was signed is no JSON");
    }
    return Signed{.payload = std::move(*payload), .octets = jws->payload, .issuer = issuer};
}

}  // namespace

std::optional<std::int64_t> seconds_of(std::string_view rfc3339) {
    const auto civil = record::parse_rfc3339(rfc3339);
    if (!civil) {
        return std::nullopt;
    }
    constexpr std::int64_t kOffset = 8 * 3'600;
    return record::days_since_epoch(civil->date) * kDay + civil->hour * 3'600 + civil->minute * 60 + civil->second -
           kOffset;
}

bool is_word(std::string_view text) {
    constexpr std::size_t kMost = 64;
    const auto fits = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' ||
               c == '-';
    };
    return !text.empty() && text.size() <= kMost && text.front() != '.' && text.front() != '-' && text.front() != '_' &&
           std::all_of(text.begin(), text.end(), fits);
}

bool is_id(std::string_view text) {
    return is_word(text) && !holds_long_number(text);
}

Result<Consent> read_payload(const Record& payload, const Secret& subject_key) {
    constexpr std::array<std::string_view, 3> kModes{"verify", "view", "store"};
    Members members{payload, ""};
    Consent consent;
    consent.id = members.word("id");
    consent.issuer = members.word("issuer");
    consent.gateway = members.text("gateway");
    consent.consumer = members.word("consumer");
    read_person(members, subject_key, consent);
    consent.services = members.words("services");
    consent.matters = members.words("matters");
    consent.purpose = members.word("purpose");
    consent.mode = static_cast<Mode>(members.one_of("mode", kModes));
    consent.keep_days = members.whole("keep_days", 0, kMostDays, 0);
    consent.frequency = read_frequency(members);
    consent.valid_from = members.time("valid_from");
    consent.valid_to = members.time("valid_to");
    read_given(members, consent);
    check_whole(members, consent);
    if (auto wrong = members.finish()) {
        return fail(Fault::bad_request, std::move(*wrong));
    }
    return consent;
}

Result<Revocation> read_revocation_payload(const Record& payload, std::string_view gateway) {
    constexpr std::array<std::string_view, 4> kReasons{"withdrawn", "ended", "mistaken", "misused"};
    Members members{payload, ""};
    Revocation revocation;
    revocation.consent = members.word("consent");
    const std::string named = members.text("gateway");
    revocation.at = members.time("at");
    revocation.reason = kReasons[members.one_of("reason", kReasons)];
    if (!gateway.empty() && named != gateway) {
        members.refuse("gateway", "is another");
    }
    if (holds_long_number(revocation.consent)) {
        members.refuse("consent", "must not hold a number of 15 digits or more");
    }
    if (auto wrong = members.finish()) {
        return fail(Fault::bad_request, std::move(*wrong));
    }
    return revocation;
}

Result<Consent> read_consent(std::string_view jws, const catalogue::Snapshot& snapshot) {
    auto said = read_signed(jws, kType, snapshot);
    if (!said) {
        return fail(std::move(said.error()));
    }
    const Secret& subject_key = snapshot.gateway.subject_key;
    auto consent = read_payload(said->payload, subject_key);
    if (!consent) {
        return not_accepted("the consent: " + consent.error().detail());
    }
    if (consent->issuer != said->issuer->id) {
        return not_accepted("the consent's issuer is not who signed it");
    }
    if (consent->gateway != snapshot.gateway.name) {
        return not_accepted("the consent is for another gateway");
    }
    const auto& may = said->issuer->consumers;
    if (std::find(may.begin(), may.end(), consent->consumer) == may.end()) {
        return not_accepted("the issuer may not sign for the consent's consumer");
    }
    consent->digest = to_hex(crypto::sha256(jws));
    consent->mac = crypto::hmac_sha256(subject_key.reveal(), "datong consent\n" + said->octets);
    return consent;
}

Result<Revocation> read_revocation(std::string_view jws, const catalogue::Snapshot& snapshot) {
    auto said = read_signed(jws, kRevocationType, snapshot);
    if (!said) {
        return fail(std::move(said.error()));
    }
    auto revocation = read_revocation_payload(said->payload, snapshot.gateway.name);
    if (!revocation) {
        return not_accepted("the revocation: " + revocation.error().detail());
    }
    revocation->issuer = said->issuer->id;
    revocation->digest = to_hex(crypto::sha256(jws));
    return revocation;
}

}  // namespace datong::consent
