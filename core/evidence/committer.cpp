#include "core/evidence/committer.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "core/telemetry/events.h"

namespace datong::evidence {
namespace {

constexpr std::size_t kFullPause = 8;  ///< after a batch of that many or more the pause is a whole `spacing`

}  // namespace

Committer::Committer(const LogSettings& settings, std::unique_ptr<ChainWriter> writer, const Clock& clock,
                     telemetry::Sink& sink)
    : max_batch_{std::max<std::size_t>(settings.max_batch, 1)},
      max_queue_{settings.max_queue},
      spacing_{settings.spacing},
      retry_{settings.retry},
      stuck_after_{settings.stuck_after},
      writer_{std::move(writer)},
      durable_{writer_->durable()},
      space_{writer_->space(true)},
      clock_{clock},
      sink_{sink},
      strangers_{settings.strangers_a_minute},
      thread_{[this] { run(); }} {
}

Committer::~Committer() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

bool Committer::enqueue(Pending& pending) {
    {
        const std::lock_guard lock{mutex_};
        if (queue_.size() >= max_queue_ || stopping_) {
            return false;
        }
        pending.since = std::chrono::steady_clock::now();
        queue_.push_back(std::move(pending));
        if (queue_.size() != 1 && queue_.size() != crowd_) {
            return true;  // the writer knows already that there is work
        }
    }
    wake_.notify_one();
    return true;
}

void Committer::submit(Pending pending) {
    if (!enqueue(pending) && pending.waiter) {
        sink_.count("datong_evidence_queue_full_total", {});
        pending.waiter->tell(fail(Fault::evidence_unavailable, "evidence: the queue is full"));
    }
}

void Committer::submit_stranger(std::string entry, const std::string& fault) {
    const auto now = clock_.now();
    Pending pending{.entry = std::move(entry), .waiter = {}, .stranger_fault = fault, .stranger_count = 1};
    if (!strangers_.may_keep(now) || !enqueue(pending)) {
        strangers_.count(fault, now);
    }
}

void Committer::owe(std::string entry) {
    const std::lock_guard lock{mutex_};
    owed_.push_back(std::move(entry));
}

void Committer::run() {
    bool more = true;
    if (space_ != Space::enough) {
        say_space(space_);
    }
    while (more) {
        Batch batch = take();
        more = !batch.empty() || !stopping_;
        add_counted(batch, more ? strangers_.take_over(clock_.now()) : strangers_.take_all(clock_.now()));
        if (healthy_ || !more) {
            add_owed(batch);
        }
        if (!batch.empty()) {
            commit(std::move(batch));
        } else {
            // else nobody would come back: an unhealthy gateway is sent no calls
            const Status tried = healthy_ ? writer_->close_old() : writer_->probe();
            set_healthy(tried.has_value(), tried ? "" : tried.error().detail());
        }
        look_at_space();
    }
}

Committer::Batch Committer::take() {
    std::unique_lock lock{mutex_};
    wake_.wait_for(lock, retry_, [this] { return stopping_ || !queue_.empty(); });
    const auto pause = spacing_ * std::min(last_size_, kFullPause) / kFullPause;
    wake_.wait_until(lock, last_begun_ + pause,
                     [this] { return stopping_ || queue_.empty() || queue_.size() >= crowd_; });
    last_begun_ = std::chrono::steady_clock::now();
    const auto end = std::next(queue_.begin(), static_cast<std::ptrdiff_t>(std::min(queue_.size(), max_batch_)));
    Batch batch{std::make_move_iterator(queue_.begin()), std::make_move_iterator(end)};
    queue_.erase(queue_.begin(), end);
    last_size_ = batch.size();
    if (!batch.empty()) {
        writing_since_ = batch.front().since;
    }
    return batch;
}

void Committer::add_counted(Batch& batch, const std::vector<RefusalsCounted>& counted) {
    for (const RefusalsCounted& count : counted) {
        batch.push_back(
            {.entry = to_json(count), .waiter = {}, .stranger_fault = count.fault, .stranger_count = count.count});
    }
}

void Committer::add_owed(Batch& batch) {
    const std::lock_guard lock{mutex_};
    for (; !owed_.empty() && batch.size() < max_batch_; owed_.pop_front()) {
        batch.push_back({.entry = std::move(owed_.front()), .waiter = {}, .stranger_fault = {}, .is_owed = true});
    }
}

void Committer::commit(Batch batch) {
    std::vector<std::string_view> entries;
    entries.reserve(batch.size());
    for (const Pending& pending : batch) {
        entries.emplace_back(pending.entry);
    }
    const auto begun = std::chrono::steady_clock::now();
    auto places = writer_->write(entries);
    durable_ = writer_->durable();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    sink_.observe("datong_evidence_durable_seconds", {}, took.count());
    sink_.count(places ? "datong_evidence_records_total" : "datong_evidence_lost_total", {},
                static_cast<double>(batch.size()));
    {
        const std::lock_guard lock{mutex_};
        writing_since_.reset();
        note_crowd(batch.size() + queue_.size());
    }
    if (!places) {
        set_healthy(false, places.error().detail());
    } else if (!is_stuck()) {
        set_healthy(true, "");
    }
    complete(std::move(batch), std::move(places));
}

/// What was waited for together may all come back at once: more than that nobody need wait for. The most of late,
/// slowly forgotten, so that batches don't shrink by beginning early.
void Committer::note_crowd(std::size_t waited) {
    constexpr std::size_t kForgotten = 8;
    crowd_ -= (crowd_ + kForgotten - 1) / kForgotten;
    crowd_ = std::clamp<std::size_t>(waited, std::max<std::size_t>(crowd_, 1), max_batch_);
}

void Committer::complete(Batch batch, Result<std::vector<Place>> places) {
    for (std::size_t i = 0; i < batch.size(); ++i) {
        Pending& pending = batch[i];
        if (!places && pending.is_owed) {
            owe(std::move(pending.entry));
        }
        if (!places && !pending.stranger_fault.empty()) {
            strangers_.count(pending.stranger_fault, clock_.now(), pending.stranger_count);
        }
        if (pending.waiter) {
            pending.waiter->tell(places ? Result<Place>{std::move((*places)[i])} : fail(places.error()));
        }
    }
}

/// After every batch, and by itself: room may have been made.
void Committer::look_at_space() {
    const auto now = std::chrono::steady_clock::now();
    const bool is_time = now - looked_ >= retry_;
    looked_ = is_time ? now : looked_;
    const Space found = writer_->space(is_time);
    if (space_.exchange(found) != found) {
        say_space(found);
    }
}

void Committer::say_space(Space space) {
    constexpr std::string_view kNames[] = {"enough", "low", "full"};
    telemetry::emit(sink_, telemetry::EvidenceSpace{.state = kNames[static_cast<std::size_t>(space)]});
}

Status Committer::takes_calls() {
    if (space_ == Space::full) {
        return fail(Fault::evidence_unavailable, "evidence: no room is left for a call and its end");
    }
    const std::lock_guard lock{mutex_};
    return held_.empty() ? Status{} : fail(Fault::evidence_unavailable, "evidence: " + held_);
}

void Committer::hold_calls(std::string why) {
    const std::lock_guard lock{mutex_};
    held_ = std::move(why);
}

/// The writer itself can't say that it hangs, so whoever asks looks at the clock.
bool Committer::healthy() {
    if (healthy_ && is_stuck()) {
        set_healthy(false, "the disk does not answer");
    }
    return healthy_;
}

bool Committer::is_stuck() {
    const std::lock_guard lock{mutex_};
    const auto now = std::chrono::steady_clock::now();
    const auto oldest = writing_since_ ? *writing_since_ : queue_.empty() ? now : queue_.front().since;
    return now - oldest > stuck_after_;
}

void Committer::set_healthy(bool now_healthy, std::string_view reason) {
    if (healthy_.exchange(now_healthy) == now_healthy) {
        return;
    }
    sink_.gauge("datong_evidence_healthy", {}, now_healthy ? 1 : 0);
    if (now_healthy) {
        sink_.line(telemetry::Level::info, "evidence_writes_again", {});
    } else {
        telemetry::emit(sink_, telemetry::EvidenceFailed{.why = reason});
    }
}

}  // namespace datong::evidence
