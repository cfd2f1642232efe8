#include <algorithm>
#include <filesystem>
#include <iostream>

#include "core/app/admin_client.h"
#include "core/app/commands.h"
#include "core/app/configuration.h"
#include "core/app/map_files.h"
#include "core/app/recall.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/doors/door.h"
#include "core/evidence/segment.h"
#include "core/later/later.h"

namespace datong::app {
namespace {

using evidence::Erasure;
using record::Record;

Status check(const Erasure& wanted) {
    if (auto good = vault::check_basis(wanted.basis); !good) {
        return good;
    }
    if (wanted.exchange.empty() && wanted.case_number.empty() && wanted.before.empty()) {
        return fail(Fault::bad_request, "what to erase: an exchange, a case, or all before a moment");
    }
    if (!wanted.what.empty() && !vault::kept_by_name(wanted.what)) {
        return fail(Fault::bad_request, "what is all, bodies or subjects");
    }
    return {};
}

int say(const Record& erased) {
    std::cout << "已清除 erased: " << erased.text_of("exchanges") << " 次交换的报文 exchanges' bodies, "
              << erased.text_of("keys") << " 个对象密钥 subject keys, " << erased.text_of("at")
              << "\n  已记入存证链, 各交换的证明不变 recorded in the chain; every proof stands\n";
    return kGood;
}

/// The gateway that runs there does it: nobody else writes to its chain.
int erase_by_gateway(const std::string& config, const Record& what) {
    const AdminAnswer answer = ask_admin(
        config, {.target = "/v1/evidence/erase", .body = codec::write_json(what), .reason = what.text_of("basis")});
    if (!answer.http) {
        return answer.code;
    }
    const auto body = codec::read_json(answer.http->body);
    if (answer.http->status != 200 || !body) {
        std::cerr << "网关未清除 the gateway erased nothing\n";
        return say_problem(*answer.http);
    }
    return say(*body);
}

/// Whether nobody's chain and stores are worked on by a gateway that was started with other folders than gateway.yaml
/// names now: here another log would begin, and nothing would be erased that is meant.
bool is_alone(const std::string& config, const catalogue::Gateway& gateway) {
    const auto somebody = is_listened_at(config);
    if (!somebody) {
        std::cerr << "未清除 nothing was erased: 无法确定网关是否在运行 can't tell whether a gateway runs: "
                  << somebody.error().detail() << '\n';
    } else if (*somebody) {
        const std::string url = admin_url(config);
        std::cerr << "未清除 nothing was erased: 有进程在 " << url << " 监听, 但不写入 " << gateway.evidence_folder
                  << "; 如是网关, 先重启或停止 somebody listens at " << url << " and does not write in "
                  << gateway.evidence_folder << ": if it is a gateway, restart it, or end it first\n";
    }
    return somebody && !*somebody;
}

int erase_here(const catalogue::Gateway& gateway, Erasure wanted) {
    namespace fs = std::filesystem;
    const auto segments = evidence::list_segments(gateway.evidence_folder);
    if (!segments || segments->empty()) {  // not mounted, perhaps: to begin a second log there would erase nothing
        std::cerr << "未清除 nothing was erased: 此目录没有存证 no evidence in the folder: " << gateway.evidence_folder
                  << '\n';
        return kWanting;
    }
    std::error_code failure;
    fs::create_directories(fs::path{gateway.store_file}.parent_path(), failure);  // else it can't be locked
    const auto alone = lock_store(gateway);  // before anything is opened, which would begin it
    const SystemClock clock;
    auto sink = alone ? telemetry::Sink::make({.file = {}}) : fail(alone.error());
    auto log =
        sink ? evidence::Log::open(log_settings(gateway), evidence::system_files(), clock, **sink) : fail(sink.error());
    auto shelf = log ? vault::Shelf::open(vault::Shelf::file_of(gateway.evidence_folder)) : fail(log.error());
    auto awaited = shelf ? store::AwaitedBook::open(later::book_of(gateway)) : fail(shelf.error());
    auto jobs = awaited ? store::Jobs::open(gateway.store_file) : fail(awaited.error());
    auto erased = jobs ? erase_bodies({**shelf, **awaited, **jobs}, **log, gateway, clock, std::move(wanted))
                       : fail(jobs.error());
    if (!erased) {
        std::cerr << "未清除 nothing was erased: " << erased.error().detail() << '\n';
        return kWanting;
    }
    return say(to_record(*erased));
}

}  // namespace

Result<Erasure> read_erasure(const Record& what) {
    Erasure wanted{.at = {},
                   .exchange = what.text_of("exchange"),
                   .case_number = what.text_of("case_number"),
                   .before = what.text_of("before"),
                   .basis = what.text_of("basis"),
                   .what = what.text_of("what")};
    for (const record::Member& member : what.members()) {
        if (!member.value.is_text() ||
            member.value.scalar().empty()) {  // nobody means everybody's by an empty condition
            return fail(Fault::bad_request, "every member is a text that is not empty");
        }
        constexpr std::array<std::string_view, 5> kKnown{"exchange", "case_number", "before", "basis", "what"};
        if (std::find(kKnown.begin(), kKnown.end(), member.name.view()) == kKnown.end()) {
            return fail(Fault::bad_request, "a member that an erasure does not have");
        }
    }
    if (!wanted.exchange.empty() && !doors::is_exchange_id(wanted.exchange)) {
        return fail(Fault::bad_request, "exchange must be the whole id of one");
    }
    if (!wanted.before.empty() && !moment(wanted.before)) {
        return fail(Fault::bad_request, "before must be a moment such as 2026-12-01T00:00:00+08:00");
    }
    return wanted;
}

Record to_record(const Erasure& erasure) {
    Record made = Record::object();
    for (const auto& [name, value] :
         {std::pair{"at", &erasure.at}, std::pair{"exchange", &erasure.exchange},
          std::pair{"case_number", &erasure.case_number}, std::pair{"before", &erasure.before},
          std::pair{"basis", &erasure.basis}, std::pair{"what", &erasure.what}}) {
        if (!value->empty()) {
            made.put(std::string{name}, Record::text(*value));
        }
    }
    if (!erasure.at.empty()) {  // of one that was carried out
        made.put("exchanges", Record::integer(erasure.exchanges));
        made.put("keys", Record::integer(erasure.keys));
    }
    return made;
}

Result<Erasure> erase_bodies(const Erasing& from, evidence::Log& log, const catalogue::Gateway& gateway,
                             const Clock& clock, Erasure wanted) {
    if (auto meant = check(wanted); !meant) {
        return fail(std::move(meant.error()));
    }
    vault::Selection what{.exchange = wanted.exchange,
                          .case_number = wanted.case_number,
                          .before = std::nullopt,
                          .kept = vault::kept_by_name(wanted.what).value_or(vault::Kept::all)};
    if (!wanted.before.empty()) {
        const auto when = moment(wanted.before);
        if (!when) {
            return fail(Fault::bad_request, "before is no moment of the clock");
        }
        what.before = to_unix_seconds(*when);
    }
    const auto count = from.shelf.count(what);
    const auto keys = count ? from.shelf.count_keys(what) : fail(count.error());
    if (!keys) {
        return fail(keys.error());
    }
    wanted.at = to_rfc3339(clock.now());
    wanted.exchanges = *count;
    wanted.keys = *keys;
    const catalogue::NamedKey& key = gateway.key.at(clock.now());
    if (auto said = evidence::sign_erasure(wanted, key.id, *key.key); !said) {
        return fail(std::move(said.error()));
    }
    if (auto kept = log.append_now(evidence::to_json(wanted)); !kept) {
        return fail(std::move(kept.error()));
    }
    Status erased;
    if (what.kept != vault::Kept::subjects) {  // all of them, whichever fails
        for (auto done : {from.awaited.erase(what.exchange, what.case_number, what.before),
                          from.jobs.erase(what.exchange, what.case_number, what.before)}) {
            erased = erased ? std::move(done) : erased;
        }
    }
    // behind what is awaited: whoever took up a question before that finds this erasure
    auto gone = from.shelf.erase(what);
    erased = erased ? std::move(gone) : erased;
    if (!erased) {
        return fail(std::move(erased.error()).within("recorded, but not erased yet: run it again"));
    }
    return wanted;
}

int evidence_erase(const EraseOptions& options) {
    Erasure wanted{.at = {},
                   .exchange = options.exchange,
                   .case_number = options.case_number,
                   .before = options.before,
                   .basis = options.basis,
                   .what = options.what};
    if (options.older_than_days > 0) {
        wanted.before = to_rfc3339(std::chrono::system_clock::now() - std::chrono::hours{24 * options.older_than_days});
    }
    const bool has_moment = wanted.before.empty() || moment(wanted.before);
    if (auto meant = check(wanted); !meant || !has_moment) {
        std::cerr << "须写明 --basis 和 --exchange、--case、--before 或 --older-than 之一 say --basis, and --exchange, "
                     "--case, --before or --older-than: "
                  << (meant ? "--before is a moment such as 2026-12-01T00:00:00+08:00" : meant.error().detail())
                  << '\n';
        return kUsage;
    }
    int code = kGood;
    const Mistakes mistakes = with_configuration(options.config, [&](const catalogue::Snapshot& snapshot) {
        const bool runs = evidence::FolderLock::is_taken(snapshot.gateway.evidence_folder);
        if (runs) {
            code = erase_by_gateway(options.config, to_record(wanted));
        } else {
            code = is_alone(options.config, snapshot.gateway) ? erase_here(snapshot.gateway, wanted) : kWanting;
        }
    });
    if (has_errors(mistakes)) {
        print(mistakes);
        return kConfig;
    }
    return code;
}

}  // namespace datong::app
