#include "core/exchange/shadows.h"

#include <utility>

#include "core/mapping/mapping.h"

namespace datong::exchange {
namespace {

std::string full_name(const mapping::Mapping& mapping) {
    return mapping.id() + '@' + mapping.version() + '#' + mapping.digest();
}

mapping::Output output_of(const mapping::Mapping& mapping, const Trial& trial) {
    mapping::Input input;
    input.bytes = trial.reply->body;
    input.tree = trial.reply->rows.is_null() ? nullptr : &trial.reply->rows;
    input.context = &trial.context;
    input.now = trial.now;
    input.record_only = true;
    return mapping.run(input);
}

}  // namespace

struct Shadows::State {
    mutable std::mutex mutex;
    std::map<std::string, workbench::Shadow, std::less<>> by_service;

    void add(const Trial& trial) {
        const mapping::Mapping& live = *trial.service->response;
        const mapping::Mapping& candidate = *trial.service->candidate.response;
        const mapping::Output one = output_of(live, trial);
        const mapping::Output other = output_of(candidate, trial);
        workbench::Shadow fresh{full_name(live), full_name(candidate)};
        fresh.add(one, other);
        const std::lock_guard lock{mutex};
        workbench::Shadow& known = by_service[trial.service->id];
        if (!known.add(fresh)) {
            known = std::move(fresh);  // another version than was counted before
        }
    }
};

Shadows::Shadows(std::shared_ptr<async::Pool> pool, telemetry::Sink& sink)
    : pool_{std::move(pool)}, sink_{sink}, state_{std::make_shared<State>()} {
}

void Shadows::run(std::vector<Trial> trials) const {
    for (Trial& trial : trials) {
        auto job = [state = state_, trial = std::make_shared<Trial>(std::move(trial))]() -> async::Pool::Delivery {
            state->add(*trial);
            return {};
        };
        const bool taken = pool_->post(std::move(job));
        sink_.count(taken ? "datong_mapping_shadows_total" : "datong_mapping_shadows_skipped_total", {});
    }
}

std::optional<record::Record> Shadows::counts(std::string_view service) const {
    const std::lock_guard lock{state_->mutex};
    const auto found = state_->by_service.find(service);
    return found == state_->by_service.end() ? std::nullopt : std::optional{found->second.to_record()};
}

bool has_trial(const catalogue::Service& service, std::string_view exchange) {
    return service.candidate.response != nullptr && workbench::in_sample(exchange, service.candidate.per_mille);
}

}  // namespace datong::exchange
