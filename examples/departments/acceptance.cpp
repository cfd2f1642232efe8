#include "examples/departments/acceptance.h"

#include <algorithm>
#include <utility>

namespace datong::departments {
namespace {

using Mood = AcceptanceDesk::Mood;

constexpr const char* kSomebodyElse = "999902198506150037";

/// Some know a push again by its number; the others write it once more.
bool deduplicates(const std::string& department) {
    return department == "tax" || department == "construction";
}

/// What a push is answered that was taken: mostly the case as it is, but a reply can go wrong in many ways.
Said receipt(Mood mood, Said last) {
    switch (mood) {
        case Mood::losing_reply:
            return {.way = Said::Way::reset};
        case Mood::hanging:
            return {.way = Said::Way::hanging};
        case Mood::page:
            return {.way = Said::Way::page};
        case Mood::unlisted:
            return {.word = Said::Word::unlisted};
        case Mood::bus_timeout:
            return {.word = Said::Word::busy, .way = Said::Way::bus_timeout};
        case Mood::none_found:
            return {.word = Said::Word::none};
        case Mood::another_person:
            last.about->id_no = kSomebodyElse;
            return last;
        default:
            return last;
    }
}

}  // namespace

void AcceptanceDesk::set(const std::string& department, Mood mood) {
    const std::lock_guard lock{mutex_};
    departments_[department].mood = mood;
}

AcceptanceDesk::Mood AcceptanceDesk::mood(const std::string& department) const {
    const std::lock_guard lock{mutex_};
    const auto found = departments_.find(department);
    return found == departments_.end() ? Mood::accepting : found->second.mood;
}

void AcceptanceDesk::move(const std::string& department, const std::string& state) {
    const std::lock_guard lock{mutex_};
    for (AcceptedCase& entry : departments_[department].entries) {
        entry.state = state;
        entry.reason = state == "2" ? "01" : "";
    }
}

std::size_t AcceptanceDesk::written(const std::string& department) const {
    const std::lock_guard lock{mutex_};
    const auto found = departments_.find(department);
    return found == departments_.end() ? 0 : found->second.written;
}

std::size_t AcceptanceDesk::asked(const std::string& department) const {
    const std::lock_guard lock{mutex_};
    const auto found = departments_.find(department);
    return found == departments_.end() ? 0 : found->second.asked;
}

std::map<std::string, AcceptedCase> AcceptanceDesk::cases(const std::string& department) const {
    const std::lock_guard lock{mutex_};
    std::map<std::string, AcceptedCase> all;
    const auto found = departments_.find(department);
    if (found != departments_.end()) {
        for (const AcceptedCase& entry : found->second.entries) {
            all[entry.case_number] = entry;
        }
    }
    return all;
}

void AcceptanceDesk::after_write(std::function<void()> what) {
    const std::lock_guard lock{mutex_};
    after_write_ = std::move(what);
}

void AcceptanceDesk::at_find(std::function<void()> what) {
    const std::lock_guard lock{mutex_};
    at_find_ = std::move(what);
}

Said AcceptanceDesk::push(const std::string& department, AcceptedCase pushed) {
    std::unique_lock lock{mutex_};
    Department& taking = departments_[department];
    const Mood mood = taking.mood;
    if (mood == Mood::losing_request) {
        return {.way = Said::Way::reset};
    }
    if (mood == Mood::busy) {
        return {.word = Said::Word::busy};
    }
    if (mood == Mood::rejecting) {
        return {.word = Said::Word::rejected};
    }
    if (pushed.serial.empty() || pushed.case_number.empty() || pushed.id_no.empty()) {
        return {.word = Said::Word::incomplete};
    }
    const std::string case_number = pushed.case_number;
    const bool is_there = std::any_of(taking.entries.begin(), taking.entries.end(),
                                      [&](const AcceptedCase& one) { return one.serial == pushed.serial; });
    if (!deduplicates(department) || !is_there) {
        pushed.state = mood == Mood::refusing ? "4" : mood == Mood::deferring ? "0" : "1";
        pushed.reason = mood == Mood::refusing ? "02" : "";
        taking.entries.push_back(std::move(pushed));
        ++taking.written;
    }
    const auto then = after_write_;
    lock.unlock();
    if (then) {
        then();
    }
    lock.lock();
    return receipt(mood, last_of(taking, case_number));
}

Said AcceptanceDesk::find(const std::string& department, const std::string& case_number) {
    std::function<void()> then;
    {
        const std::lock_guard lock{mutex_};
        then = at_find_;
    }
    if (then) {
        then();
    }
    const std::lock_guard lock{mutex_};
    Department& asked = departments_[department];
    ++asked.asked;
    return last_of(asked, case_number);
}

Said AcceptanceDesk::last_of(const Department& department, const std::string& case_number) {
    const auto found = std::find_if(department.entries.rbegin(), department.entries.rend(),
                                    [&](const AcceptedCase& one) { return one.case_number == case_number; });
    if (found == department.entries.rend()) {
        return {.word = Said::Word::none};
    }
    return {.about = *found};
}

}  // namespace datong::departments
