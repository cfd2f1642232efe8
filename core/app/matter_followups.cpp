#include <filesystem>
#include <iostream>

#include "core/app/commands.h"
#include "core/app/configuration.h"
#include "core/base/clock.h"
#include "core/base/moment.h"
#include "core/codec/json_writer.h"
#include "core/later/later.h"
#include "core/store/awaited.h"

namespace datong::app {
namespace {

constexpr std::int64_t kMostShown = 1'000;

std::string time_text(std::int64_t seconds) {
    return seconds_to_rfc3339(seconds);
}

void say_json(const std::vector<store::Awaited>& all) {
    std::string out;
    codec::JsonWriter json{out};
    json.open_object().name("awaited").open_list();
    for (const store::Awaited& one : all) {
        json.open_object().member("state", store::name_of(one.state)).member("why", one.why);
        json.member("exchange", one.exchange).member("consumer", one.consumer).member("matter", one.matter);
        json.member("requirement", one.requirement).member("material", one.material).member("service", one.service);
        json.member("case_number", one.case_number).member("since", time_text(one.created));
        json.member("until", time_text(one.until)).member("next", time_text(one.next));
        json.member("outcome", one.outcome).member("promise", one.promise).member("attempts", one.attempts);
        json.close_object();
    }
    json.close_list().close_object();
    std::cout << out << '\n';
}

void say_lines(const std::vector<store::Awaited>& all) {
    for (const store::Awaited& one : all) {
        std::cout << store::name_of(one.state) << '\t' << one.why << '\t' << time_text(one.created) << '\t'
                  << time_text(one.until) << '\t' << one.exchange << '\t' << one.consumer << '\t' << one.matter << '\t'
                  << one.material << '\t' << one.case_number << '\t' << (one.outcome.empty() ? "-" : one.outcome)
                  << (one.promise.empty() ? "" : '\t' + one.promise) << '\n';
    }
    if (all.empty()) {
        std::cout << "没有等待中的材料 none: nothing is awaited, and every consumer is told\n";
    }
}

}  // namespace

int matter_followups(const std::string& config, bool json) {
    std::string file;
    const Mistakes mistakes = with_configuration(
        config, [&file](const catalogue::Snapshot& snapshot) { file = later::book_of(snapshot.gateway); });
    print(mistakes);
    if (has_errors(mistakes)) {
        return kConfig;
    }
    std::vector<store::Awaited> open;
    if (std::filesystem::exists(std::filesystem::path{file}.lexically_normal())) {
        const auto book = store::AwaitedBook::open(file);
        auto found = book ? (*book)->open_ones(kMostShown) : fail(book.error());
        if (!found) {
            std::cerr << found.error().detail() << '\n';
            return kWanting;
        }
        open = std::move(*found);
    }
    if (json) {
        say_json(open);
    } else {
        say_lines(open);
    }
    return kGood;
}

}  // namespace datong::app
