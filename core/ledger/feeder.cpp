#include "core/ledger/feeder.h"

#include <chrono>
#include <utility>

#include "core/base/background.h"
#include "core/telemetry/events.h"

namespace datong::ledger {
namespace {

constexpr std::chrono::milliseconds kEvery{500};

}  // namespace

Feeder::Feeder(std::shared_ptr<Index> index, std::string evidence_folder, Calls calls, telemetry::Sink& sink)
    : index_{std::move(index)},
      folder_{std::move(evidence_folder)},
      calls_{std::move(calls)},
      sink_{sink},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {
}

Feeder::~Feeder() = default;

void Feeder::run(const std::stop_token& stop) {
    give_way_to_calls();
    std::uint64_t taken = 0;
    while (!stop.stop_requested()) {
        const std::uint64_t durable = calls_.durable();
        if (durable > taken && !index_->is_damaged()) {
            const auto fed = index_->feed(folder_, durable, stop);
            note(fed ? Status{} : fail(fed.error()));
            taken = fed && !stop.stop_requested() ? durable : taken;
        }
        if (index_->is_damaged()) {  // whoever met it; it is made of the log, and made anew of it
            note(fail(Fault::unavailable, "the index of the evidence is damaged: it is made anew"));
            const Status anew = index_->remake();
            if (!anew) {
                note(anew);
            }
            taken = 0;
        }
        if (calls_.caught_up && taken == durable) {
            calls_.caught_up();
        }
        std::unique_lock lock{mutex_};
        wake_.wait_for(lock, stop, kEvery, [] { return false; });
    }
}

/// One line when it begins to fail, and none again while it does.
void Feeder::note(const Status& fed) {
    if (!fed && !is_failing_) {
        emit(sink_, telemetry::StateLost{.why = fed.error().detail()});
    }
    is_failing_ = !fed;
    sink_.gauge("datong_index_healthy", {}, fed ? 1 : 0);
}

}  // namespace datong::ledger
