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
    settle(stamp->seal);
    return {};
}

/// It has its stamp. What was passed over before it, of a later time than its own, is given up.
void Stamper::settle(std::uint64_t number) {
    const auto found = std::ranges::find(waiting_, number, &Stampable::number);
    if (found != waiting_.end()) {
        const Time at = found->at;
        std::erase_if(waiting_, [number, at](const Stampable& seal) {
            return seal.number == number || (seal.number < number && seal.at > at);
        });
    }
    stamped_ = std::max(stamped_.load(), number);
}

Status Stamper::stamp_waiting(const std::stop_token& stop) {
    std::optional<Time> early;  // seals of that time or later are ahead of the authorities' clocks
    const auto is_stampable = [&early](const Stampable& seal) { return !early || seal.at < *early; };
    for (auto next = waiting_.begin(); next != waiting_.end() && !stop.stop_requested();
         next = std::ranges::find_if(waiting_, is_stampable)) {
        const Stampable seal = *next;
        auto token = fetch(seal);
        if (!token) {
            return fail(std::move(token.error()));
        }
        if (!*token) {
            early = seal.at;
            continue;
        }
        if (auto kept = keep(seal, std::move(**token)); !kept) {
            return kept;
        }
    }
    if (!early) {
        return {};
    }
    pass_over(*early);
    return fail(Fault::unavailable, why_early_);
}

Status Stamper::keep(const Stampable& seal, std::string token) {
    const Stamp stamp{.at = to_rfc3339(clock_.now()), .seal = seal.number, .token = std::move(token)};
    if (auto kept = log_.append_now(to_json(stamp)); !kept) {
        return fail(std::move(kept.error()));
    }
    sink_.count("datong_seals_stamps_total", {});
    settle(seal.number);
    show();
    return {};
}

/// They must not keep those behind them from being read.
void Stamper::pass_over(Time early) {
    if (waiting_.size() >= kMostWaiting) {
        std::erase_if(waiting_, [early](const Stampable& seal) { return seal.at >= early; });
        show();
    }
}

/// From the first authority whose answer holds. @return nullopt where every answer that would is older than the seal.
Result<std::optional<std::string>> Stamper::fetch(const Stampable& seal) {
    Error last{Fault::unavailable, "no authority is set"};
    bool is_early = false;
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
            return std::optional{std::move(*token)};
        }
        last = Error{Fault::unavailable, authority.url + ": " + verdict.why};
        if (verdict.reason == "stamp_time") {
            is_early = true;
            why_early_ = last.detail();
        }
    }
    return is_early ? Result<std::optional<std::string>>{std::nullopt} : fail(std::move(last));
}

void Stamper::show() {
    unstamped_ = waiting_.size();
    const auto oldest = std::ranges::min_element(waiting_, {}, &Stampable::at);
    oldest_ = oldest == waiting_.end() ? 0 : oldest->at.time_since_epoch().count();
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
