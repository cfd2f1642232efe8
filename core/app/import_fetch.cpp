#include <optional>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "core/app/map_files.h"
#include "core/app/source_tools.h"
#include "core/descriptions/location.h"
#include "core/http/client.h"

namespace datong::app {
namespace {

boost::asio::awaitable<Result<codec::HttpMessage>> get(http::Client* client, std::string target) {
    constexpr std::chrono::seconds kLongest{15};
    codec::HttpMessage request;
    request.method = "GET";
    request.target = std::move(target);
    request.set("Accept", "*/*");
    co_return co_await client->send(std::move(request), Deadline::clock::now() + kLongest);
}

}  // namespace

Result<std::string> fetch_document(const std::string& url, const std::string& ca, std::size_t most) {
    const std::string origin{descriptions::origin_of(url)};
    http::ClientSettings settings{.url = origin, .max_answer = most};
    if (!ca.empty()) {
        auto pem = read_text(ca);
        if (!pem) {
            return fail(Fault::bad_request, "can't read " + ca);
        }
        settings.ca_pem = std::move(*pem);
    }
    if (origin.empty() || (origin.starts_with("https://") && ca.empty())) {
        return fail(Fault::bad_request, origin.empty() ? "no http or https URL" : "https wants --ca");
    }
    auto client = http::Client::make(std::move(settings));
    if (!client) {
        return fail(std::move(client.error()));
    }
    std::string target = url.substr(origin.size(), url.find('#') - origin.size());
    target = target.starts_with('/') ? target : '/' + target;
    boost::asio::io_context loop{1};
    std::optional<Result<codec::HttpMessage>> got;
    boost::asio::co_spawn(
        loop, get(client->get(), std::move(target)),
        [&got](const std::exception_ptr&, Result<codec::HttpMessage> answer) { got = std::move(answer); });
    loop.run();
    if (!got || !*got) {
        return got ? fail(std::move(got->error())) : fail(Fault::internal, "an exception");
    }
    if ((*got)->status != 200) {
        return fail(Fault::bad_request, "HTTP status " + std::to_string((*got)->status));
    }
    return std::move((*got)->body);
}

}  // namespace datong::app
