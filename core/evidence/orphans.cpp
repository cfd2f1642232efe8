#include <map>
#include <utility>

#include "core/codec/json.h"
#include "core/evidence/segment.h"
#include "core/evidence/verify.h"

namespace datong::evidence {
namespace {

using record::Record;

/// What of one segment is open, and what it ends of those before it.
struct Found {
    std::map<std::string, Orphan> open;
    std::map<std::string, bool> ended;  ///< without an intent in this segment
    std::string first_at;
    std::string last_at;
};

bool may_matter(std::string_view payload) {
    constexpr std::string_view kKinds[] = {R"("kind":"intent")", R"("kind":"outcome")", R"("kind":"closing")"};
    for (const std::string_view kind : kKinds) {
        if (payload.find(kind) != std::string_view::npos) {
            return true;
        }
    }
    return false;
}

void take(const Record& entry, Found& found) {
    const std::string kind = entry.text_of("kind");
    std::string exchange = entry.text_of("exchange");
    if (kind == "intent") {
        found.open[exchange] = {.exchange = exchange,
                                .at = entry.text_of("at"),
                                .consumer = entry.text_of("consumer"),
                                .service = entry.text_of("service"),
                                .case_number = entry.text_of("case_number"),
                                .request_digest = entry.text_of("request_digest")};
    } else if ((kind == "outcome" || kind == "closing") && found.open.erase(exchange) == 0) {
        found.ended[std::move(exchange)] = true;
    }
}

Result<Found> read(const std::string& path) {
    auto reader = SegmentReader::open(path);
    if (!reader) {
        return fail(std::move(reader.error()));
    }
    Found found;
    while (reader->next() == SegmentReader::Step::record) {
        if (!may_matter(reader->payload())) {
            continue;
        }
        const codec::JsonLimits limits{.max_bytes = kMaxPayload, .max_depth = 32, .max_nodes = 4'000'000};
        const auto entry = codec::read_json(reader->payload(), limits);
        if (!entry || !entry->is_object()) {
            return fail(Fault::evidence_unavailable, path + ": a record is no JSON object");
        }
        take(*entry, found);
        found.last_at = entry->text_of("at");
        found.first_at = found.first_at.empty() ? found.last_at : found.first_at;
    }
    return found;
}

/// "2026-03-01T09": of two records an hour apart or more the hours differ.
std::string_view hour_of(std::string_view at) {
    return at.substr(0, 13);
}

}  // namespace

Result<std::vector<Orphan>> find_orphans(const std::string& folder) {
    const auto segments = list_segments(folder);
    if (!segments) {
        return fail(segments.error());
    }
    std::map<std::string, Orphan> open;
    std::map<std::string, bool> ended;
    std::string last_at;
    std::size_t hours_ago = 0;  // whole hours of the clock between the last record and where reading is
    std::string hour;
    for (auto segment = segments->rbegin(); segment != segments->rend() && hours_ago < 2; ++segment) {
        auto found = read(segment->path);
        if (!found) {
            return fail(std::move(found.error()));
        }
        for (auto& [exchange, orphan] : found->open) {
            if (!ended.contains(exchange)) {
                open[exchange] = std::move(orphan);
            }
        }
        ended.merge(found->ended);
        hour = last_at.empty() ? found->last_at : hour;
        last_at = last_at.empty() ? found->last_at : last_at;
        hours_ago += !found->first_at.empty() && hour_of(found->first_at) != hour_of(hour) ? 1 : 0;
        hour = found->first_at.empty() ? hour : found->first_at;
    }
    std::vector<Orphan> all;
    for (auto& [exchange, orphan] : open) {  // ids begin with their time
        all.push_back(std::move(orphan));
    }
    return all;
}

}  // namespace datong::evidence
