#include "core/keeping/archive.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include "core/base/clock.h"
#include "core/base/moment.h"
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
    evidence::Segment segment;
    std::string first_previous;  ///< 32 octets
    std::string last_hash;
    std::uint64_t records{};
    std::string last_at;
    evidence::ChainHash hash{evidence::ChainHash::sha256};
};

Result<Read> read_segment(const evidence::Segment& segment) {
    auto reader = SegmentReader::open(segment.path);
    if (!reader || !reader->has_header()) {
        return fail(Fault::evidence_unavailable, segment.path + " can't be read");
    }
    Read read{.segment = segment,
              .first_previous = reader->header().previous,
              .last_hash = {},
              .last_at = {},
              .hash = reader->header().hash};
    auto step = reader->next();
    for (; step == SegmentReader::Step::record; step = reader->next()) {
        ++read.records;
        read.last_hash = reader->hash();
        const auto entry =
            codec::read_json(reader->payload(), {.max_bytes = evidence::kMaxPayload, .max_nodes = 4'000'000});
        read.last_at = entry ? std::max(read.last_at, entry->text_of("at")) : read.last_at;
    }
    return step == SegmentReader::Step::end ? Result<Read>{std::move(read)}
                                            : fail(Fault::evidence_unavailable, segment.path + " is damaged");
}

std::string name_of(const Read& read) {
    return fs::path{read.segment.path}.filename().string();
}

std::uint64_t last_of(const Read& read) {
    return read.segment.first + read.records - 1;
}

Record line_of(const Read& read, const std::string& digest) {
    Record line = Record::object();
    line.put("file", Record::text(name_of(read)));
    line.put("from", Record::integer(static_cast<long long>(read.segment.first)));
    line.put("to", Record::integer(static_cast<long long>(last_of(read))));
    line.put("previous", Record::text(to_hex(read.first_previous)));
    line.put("hash", Record::text(std::string{evidence::name_of(read.hash)}));
    line.put("head", Record::text(to_hex(read.last_hash)));
    line.put("sha256", Record::text(digest));
    return line;
}

Result<Record> read_chain(const std::string& archive) {
    const auto is_begun = is_there(archive + kChainFile);
    if (!is_begun) {
        return fail(is_begun.error());
    }
    if (!*is_begun) {
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
Result<std::string> archives_of(const std::string& folder) {
    const std::string file = folder + "/archives";
    const auto is_found = is_there(file);
    if (!is_found) {
        return fail(is_found.error());
    }
    return *is_found ? read_whole(file) : std::string{};
}

/// "/a/" is "/a".
fs::path without_slash(const fs::path& path) {
    const fs::path normal = path.lexically_normal();
    return normal.has_filename() ? normal : normal.parent_path();
}

bool names(const std::string& archives, const std::string& archive) {
    return std::ranges::any_of(split(archives, '\n'),
                               [&](std::string_view line) { return !line.empty() && without_slash(line) == archive; });
}

/// By what it is, not by how it is called: over links and bind mounts, too. What is missing is nothing's other name.
bool is_same(const fs::path& one, const fs::path& other) {
    std::error_code error;
    return fs::equivalent(one, other, error) && !error;
}

Status note_archive(const std::string& folder, const std::string& archive) {
    const auto archives = archives_of(folder);
    if (!archives) {
        return fail(archives.error());
    }
    return names(*archives, archive) ? Status{} : write_durable(folder + "/archives", *archives + archive + '\n');
}

/// A crash between the copy and the removal leaves the line of a segment that is moved again.
void put_line(Record& chain, Record line) {
    Record::List& lines = chain.find("segments")->items_to_edit();
    std::erase_if(lines, [&line](const Record& one) { return one.text_of("file") == line.text_of("file"); });
    lines.push_back(std::move(line));
}

/// Every node's first segment has the same name: what is there under it may be another's only proof.
bool is_anothers(const Record& chain, const std::string& name, const std::string& digest, const std::string& there,
                 bool is_found) {
    for (const Record& line : chain.find("segments")->items()) {
        if (line.text_of("file") == name && line.text_of("sha256") != digest) {
            return true;
        }
    }
    return is_found && digest_of_file(there).value_or("") != digest;
}

/// A copy that is whole, also where a crash left it before. @return hex SHA-256.
Result<std::string> copy_segment(const Read& read, const std::string& archive, const Record& chain) {
    const std::string name = name_of(read);
    const std::string there = archive + '/' + name;
    const auto digest = digest_of_file(read.segment.path);
    if (!digest) {
        return fail(digest.error());
    }
    const auto is_found = is_there(there);
    if (!is_found) {
        return fail(is_found.error());
    }
    if (*is_found && is_same(read.segment.path, there)) {
        return fail(Fault::evidence_unavailable, there + " is the segment itself and no copy of it");
    }
    if (is_anothers(chain, name, *digest, there, *is_found)) {
        return fail(Fault::evidence_unavailable,
                    archive + " holds another segment named " + name +
                        ": of another node, or from before a backup was restored. It was not moved; each node "
                        "needs an archive folder of its own, and a restored one a new folder");
    }
    if (*is_found) {
        return digest;
    }
    const auto copied = copy_durable(read.segment.path, there);
    const auto again = copied ? digest_of_file(there) : fail(copied.error());
    if (!again || *again != *digest) {
        std::error_code error;
        fs::remove(there, error);
        return fail(Fault::evidence_unavailable, "the copy of " + name + " is not what was copied");
    }
    return digest;
}

/// Durable there, with its line in the chain file, before it goes here.
Status move_segment(const std::string& folder, const Read& read, const std::string& archive, Record& chain) {
    const auto digest = copy_segment(read, archive, chain);
    if (!digest) {
        return fail(digest.error());
    }
    put_line(chain, line_of(read, *digest));
    const Status there = write_durable(archive + kChainFile, codec::write_json_for_people(chain)).and_then([&] {
        return note_archive(folder, archive);
    });
    if (!there) {
        return there;
    }
    std::error_code error;
    if (!fs::remove(read.segment.path, error)) {
        return fail(Fault::evidence_unavailable, "can't remove " + read.segment.path);
    }
    return sync_folder(folder);
}

/// Whether that folder is one that can be written to, or can be made.
bool is_writable(fs::path folder) {
    auto is_found = is_there(folder.string());
    while (is_found && !*is_found && folder.has_relative_path()) {
        folder = folder.parent_path();
        is_found = is_there(folder.string());
    }
    std::error_code error;
    return is_found && fs::is_directory(folder, error) && ::access(folder.c_str(), W_OK) == 0;
}

/// Where an archive stands; Fault::bad_request where it can't be one. Whether it can be used is looked at before
/// any segment is read: who is refused asks again.
Result<std::string> place_of(const std::string& evidence_folder, const std::string& archive) {
    const fs::path folder = without_slash(fs::absolute(evidence_folder));
    const fs::path to = without_slash(archive);
    if (!to.is_absolute() || to == folder || is_same(to, folder)) {
        return fail(Fault::bad_request, "an archive is another folder, by its absolute path");
    }
    const auto archives = archives_of(evidence_folder);
    if (!archives) {
        return fail(archives.error());
    }
    if (names(*archives, to.string()) && !is_there(to.string() + kChainFile).value_or(false)) {
        return fail(Fault::evidence_unavailable,
                    to.string() + " holds segments of this folder and has no chain.json now: is it mounted?");
    }
    return is_writable(to) ? Result<std::string>{to.string()}
                           : fail(Fault::evidence_unavailable, "can't write to " + to.string());
}

/// When a segment was begun, by the clock of then; empty where it does not say.
std::string begun_at(const evidence::Segment& segment) {
    const auto reader = evidence::SegmentReader::open(segment.path);
    const bool says = reader && reader->has_header() && reader->header().begun_ms > 0;
    const auto moment =
        says ? exact_moment(static_cast<std::int64_t>(reader->header().begun_ms / 1'000)) : std::nullopt;
    return moment ? to_rfc3339(*moment) : std::string{};
}

/// Which begins a clock told that was right, as far as the others tell: those of the longest row that never goes back,
/// of several the one that begins with the oldest segment. Those of a clock that was ahead or behind stand out of it.
std::vector<bool> in_row(const std::vector<std::string>& begun) {
    std::vector<std::size_t> longest(begun.size(), 0);  // of the rows that begin there
    const auto goes_on = [&](std::size_t from, std::size_t to) {
        return longest[to] + 1 == longest[from] && begun[to] >= begun[from];
    };
    std::size_t all = 0;
    for (std::size_t i = begun.size(); i-- > 0;) {
        for (std::size_t next = i + 1; next < begun.size() && !begun[i].empty(); ++next) {
            longest[i] = begun[next] >= begun[i] ? std::max(longest[i], longest[next]) : longest[i];
        }
        longest[i] += begun[i].empty() ? 0 : 1;
        all = std::max(all, longest[i]);
    }
    std::vector<bool> is_in(begun.size(), false);
    std::size_t last = begun.size();
    for (std::size_t i = 0; i < begun.size(); ++i) {
        const bool is_next = last == begun.size() ? all > 0 && longest[i] == all : goes_on(last, i);
        last = is_next ? i : last;
        is_in[i] = is_next;
    }
    return is_in;
}

/// For each segment a time before which all its records were made, whatever they say themselves: the earliest at which
/// one behind it was begun. One record of a clock that was ahead would keep its segment here for as long, and all
/// behind it. What was begun by a clock that was behind tells nothing.
std::vector<std::string> ends_of(const std::vector<evidence::Segment>& segments) {
    std::vector<std::string> begun(segments.size());
    std::ranges::transform(segments, begun.begin(), begun_at);
    const std::vector<bool> is_right = in_row(begun);
    std::vector<std::string> ends(segments.size(), "9999");
    for (std::size_t i = segments.size(); i-- > 1;) {
        ends[i - 1] = is_right[i] ? std::min(ends[i], begun[i]) : ends[i];
    }
    return ends;
}

/// Those that may be moved, the oldest first.
Result<std::vector<Read>> find_old(const std::string& evidence_folder, const std::string& before) {
    const fs::path here = (fs::path{evidence_folder} / "any").parent_path();
    const auto segments = evidence::list_segments(evidence_folder);
    if (!segments) {
        return fail(segments.error());
    }
    const std::vector<std::string> ends = ends_of(*segments);
    std::vector<Read> old;
    for (std::size_t i = 0; i + 1 < segments->size(); ++i) {  // the last one is written to
        const evidence::Segment& segment = (*segments)[i];
        if (fs::path{segment.path}.parent_path() != here) {
            continue;  // moved before, to this archive or an older one
        }
        auto read = read_segment(segment);
        if (!read) {
            return fail(read.error());
        }
        if (std::min(read->last_at, ends[i]) >= before) {
            break;
        }
        old.push_back(std::move(*read));
    }
    return old;
}

Archived archived_of(const std::vector<Read>& moved) {
    Archived archived;
    for (const Read& read : moved) {
        archived.segments.push_back(name_of(read));
    }
    if (!moved.empty()) {
        archived.from = moved.front().segment.first;
        archived.to = last_of(moved.back());
        archived.head = to_hex(moved.back().last_hash);
    }
    return archived;
}

}  // namespace

Result<Archived> find_archivable(const std::string& evidence_folder, const std::string& before,
                                 const std::string& archive) {
    const auto to = place_of(evidence_folder, archive);
    const auto old = to ? find_old(evidence_folder, before) : fail(to.error());
    return old ? Result<Archived>{archived_of(*old)} : fail(old.error());
}

Result<Archived> archive_before(const std::string& evidence_folder, const std::string& before,
                                const std::string& archive) {
    const auto to = place_of(evidence_folder, archive);
    const auto old = to ? find_old(evidence_folder, before) : fail(to.error());
    if (!old || old->empty()) {
        return old ? Result<Archived>{Archived{}} : fail(old.error());
    }
    std::error_code error;
    fs::create_directories(*to, error);
    const auto lock = FileLock::take(*to + "/archive.lock");
    if (!lock) {
        return fail(lock.error());
    }
    auto chain = read_chain(*to);
    if (!chain) {
        return fail(std::move(chain.error()));
    }
    for (const Read& read : *old) {
        if (auto moved = move_segment(evidence_folder, read, *to, *chain); !moved) {
            return fail(std::move(moved.error()));
        }
    }
    return archived_of(*old);
}

}  // namespace datong::keeping
