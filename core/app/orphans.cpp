#include "core/app/recall.h"

#include <filesystem>
#include <iostream>

#include "core/app/commands.h"
#include "core/app/configuration.h"
#include "core/evidence/entry.h"
#include "core/seals/orphans.h"
#include "core/store/jobs.h"
#include "core/telemetry/events.h"

namespace datong::app {
namespace {

constexpr std::size_t kMostShown = 1'000;

}  // namespace

Status close_orphans(const catalogue::Gateway& gateway, evidence::Log& log, const Clock& clock, telemetry::Sink& sink) {
    const auto orphans = seals::find_orphans(gateway.evidence_folder);
    if (!orphans) {
        return fail(orphans.error());
    }
    const catalogue::NamedKey& key = gateway.key.at(clock.now());
    for (const seals::Orphan& orphan : *orphans) {
        const auto closing =
            evidence::close_exchange(orphan.exchange, orphan.request_digest, clock.now(), key.id, *key.key);
        if (!closing) {
            return fail(closing.error());
        }
        if (auto kept = log.append_now(evidence::to_json(*closing)); !kept) {
            return fail(std::move(kept.error()));
        }
    }
    if (!orphans->empty()) {
        emit(sink, telemetry::OrphansClosed{.count = static_cast<std::int64_t>(orphans->size()),
                                            .first = orphans->front().exchange});
    }
    return {};
}

int orphans(const std::string& config) {
    std::string file;
    const Mistakes mistakes = with_configuration(
        config, [&file](const catalogue::Snapshot& snapshot) { file = snapshot.gateway.store_file; });
    print(mistakes);
    if (has_errors(mistakes)) {
        return kConfig;
    }
    std::vector<store::Unsettled> open;
    if (std::filesystem::exists(std::filesystem::path{file}.lexically_normal())) {
        const auto jobs = store::Jobs::open(file);
        auto found = jobs ? (*jobs)->unsettled(kMostShown) : fail(jobs.error());
        if (!found) {
            std::cerr << found.error().detail() << '\n';
            return kWanting;
        }
        open = std::move(*found);
    }
    for (const store::Unsettled& one : open) {
        const auto at = std::chrono::system_clock::time_point{std::chrono::seconds{one.created}};
        std::cout << one.outcome << '\t' << to_rfc3339(at) << '\t' << one.id << '\t' << one.consumer << '\t' << one.key
                  << '\t' << one.case_number << '\t' << one.service << '\n';
    }
    if (open.empty()) {
        std::cout << "没有悬而未决的提交 none: every submission has its last word\n";
        return kGood;
    }
    std::cout
        << "以上提交是否已在部门生效尚不可知: 由调用方以同一幂等键重发或查询其状态即可确定\n"
           "Whether these took effect is not known yet: the consumer settles each by sending the same again with\n"
           "its key, or by asking for its status (GET /v1/submissions/ID)\n";
    return kWanting;
}

}  // namespace datong::app
