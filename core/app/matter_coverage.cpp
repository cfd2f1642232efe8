#include <iostream>
#include <set>

#include "core/app/admin_client.h"
#include "core/app/commands.h"
#include "core/app/configuration.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/catalogue/loading.h"
#include "core/codec/json_writer.h"
#include "core/ledger/asked.h"
#include "core/matters/coverage.h"

namespace datong::app {
namespace {

using matters::MatterCoverage;
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

using Answers = std::map<std::pair<std::string, std::string>, ledger::Answers>;

/// What became of the materials of a requirement's lists; nothing where no evidence was named.
ledger::Answers answers_to(const Answers& all, const catalogue::Matter& matter,
                           const catalogue::Requirement& requirement) {
    ledger::Answers sum;
    std::set<std::string> counted;
    for (const auto& list : requirement.any_of) {
        for (const catalogue::Material& material : list) {
            const auto found = all.find({matter.id, material.id});
            if (found != all.end() && counted.insert(material.id).second) {
                sum.asked += found->second.asked;
                sum.found += found->second.found;
                sum.none += found->second.none;
                sum.silent += found->second.silent;
                sum.pending += found->second.pending;
            }
        }
    }
    return sum;
}

/// In one word: every call brought it, some did, nobody answered, or nobody asked.
std::string_view word_for(const ledger::Answers& answers) {
    return answers.asked == 0                ? "not_asked"
           : answers.found == answers.asked  ? "found"
           : answers.silent == answers.asked ? "down"
           : answers.found == 0              ? "none"
                                             : "partial";
}

void say_answers(const ledger::Answers& answers) {
    std::cout << "      实际 of " << answers.asked << " 次 calls: 有 found " << answers.found << ", 无 none "
              << answers.none << ", 未答复 silent " << answers.silent << ", 待答复 pending " << answers.pending << "  "
              << word_for(answers) << '\n';
}

void write_answers(codec::JsonWriter& json, const ledger::Answers& answers) {
    json.name("answers").open_object().member("asked", answers.asked).member("found", answers.found);
    json.member("none", answers.none).member("silent", answers.silent).member("pending", answers.pending);
    json.member("rate", record::Record::integer(
                            answers.asked == 0 ? 0 : static_cast<long long>(100 * answers.found / answers.asked)));
    json.member("state", word_for(answers)).close_object();
}

void say_matter(const MatterCoverage& covered, const Answers* answers) {
    std::cout << covered.matter->title.text << "  " << covered.matter->name() << "  免提交 shared " << covered.shared
              << '/' << covered.requirements.size() << '\n';
    for (const matters::RequirementCoverage& one : covered.requirements) {
        std::cout << "  " << kWays[static_cast<std::size_t>(one.way)] << "  " << one.requirement->title.text;
        for (const catalogue::Service* service : one.missing) {
            std::cout << "  " << service->id << " (" << service->department->title << ')';
        }
        std::cout << '\n';
        if (answers != nullptr && !one.requirement->any_of.empty()) {
            say_answers(answers_to(*answers, *covered.matter, *one.requirement));
        }
    }
}

void write_matter(codec::JsonWriter& json, const MatterCoverage& covered, const Answers* answers) {
    json.open_object().member("matter", covered.matter->name()).member("title", covered.matter->title.text);
    json.member("shared", covered.shared).member("of", covered.requirements.size()).name("requirements").open_list();
    for (const matters::RequirementCoverage& one : covered.requirements) {
        json.open_object().member("requirement", one.requirement->id).member("title", one.requirement->title.text);
        json.member("way", matters::name_of(one.way)).name("missing").open_list();
        for (const catalogue::Service* service : one.missing) {
            json.text(service->id);
        }
        json.close_list();
        if (answers != nullptr) {
            write_answers(json, answers_to(*answers, *covered.matter, *one.requirement));
        }
        json.close_object();
    }
    json.close_list().close_object();
}

void say(const std::vector<MatterCoverage>& all, const Answers* answers, bool as_json) {
    std::size_t shared = 0;
    std::size_t of = 0;
    std::string out;
    codec::JsonWriter json{out};
    json.open_object().name("matters").open_list();
    for (const MatterCoverage& covered : all) {
        shared += covered.shared;
        of += covered.requirements.size();
        if (as_json) {
            write_matter(json, covered, answers);
        } else {
            say_matter(covered, answers);
        }
    }
    json.close_list().member("shared", shared).member("of", of).close_object();
    if (as_json) {
        std::cout << out << '\n';
    } else {
        std::cout << "共 in all " << shared << '/' << of << " 项条件免提交 requirements need no paper\n";
    }
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
    std::optional<Answers> answers;
    if (!options.evidence.empty()) {
        const auto asked = ledger::asked_materials(options.evidence);
        if (!asked) {
            std::cerr << "无法读取存证目录 can't read the evidence: " << asked.error().detail() << '\n';
            return kWanting;
        }
        const auto since = SystemClock{}.now() - std::chrono::hours{24} * options.days;
        answers = ledger::count_answers(*asked, to_rfc3339(since));
    }
    const Mistakes mistakes = with_configuration(options.config, [&](const catalogue::Snapshot& snapshot) {
        if (!snapshot.consumers.contains(options.consumer)) {
            const auto meant = nearest(options.consumer, catalogue::ids_of(snapshot.consumers));
            std::cerr << "没有调用方 no consumer " << options.consumer << (meant ? "; try " + *meant : std::string{})
                      << '\n';
            code = kUsage;
            return;
        }
        auto all = matters::coverage_of(snapshot, options.consumer, [&stopped](const catalogue::Service& service) {
            return service.source && !stopped.contains(service.source->source());
        });
        if (!keep_named(all, options.matter)) {
            const auto meant = nearest(options.matter, catalogue::ids_of(snapshot.matters));
            std::cerr << "没有事项 no matter " << options.matter << (meant ? "; try " + *meant : std::string{}) << '\n';
            code = kUsage;
            return;
        }
        say(all, answers ? &*answers : nullptr, options.json);
    });
    if (has_errors(mistakes)) {
        print(mistakes);
        return kConfig;
    }
    return code;
}

}  // namespace datong::app
