#include "core/keeping/backup.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <utility>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/evidence/frame.h"
#include "core/evidence/segment.h"
#include "core/keeping/files.h"
#include "core/signing/jws.h"
#include "core/store/statement.h"
#include "core/vault/shelf.h"

namespace datong::keeping {
namespace {

namespace fs = std::filesystem;
using record::Record;

/// Makes the backup's files one after the other and remembers their digests.
class Copying {
public:
    explicit Copying(std::string folder) : folder_{std::move(folder)} {}

    Status put(const std::string& name, std::string_view octets) {
        std::error_code error;
        fs::create_directories(fs::path{folder_ + '/' + name}.parent_path(), error);
        digests_[name] = hex_digest(octets);
        return write_durable(folder_ + '/' + name, octets);
    }

    /// A database as it is at one moment, by SQLite itself.
    Status put_database(const std::string& name, const std::string& file) {
        if (const auto is_found = is_there(file); !is_found || !*is_found) {
            return is_found ? Status{} : fail(is_found.error());
        }
        const std::string copy = folder_ + '/' + name;
        std::error_code error;
        fs::create_directories(fs::path{copy}.parent_path(), error);
        sqlite3* opened = nullptr;
        const int code = sqlite3_open_v2(file.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX, nullptr);
        const std::unique_ptr<sqlite3, decltype(&sqlite3_close_v2)> database{opened, sqlite3_close_v2};
        if (code != SQLITE_OK) {
            return fail(Fault::evidence_unavailable, "can't read " + file);
        }
        sqlite3_busy_timeout(opened, 5'000);
        store::Statement into{opened, "VACUUM INTO ?"};
        if (auto copied = into.bind(copy).run(); !copied) {
            return copied;
        }
        fs::permissions(copy, fs::perms::owner_read | fs::perms::owner_write, error);
        const auto octets = read_whole(copy);
        return octets ? put(name, *octets) : fail(octets.error());
    }

    [[nodiscard]] const std::map<std::string, std::string>& digests() const { return digests_; }

private:
    std::string folder_;
    std::map<std::string, std::string> digests_;
};

/// The segment's octets up to its last whole record; how far the log goes is noted. Only the last segment may end
/// within a record: the gateway may be writing it. Damage is no end, and no hole is passed over: a copy with one would
/// be called complete.
Result<std::string> whole_records(const evidence::Segment& segment, bool is_last, evidence::Gapless& log,
                                  BackedUp& done) {
    using Step = evidence::SegmentReader::Step;
    auto reader = evidence::SegmentReader::open(segment.path);
    if (!reader || !reader->has_header()) {
        return fail(Fault::evidence_unavailable, segment.path + " can't be read");
    }
    if (auto begun = log.begin(segment, *reader, is_last); !begun) {
        return fail(std::move(begun.error()));
    }
    Step step = reader->next();
    for (; step == Step::record; step = reader->next()) {
        log.count();
        done.head = to_hex(reader->hash());
    }
    if (auto ended = log.end(*reader, step, is_last); !ended) {
        return fail(std::move(ended.error()).within(segment.path));
    }
    done.records = log.next() - 1;
    auto octets = read_whole(segment.path);
    const std::uint64_t end = reader->offset() + (reader->trailer() ? evidence::kSegmentTrailerSize : 0);
    if (!octets || octets->size() < end) {
        return fail(Fault::evidence_unavailable, segment.path + " can't be read");
    }
    octets->resize(end);
    return octets;
}

/// It may be archived between being listed and being read; it is whole where it goes.
Result<std::string> read_segment(const std::string& folder, const evidence::Segment& segment, bool is_last,
                                 evidence::Gapless& log, BackedUp& done) {
    const evidence::Gapless before = log;
    auto octets = whole_records(segment, is_last, log, done);
    if (octets || is_there(segment.path).value_or(true)) {
        return octets;
    }
    const auto again = evidence::list_segments(folder);
    if (!again) {
        return fail(again.error());
    }
    const auto moved = std::ranges::find(*again, segment.first, &evidence::Segment::first);
    log = before;
    return moved == again->end() ? std::move(octets) : whole_records(*moved, is_last, log, done);
}

Status copy_log(const std::string& folder, Copying& copying, BackedUp& done) {
    const auto segments = evidence::list_segments(folder);
    if (!segments) {
        return fail(segments.error());
    }
    evidence::Gapless log;
    for (const evidence::Segment& segment : *segments) {
        const auto octets = read_segment(folder, segment, &segment == &segments->back(), log, done);
        if (!octets) {
            return fail(octets.error());
        }
        if (auto put = copying.put("evidence/" + fs::path{segment.path}.filename().string(), *octets); !put) {
            return put;
        }
    }
    return done.records > 0 ? Status{} : fail(Fault::evidence_unavailable, "no record in " + folder);
}

Status copy_sources(const std::string& folder, Copying& copying) {
    for (const char* name : {"/sources/orders.json", "/sources/drift.json"}) {
        const auto is_found = is_there(folder + name);
        if (is_found && !*is_found) {
            continue;
        }
        const auto octets = is_found ? read_whole(folder + name) : fail(is_found.error());
        if (auto put = octets ? copying.put("evidence" + std::string{name}, *octets) : fail(octets.error()); !put) {
            return put;
        }
    }
    return {};
}

bool is_database(const std::string& file) {
    constexpr std::string_view kMagic{"SQLite format 3\0", 16};  // https://www.sqlite.org/fileformat.html, 1.3.1
    std::ifstream in{file, std::ios::binary};
    std::string head(kMagic.size(), '\0');
    in.read(head.data(), static_cast<std::streamsize>(head.size()));
    return in.good() && head == kMagic;
}

/// Submissions (`store.file`), and every store that stands beside it under that name and one of its own (".access"):
/// they are looked for, so that none which comes later can be forgotten.
Status copy_stores(const std::string& store_file, Copying& copying) {
    if (auto put = copying.put_database("state/datong.db", store_file); !put) {
        return put;
    }
    const fs::path store = fs::path{store_file}.lexically_normal();
    const std::string beside = store.filename().string() + '.';
    std::error_code error;
    for (fs::directory_iterator at{store.parent_path(), error}, end; !error && at != end; at.increment(error)) {
        const std::string file = at->path().string();
        const std::string name = at->path().filename().string();
        if (!name.starts_with(beside) || !is_database(file)) {
            continue;
        }
        const std::string suffix = name.substr(beside.size() - 1);
        if (auto put = copying.put_database("state/datong.db" + suffix, file); !put) {
            return put;
        }
    }
    const bool is_there = !error || error == std::errc::no_such_file_or_directory;
    return is_there ? Status{} : fail(Fault::evidence_unavailable, "can't read the folder of " + store_file);
}

std::string manifest_of(const Copying& copying, const BackedUp& done, const std::string& at) {
    Record manifest = Record::object();
    manifest.put("at", Record::text(at));
    manifest.put("records", Record::integer(static_cast<long long>(done.records)));
    manifest.put("head", Record::text(done.head));
    Record files = Record::object();
    for (const auto& [name, digest] : copying.digests()) {
        files.put(name, Record::text(digest));
    }
    manifest.put("files", std::move(files));
    return codec::write_json(manifest);
}

}  // namespace

Result<BackedUp> create_backup(const BackupFrom& from, const crypto::SigningKey& key, const std::string& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (!is_empty_folder(folder)) {
        return fail(Fault::bad_request, "a backup goes into an empty folder: " + folder);
    }
    fs::permissions(folder, fs::perms::owner_all, error);
    Copying copying{folder};
    BackedUp done;
    // the log before what stands beside it: a body is durable before its record is
    const Status copied =
        copy_log(from.evidence_folder, copying, done)
            .and_then([&] {
                return copying.put_database("evidence/bodies/bodies.db", vault::Shelf::file_of(from.evidence_folder));
            })
            .and_then([&] { return copy_stores(from.store_file, copying); })
            .and_then([&] { return copy_sources(from.evidence_folder, copying); });
    if (!copied) {
        return fail(copied.error());
    }
    const auto jws = signing::sign_jws(manifest_of(copying, done, from.at), from.keyid, "datong-backup+jws",
                                       key.default_algorithm(), key);
    if (!jws) {
        return fail(jws.error());
    }
    if (auto put = write_durable(folder + "/backup.jws", *jws); !put) {
        return fail(std::move(put.error()));
    }
    done.files = copying.digests().size();
    return done;
}

}  // namespace datong::keeping
