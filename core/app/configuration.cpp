#include "core/app/configuration.h"

#include <iostream>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "adapters/all.h"
#include "core/app/commands.h"
#include "core/catalogue/loading.h"
#include "core/http/client.h"

namespace datong::app {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds kReloadLimit{70};

asio::awaitable<void> post_reload(http::Client* client, Result<codec::HttpMessage>* into) {
    codec::HttpMessage request;
    request.method = "POST";
    request.target = "/v1/reload";
    *into = co_await client->send(std::move(request), std::chrono::steady_clock::now() + kReloadLimit);
}

/// Where the running gateway's admin listener is, by its configuration.
std::string admin_url(const std::string& config, Mistakes& mistakes) {
    const catalogue::Files files = catalogue::disk_files();
    const auto text = files.read(config);
    auto node = yaml::parse(text.value_or(""), config);
    if (!text || !node) {
        mistakes = node
                       ? Mistakes{{{config, 0, 0}, "C203", Severity::error, "无法读取文件", "can't read this file", ""}}
                       : node.error();
        return {};
    }
    catalogue::expand(*node, files, mistakes);
    const yaml::Node* admin = node->find("admin");
    const std::string address = admin != nullptr ? admin->text_of("address") : std::string{};
    const std::string port = admin != nullptr ? admin->text_of("port") : std::string{};
    return "http://" + (address.empty() ? "127.0.0.1" : address) + ':' + port;
}

}  // namespace

Mistakes with_configuration(const std::string& config, const std::function<void(const catalogue::Snapshot&)>& use) {
    const SystemClock clock;
    async::Pools pools;
    const auto sink = telemetry::Sink::make({.file = "-"});
    if (!sink) {
        return {{{config, 0, 0}, "C220", Severity::error, "", sink.error().detail(), ""}};
    }
    adapter::Registry adapters;
    adapters::add_all(adapters);
    const catalogue::Files files = catalogue::disk_files();
    const adapter::Tools tools{.blocking = nullptr, .clock = clock, .sink = **sink, .folder = {}};
    catalogue::SourceStates states;
    catalogue::Loaded loaded = catalogue::load(
        config, {.files = files, .adapters = adapters, .tools = tools, .states = states, .pools = pools});
    if (loaded.snapshot) {
        use(*loaded.snapshot);
    }
    return std::move(loaded.mistakes);  // what the adapters hold goes before the pool and the sink
}

int check(const std::string& config) {
    const Mistakes mistakes = with_configuration(config, [](const catalogue::Snapshot& snapshot) {
        std::cout << "配置正确 configuration good: " << snapshot.departments.size() << " departments, "
                  << snapshot.sources.size() << " sources, " << snapshot.services.size() << " services, "
                  << snapshot.consumers.size() << " consumers, " << snapshot.grants.size() << " grants, "
                  << snapshot.matters.size() << " matters\n快照 snapshot " << snapshot.digest << '\n';
    });
    print(mistakes);
    return has_errors(mistakes) ? kConfig : kGood;
}

int reload(const std::string& config) {
    Mistakes mistakes;
    const std::string url = admin_url(config, mistakes);
    if (url.empty() || has_errors(mistakes)) {
        print(mistakes);
        return kConfig;
    }
    asio::io_context loop{1};
    http::ClientSettings settings;
    settings.url = url;
    auto client = http::Client::make(std::move(settings));
    if (!client) {
        std::cerr << client.error().detail() << '\n';
        return kConfig;
    }
    Result<codec::HttpMessage> answer = fail(Fault::unavailable, "not asked");
    asio::co_spawn(loop, post_reload(client->get(), &answer), asio::detached);
    loop.run();
    if (!answer) {
        std::cerr << "网关未在 " << url << " 应答 no gateway answers at " << url << ": " << answer.error().detail()
                  << '\n';
        return kWanting;
    }
    std::cout << answer->body;
    return answer->status == 200 ? kGood : kConfig;
}

}  // namespace datong::app
