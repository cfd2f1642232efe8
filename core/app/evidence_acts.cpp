#include <algorithm>
#include <array>
#include <iostream>
#include <optional>
#include <utility>
#include <vector>

#include "core/app/commands.h"
#include "core/app/configuration.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/evidence/entry.h"
#include "core/seals/record_reader.h"

namespace datong::app {
namespace {

using evidence::Administration;
using record::Record;

/// One act with the number of its record.
struct Listed {
    std::uint64_t number{};
    Administration act;
};

struct Acts {
    std::vector<Listed> acts;
    std::string next;  ///< `after` of the next page; empty: this is the last
};

bool is_act(const std::string& act, const std::string& wanted) {
    return wanted.empty() || act == wanted || act.starts_with(wanted + '.');
}

bool fits(const Administration& act, const EvidenceListOptions& options) {
    const auto is = [](const std::string& text, const std::string& wanted) { return wanted.empty() || text == wanted; };
    return is(act.actor, options.actor) && is_act(act.act, options.act) && is(act.target, options.target) &&
           is(act.outcome, options.wanted.outcome) && act.at >= options.wanted.from &&
           (options.wanted.until.empty() || act.at < options.wanted.until);
}

/// The act that a record tells of; nullopt for another kind of record.
Result<std::optional<Administration>> act_in(std::string_view payload) {
    if (seals::kind_of(payload) != "administration") {
        return std::nullopt;
    }
    const auto entry = codec::read_json(payload);
    auto act = entry ? evidence::read_administration(*entry) : fail(entry.error());
    return act ? Result<std::optional<Administration>>{std::move(*act)} : fail(std::move(act.error()));
}

/// From the log itself, so that what is shown is what verifies; a page reads no further than it has to.
Result<Acts> read_acts(const std::string& folder, const EvidenceListOptions& options) {
    const std::string& after = options.wanted.after;
    const auto behind = after.empty() ? std::optional<std::uint64_t>{0} : to_whole_number(after);
    if (!behind || *behind == UINT64_MAX) {
        return fail(Fault::bad_request, "no such page");
    }
    seals::RecordReader reader{folder, *behind + 1};
    Acts found;
    for (;;) {
        const std::uint64_t number = reader.number();
        const auto payload = reader.next();
        if (!payload) {
            return fail(payload.error());
        }
        if (!*payload) {
            return found;
        }
        auto act = act_in(**payload);
        if (!act) {
            return fail(std::move(act.error()).within("record " + std::to_string(number)));
        }
        if (!*act || !fits(**act, options)) {
            continue;
        }
        if (std::cmp_equal(found.acts.size(), options.wanted.most)) {
            found.next = std::to_string(found.acts.back().number);
            return found;
        }
        found.acts.push_back({.number = number, .act = std::move(**act)});
    }
}

Record to_record(const Listed& one) {
    Record made = Record::object();
    made.put("number", Record::integer(static_cast<long long>(one.number)));
    const Administration& act = one.act;
    const std::array<std::pair<const char*, const std::string*>, 9> members{{{"at", &act.at},
                                                                             {"actor", &act.actor},
                                                                             {"roles", &act.roles},
                                                                             {"from", &act.from},
                                                                             {"act", &act.act},
                                                                             {"target", &act.target},
                                                                             {"reason", &act.reason},
                                                                             {"outcome", &act.outcome},
                                                                             {"detail", &act.detail}}};
    for (const auto& [name, value] : members) {
        if (!value->empty()) {
            made.put(name, Record::text(*value));
        }
    }
    return made;
}

int show(const Acts& found, bool as_json) {
    if (as_json) {
        Record all = Record::object();
        Record acts = Record::list();
        for (const Listed& one : found.acts) {
            acts.add(to_record(one));
        }
        all.put("acts", std::move(acts));
        if (!found.next.empty()) {
            all.put("next", Record::text(found.next));
        }
        std::cout << codec::write_json_for_people(all) << '\n';
        return kGood;
    }
    if (found.acts.empty()) {
        std::cout << "没有符合条件的管理行为 no act fits\n";
        return kGood;
    }
    const auto shown = [](const std::string& text) { return text.empty() ? std::string{"-"} : text; };
    std::cout << "时间 at  账号 actor  行为 act  对象 target  结果 outcome  理由 reason  变更 detail\n";
    for (const auto& [number, act] : found.acts) {
        std::cout << act.at << "  " << shown(act.actor) << "  " << act.act << "  " << shown(act.target) << "  "
                  << act.outcome << "  " << shown(act.reason) << "  " << shown(act.detail) << '\n';
    }
    if (!found.next.empty()) {
        std::cout << "下一页 next page: --after " << found.next << '\n';
    }
    return kGood;
}

/// Whether something is asked for that only exchanges have.
bool is_of_exchanges(const EvidenceListOptions& options) {
    const ledger::Wanted& wanted = options.wanted;
    return std::ranges::any_of(std::array{&wanted.case_number, &wanted.matter, &wanted.material, &wanted.consumer,
                                          &wanted.service, &options.subject},
                               [](const std::string* one) { return !one->empty(); });
}

}  // namespace

int evidence_acts(const EvidenceListOptions& options) {
    if (is_of_exchanges(options)) {
        std::cerr
            << "--kind administration 只能配 goes with --actor, --act, --target, --outcome, --from, --until only\n";
        return kUsage;
    }
    int code = kGood;
    const Mistakes mistakes = with_configuration(options.config, [&](const catalogue::Snapshot& snapshot) {
        const auto found = read_acts(snapshot.gateway.evidence_folder, options);
        if (!found) {
            std::cerr << "无法查询存证 can't look into the evidence: " << found.error().detail() << '\n';
            code = kWanting;
            return;
        }
        code = show(*found, options.json);
    });
    if (has_errors(mistakes)) {
        print(mistakes);
        return kConfig;
    }
    return code;
}

}  // namespace datong::app
