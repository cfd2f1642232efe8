#include "core/keeping/archive.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/evidence/segment.h"
#include "core/keeping/files.h"
#include "core/record/record.h"

namespace datong::keeping {
namespace {

namespace fs = std::filesystem;
using evidence::SegmentReader;
using record::Record;

constexpr const char* kChainFile = "/chain.json";

/// One segment read from end to end.
struct Read {
    std::string first_previous;  ///< 32 octets
    std::string last_hash;
    std::uint64_t records{};
    std::string last_at;
};

Result<Read> read_segment(const evidence::Segment& segment) {
    auto reader = SegmentReader::open(segment.path);
    if (!reader || !reader->has_header()) {
        return fail(Fault::evidence_unavailable, segment.path + " can't be read");
    }
    Read read{.first_previous = reader->header().previous, .last_hash = {}, .last_at = {}};
    auto step = reader->next();
    for (; step == SegmentReader::Step::record; step = reader->next()) {
        ++read.records;
        read.last_hash = crypto::sha256(reader->payload());
        const auto entry =
            codec::read_json(reader->payload(), {.max_bytes = evidence::kMaxPayload, .max_nodes = 4'000'000});
        read.last_at = entry ? std::max(read.last_at, entry->text_of("at")) : read.last_at;
    }
    return step == SegmentReader::Step::end ? Result<Read>{std::move(read)}
                                            : fail(Fault::evidence_unavailable, segment.path + " is damaged");
}

Record line_of(const std::string& name, const evidence::Segment& segment, const Read& read, const std::string& digest) {
    Record line = Record::object();
    line.put("file", Record::text(name));
    line.put("from", Record::integer(static_cast<long long>(segment.first)));
    line.put("to", Record::integer(static_cast<long long>(segment.first + read.records - 1)));
    line.put("previous", Record::text(to_hex(read.first_previous)));
    line.put("head", Record::text(to_hex(read.last_hash)));
    line.put("sha256", Record::text(digest));
    return line;
}

Result<Record> read_chain(const std::string& archive) {
    if (!fs::exists(archive + kChainFile)) {
        Record chain = Record::object();
        chain.put("segments", Record::list());
        return chain;
    }
    const auto text = read_whole(archive + kChainFile);
    auto chain = text ? codec::read_json(*text) : fail(text.error());
    return chain && chain->find("segments") != nullptr
               ? std::move(chain)
               : fail(Fault::evidence_unavailable, archive + kChainFile + " is no chain file");
}

/// The folder of evidence names its archives, one a line.
Status note_archive(const std::string& folder, const std::string& archive) {
    const std::string file = folder + "/archives";
    std::string names = fs::exists(file) ? read_whole(file).value_or("") : std::string{};
    for (const std::string_view line : split(names, '\n')) {
        if (line == archive) {
            return {};
        }
    }
    return write_durable(file, names + archive + '\n');
}

/// Durable there, with its line in the chain file, before it goes here.
Status move_segment(const std::string& folder, const evidence::Segment& segment, const Read& read,
                    const std::string& archive, Record& chain) {
    const std::string name = fs::path{segment.path}.filename().string();
    const auto octets = read_whole(segment.path);
    if (!octets) {
        return fail(octets.error());
    }
    chain.find("segments")->add(line_of(name, segment, read, hex_digest(*octets)));
    const Status there =
        write_durable(archive + '/' + name, *octets)
            .and_then([&] { return write_durable(archive + kChainFile, codec::write_json_for_people(chain)); })
            .and_then([&] { return note_archive(folder, archive); });
    const auto again = there ? read_whole(archive + '/' + name) : fail(there.error());
    if (!again || *again != *octets) {
        return fail(Fault::evidence_unavailable, "the copy of " + name + " is not what was copied");
    }
    std::error_code error;
    if (!fs::remove(segment.path, error)) {
        return fail(Fault::evidence_unavailable, "can't remove " + segment.path);
    }
    return sync_folder(folder);
}

}  // namespace

Result<Archived> archive_before(const std::string& evidence_folder, const std::string& before,
                                const std::string& archive) {
    const fs::path folder = fs::absolute(evidence_folder).lexically_normal();
    const fs::path to = fs::path{archive}.lexically_normal();
    if (!to.is_absolute() || to == folder) {
        return fail(Fault::bad_request, "an archive is another folder, by its absolute path");
    }
    std::error_code error;
    fs::create_directories(to, error);
    const auto segments = evidence::list_segments(evidence_folder);
    auto chain = read_chain(to.string());
    if (!segments || !chain) {
        return fail(segments ? chain.error() : segments.error());
    }
    Archived archived;
    for (std::size_t i = 0; i + 1 < segments->size(); ++i) {  // the last one is written to
        const evidence::Segment& segment = (*segments)[i];
        if (fs::path{segment.path}.parent_path() == to) {
            continue;  // moved before
        }
        const auto read = read_segment(segment);
        if (!read) {
            return fail(read.error());
        }
        if (read->last_at >= before) {
            break;
        }
        if (auto moved = move_segment(evidence_folder, segment, *read, to.string(), *chain); !moved) {
            return fail(std::move(moved.error()));
        }
        archived.segments.push_back(fs::path{segment.path}.filename().string());
        archived.from = archived.from == 0 ? segment.first : archived.from;
        archived.to = segment.first + read->records - 1;
    }
    return archived;
}

}  // namespace datong::keeping
