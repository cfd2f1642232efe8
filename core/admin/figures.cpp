#include "core/admin/figures.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "core/base/text.h"
#include "core/matters/figures.h"
#include "core/supervision/figures.h"

namespace datong::admin {
namespace {

using accounts::Actor;
using accounts::Outcome;
using accounts::Refused;
using accounts::Role;
using catalogue::Snapshot;

tl::unexpected<accounts::Problem> refused(const Error& why) {
    return tl::unexpected{accounts::problem_of(why)};
}

std::string listed(const auto& all) {
    std::string text;
    for (const auto& one : all) {
        text.append(text.empty() ? "" : ", ").append(one);
    }
    return text;
}

using Query = std::map<std::string, std::string, std::less<>>;

/// What stands behind '?'. @return bad_request for a name that is none of these, or stands twice.
Outcome<Query> query_of(const codec::HttpMessage& http, const std::vector<std::string_view>& known) {
    Query query;
    const std::string_view text = http.query();
    for (const std::string_view part : split(text.substr(text.empty() ? 0 : 1), '&')) {
        if (part.empty()) {
            continue;
        }
        const auto equals = part.find('=');
        const std::string name{part.substr(0, equals)};
        auto value = codec::percent_decode(equals == std::string_view::npos ? "" : part.substr(equals + 1));
        if (std::ranges::find(known, name) == known.end() || !value || !query.emplace(name, *value).second) {
            return refused(Error{Fault::bad_request, "the query may have, once each: " + listed(known)});
        }
    }
    return query;
}

std::string value_of(const Query& query, std::string_view name) {
    const auto found = query.find(name);
    return found == query.end() ? std::string{} : found->second;
}

/// Whether somebody is of a department alone: not of those who administer the gateway.
bool is_of_department(const Actor& actor) {
    return !actor.is_local && actor.has(Role::department);
}

bool takes_calls(const catalogue::Service& service) {
    return service.source && service.source->disabled().empty() && !service.source->closed() &&
           !service.source->resting();
}

/// Whether somebody sees of calls their own organisation's alone.
bool is_of_consumer(const Actor& actor) {
    return !actor.is_local && actor.has(Role::consumer) && !actor.has(Role::department);
}

/// Whose grants count: a consumer's people see their own.
Outcome<std::string> consumer_of(const Actor& actor, const Query& query, const Snapshot& snapshot) {
    std::string consumer = value_of(query, "consumer");
    if (is_of_consumer(actor)) {
        if (!consumer.empty() && consumer != actor.organisation) {
            return refuse(Refused::other_organisation, "coverage of " + actor.organisation + " only");
        }
        consumer = actor.organisation;
    }
    if (!snapshot.consumers.contains(consumer)) {
        std::vector<std::string> ids;
        for (const auto& [id, one] : snapshot.consumers) {
            ids.push_back(id);
        }
        return refused(Error{Fault::bad_request, "consumer= is one of " + listed(ids)});
    }
    return consumer;
}

/// Leaves the calls of one consumer, and what came after their answers.
void keep_consumer(std::vector<ledger::AskedMaterial>& calls, const std::string& consumer) {
    std::set<std::string, std::less<>> own;
    for (const ledger::AskedMaterial& one : calls) {
        if (one.consumer == consumer) {
            own.insert(one.exchange);
        }
    }
    std::erase_if(calls, [&own](const ledger::AskedMaterial& one) { return !own.contains(one.exchange); });
}

constexpr std::uint64_t kUsualDays = 30;
constexpr std::uint64_t kMostDays = 3'660;

Outcome<Answer> coverage(const FigureSources& sources, const Asked& asked) {
    const auto query = query_of(asked.http, {"consumer", "matter", "days", "calls"});
    const auto snapshot = sources.current();
    const auto consumer = query ? consumer_of(asked.actor, *query, *snapshot) : tl::unexpected{query.error()};
    if (!consumer) {
        return tl::unexpected{consumer.error()};
    }
    const std::string written = value_of(*query, "days");
    const auto days = written.empty() ? std::optional{kUsualDays} : to_whole_number(written);
    if (!days || *days > kMostDays) {
        return refused(Error{Fault::bad_request, "days= is a number of days, at most 3660"});
    }
    auto all = matters::coverage_of(*snapshot, *consumer, record::to_civil(sources.clock.now()).date, takes_calls);
    if (const std::string matter = value_of(*query, "matter"); !matter.empty()) {
        if (snapshot->matter(matter) == nullptr) {
            return refused(Error{Fault::no_such_resource, "no matter " + matter});
        }
        std::erase_if(all, [&matter](const matters::MatterCoverage& one) { return one.matter->id != matter; });
    }
    auto calls = ledger::asked_materials(snapshot->gateway.evidence_folder);
    if (!calls) {
        return refused(calls.error());
    }
    if (is_of_consumer(asked.actor)) {
        keep_consumer(*calls, *consumer);
    }
    const auto since = sources.clock.now() - std::chrono::hours{24} * static_cast<std::int64_t>(*days);
    auto outcomes = matters::outcomes_of(std::move(*calls), to_rfc3339(since), query->contains("calls"));
    if (is_of_department(asked.actor)) {
        matters::keep_department(all, outcomes, asked.actor.organisation);
    }
    return Answer{.body = matters::to_record(all, &outcomes)};
}

/// The names by which a platform's tables may call a department.
std::set<std::string, std::less<>> names_of(const Snapshot& snapshot, const std::string& id) {
    std::set<std::string, std::less<>> names{id};
    if (const auto found = snapshot.departments.find(id); found != snapshot.departments.end()) {
        names.insert(found->second->title);
        names.insert(found->second->uscc);
    }
    return names;
}

Result<std::vector<items::Row>> rows_in(const std::string& file, std::vector<items::Broken>& broken) {
    std::ifstream in{file, std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    return in.is_open() ? items::read_rows(text, file, broken)
                        : fail(Fault::no_such_resource, file + ": can't be read");
}

Outcome<supervision::Report> report_of(const FigureSources& sources, const Snapshot& snapshot) {
    const supervision::Settings settings =
        supervision::settings_of(sources.gateway_file, catalogue::disk_files(), snapshot);
    const auto source = snapshot.sources.find(settings.source);
    if (source == snapshot.sources.end()) {
        return refused(Error{Fault::no_such_resource, "gateway.yaml names no supervision: {source: DEPARTMENT/SOURCE}" +
                                                          (settings.source.empty() ? "" : ": " + settings.source)});
    }
    std::vector<items::Broken> broken;
    const auto tables = supervision::ask_tables(*source->second, rows_in(settings.links, broken), broken);
    const auto library = supervision::last_library(settings.library_folder);
    const auto asked = ledger::asked_materials(snapshot.gateway.evidence_folder);
    for (const Error* error :
         {tables ? nullptr : &tables.error(), library ? nullptr : &library.error(), asked ? nullptr : &asked.error()}) {
        if (error != nullptr) {
            return refused(*error);
        }
    }
    return supervision::report_of(
        *tables, *library, *asked, [&snapshot](std::string_view id) { return snapshot.service(id) != nullptr; },
        std::move(broken));
}

Outcome<Answer> supervise(const FigureSources& sources, const Asked& asked) {
    const auto query = query_of(asked.http, {"by", "list"});
    if (!query) {
        return tl::unexpected{query.error()};
    }
    const std::string by = value_of(*query, "by");
    if (!by.empty() && by != "window" && by != "item" && by != "department" && by != "day") {
        return refused(Error{Fault::bad_request, "by= is window, item, department or day"});
    }
    const auto snapshot = sources.current();
    auto report = report_of(sources, *snapshot);
    if (!report) {
        return tl::unexpected{std::move(report.error())};
    }
    const bool own_only = is_of_department(asked.actor);
    if (own_only) {
        supervision::keep_department(*report, names_of(*snapshot, asked.actor.organisation));
    }
    record::Record body = supervision::to_record(*report, supervision::by_of(by), query->contains("list"));
    // rows that were left out may be anybody's: they are counted, and named to those who administer the gateway
    record::Record broken = record::Record::list();
    for (const items::Broken& one : own_only ? std::vector<items::Broken>{} : report->broken) {
        broken.add(record::Record::text(one.where + "  " + one.text_zh + " | " + one.text_en));
    }
    body.put("left_out", record::Record::integer(static_cast<long long>(report->broken.size())));
    body.put("broken", std::move(broken));
    return Answer{.body = std::move(body)};
}

}  // namespace

std::vector<Route> figure_routes(FigureSources sources) {
    const auto shared = std::make_shared<const FigureSources>(std::move(sources));
    return {{.method = "GET",
             .path = "/v1/coverage",
             .act = "coverage.show",
             .roles = {Role::system, Role::security, Role::audit, Role::department, Role::consumer},
             .reads_log = true,
             .work = [shared](Asked& asked) { return coverage(*shared, asked); }},
            {.method = "GET",
             .path = "/v1/supervision",
             .act = "supervision.show",
             .roles = {Role::system, Role::security, Role::audit, Role::department},
             .reads_log = true,
             .work = [shared](Asked& asked) { return supervise(*shared, asked); }}};
}

}  // namespace datong::admin
