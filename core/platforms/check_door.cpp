#include "core/platforms/check_door.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include <boost/asio/ip/address.hpp>

#include "core/base/text.h"
#include "core/codec/form.h"
#include "core/codec/json.h"
#include "core/platforms/check_page.h"

namespace datong::platforms {
namespace {

using Finding = sharing::Book::Finding;

constexpr int kGood = 200;
constexpr int kNotThere = 404;
constexpr int kGone = 410;
constexpr int kTooMany = 429;
constexpr int kUnavailable = 503;

codec::HttpMessage html(int status, std::string body) {
    codec::HttpMessage http;
    http.status = status;
    http.add("Content-Type", "text/html; charset=utf-8");
    http.add("Cache-Control", "no-store");
    http.add("Content-Security-Policy", content_security_policy());
    http.add("Referrer-Policy", "no-referrer");
    http.add("X-Content-Type-Options", "nosniff");
    http.add("X-Frame-Options", "DENY");
    http.body = std::move(body);
    return http;
}

/// The two fields of the form, each once; empty for another form.
struct Entered {
    std::string exchange;
    std::string code;
};
Entered entered_in(const codec::HttpMessage& http) {
    const auto form = codec::read_form(http.body);
    const bool is_form = doors::media_type_of(http) == "application/x-www-form-urlencoded" && form && form->size() == 2;
    if (!is_form || form->at(0).name != "exchange" || form->at(1).name != "code") {
        return {};
    }
    return {.exchange = ascii_lower(trim_ows(form->at(0).value)), .code = form->at(1).value};
}

std::string_view name_of(Finding finding) {
    constexpr std::array<std::string_view, 4> kNames{"good", "used", "over", "unknown"};
    return kNames.at(static_cast<std::size_t>(finding));
}

}  // namespace

bool CheckLimit::take(const std::string& key, Deadline now) {
    const std::lock_guard lock{mutex_};
    while (!order_.empty() && counts_.find(order_.front())->second.since + kWindow <= now) {
        counts_.erase(order_.front());
        order_.pop_front();
    }
    auto count = counts_.find(key);
    if (count == counts_.end()) {
        if (order_.size() >= kMostKeys) {
            counts_.erase(order_.front());
            order_.pop_front();
        }
        count = counts_.emplace(key, Count{.since = now}).first;
        order_.push_back(key);
    }
    if (count->second.taken >= most_) {
        return false;
    }
    ++count->second.taken;
    return true;
}

std::string site_of(const std::string& address) {
    namespace ip = boost::asio::ip;
    constexpr std::size_t kNetwork = 8;  // octets of a /64
    boost::system::error_code none;
    const ip::address_v6 read = ip::make_address_v6(address, none);
    if (none || read.is_v4_mapped()) {
        return none ? address : ip::make_address_v4(ip::v4_mapped, read).to_string();
    }
    auto octets = read.to_bytes();
    std::fill(octets.begin() + kNetwork, octets.end(), std::uint8_t{0});
    return ip::address_v6{octets}.to_string();
}

Status CheckDoor::judge_head(const codec::HttpMessage& head) const {
    constexpr bool kClaimsNothing = false;
    return judge_length(head, kClaimsNothing);
}

codec::HttpMessage CheckDoor::too_often(const std::string& gateway) const {
    sink_.count("datong_sharing_checks_total", {{"finding", "too_many"}});
    codec::HttpMessage later =
        html(kTooMany, check_form(gateway,
                                  "查验过于频繁，请十分钟后再试。<br><span lang=\"en\">Too many checks: try again "
                                  "in ten minutes.</span>"));
    later.add("Retry-After", std::to_string(std::chrono::seconds{CheckLimit::kWindow}.count()));
    return later;
}

boost::asio::awaitable<codec::HttpMessage> CheckDoor::handle(codec::HttpMessage http, policy::Peer peer,
                                                             Deadline arrived) const {
    const auto snapshot = current_.get();
    if (!snapshot->gateway.sharing) {
        co_return doors::plain_problem({Fault::no_such_resource, "this gateway makes no sharing results"});
    }
    if (!http.query().empty() || !doors::check_authority(http, snapshot->gateway.listen)) {
        co_return doors::plain_problem({Fault::bad_request, "nothing stands in this page's URL"});
    }
    const std::string& gateway = snapshot->gateway.title;
    if (http.method == "GET") {
        co_return html(kGood, check_form(gateway, {}));
    }
    if (http.method != "POST") {
        co_return doors::wrong_method("GET, POST");
    }
    if (!sites_.take(site_of(peer.address), arrived)) {
        co_return too_often(gateway);
    }
    Entered entered = entered_in(http);
    sharing::Book::Checked checked;
    if (doors::is_exchange_id(entered.exchange)) {
        // of this site: who knows the number elsewhere keeps nobody here from it
        if (!exchanges_.take(site_of(peer.address) + ' ' + entered.exchange, arrived)) {
            co_return too_often(gateway);
        }
        auto found = co_await book_.check(snapshot, std::move(entered.exchange), std::move(entered.code));
        if (!found) {
            co_return html(kUnavailable, check_form(gateway,
                                                    "暂时无法查验，请稍后再试。<br><span lang=\"en\">The check is not "
                                                    "available now: try again later.</span>"));
        }
        checked = std::move(*found);
    }
    sink_.count("datong_sharing_checks_total", {{"finding", name_of(checked.finding)}});
    if (checked.finding != Finding::good) {
        const int status = checked.finding == Finding::unknown ? kNotThere : kGone;
        co_return html(status, refused_page(gateway, checked));
    }
    const auto shown = codec::read_json(checked.shown);
    co_return html(kGood, result_page(shown ? *shown : record::Record{}, clock_.now()));
}

}  // namespace datong::platforms
