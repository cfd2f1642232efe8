#include "core/app/admin_client.h"

#include <iostream>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "core/catalogue/loading.h"
#include "core/codec/json.h"
#include "core/http/client.h"

namespace datong::app {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds kLimit{70};  // a reload may take a minute

asio::awaitable<void> send(http::Client* client, codec::HttpMessage request, Result<codec::HttpMessage>* into) {
    *into = co_await client->send(std::move(request), std::chrono::steady_clock::now() + kLimit);
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

AdminAnswer ask_admin(const std::string& config, const std::string& target, const std::optional<std::string>& body) {
    Mistakes mistakes;
    AdminAnswer answer;
    answer.url = admin_url(config, mistakes);
    if (answer.url.empty() || has_errors(mistakes)) {
        print(mistakes);
        answer.code = kConfig;
        return answer;
    }
    asio::io_context loop{1};
    http::ClientSettings settings;
    settings.url = answer.url;
    auto client = http::Client::make(std::move(settings));
    if (!client) {
        std::cerr << client.error().detail() << '\n';
        answer.code = kConfig;
        return answer;
    }
    codec::HttpMessage request;
    request.method = body ? "POST" : "GET";
    request.target = target;
    request.body = body.value_or("");
    Result<codec::HttpMessage> got = fail(Fault::unavailable, "not asked");
    asio::co_spawn(loop, send(client->get(), std::move(request), &got), asio::detached);
    loop.run();
    if (!got) {
        std::cerr << "网关未在 " << answer.url << " 应答 no gateway answers at " << answer.url << ": "
                  << got.error().detail() << '\n';
        answer.code = kWanting;
        return answer;
    }
    answer.http = std::move(*got);
    return answer;
}

record::Record read_admin(const std::string& config, const std::string& target, int& code) {
    const AdminAnswer answer = ask_admin(config, target);
    code = answer.code;
    if (!answer.http) {
        return {};
    }
    auto body = codec::read_json(answer.http->body, {.max_nodes = 4'000'000});
    if (answer.http->status != 200 || !body) {
        std::cerr << "网关答复异常 the gateway answered with status " << answer.http->status << '\n';
        code = kWanting;
        return {};
    }
    return std::move(*body);
}

}  // namespace datong::app
