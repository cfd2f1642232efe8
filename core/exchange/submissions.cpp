#include "core/exchange/submissions.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "core/async/wait.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/cipher.h"
#include "core/crypto/digest.h"
#include "core/exchange/entries.h"
#include "core/exchange/fetch.h"
#include "core/exchange/issue.h"
#include "core/telemetry/events.h"

namespace datong::exchange {
namespace {

namespace asio = boost::asio;
using store::Job;

constexpr std::chrono::seconds kStoreLimit{10};
constexpr std::chrono::seconds kInProgress{2};
constexpr std::string_view kUse = "datong submissions";  ///< of keys derived from the subject key

Deadline store_deadline() {
    return Deadline::clock::now() + kStoreLimit;
}

std::string seal(const Visit& visit, const std::string& place, std::string_view plain) {
    return crypto::seal(visit.snapshot->gateway.subject_key, kUse, place, plain);
}

std::optional<std::string> unseal(const Visit& visit, const std::string& place, std::string_view sealed) {
    return crypto::unseal(visit.snapshot->gateway.subject_key, kUse, place, sealed);
}

constexpr std::string_view kService = "/v1/services/";
constexpr std::string_view kMatter = "/v1/matters/";
constexpr std::string_view kMaterials = "/materials";

/// What a submission names, by whichever door it comes: the native path.
std::string target_of(const Request& request) {
    return request.kind == Request::Kind::matter ? std::string{kMatter} + request.name + std::string{kMaterials}
                                                 : std::string{kService} + request.name;
}

/// The request that brought a submission, from what was kept of it.
Result<Request> read_again(std::string_view target, const std::string& text) {
    const bool is_matter = target.starts_with(kMatter) && target.ends_with(kMaterials);
    auto body = codec::read_json(text);
    if (!body || (!is_matter && !target.starts_with(kService))) {
        return fail(Fault::no_such_resource, "what was kept of the submission can't be read");
    }
    if (is_matter) {
        target.remove_suffix(kMaterials.size());
    }
    target.remove_prefix(is_matter ? kMatter.size() : kService.size());
    auto request =
        read_request(is_matter ? Request::Kind::matter : Request::Kind::service, std::string{target}, std::move(*body));
    if (request) {
        request->is_mapped = true;  // its query was judged when it came
    }
    return request;
}

std::string fingerprint_of(const Visit& visit) {
    const std::string key =
        crypto::hmac_sha256(visit.snapshot->gateway.subject_key.reveal(), std::string{kUse} + " fingerprint");
    return crypto::hmac_sha256(key, target_of(visit.request) + '\n' + visit.request.fingerprint_text);
}

std::vector<store::Part> parts_of(const Admitted& admitted) {
    std::vector<store::Part> parts;
    for (const Ticket& ticket : admitted.tickets) {
        parts.push_back({.material = ticket.material, .service = ticket.service->id});
    }
    return parts;
}

/// The same targets in any order: a matter that was changed since can't be gone on with.
bool same_targets(const std::vector<store::Part>& kept, const Admitted& admitted) {
    const auto wanted = parts_of(admitted);
    return kept.size() == wanted.size() && std::all_of(wanted.begin(), wanted.end(), [&](const store::Part& part) {
               return std::any_of(kept.begin(), kept.end(), [&](const store::Part& one) {
                   return one.material == part.material && one.service == part.service;
               });
           });
}

/// Whether all of what was recorded may be seen under the grant of this moment: a certificate can't be cut.
bool may_be_seen(const Visit& visit, const Ticket& ticket, const record::Record& answer) {
    const record::Record* content = answer.find("content");
    if (content == nullptr) {
        return true;
    }
    const auto shown = show(visit, ticket, *content);
    return shown && *shown == *content;
}

/// Which fields an answer shows, each once.
std::vector<std::string> fields_of(const record::Record& answer) {
    std::vector<std::string> fields;
    const record::Record* provenance = answer.find("provenance");
    if (provenance == nullptr) {
        return fields;
    }
    for (const record::Record& leaf : provenance->items()) {
        std::string field = field_of(leaf.text_of("path"));
        if (std::find(fields.begin(), fields.end(), field) == fields.end()) {
            fields.push_back(std::move(field));
        }
    }
    return fields;
}

}  // namespace

struct Submissions::Held {
    std::mutex mutex;
    std::set<std::string> ids;
    std::string trouble;                ///< of the last sweep
    std::atomic<std::int64_t> swept{};  ///< the hour of the last sweep
    std::atomic<bool> pays{};           ///< what is owed is being written

    void note_trouble(std::string why) {
        const std::lock_guard lock{mutex};
        trouble = std::move(why);
    }
    std::string take_trouble() {
        const std::lock_guard lock{mutex};
        return std::exchange(trouble, {});
    }
};

const store::Part* Submitted::part(std::string_view material) const {
    const auto found = std::find_if(parts.begin(), parts.end(),
                                    [material](const store::Part& one) { return one.material == material; });
    return found == parts.end() ? nullptr : &*found;
}

Submissions::Submissions(std::shared_ptr<store::Jobs> jobs, std::shared_ptr<async::Pool> pool, const Clock& clock,
                         telemetry::Sink& sink, Keeping keeping)
    : jobs_{std::move(jobs)},
      pool_{std::move(pool)},
      clock_{clock},
      sink_{sink},
      keeping_{keeping},
      held_{std::make_shared<Held>()} {
}

std::shared_ptr<const void> Submissions::hold(const std::string& id) const {
    const std::lock_guard lock{held_->mutex};
    if (!held_->ids.insert(id).second) {
        return nullptr;
    }
    return {held_.get(), [held = held_, id](const void*) {
                const std::lock_guard inner{held->mutex};
                held->ids.erase(id);
            }};
}

/// What is owed at every look; what is over its time once an hour.
void Submissions::sweep() const {
    if (jobs_->owes() && !held_->pays.exchange(true)) {
        const bool is_posted = pool_->post([jobs = jobs_, held = held_]() -> async::Pool::Delivery {
            (void)jobs->pay();  // why not was told when it began to be owed
            held->pays = false;
            return {};
        });
        if (!is_posted) {
            held_->pays = false;
        }
    }
    constexpr std::int64_t kHour = 3'600;
    const std::int64_t now = to_unix_seconds(clock_.now());
    const std::int64_t last = held_->swept.exchange(now / kHour);
    if (now / kHour == last) {
        return;
    }
    if (auto why = held_->take_trouble(); !why.empty()) {
        emit(sink_, telemetry::StoreFailed{.why = why});
    }
    const auto before = [now](std::chrono::hours age) {
        return now - std::chrono::duration_cast<std::chrono::seconds>(age).count();
    };
    // it may outlive this: what went wrong is told by the next one
    const bool taken = pool_->post([jobs = jobs_, held = held_, answers = before(keeping_.answers),
                                    keys = before(keeping_.keys)]() -> async::Pool::Delivery {
        if (auto done = jobs->forget(answers, keys); !done) {
            held->note_trouble(done.error().detail());
        }
        return {};
    });
    if (!taken) {
        held_->swept = last;
    }
}

asio::awaitable<Status> Submissions::begin(std::shared_ptr<Visit> visit, const Admitted& admitted) const {
    const policy::Context& context = visit->request.context;
    if (visit->submitted) {  // its status: recall() has found it
        if (!same_targets(visit->submitted->parts, admitted)) {
            co_return fail(Fault::not_permitted, "the configuration no longer has what was submitted");
        }
        co_return Status{};
    }
    if (context.idempotency_key.empty()) {
        co_return fail(Fault::key_required, "/context/idempotency_key");
    }
    Job job{.id = visit->exchange,
            .consumer = visit->claim.key->consumer->id,
            .key = context.idempotency_key,
            .fingerprint = fingerprint_of(*visit),
            .target = target_of(visit->request),
            .case_number = context.case_number,
            .sealed = seal(*visit, visit->exchange, visit->request.fingerprint_text),
            .created = to_unix_seconds(visit->at),
            .parts = parts_of(admitted)};
    std::shared_ptr<const void> held = hold(job.id);
    const std::function<Result<store::Jobs::Reserved>()> work = [jobs = jobs_, job] { return jobs->reserve(job); };
    auto reserved = co_await async::on_pool<store::Jobs::Reserved>(*pool_, work, store_deadline());
    if (!reserved) {
        emit(sink_, telemetry::StoreFailed{.why = reserved.error().detail()});
        co_return fail(Fault::unavailable, "the store of submissions");
    }
    if (reserved->job.fingerprint != job.fingerprint || !same_targets(reserved->job.parts, admitted)) {
        co_return fail(Fault::key_reused, "the key stands for " + reserved->job.id);
    }
    if (!reserved->is_new) {
        held = hold(reserved->job.id);
    }
    if (held == nullptr) {
        co_return fail(Error{Fault::in_progress, reserved->job.id}.after(kInProgress));
    }
    visit->submitted =
        Submitted{.id = reserved->job.id, .parts = std::move(reserved->job.parts), .hold = std::move(held)};
    if (reserved->is_new) {
        co_return Status{};
    }
    // what another call learned between the look and the hold
    const std::function<Result<std::optional<Job>>()> again =
        [jobs = jobs_, consumer = job.consumer, id = visit->submitted->id] { return jobs->find(consumer, id); };
    auto found = co_await async::on_pool<std::optional<Job>>(*pool_, again, store_deadline());
    if (!found || !*found) {
        co_return fail(Error{Fault::in_progress, visit->submitted->id}.after(kInProgress));
    }
    visit->submitted->parts = std::move((*found)->parts);
    co_return Status{};
}

asio::awaitable<Status> Submissions::recall(std::shared_ptr<Visit> visit) const {
    const std::string id = visit->request.name;
    const std::function<Result<std::optional<Job>>()> work =
        [jobs = jobs_, id, consumer = visit->claim.key->consumer->id] { return jobs->find(consumer, id); };
    // whose it is comes first: a stranger neither learns that it is there nor holds it up
    auto found = co_await async::on_pool<std::optional<Job>>(*pool_, work, store_deadline());
    std::shared_ptr<const void> held;
    if (found && *found) {
        held = hold(id);
        if (held == nullptr) {
            co_return fail(Error{Fault::in_progress, id}.after(kInProgress));
        }
        found = co_await async::on_pool<std::optional<Job>>(*pool_, work, store_deadline());
    }
    if (!found) {
        emit(sink_, telemetry::StoreFailed{.why = found.error().detail()});
        co_return fail(Fault::unavailable, "the store of submissions");
    }
    auto body = *found ? unseal(*visit, id, (*found)->sealed) : std::nullopt;
    if (!body) {
        co_return fail(Fault::no_such_resource, *found ? "its request was erased" : "no submission of this consumer");
    }
    auto request = read_again((*found)->target, *body);
    if (!request) {
        co_return fail(std::move(request.error()));
    }
    visit->request = std::move(*request);
    visit->submitted =
        Submitted{.id = id, .is_status = true, .parts = std::move((*found)->parts), .hold = std::move(held)};
    co_return Status{};
}

asio::awaitable<void> Submissions::end(std::shared_ptr<const Visit> visit) const {
    const std::function<Result<bool>()> work = [jobs = jobs_, id = visit->submitted->id]() -> Result<bool> {
        auto done = jobs->drop_if_untouched(id);
        return done ? Result<bool>{true} : fail(std::move(done.error()));
    };
    if (visit->submitted->is_status) {
        co_return;
    }
    if (auto done = co_await async::on_pool<bool>(*pool_, work, store_deadline()); !done) {
        emit(sink_, telemetry::StoreFailed{.why = done.error().detail()});
    }
}

asio::awaitable<Result<bool>> Submissions::claim(std::shared_ptr<const Visit> visit, std::string material) const {
    const std::function<Result<bool>()> work = [jobs = jobs_, id = visit->submitted->id,
                                                material = std::move(material)] { return jobs->claim(id, material); };
    auto claimed = co_await async::on_pool<bool>(*pool_, work, store_deadline());
    if (!claimed) {
        emit(sink_, telemetry::StoreFailed{.why = claimed.error().detail()});
        co_return fail(Fault::unavailable, "the store of submissions");
    }
    co_return claimed;
}

asio::awaitable<void> Submissions::release(std::shared_ptr<const Visit> visit, std::string material) const {
    const std::function<Result<bool>()> work = [jobs = jobs_, id = visit->submitted->id,
                                                material = std::move(material)]() -> Result<bool> {
        auto done = jobs->release(id, material);
        return done ? Result<bool>{true} : fail(std::move(done.error()));
    };
    if (auto done = co_await async::on_pool<bool>(*pool_, work, store_deadline()); !done) {
        emit(sink_, telemetry::StoreFailed{.why = done.error().detail()});
    }
}

asio::awaitable<void> Submissions::note(std::shared_ptr<const Visit> visit, const Ticket& ticket, store::Stage stage,
                                        const Certificate& made) const {
    const bool is_last_word = stage == store::Stage::settled;
    const std::string& id = visit->submitted->id;
    store::Part part{.material = ticket.material,
                     .service = ticket.service->id,
                     .stage = stage,
                     .outcome = made.outcome,
                     .sealed = is_last_word ? seal(*visit, id + '#' + ticket.material, made.envelope) : std::string{}};
    const std::function<Result<bool>()> work = [jobs = jobs_, id, part = std::move(part)]() -> Result<bool> {
        auto done = jobs->note(id, part);
        return done ? Result<bool>{true} : fail(std::move(done.error()));
    };
    if (auto done = co_await async::on_pool<bool>(*pool_, work, store_deadline()); !done) {
        emit(sink_, telemetry::StoreFailed{.why = done.error().detail()});
    }
}

Certificate Submissions::recorded(const Visit& visit, const Ticket& ticket, const store::Part& part) const {
    auto envelope = unseal(visit, visit.submitted->id + '#' + ticket.material, part.sealed);
    const auto read = envelope ? codec::read_json(*envelope) : fail(Fault::no_such_resource, "the answer was erased");
    if (!read || !may_be_seen(visit, ticket, *read)) {
        return unsigned_word(visit, ticket, part.outcome, visit.at);
    }
    Certificate made;
    made.outcome = part.outcome;
    made.jws = read->text_of("certificate");
    made.fields = fields_of(*read);
    made.envelope = std::move(*envelope);
    return made;
}

}  // namespace datong::exchange
