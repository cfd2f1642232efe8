#include "core/app/configuration.h"

#include <fstream>
#include <iostream>

#include "adapters/all.h"
#include "core/app/admin_client.h"
#include "core/app/commands.h"
#include "core/app/program.h"
#include "core/catalogue/load.h"
#include "core/sources/orders.h"

namespace datong::app {

Mistakes with_configuration(const std::string& config, const std::function<void(const catalogue::Snapshot&)>& use) {
    const SystemClock clock;
    async::Pools pools;
    const auto sink = telemetry::Sink::make({.file = "-"});
    if (!sink) {
        return {{{config, 0, 0}, "C220", Severity::error, "", sink.error().detail(), ""}};
    }
    adapter::Registry adapters;
    adapters::add_all(adapters);
    const catalogue::Files files = catalogue::disk_files();
    const revocation::Servers servers{pools.make({.threads = 1, .waiting = 16}), outside_within, clock, **sink};
    const adapter::Tools tools{
        .blocking = nullptr, .clock = clock, .sink = **sink, .folder = {}, .judge_server = judge_by(servers)};
    catalogue::SourceStates states;
    catalogue::Loaded loaded = catalogue::load(
        config, {.files = files, .adapters = adapters, .tools = tools, .states = states, .pools = pools});
    if (loaded.snapshot) {
        // a department that paused its source is not asked by this program either
        const std::string file = loaded.snapshot->gateway.evidence_folder + "/sources/orders.json";
        const auto held = sources::Orders{file, clock, states}.recall(*loaded.snapshot);
        if (!held) {
            // who may not read the file judges nothing by it
            const bool is_read = std::ifstream{file}.good();
            loaded.mistakes.push_back(
                pause_without_force(file, held.error(), is_read ? Severity::error : Severity::warning));
        }
        if (!has_errors(loaded.mistakes)) {
            use(*loaded.snapshot);
        }
    }
    return std::move(loaded.mistakes);  // what the adapters hold goes before the pool and the sink
}

Mistake pause_without_force(const std::string& file, const Error& why, Severity severity) {
    return {{file, 0, 0}, "C224", severity, "部门的停用指令无法核验", why.detail(), ""};
}

int check(const std::string& config) {
    const Mistakes mistakes = with_configuration(config, [](const catalogue::Snapshot& snapshot) {
        std::cout << "配置正确 configuration good: " << snapshot.departments.size() << " departments, "
                  << snapshot.sources.size() << " sources, " << snapshot.services.size() << " services, "
                  << snapshot.consumers.size() << " consumers, " << snapshot.grants.size() << " grants, "
                  << snapshot.matters.size() << " matters\n快照 snapshot " << snapshot.digest << '\n';
    });
    print(mistakes);
    return has_errors(mistakes) ? kConfig : kGood;
}

int reload(const std::string& config) {
    const AdminAnswer answer = ask_admin(config, {.target = "/v1/reload"});
    if (!answer.http) {
        return answer.code;
    }
    if (answer.http->status != 200 && answer.http->status != 422) {
        return say_problem(*answer.http);
    }
    std::cout << answer.http->body;
    return answer.http->status == 200 ? kGood : kConfig;
}

}  // namespace datong::app
