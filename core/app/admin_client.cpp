#include "core/app/admin_client.h"

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "core/app/map_files.h"
#include "core/catalogue/loading.h"
#include "core/codec/json.h"
#include "core/http/client.h"
#include "core/http/origin.h"
#include "core/keyring/ring.h"

namespace datong::app {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;

constexpr std::chrono::seconds kLimit{70};  // a reload may take a minute
constexpr std::chrono::seconds kQuick{5};

/// How the admin listener is reached.
struct Reach {
    std::string url;
    std::string ca_pem{};      ///< who is trusted to have certified it
    std::string pinned_pem{};  ///< or its own certificates
};

asio::awaitable<void> send(http::Client* client, codec::HttpMessage request, std::chrono::seconds limit,
                           Result<codec::HttpMessage>* into) {
    *into = co_await client->send(std::move(request), std::chrono::steady_clock::now() + limit);
}

std::string beside(const std::string& file, const std::string& written) {
    return written.starts_with('/') ? written : (fs::path{file}.parent_path() / written).lexically_normal().string();
}

/// The certificates that a listener shows now; the gateway's own configuration is trusted to know them.
std::string chain_of(const yaml::Node& tls, const std::string& config) {
    const std::string ring_file = tls.text_of("ring");
    if (ring_file.empty()) {
        return read_text(beside(config, tls.text_of("chain"))).value_or("");
    }
    const std::string file = beside(config, ring_file);
    auto node = yaml::parse(read_text(file).value_or(""), file);
    Mistakes mistakes;
    const auto ring = node ? keyring::read_ring(*node, mistakes) : std::nullopt;
    const keyring::RingKey* used = ring ? ring->in_use(std::chrono::system_clock::now()) : nullptr;
    return used != nullptr ? read_text(beside(file, used->chain)).value_or("") : std::string{};
}

/// An address to call, of one to listen at.
std::string host_of(const std::string& address) {
    if (address.empty() || address == "0.0.0.0" || address == "::") {
        return "127.0.0.1";
    }
    return address.find(':') == std::string::npos ? address : '[' + address + ']';
}

Mistakes wrong_variable(const std::string& name, std::string text_zh, std::string text_en) {
    return {{{name, 0, 0}, "C103", Severity::error, std::move(text_zh), std::move(text_en), ""}};
}

/// On a machine without the configuration. Passwords go nowhere in clear.
std::optional<Reach> reach_of_environment(Mistakes& mistakes) {
    const char* url = std::getenv("DATONG_ADMIN_URL");
    const char* ca = std::getenv("DATONG_ADMIN_CA");
    if (url == nullptr || *url == '\0') {
        return std::nullopt;
    }
    if (!std::string_view{url}.starts_with("https://")) {
        mistakes = wrong_variable("DATONG_ADMIN_URL", "须为 https:// 地址", "must be an https:// address");
        return std::nullopt;
    }
    const auto pem = ca != nullptr ? read_text(ca) : std::nullopt;
    if (!pem) {
        mistakes = wrong_variable("DATONG_ADMIN_CA", "须为可读的 PEM 文件: 签发网关证书的机构",
                                  "must be a PEM file that can be read: who certified the gateway");
        return std::nullopt;
    }
    return Reach{.url = url, .ca_pem = *pem};
}

/// Where the gateway's admin listener is, by its configuration.
Reach reach_of(const std::string& config, Mistakes& mistakes) {
    const catalogue::Files files = catalogue::disk_files();
    const auto text = files.read(config);
    if (auto set = text ? std::nullopt : reach_of_environment(mistakes)) {
        return std::move(*set);
    }
    if (has_errors(mistakes)) {
        return {};
    }
    if (!text) {
        mistakes = {{{config, 0, 0}, "C203", Severity::error, "无法读取文件", "can't read this file", "--config FILE"}};
        return {};
    }
    auto node = yaml::parse(*text, config);
    if (!node) {
        mistakes = node.error();
        return {};
    }
    catalogue::expand(*node, files, mistakes);
    const yaml::Node* admin = node->find("admin");
    const yaml::Node* tls = admin != nullptr ? admin->find("tls") : nullptr;
    const std::string host = host_of(admin != nullptr ? admin->text_of("address") : std::string{});
    const std::string port = admin != nullptr ? admin->text_of("port") : std::string{};
    return {.url = (tls != nullptr ? "https://" : "http://") + host + ':' + port,
            .pinned_pem = tls != nullptr ? chain_of(*tls, config) : std::string{}};
}

/// The request with the session, over a connection with its certificate.
void show_session(const AdminRequest& asked, const std::string& url, codec::HttpMessage& request,
                  http::ClientSettings& settings) {
    const auto session = kept_session(url);
    if (session && asked.x509.empty()) {
        request.add("Authorization", "Bearer " + session->token.reveal());
    }
    const std::string x509 = asked.x509.empty() && session ? session->x509 : asked.x509;
    const std::string key = asked.x509.empty() && session ? session->x509_key : asked.x509_key;
    if (!x509.empty()) {
        settings.client_chain_pem = read_text(x509).value_or("");
        settings.client_key_pem = Secret{read_text(key).value_or("")};
    }
}

}  // namespace

AdminAnswer ask_admin(const std::string& config, const AdminRequest& asked) {
    Mistakes mistakes;
    AdminAnswer answer;
    const Reach reach = reach_of(config, mistakes);
    answer.url = reach.url;
    if (answer.url.empty() || has_errors(mistakes)) {
        print(mistakes);
        answer.code = kConfig;
        return answer;
    }
    codec::HttpMessage request;
    request.method = asked.method;
    request.target = asked.target;
    request.body = asked.body;
    const char* said = std::getenv("DATONG_REASON");
    const std::string reason = asked.reason.empty() && said != nullptr ? said : asked.reason;
    if (!reason.empty()) {
        request.add("Datong-Reason", codec::percent_encode(reason));
    }
    asio::io_context loop{1};
    http::ClientSettings settings;
    settings.url = reach.url;
    settings.ca_pem = reach.ca_pem;
    settings.pinned_pem = reach.pinned_pem;
    show_session(asked, reach.url, request, settings);
    auto client = http::Client::make(std::move(settings));
    if (!client) {
        std::cerr << client.error().detail() << '\n';
        answer.code = kConfig;
        return answer;
    }
    Result<codec::HttpMessage> got = fail(Fault::unavailable, "not asked");
    asio::co_spawn(loop, send(client->get(), std::move(request), kLimit, &got), asio::detached);
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

Result<bool> is_listened_at(const std::string& config) {
    const std::string url = admin_url(config);
    const auto parts = http::parse_url(url);
    if (!parts) {
        return fail(Fault::unavailable, "no address of an admin listener");
    }
    asio::io_context loop{1};
    asio::ip::tcp::socket socket{loop};
    boost::system::error_code ec;
    const auto places = asio::ip::tcp::resolver{loop}.resolve(parts->host, std::to_string(parts->port),
                                                              asio::ip::tcp::resolver::numeric_service, ec);
    if (!ec) {
        ec = asio::error::timed_out;
        asio::async_connect(socket, places,
                            [&ec](boost::system::error_code connected, const auto&) { ec = connected; });
        loop.run_for(kQuick);
    }
    if (ec == asio::error::connection_refused) {
        return false;
    }
    return ec ? fail(Fault::unavailable, url + ": " + ec.message()) : Result<bool>{true};
}

record::Record read_admin(const std::string& config, const std::string& target, int& code) {
    const AdminAnswer answer = ask_admin(config, {.target = target, .method = "GET"});
    code = answer.code;
    if (!answer.http) {
        return {};
    }
    auto body = codec::read_json(answer.http->body, {.max_nodes = 4'000'000});
    if (answer.http->status != 200 || !body) {
        code = say_problem(*answer.http);
        return {};
    }
    return std::move(*body);
}

int say_problem(const codec::HttpMessage& http) {
    const auto problem = codec::read_json(http.body);
    const std::string code = problem ? problem->text_of("code") : std::string{};
    if (code.empty()) {
        std::cerr << "网关答复异常 the gateway answered with status " << http.status << '\n';
        return kWanting;
    }
    std::cerr << code << ": " << problem->text_of("title") << ' ' << problem->text_of("title_en") << '\n';
    if (const std::string detail = problem->text_of("detail"); !detail.empty()) {
        std::cerr << "  " << detail << '\n';
    }
    if (const auto after = http.field("Retry-After")) {
        std::cerr << "  " << *after << " 秒后再试 try again in " << *after << " s\n";
    }
    return kWanting;
}

std::string admin_url(const std::string& config) {
    Mistakes mistakes;
    std::string url = reach_of(config, mistakes).url;
    return has_errors(mistakes) ? std::string{} : url;
}

}  // namespace datong::app
