#include <iostream>
#include <set>

#include "core/app/admin_client.h"
#include "core/app/commands.h"
#include "core/app/configuration.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/catalogue/loading.h"
#include "core/codec/json.h"
#include "core/matters/figures.h"

namespace datong::app {
namespace {

using matters::MatterCoverage;
using matters::Outcomes;
using matters::Way;
using record::Record;

constexpr std::string_view kWays[]{
    "免提交 shared",    "可后补 may follow",    "非必要 not needed",
    "部门暂停 stopped", "未获授权 not granted", "须提交 on paper",
};

/// The sources of the running gateway that take no calls now. @return nullopt: nobody could be asked.
std::optional<std::set<std::string, std::less<>>> stopped_sources(const std::string& config, int& code) {
    const Record all = read_admin(config, "/v1/sources", code);
    const Record* sources = all.find("sources");
    if (sources == nullptr) {
        return std::nullopt;
    }
    std::set<std::string, std::less<>> stopped;
    for (const Record& one : sources->items()) {
        if (one.text_of("state") != "open") {
            stopped.insert(one.text_of("source"));
        }
    }
    return stopped;
}

void say_answers(const ledger::Answers& answers) {
    std::cout << "      实际 of " << answers.asked << " 次 calls: 有 found " << answers.found << ", 无 none "
              << answers.none << ", 未答复 silent " << answers.silent << ", 待答复 pending " << answers.pending << "  "
              << matters::word_for(answers) << '\n';
}

void say_matter(const MatterCoverage& covered, const Outcomes* outcomes) {
    std::cout << covered.matter->title.text << "  " << covered.matter->name() << "  免提交 shared " << covered.shared
              << '/' << covered.requirements.size() << '\n';
    for (const matters::RequirementCoverage& one : covered.requirements) {
        std::cout << "  " << kWays[static_cast<std::size_t>(one.way)] << "  " << one.requirement->title.text;
        for (const catalogue::Service* service : one.missing) {
            std::cout << "  " << service->id << " (" << service->department->title << ')';
        }
        std::cout << '\n';
        if (outcomes != nullptr && !one.requirement->any_of.empty()) {
            say_answers(matters::answers_to(*outcomes, *covered.matter, *one.requirement));
        }
    }
}

void say(const std::vector<MatterCoverage>& all, const Outcomes* outcomes, bool as_json) {
    if (as_json) {
        std::cout << codec::write_json(matters::to_record(all, outcomes)) << '\n';
        return;
    }
    std::size_t shared = 0;
    std::size_t of = 0;
    for (const MatterCoverage& covered : all) {
        shared += covered.shared;
        of += covered.requirements.size();
        say_matter(covered, outcomes);
    }
    std::cout << "共 in all " << shared << '/' << of << " 项条件免提交 requirements need no paper\n";
}

/// Those that were named; all when none was. @return false when there is no such matter.
bool keep_named(std::vector<MatterCoverage>& all, const std::string& name) {
    if (!name.empty()) {
        std::erase_if(all, [&name](const MatterCoverage& one) { return one.matter->id != name; });
    }
    return !all.empty() || name.empty();
}

}  // namespace

int matter_coverage(const CoverageOptions& options) {
    int code = kGood;
    std::set<std::string, std::less<>> stopped;
    if (options.live) {
        auto asked = stopped_sources(options.config, code);
        if (!asked) {
            return code;
        }
        stopped = std::move(*asked);
    }
    std::optional<Outcomes> outcomes;
    if (!options.evidence.empty()) {
        auto asked = ledger::asked_materials(options.evidence);
        if (!asked) {
            std::cerr << "无法读取存证目录 can't read the evidence: " << asked.error().detail() << '\n';
            return kWanting;
        }
        const auto since = SystemClock{}.now() - std::chrono::hours{24} * options.days;
        outcomes = matters::outcomes_of(std::move(*asked), to_rfc3339(since), false);
    }
    const Mistakes mistakes = with_configuration(options.config, [&](const catalogue::Snapshot& snapshot) {
        if (!snapshot.consumers.contains(options.consumer)) {
            const auto meant = nearest(options.consumer, catalogue::ids_of(snapshot.consumers));
            std::cerr << "没有调用方 no consumer " << options.consumer << (meant ? "; try " + *meant : std::string{})
                      << '\n';
            code = kUsage;
            return;
        }
        auto all =
            matters::coverage_of(snapshot, options.consumer, record::to_civil(std::chrono::system_clock::now()).date,
                                 [&stopped](const catalogue::Service& service) {
                                     return service.source && !stopped.contains(service.source->source());
                                 });
        if (!keep_named(all, options.matter)) {
            const auto meant = nearest(options.matter, catalogue::ids_of(snapshot.matters));
            std::cerr << "没有事项 no matter " << options.matter << (meant ? "; try " + *meant : std::string{}) << '\n';
            code = kUsage;
            return;
        }
        say(all, outcomes ? &*outcomes : nullptr, options.json);
    });
    if (has_errors(mistakes)) {
        print(mistakes);
        return kConfig;
    }
    return code;
}

}  // namespace datong::app
