#include "core/app/recall.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "core/app/map_files.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/evidence/signature_base.h"
#include "core/evidence/verify.h"
#include "core/signing/structured_field.h"

namespace datong::app {
namespace {

namespace sf = signing::sf;

template <class T>
std::optional<T> value_of(const sf::Parameters& parameters, std::string_view name) {
    const sf::BareItem* found = parameters.find(name);
    const T* value = found != nullptr ? std::get_if<T>(found) : nullptr;
    return value != nullptr ? std::optional{*value} : std::nullopt;
}

/// The parameters of a signature base: its last line. Source: RFC 9421, 2.5.
std::optional<sf::Parameters> parameters_of(std::string_view base) {
    constexpr std::string_view kLine = R"("@signature-params": )";
    const std::string_view last = base.substr(base.rfind('\n') + 1);
    if (!last.starts_with(kLine)) {
        return std::nullopt;
    }
    const auto list = sf::parse_list(last.substr(kLine.size()));
    if (!list || list->size() != 1 || !std::holds_alternative<sf::InnerList>(list->front())) {
        return std::nullopt;
    }
    return std::get<sf::InnerList>(list->front()).parameters;
}

void recall(const record::Record& entry, std::int64_t latest, policy::ReplayGuard& replay) {
    const record::Record* request = entry.find("request");
    if (request == nullptr) {
        return;
    }
    if (request->text_of("form") == evidence::kSoapForm) {
        // its times and ids are behind digests: all of them are kept, for as long as a clock may run ahead
        for (const std::string& digest : evidence::sha256_of_signed_info(request->text_of("base"))) {
            replay.recall(latest, request->text_of("keyid") + '\n' + digest);
        }
        return;
    }
    const auto decoded = from_base64(request->text_of("base_base64"));
    const std::string base = request->find("base_base64") != nullptr ? decoded.value_or("") : request->text_of("base");
    const auto parameters = parameters_of(base);
    if (!parameters) {
        return;
    }
    const auto created = value_of<std::int64_t>(*parameters, "created");
    const auto nonce = value_of<std::string>(*parameters, "nonce");
    if (created && nonce) {
        const auto caller = evidence::caller_of_attested(base);  // of others the key tells who called
        replay.recall(*created, (caller ? std::string{*caller} : request->text_of("keyid")) + '\n' + *nonce,
                      evidence::is_timed_by_gateway(base) ? policy::TimedBy::gateway : policy::TimedBy::caller);
    }
}

}  // namespace

evidence::LogSettings log_settings(const catalogue::Gateway& gateway) {
    return {.folder = gateway.evidence_folder,
            .max_bytes = gateway.evidence.max_bytes,
            .ready_percent = gateway.evidence.ready_percent,
            .segment_age = gateway.evidence.segment_age,
            .hash = evidence::chain_hash_by_name(gateway.evidence.hash).value_or(evidence::ChainHash::sha256)};
}

Result<keeping::FileLock> lock_store(const catalogue::Gateway& gateway) {
    auto lock = keeping::FileLock::take(gateway.store_file + ".lock");
    return lock ? std::move(lock)
                : fail(Fault::unavailable,
                       gateway.store_file + ": another process uses the store, or it can't be locked");
}

Result<std::unique_ptr<policy::ReplayGuard>> recall_nonces(const catalogue::Gateway& gateway,
                                                           std::chrono::system_clock::time_point started) {
    const policy::Freshness& freshness = gateway.freshness;
    const auto last = evidence::last_time(gateway.evidence_folder);
    if (!last) {
        return fail(last.error());
    }
    const auto end = moment(*last);
    // no signature that was used was created later than its record, but for the clocks' skew
    const auto since = end ? std::min(started, *end + freshness.skew) - freshness.window : started;
    const auto latest = std::max(started, end.value_or(started)) + freshness.skew;
    auto replay = std::make_unique<policy::ReplayGuard>(freshness, since, gateway.nonces_per_key);
    // by a clock that is far behind the evidence all of it would be from since then
    const auto enough = end ? *end + freshness.skew - freshness.window : since;
    const auto left = evidence::visit_signed_since(
        gateway.evidence_folder,
        {.created = to_unix_seconds(since), .ahead = freshness.skew, .enough = to_unix_seconds(enough)},
        [&](const record::Record& entry) { recall(entry, to_unix_seconds(latest), *replay); });
    if (!left) {
        return fail(left.error());
    }
    if (const auto newest = left->empty() ? std::nullopt : moment(*left)) {
        replay->refuse_before(to_unix_seconds(*newest + freshness.skew) + 1);
    }
    return replay;
}

}  // namespace datong::app
