#include "bench/hall.h"

#include <algorithm>
#include <random>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "core/async/wait.h"
#include "core/codec/json.h"
#include "core/http/client.h"

namespace datong::bench {
namespace {

namespace asio = boost::asio;
using record::Record;
using SteadyClock = std::chrono::steady_clock;

/// What the windows share; all on one loop.
struct Hall {
    const HallPlan& plan;
    Caller caller;
    std::mt19937 draws;
    HallResult result{};

    std::size_t draw_matter() { return std::uniform_int_distribution<std::size_t>{0, plan.matters - 1}(draws); }
    std::chrono::milliseconds draw(std::chrono::milliseconds least, std::chrono::milliseconds most) {
        return std::chrono::milliseconds{
            std::uniform_int_distribution<std::int64_t>{least.count(), most.count()}(draws)};
    }
};

/// One window; everything that it draws is drawn beforehand, so that a run can be had again.
struct Window {
    std::unique_ptr<http::Client> client;
    std::chrono::milliseconds opens{};
    std::vector<std::size_t> matters{};
    std::vector<std::chrono::milliseconds> thinks{};
};

std::string code_of(const Record& material) {
    const Record* fault = material.find("fault");
    return fault == nullptr ? material.text_of("outcome") : fault->text_of("code");
}

void note_material(Hall& hall, const Record& material) {
    const std::string outcome = material.text_of("outcome");
    if (!hall.plan.honest.contains(material.text_of("material"))) {
        ++hall.result.others[code_of(material)];
    } else if (outcome == "found") {
        ++hall.result.honest_found;
    } else if (outcome == "pending") {
        ++hall.result.honest_later;
    } else {
        ++hall.result.honest_failed[code_of(material)];
    }
}

void note_answer(Hall& hall, const codec::HttpMessage& answer) {
    const auto whole = codec::read_json(answer.body);
    const Record* requirements = whole ? whole->find("requirements") : nullptr;
    if (requirements == nullptr) {
        ++hall.result.refused["no answer in it"];
        return;
    }
    for (const Record& requirement : requirements->items()) {
        const Record* materials = requirement.find("materials");
        for (const Record& material : materials == nullptr ? Record::list().items() : materials->items()) {
            note_material(hall, material);
        }
    }
}

asio::awaitable<void> serve_citizens(Hall* hall, Window* window) {
    co_await async::sleep_until(SteadyClock::now() + window->opens);
    for (std::size_t i = 0; i < window->matters.size(); ++i) {
        const std::string target = "/v1/matters/hall-" + std::to_string(window->matters[i]) + "/materials";
        const auto began = SteadyClock::now();
        auto request = signed_call(hall->caller, target, hall->plan.body);
        const Deadline deadline = began + std::chrono::seconds{30};
        auto answer = co_await window->client->send(std::move(request), deadline);
        const auto took = std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - began);
        ++hall->result.calls;
        constexpr int kLastGood = 202;
        if (!answer) {
            ++hall->result.refused[std::string{row_of(answer.error().fault()).code}];
        } else if (answer->status < 200 || answer->status > kLastGood) {
            ++hall->result.refused[std::to_string(answer->status)];
        } else {
            hall->result.call_us.push_back(static_cast<std::uint32_t>(took.count()));
            note_answer(*hall, *answer);
        }
        co_await async::sleep_until(SteadyClock::now() + window->thinks[i]);
    }
}

Result<Window> open_window(Hall& hall) {
    http::ClientSettings settings;
    settings.url = hall.plan.url;
    settings.ca_pem = hall.plan.ca_pem;
    auto client = http::Client::make(std::move(settings));
    if (!client) {
        return fail(client.error());
    }
    Window window{.client = std::move(*client), .opens = hall.draw({}, hall.plan.opening)};
    for (int i = 0; i < hall.plan.calls_a_window; ++i) {
        window.matters.push_back(hall.draw_matter());
        window.thinks.push_back(hall.draw(hall.plan.thinking / 2, hall.plan.thinking + hall.plan.thinking / 2));
    }
    return window;
}

}  // namespace

double HallResult::percentile(double part) const {
    constexpr double kMicrosInMilli = 1'000;
    return call_us.empty()
               ? 0
               : call_us[static_cast<std::size_t>(part * static_cast<double>(call_us.size() - 1))] / kMicrosInMilli;
}

Result<HallResult> run_hall(const HallPlan& plan) {
    auto key = crypto::SigningKey::from_pem(plan.key_pem);
    if (!key) {
        return fail(key.error());
    }
    Hall hall{
        .plan = plan,
        .caller = {.key = std::move(*key), .keyid = plan.keyid, .authority = plan.url.substr(plan.url.find("://") + 3)},
        .draws = std::mt19937{plan.seed}};
    std::vector<Window> windows;
    for (std::size_t i = 0; i < plan.windows; ++i) {
        auto window = open_window(hall);
        if (!window) {
            return fail(window.error());
        }
        windows.push_back(std::move(*window));
    }
    asio::io_context loop{1};
    for (Window& window : windows) {
        asio::co_spawn(loop, serve_citizens(&hall, &window), asio::detached);
    }
    loop.run();
    std::ranges::sort(hall.result.call_us);
    windows.clear();  // before the loop
    return std::move(hall.result);
}

}  // namespace datong::bench
