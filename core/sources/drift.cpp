#include "core/sources/drift.h"

#include <map>
#include <mutex>
#include <utility>

#include "core/mapping/engine.h"
#include "core/sources/fingerprint.h"
#include "core/sources/state_file.h"
#include "core/telemetry/events.h"

namespace datong::sources {
namespace {

using record::Record;

constexpr std::size_t kMostOperations = 500;
constexpr int kASecond = 20;  ///< replies of one operation
constexpr std::chrono::seconds kBetweenSaves{30};

/// One operation of one source, by the mapping that reads it.
struct Watched {
    std::string source;
    std::string operation;
    std::string mapping;
    std::int64_t second{};  ///< of the last reply
    int in_second{};
    std::mutex looking{};  ///< of the fingerprint: who admits a reply must not wait for who looks at one
    Fingerprint fingerprint{};
};

std::string key_of(const catalogue::Service& service) {
    return service.source->source() + ' ' + service.operation + ' ' + service.response->id();
}

}  // namespace

struct Drift::State {
    State(std::string where, const Clock& time, telemetry::Sink& events)
        : file{std::move(where)}, clock{time}, sink{events} {}

    const std::string file;
    const Clock& clock;
    telemetry::Sink& sink;
    std::mutex mutex;
    std::mutex saving;
    std::map<std::string, Watched, std::less<>> watched;
    bool dirty{};
    std::chrono::system_clock::time_point saved{};

    /// Whether one more reply is looked at in this second.
    bool admit(const Seen& seen) {
        const std::string key = key_of(*seen.service);
        const std::lock_guard lock{mutex};
        if (!watched.contains(key) && watched.size() >= kMostOperations) {
            return false;
        }
        Watched& one = watched[key];
        if (one.source.empty()) {
            one.source = seen.service->source->source();
            one.operation = seen.service->operation;
            one.mapping = seen.service->response->id();
        }
        const std::int64_t second = to_unix_seconds(seen.now);
        one.in_second = second == one.second ? one.in_second + 1 : 1;
        one.second = second;
        return one.in_second <= kASecond;
    }

    void add(const Seen& seen) {
        const mapping::Mapping::Program& program = seen.service->response->program();
        mapping::Input input;
        input.bytes = seen.reply->body;
        input.tree = seen.reply->rows.is_null() ? nullptr : &seen.reply->rows;
        input.now = seen.now;
        const mapping::Sourced sourced = mapping::read_source(program.source, input);
        if (sourced.outcome != mapping::Outcome::ok || sourced.root == nullptr) {
            return;  // "no such record" has another shape, and what is malformed is told elsewhere
        }
        Watched* one = find(key_of(*seen.service));
        if (one == nullptr) {
            return;
        }
        const std::lock_guard lock{one->looking};
        one->fingerprint.judge_by(program.digest);
        const auto fresh = one->fingerprint.add(
            *sourced.root, program.has_source_shape ? &program.source_shape : nullptr, to_rfc3339(seen.now));
        for (const Change& change : fresh) {
            emit(sink, telemetry::SourceDrifted{.source = one->source,
                                                .operation = one->operation,
                                                .kind = name_of(change.kind),
                                                .path = change.path});
        }
    }

    /// Stays where it is for as long as the state: nothing is taken out while replies come.
    Watched* find(const std::string& key) {
        const std::lock_guard lock{mutex};
        dirty = true;
        const auto found = watched.find(key);
        return found == watched.end() ? nullptr : &found->second;
    }

    /// Everything that is watched, each to be locked by itself.
    std::vector<Watched*> all() {
        const std::lock_guard lock{mutex};
        std::vector<Watched*> every;
        for (auto& [key, one] : watched) {
            every.push_back(&one);
        }
        return every;
    }

    [[nodiscard]] Record to_record() {
        Record list = Record::list();
        for (Watched* one : all()) {
            const std::lock_guard lock{one->looking};
            Record state = one->fingerprint.to_record();
            state.put("source", Record::text(one->source));
            state.put("operation", Record::text(one->operation));
            state.put("mapping", Record::text(one->mapping));
            list.add(std::move(state));
        }
        Record all = Record::object();
        all.put("datong", Record::text("source-drift/v2"));
        all.put("operations", std::move(list));
        return all;
    }

    Status save() {
        const std::lock_guard one_at_a_time{saving};
        {
            const std::lock_guard lock{mutex};
            if (!dirty) {
                return {};
            }
            dirty = false;
            saved = clock.now();
        }
        return write_state(file, to_record());
    }

    void save_now_and_then() {
        {
            const std::lock_guard lock{mutex};
            if (clock.now() < saved + kBetweenSaves) {
                return;
            }
        }
        if (!save()) {
            sink.count("datong_sources_drift_unsaved_total", {});
        }
    }
};

Drift::Drift(std::shared_ptr<async::Pool> pool, std::string file, const Clock& clock, telemetry::Sink& sink)
    : pool_{std::move(pool)}, sink_{sink}, state_{std::make_shared<State>(std::move(file), clock, sink)} {
}

Status Drift::recall() {
    const auto state = read_state(state_->file);
    if (!state) {
        return fail(state.error());
    }
    if (state->text_of("datong") == "source-drift/v1") {
        return {};  // may hold names of persons; the next save writes over it
    }
    const Record* list = state->find("operations");
    const std::lock_guard lock{state_->mutex};
    for (const Record& one : list == nullptr ? Record::List{} : list->items()) {
        auto fingerprint = Fingerprint::from_record(one);
        if (!fingerprint || state_->watched.size() >= kMostOperations) {
            state_->watched.clear();
            return fail(Fault::internal, state_->file + ": no fingerprints of ours");
        }
        const std::string key = one.text_of("source") + ' ' + one.text_of("operation") + ' ' + one.text_of("mapping");
        Watched& kept = state_->watched[key];
        kept.source = one.text_of("source");
        kept.operation = one.text_of("operation");
        kept.mapping = one.text_of("mapping");
        kept.fingerprint = std::move(*fingerprint);
    }
    return {};
}

void Drift::look(std::vector<Seen> replies) const {
    for (Seen& seen : replies) {
        if (!state_->admit(seen)) {
            sink_.count("datong_sources_replies_not_looked_at_total", {});
            continue;
        }
        auto job = [state = state_, seen = std::move(seen)]() -> async::Pool::Delivery {
            state->add(seen);
            state->save_now_and_then();
            return {};
        };
        const bool taken = pool_->post(std::move(job));
        sink_.count(taken ? "datong_sources_replies_looked_at_total" : "datong_sources_replies_not_looked_at_total",
                    {});
    }
}

Record Drift::report() const {
    Record list = Record::list();
    for (Watched* one : state_->all()) {
        const std::lock_guard lock{one->looking};
        const Record state = one->fingerprint.to_record();
        Record shown = Record::object();
        shown.put("source", Record::text(one->source));
        shown.put("operation", Record::text(one->operation));
        shown.put("mapping", Record::text(one->mapping));
        shown.put("replies", *state.find("replies"));
        shown.put("changes", *state.find("changes"));
        list.add(std::move(shown));
    }
    Record all = Record::object();
    all.put("operations", std::move(list));
    return all;
}

Status Drift::save() const {
    return state_->save();
}

}  // namespace datong::sources
