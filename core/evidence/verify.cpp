#include "core/evidence/verify.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/evidence/files.h"
#include "core/evidence/frame.h"
#include "core/evidence/proof.h"
#include "core/evidence/segment.h"

namespace datong::evidence {
namespace {

Result<record::Record> parse(const std::string& payload) {
    const codec::JsonLimits limits{.max_bytes = kMaxPayload, .max_depth = 32, .max_nodes = 4'000'000};
    auto entry = codec::read_json(payload, limits);
    if (entry && !entry->is_object()) {
        return fail(Fault::internal, "no object");
    }
    return entry;
}

/// Follows the chain over all segments of one folder.
class Verification {
public:
    Verification(TrustedKeys keys, std::optional<KnownHead> known, Witness* witness, bool is_written_to)
        : prover_{std::move(keys)}, known_{std::move(known)}, witness_{witness}, is_written_to_{is_written_to} {
        if (witness_ != nullptr) {
            prover_.allow_late();
        }
    }

    /// False when the segment breaks the chain; verdict() then says where.
    [[nodiscard]] bool check(SegmentReader& reader, const Segment& segment, bool is_last) {
        verdict_.file = std::filesystem::path{segment.path}.filename().string();
        if (!reader.has_header() || reader.header().first != segment.first) {
            // a writer makes the header durable before anything else, so its own last may be unfinished
            return (is_last && is_written_to_) || broken(segment.first, "segment_header");
        }
        if (segment.first != link_.number) {
            return broken(link_.number, segment.first > link_.number ? "segment_missing" : "order");
        }
        if (reader.header().previous != link_.previous) {
            return broken(link_.number, "hash_chain");
        }
        if (reader.header().is_closed_before && !is_closed_) {
            return broken(link_.number, "segment_trailer");
        }
        hash_ = reader.header().hash;
        return check_records(reader, is_last) && check_trailer(reader, segment);
    }

    [[nodiscard]] Verdict finish(bool whole) {
        const std::uint64_t records = link_.number - 1;
        if (whole && records == 0) {
            whole = broken(1, "no_evidence");
        } else if (whole && known_ && records < known_->records) {
            whole = broken(known_->records, "head_missing");
            verdict_.file.clear();  // the record is in none
        } else if (whole && !late_.empty()) {
            whole = broken_by_late();
        }
        verdict_.valid = whole;
        verdict_.records = records;
        verdict_.last_hash = to_hex(link_.previous);
        prover_.count_into(verdict_);
        if (whole) {
            verdict_.file.clear();
        }
        return std::move(verdict_);
    }

private:
    [[nodiscard]] bool check_records(SegmentReader& reader, bool is_last) {
        auto step = reader.next();
        while (step == SegmentReader::Step::record) {
            if (!check_record(reader.payload())) {
                return false;
            }
            step = reader.next();
        }
        if (step == SegmentReader::Step::end) {
            return true;
        }
        if (step == SegmentReader::Step::incomplete) {
            return (is_last && is_written_to_) || broken(link_.number, "torn");
        }
        return broken(link_.number, "crc");
    }

    [[nodiscard]] bool check_trailer(const SegmentReader& reader, const Segment& segment) {
        const auto& trailer = reader.trailer();
        is_closed_ = trailer.has_value();
        const bool is_right =
            !trailer || (trailer->records == link_.number - segment.first && trailer->last == link_.previous);
        return is_right || broken(link_.number, "segment_trailer");
    }

    [[nodiscard]] bool check_record(const std::string& payload) {
        const auto entry = parse(payload);
        if (!entry) {
            return broken(link_.number, "unreadable");
        }
        verdict_.exchange = entry->text_of("exchange");
        if (!has_number(payload, link_.number)) {
            return broken(link_.number, "order");
        }
        if (!has_link(payload, link_)) {
            return broken(link_.number, "hash_chain");
        }
        if (const Reason reason = prover_.check(*entry); !reason.empty()) {
            verdict_.keyid = prover_.keyid();
            return broken(link_.number, reason);
        }
        std::string hash = hash_of(hash_, payload);
        const Reason seen = witness_ != nullptr ? witness_->see(link_.number, hash, *entry) : Reason{};
        if (!seen.empty()) {
            verdict_.keyid = witness_->keyid();
            return broken(link_.number, seen);
        }
        if (!settle_late()) {
            return broken_by_late();
        }
        if (known_ && known_->records == link_.number && known_->hash != to_hex(hash)) {
            return broken(link_.number, "head_differs");
        }
        verdict_.exchange.clear();
        link_ = Link{.number = link_.number + 1, .previous = std::move(hash)};
        return true;
    }

    /// Remembers what is late, and forgets it where a seal shows that it was there in time. A log of keys that all
    /// ended too early must not fill the memory: false where too much waits.
    [[nodiscard]] bool settle_late() {
        constexpr std::size_t kMostLate = 1'000'000;
        if (witness_ == nullptr) {
            return true;
        }
        for (const std::optional<Late>& late : {prover_.late(), witness_->late()}) {
            if (late) {
                late_.emplace_back(link_.number, *late);
            }
        }
        if (const auto& shown = witness_->shown(); shown && !late_.empty()) {
            std::erase_if(late_, [&shown](const auto& one) {
                return one.first <= shown->to && shown->day <= one.second.last_day;
            });
        }
        return late_.size() <= kMostLate;
    }

    bool broken_by_late() {
        const auto& [number, late] = late_.front();
        verdict_.keyid = late.keyid;
        verdict_.file.clear();
        verdict_.exchange.clear();
        return broken(number, late.reason);
    }

    bool broken(std::uint64_t number, Reason reason) {
        const ReasonRow& row = row_of(reason);
        verdict_.number = number;
        verdict_.reason = row.reason;
        verdict_.text_en = row.text_en;
        verdict_.text_zh = row.text_zh;
        return false;
    }

    Prover prover_;
    std::optional<KnownHead> known_;
    Witness* witness_;
    bool is_written_to_;
    Link link_;
    ChainHash hash_{ChainHash::sha256};                 ///< of the segment that is read
    bool is_closed_{};                                  ///< the segment before ended with a trailer
    std::vector<std::pair<std::uint64_t, Late>> late_;  ///< with their records' numbers
    Verdict verdict_;
};

/// Gives every record of one segment to visit; whether to go on with the next segment.
Result<bool> read_segment(SegmentReader& reader, Gapless& log, bool is_last,
                          const std::function<bool(const record::Record&)>& visit) {
    auto step = reader.has_header() ? reader.next() : SegmentReader::Step::end;
    for (; step == SegmentReader::Step::record; step = reader.next()) {
        const auto entry = parse(reader.payload());
        if (!entry) {
            return fail(Fault::evidence_unavailable, "a record is no JSON object");
        }
        log.count();
        if (!visit(*entry)) {
            return false;
        }
    }
    const Status ended = log.end(reader, step, is_last);
    return ended ? Result<bool>{true} : fail(ended.error());
}

/// Whether a record may hold a signature made at `created` or later; looking is much cheaper than parsing.
bool may_be_signed_since(std::string_view payload, std::int64_t created) {
    constexpr std::string_view kName = ";created=";
    for (auto at = payload.find(kName); at != payload.npos; at = payload.find(kName, at)) {
        at += kName.size();
        const auto digits = payload.substr(at, payload.find_first_not_of("0123456789", at) - at);
        const auto found = to_whole_number(digits);
        if (!found || std::cmp_greater_equal(*found, created)) {
            return true;
        }
    }
    return payload.find("\"base_base64\"") != payload.npos;
}

/// When a record was made, as it says; empty where it does not.
std::string_view time_in(std::string_view payload) {
    constexpr std::string_view kAt = R"(,"at":")";
    const auto at = payload.find(kAt);
    const auto rest = at != payload.npos ? payload.substr(at + kAt.size()) : std::string_view{};
    return rest.substr(0, rest.find('"'));
}

/// The same of a signed SOAP message, whose own time is behind a digest: told by the record's.
bool is_soap_since(std::string_view payload, std::string_view since) {
    return payload.find(R"("form":"soap")") != payload.npos && time_in(payload) >= since;
}

/// Records that were signed since a moment, found segment by segment.
class SignedRecords {
public:
    SignedRecords(const SignedSince& wanted, const std::function<void(const record::Record&)>& visit)
        : wanted_{wanted}, visit_{visit}, since_{time_of(wanted.created)}, enough_{time_of(wanted.enough)} {}

    /// Visits those of one segment. @return the time of its newest record; empty: it has none.
    Result<std::string> visit_segment(const std::string& path) {
        auto reader = SegmentReader::open(path);
        if (!reader) {
            return fail(std::move(reader.error()));
        }
        std::string newest;
        while (reader->next() == SegmentReader::Step::record) {
            const std::string& payload = reader->payload();
            newest = std::max<std::string_view>(newest, time_in(payload));
            if (!may_be_signed_since(payload, wanted_.created) && !is_soap_since(payload, since_)) {
                continue;
            }
            const auto entry = parse(payload);
            if (!entry) {
                return fail(Error{Fault::evidence_unavailable, "a record is no JSON object"}.within(path));
            }
            visit_(*entry);
        }
        return newest;
    }

    /// @return as visit_signed_since().
    Result<std::string> visit_all(const std::string& folder, const std::vector<Segment>& segments) {
        int beyond = 0;
        for (auto segment = segments.rbegin(); segment != segments.rend(); ++segment) {
            const auto newest = visit_segment(segment->path);
            if (!newest) {
                return fail(newest.error());
            }
            // records stand in the order of their writing, which is not that of their times: a segment's first record
            // alone tells nothing of the one before
            if (!newest->empty() && *newest < since_) {
                return visit_begun_ahead(folder, segments, static_cast<std::size_t>(segments.rend() - segment));
            }
            constexpr int kBeyond = 2;
            if (!newest->empty() && *newest < enough_ && ++beyond == kBeyond) {
                return *newest;
            }
        }
        return std::string{};
    }

private:
    [[nodiscard]] std::string time_of(std::int64_t created) const {
        return to_rfc3339(std::chrono::system_clock::time_point{std::chrono::seconds{created} - wanted_.ahead});
    }

    /// Of those before, which were not read: the clock may have been ahead in one of them, and back since. Its own
    /// beginning tells, or that of the one behind it.
    /// @param count  of the segments up to the last one that was read.
    Result<std::string> visit_begun_ahead(const std::string& folder, const std::vector<Segment>& segments,
                                          std::size_t count) {
        const auto since = static_cast<std::uint64_t>(std::max<std::int64_t>(wanted_.created, 0)) * 1'000;
        bool is_end_ahead = false;
        for (std::size_t i = count; i-- > 0;) {
            const std::string& path = segments[i].path;
            if (!path.starts_with(folder + '/')) {
                break;  // archived: older than any clock is ahead
            }
            const auto reader = SegmentReader::open(path);
            if (!reader) {
                return fail(reader.error());
            }
            const bool is_ahead = reader->has_header() && reader->header().begun_ms >= since;
            if (i + 1 < count && (is_ahead || is_end_ahead)) {
                if (const auto visited = visit_segment(path); !visited) {
                    return fail(visited.error());
                }
            }
            is_end_ahead = is_ahead;
        }
        return std::string{};
    }

    const SignedSince& wanted_;
    const std::function<void(const record::Record&)>& visit_;
    const std::string since_;
    const std::string enough_;
};

}  // namespace

Result<Verdict> verify_folder(const std::string& folder, const record::Record& keys,
                              const std::optional<KnownHead>& known, Witness* witness) {
    auto trusted = read_keys(keys);
    if (!trusted) {
        return fail(std::move(trusted.error()));
    }
    const bool is_written_to = FolderLock::is_taken(folder);
    const auto segments = list_segments(folder);
    if (!segments) {
        return fail(segments.error());
    }
    Verification verification{std::move(*trusted), known, witness, is_written_to};
    for (const Segment& segment : *segments) {
        auto reader = SegmentReader::open(segment.path);
        if (!reader) {
            return fail(std::move(reader.error()));
        }
        if (!verification.check(*reader, segment, &segment == &segments->back())) {
            return verification.finish(false);
        }
    }
    return verification.finish(true);
}

Status read_folder(const std::string& folder, const std::function<bool(const record::Record&)>& visit) {
    const auto segments = list_segments(folder);
    if (!segments) {
        return fail(segments.error());
    }
    Gapless log;
    for (const Segment& segment : *segments) {
        const bool is_last = &segment == &segments->back();
        auto reader = SegmentReader::open(segment.path);
        if (!reader) {
            return fail(std::move(reader.error()));
        }
        if (auto begun = log.begin(segment, *reader, is_last); !begun) {
            return begun;
        }
        auto goes_on = read_segment(*reader, log, is_last, visit);
        if (!goes_on) {
            return fail(std::move(goes_on.error()).within(segment.path));
        }
        if (!*goes_on) {
            break;
        }
    }
    return {};
}

Result<std::string> last_time(const std::string& folder) {
    const auto segments = list_segments(folder);
    if (!segments) {
        return fail(segments.error());
    }
    constexpr std::string_view kAt = R"(,"at":")";
    std::string last;
    for (auto segment = segments->rbegin(); segment != segments->rend() && last.empty(); ++segment) {
        auto reader = SegmentReader::open(segment->path);
        if (!reader) {
            return fail(std::move(reader.error()));
        }
        while (reader->next() == SegmentReader::Step::record) {
            last = reader->payload().find(kAt) != std::string::npos ? reader->payload() : std::move(last);
        }
    }
    const auto entry = last.empty() ? Result<record::Record>{record::Record::object()} : parse(last);
    return entry ? Result<std::string>{entry->text_of("at")}
                 : fail(Fault::evidence_unavailable, "the last record is no JSON object");
}

Result<std::string> visit_signed_since(const std::string& folder, const SignedSince& wanted,
                                       const std::function<void(const record::Record&)>& visit) {
    const auto segments = list_segments(folder);
    return segments ? SignedRecords{wanted, visit}.visit_all(folder, *segments) : fail(segments.error());
}

}  // namespace datong::evidence
