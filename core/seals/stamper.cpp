#include "core/seals/stamper.h"

#include <algorithm>
#include <utility>

#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/crypto/time_stamp.h"
#include "core/telemetry/events.h"

namespace datong::seals {
namespace {

constexpr std::chrono::milliseconds kLook{1'000};  ///< how often new seals are looked for
constexpr std::size_t kMostWaiting = 10'000;       ///< the others stay in the folder until these are stamped
constexpr std::size_t kNonceSize = 16;
constexpr std::size_t kMostWords = 200;

}  // namespace

Stamper::Stamper(StamperSettings settings, evidence::Log& log, Ask ask, const Clock& clock, telemetry::Sink& sink)
    : settings_{std::move(settings)},
      log_{log},
      ask_{std::move(ask)},
      clock_{clock},
      sink_{sink},
      reader_{settings_.folder, std::max<std::uint64_t>(settings_.from, 1)} {
}

Stamper::~Stamper() = default;

void Stamper::start() {
    thread_ = std::jthread{[this](const std::stop_token& stop) { run(stop); }};
}

Status Stamper::stamp_now() {
    Status done = look().and_then([this] { return stamp_waiting({}); });
    note(done);
    return done;
}

bool Stamper::is_overdue() const {
    const Time::rep oldest = oldest_;
    return settings_.refuse_after.count() > 0 && oldest != 0 &&
           clock_.now() - Time{Time::duration{oldest}} > settings_.refuse_after;
}

void Stamper::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        const Status done = look().and_then([this, &stop] { return stamp_waiting(stop); });
        note(done);
        std::unique_lock lock{mutex_};
        (void)wake_.wait_for(lock, stop, done ? kLook : settings_.retry, [] { return false; });
    }
}

/// Reads what is durable and new.
Status Stamper::look() {
    reader_ = reader_.fork();
    const std::uint64_t durable = log_.durable();
    while (reader_.number() <= durable && waiting_.size() < kMostWaiting) {
        const std::uint64_t number = reader_.number();
        const auto payload = reader_.next_durable();
        if (!payload) {
            return fail(payload.error());
        }
        if (auto taken = take(*payload, number); !taken) {
            return taken;
        }
    }
    show();
    return {};
}

Status Stamper::take(std::string_view payload, std::uint64_t number) {
    const std::string_view kind = kind_of(payload);
    if (!is_of_seals(kind)) {
        return {};
    }
    const auto entry = codec::read_json(payload);
    if (!entry) {
        return fail(entry.error());
    }
    if (kind == "seal") {
        auto seal = read_seal(*entry).and_then([number](const Seal& read) { return stampable(number, read); });
        if (!seal) {
            return fail(std::move(seal.error()));
        }
        waiting_.push_back(std::move(*seal));
        return {};
    }
    const auto stamp = read_stamp(*entry);
    if (!stamp) {
        return fail(stamp.error());
    }
    std::erase_if(waiting_, [&stamp](const Stampable& seal) { return seal.number == stamp->seal; });
    stamped_ = std::max(stamped_.load(), stamp->seal);
    return {};
}

Status Stamper::stamp_waiting(const std::stop_token& stop) {
    while (!waiting_.empty() && !stop.stop_requested()) {
        const Stampable& seal = waiting_.front();
        auto token = fetch(seal);
        if (!token) {
            return fail(std::move(token.error()));
        }
        const Stamp stamp{.at = to_rfc3339(clock_.now()), .seal = seal.number, .token = std::move(*token)};
        if (auto kept = log_.append_now(to_json(stamp)); !kept) {
            return fail(std::move(kept.error()));
        }
        sink_.count("datong_seals_stamps_total", {});
        stamped_ = seal.number;
        waiting_.pop_front();
        show();
    }
    return {};
}

/// From the first authority whose answer holds.
Result<std::string> Stamper::fetch(const Stampable& seal) const {
    Error last{Fault::unavailable, "no authority is set"};
    for (const Authority& authority : settings_.authorities) {
        const std::string nonce = crypto::random_bytes(kNonceSize);
        const auto request = crypto::make_time_stamp_request(
            {.imprint = seal.imprint, .nonce = nonce, .policy = authority.trust.policy});
        if (!request) {
            return fail(request.error());
        }
        auto token = ask_(authority.url, *request).and_then([](const std::string& response) {
            return crypto::token_in_response(response);
        });
        if (!token) {
            last = Error{Fault::unavailable, authority.url + ": " + token.error().detail().substr(0, kMostWords)};
            continue;
        }
        const StampVerdict verdict = check_stamp(*token, seal, authority.trust, nonce);
        if (verdict.reason.empty()) {
            return token;
        }
        last = Error{Fault::unavailable, authority.url + ": " + verdict.why};
    }
    return fail(std::move(last));
}

void Stamper::show() {
    unstamped_ = waiting_.size();
    oldest_ = waiting_.empty() ? 0 : waiting_.front().at.time_since_epoch().count();
    sink_.gauge("datong_seals_unstamped_seals", {}, static_cast<double>(waiting_.size()));
}

/// Says once that it fails.
void Stamper::note(const Status& done) {
    if (!done && !is_failing_) {
        telemetry::emit(sink_, telemetry::StampFailed{.why = done.error().detail()});
    }
    is_failing_ = !done;
}

}  // namespace datong::seals
