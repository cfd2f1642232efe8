#include "core/seals/orphans.h"

#include <algorithm>
#include <utility>

#include "core/codec/json.h"
#include "core/seals/record_reader.h"
#include "core/seals/standing.h"

namespace datong::seals {
namespace {

/// The exchange of an intent, outcome or closing, which stands right behind its kind.
std::string_view exchange_of(std::string_view payload, std::string_view kind) {
    constexpr std::string_view kName = R"(","exchange":")";
    const auto behind = static_cast<std::size_t>(kind.data() - payload.data()) + kind.size();
    std::string_view rest = payload.substr(behind);
    if (!rest.starts_with(kName)) {
        return {};
    }
    rest.remove_prefix(kName.size());
    return rest.substr(0, rest.find('"'));
}

Result<Orphan> read_intent(const std::string& payload) {
    const auto entry = codec::read_json(payload);
    if (!entry) {
        return fail(Fault::evidence_unavailable, "evidence: an intent is no JSON object");
    }
    return Orphan{.exchange = entry->text_of("exchange"),
                  .at = entry->text_of("at"),
                  .consumer = entry->text_of("consumer"),
                  .service = entry->text_of("service"),
                  .case_number = entry->text_of("case_number"),
                  .request_digest = entry->text_of("request_digest")};
}

}  // namespace

void OpenExchanges::see(std::uint64_t number, std::string_view payload) {
    const std::string_view kind = kind_of(payload);
    if (kind == "intent") {
        open_[std::string{exchange_of(payload, kind)}] = {.number = number, .payload = std::string{payload}};
    } else if (kind == "outcome" || kind == "closing") {
        if (const auto found = open_.find(exchange_of(payload, kind)); found != open_.end()) {
            open_.erase(found);
        }
    }
}

std::uint64_t OpenExchanges::oldest() const {
    std::uint64_t oldest = 0;
    for (const auto& [exchange, intent] : open_) {
        oldest = oldest == 0 ? intent.number : std::min(oldest, intent.number);
    }
    return oldest;
}

std::vector<std::string> OpenExchanges::payloads() const {
    std::vector<std::string> all;
    for (const auto& [exchange, intent] : open_) {
        all.push_back(intent.payload);
    }
    return all;
}

Result<std::vector<Orphan>> find_orphans(const std::string& folder) {
    const auto standing = find_standing(folder);
    if (!standing) {
        return fail(standing.error());
    }
    OpenExchanges open;
    RecordReader reader{folder, standing->open_from()};
    for (;;) {
        const std::uint64_t number = reader.number();
        const auto payload = reader.next();
        if (!payload) {
            return fail(payload.error());
        }
        if (!*payload) {
            break;
        }
        open.see(number, **payload);
    }
    std::vector<Orphan> orphans;
    for (const std::string& payload : open.payloads()) {
        auto orphan = read_intent(payload);
        if (!orphan) {
            return fail(std::move(orphan.error()));
        }
        orphans.push_back(std::move(*orphan));
    }
    return orphans;
}

}  // namespace datong::seals
