#include <chrono>
#include <iostream>

#include "core/app/commands.h"
#include "core/app/configuration.h"
#include "core/app/map_files.h"
#include "core/base/background.h"
#include "core/base/clock.h"
#include "core/codec/json.h"
#include "core/keeping/archive.h"
#include "core/keeping/backup.h"

namespace datong::app {
namespace {

int say(const char* what, const Error& why) {
    std::cerr << what << ": " << why.detail() << '\n';
    return why.fault() == Fault::bad_request ? kUsage : kWanting;
}

int say_archived(const keeping::Archived& archived, const std::string& to) {
    if (archived.segments.empty()) {
        std::cout << "没有可归档的段 nothing to archive: no whole segment is older\n";
        return kGood;
    }
    std::cout << "已归档 archived: " << archived.segments.size() << " segments, records " << archived.from << " to "
              << archived.to << "\n  " << to << " (chain.json)\n";
    return kGood;
}

void say_backed_up(const keeping::BackedUp& done) {
    std::cout << "  " << done.records << " records, " << done.files << " files, head " << done.head << '\n';
}

}  // namespace

int evidence_archive(const ArchiveOptions& options) {
    std::string before = options.before;
    if (options.older_than_days > 0) {
        before = to_rfc3339(std::chrono::system_clock::now() - std::chrono::hours{24 * options.older_than_days});
    }
    const auto when = before.empty() ? std::nullopt : moment(before);
    if (!when) {
        std::cerr << "须写明 --before 或 --older-than say --before (2026-01-01T00:00:00+08:00) or --older-than DAYS\n";
        return kUsage;
    }
    int code = kGood;
    const Mistakes mistakes = with_configuration(options.config, [&](const catalogue::Snapshot& snapshot) {
        give_way_to_calls();
        const auto archived = keeping::archive_before(snapshot.gateway.evidence_folder, to_rfc3339(*when), options.to);
        code = archived ? say_archived(*archived, options.to) : say("未归档 not archived", archived.error());
    });
    if (has_errors(mistakes)) {
        print(mistakes);
        return kConfig;
    }
    return code;
}

int backup_create(const BackupOptions& options) {
    int code = kGood;
    const Mistakes mistakes = with_configuration(options.config, [&](const catalogue::Snapshot& snapshot) {
        const auto now = std::chrono::system_clock::now();
        const catalogue::NamedKey& key = snapshot.gateway.key.at(now);
        give_way_to_calls();
        const auto done = keeping::create_backup({.evidence_folder = snapshot.gateway.evidence_folder,
                                                  .store_file = snapshot.gateway.store_file,
                                                  .at = to_rfc3339(now),
                                                  .keyid = key.id},
                                                 *key.key, options.folder);
        if (!done) {
            code = say("未备份 not backed up", done.error());
            return;
        }
        std::cout << "已备份 backed up: " << options.folder << '\n';
        say_backed_up(*done);
    });
    if (has_errors(mistakes)) {
        print(mistakes);
        return kConfig;
    }
    return code;
}

int backup_restore(const BackupOptions& options) {
    const auto text = read_text(options.keys);
    const auto jwks = text ? codec::read_json(*text) : fail(Fault::bad_request, "");
    if (!jwks) {
        std::cerr << "无法读取公钥文件 " << options.keys << " can't read a JWKS (public keys) from " << options.keys
                  << '\n';
        return kConfig;
    }
    const auto done = keeping::restore_backup(options.folder, *jwks, options.to);
    if (!done) {
        return say("未恢复 not restored", done.error());
    }
    std::cout << "已恢复且完整 restored, and complete: every file and every record to the head\n";
    say_backed_up(*done);
    std::cout << "  随后 next: point evidence.folder and store.file there, then datong evidence reindex\n";
    return kGood;
}

}  // namespace datong::app
