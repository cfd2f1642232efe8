#include <filesystem>
#include <set>
#include <utility>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/evidence/proof.h"
#include "core/evidence/verify.h"
#include "core/keeping/backup.h"
#include "core/keeping/files.h"
#include "core/seals/check.h"
#include "core/signing/jws.h"

namespace datong::keeping {
namespace {

namespace fs = std::filesystem;
using record::Record;

Result<Record> read_manifest(const std::string& folder, const Record& keys) {
    const auto trusted = evidence::read_keys(keys);
    const auto compact = read_whole(folder + "/backup.jws");
    const auto jws = compact ? signing::read_jws(*compact) : fail(compact.error());
    if (!trusted || !jws) {
        return fail(trusted ? jws.error() : trusted.error());
    }
    const auto key = trusted->find(jws->keyid());
    const bool is_gateways =
        key != trusted->end() && key->second.owner == "gateway" && jws->header.text_of("typ") == "datong-backup+jws";
    if (!is_gateways || !signing::verify_jws(*jws, key->second.key)) {
        return fail(Fault::signature_invalid, "backup.jws is not signed by a gateway that is trusted");
    }
    return codec::read_json(jws->payload, {.max_bytes = compact->size() + 1, .max_nodes = 1'000'000});
}

/// A path below the folder and nothing else.
bool is_below(const std::string& name) {
    const fs::path path{name};
    return !name.empty() && path.is_relative() && path.lexically_normal() == path && *path.begin() != "..";
}

/// Every file that the manifest names, as it says, and no other.
Status check_files(const std::string& folder, const Record& files) {
    std::set<std::string> named{"backup.jws"};
    for (const record::Member& member : files.members()) {
        const std::string name{member.name.view()};
        const auto octets =
            is_below(name) ? read_whole(folder + '/' + name) : fail(Fault::bad_request, "a path elsewhere");
        if (!octets) {
            return fail(Fault::evidence_unavailable, name + " is missing from the backup");
        }
        if (hex_digest(*octets) != member.value.scalar()) {
            return fail(Fault::evidence_unavailable, name + " was altered since the backup was made");
        }
        named.insert(name);
    }
    std::error_code error;
    for (fs::recursive_directory_iterator at{folder, error}, end; !error && at != end; at.increment(error)) {
        const std::string name = at->path().lexically_relative(folder).string();
        std::error_code unknown;
        if (!at->is_directory(unknown) && !named.contains(name)) {
            return fail(Fault::evidence_unavailable, name + " is no file of the backup");
        }
    }
    return error ? fail(Fault::evidence_unavailable, "can't read " + folder + ": " + error.message()) : Status{};
}

Status copy_files(const std::string& folder, const Record& files, const std::string& to) {
    for (const record::Member& member : files.members()) {
        const std::string name{member.name.view()};
        std::error_code error;
        fs::create_directories(fs::path{to + '/' + name}.parent_path(), error);
        const auto octets = read_whole(folder + '/' + name);
        if (auto written = octets ? write_durable(to + '/' + name, *octets) : fail(octets.error()); !written) {
            return written;
        }
    }
    return {};
}

}  // namespace

Result<BackedUp> restore_backup(const std::string& folder, const Record& keys, const std::string& to) {
    const auto manifest = read_manifest(folder, keys);
    const Record* files = manifest ? manifest->find("files") : nullptr;
    if (files == nullptr) {
        return fail(manifest ? Error{Fault::bad_request, "backup.jws names no files"} : manifest.error());
    }
    if (is_there(to).value_or(true) && !is_empty_folder(to)) {
        return fail(Fault::bad_request, "a backup is restored into an empty folder: " + to);
    }
    std::error_code error;
    fs::create_directories(to, error);
    const Status copied = check_files(folder, *files).and_then([&] { return copy_files(folder, *files, to); });
    if (!copied) {
        return fail(copied.error());
    }
    BackedUp done{.records = to_whole_number(manifest->text_of("records")).value_or(0),
                  .head = manifest->text_of("head"),
                  .files = files->members().size()};
    const evidence::KnownHead known{.records = done.records, .hash = done.head};
    // the gateway signed the head that it leads to; what is sealed of it, datong verify says
    const auto verdict = seals::verify_folder(to + "/evidence", keys, {.known = known, .without_seals = true});
    if (!verdict || !verdict->evidence.valid) {
        return fail(Fault::evidence_unavailable, "the restored evidence does not verify: " +
                                                     (verdict ? verdict->evidence.reason : verdict.error().detail()));
    }
    return done;
}

}  // namespace datong::keeping
