#include <iostream>

#include "core/app/admin_client.h"
#include "core/app/map_files.h"
#include "core/app/source_tools.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/sources/order.h"

namespace datong::app {
namespace {

using record::Record;
using sources::Order;

/// "90m", "2h", "1d".
std::optional<std::chrono::minutes> duration_of(const std::string& text) {
    constexpr std::uint64_t kMost = 366 * 24 * 60;
    const auto number = text.empty() ? std::nullopt : to_whole_number(text.substr(0, text.size() - 1));
    const std::uint64_t unit = text.ends_with('m') ? 1 : text.ends_with('h') ? 60 : text.ends_with('d') ? 24 * 60 : 0;
    if (!number || *number == 0 || unit == 0 || *number > kMost / unit) {
        return std::nullopt;
    }
    return std::chrono::minutes{*number * unit};
}

int usage(const std::string& text) {
    std::cerr << text << '\n';
    return kUsage;
}

/// Reads until when a pause holds into the order. @return false when it can't be read.
bool read_until(const OrderOptions& options, Order& order) {
    if (!options.lasts.empty()) {
        const auto lasts = duration_of(options.lasts);
        order.until = lasts ? std::optional{order.at + *lasts} : std::nullopt;
        return lasts.has_value();
    }
    if (!options.until.empty()) {
        order.until = moment(options.until);
        return order.until.has_value() && *order.until > order.at;
    }
    return true;
}

const Record* find_source(const Record& all, const std::string& name) {
    for (const Record& one : all.find("sources")->items()) {
        if (one.text_of("source") == name) {
            return &one;
        }
    }
    return nullptr;
}

int say_unknown(const Record& all, const std::string& name) {
    std::vector<std::string> names;
    for (const Record& one : all.find("sources")->items()) {
        names.push_back(one.text_of("source"));
    }
    const auto meant = nearest(name, names);
    return usage("没有数据源 " + name + " no source " + name +
                 (meant ? "; try " + *meant : std::string{"; a name is DEPARTMENT/SOURCE"}));
}

int say_refused(const codec::HttpMessage& http) {
    std::cerr << "网关拒绝了指令 the gateway refuses the order\n";
    return say_problem(http);
}

}  // namespace

int source_order(const OrderOptions& options) {
    const auto pem = read_text(options.key);
    const auto key = pem ? crypto::SigningKey::from_pem(*pem) : fail(Fault::bad_request, "can't be read");
    if (!key) {
        return usage("密钥文件不可用 " + options.key + " holds no private key to sign with: " + key.error().detail());
    }
    Order order{.what = options.pause ? Order::What::pause : Order::What::resume,
                .gateway = {},
                .source = options.name,
                .at = std::chrono::system_clock::now(),
                .until = std::nullopt};
    if (!read_until(options, order)) {
        return usage(
            "--for 应如 90m、2h、1d; --until 应为将来的时刻 --for is like 90m, 2h or 1d; --until is a moment to "
            "come, like 2026-12-01T08:00:00+08:00");
    }
    int code = kGood;
    const Record all = read_admin(options.config, "/v1/sources", code);
    if (all.find("sources") == nullptr) {
        return code;
    }
    const Record* source = find_source(all, options.name);
    if (source == nullptr) {
        return say_unknown(all, options.name);
    }
    order.gateway = all.text_of("gateway");
    const auto jws = sources::sign_order(order, source->text_of("key"), *key);
    if (!jws) {
        return usage("无法签名 can't sign: " + jws.error().detail());
    }
    const AdminAnswer answer = ask_admin(options.config, {.target = "/v1/orders", .body = *jws});
    if (!answer.http) {
        return answer.code;
    }
    if (answer.http->status != 200) {
        return say_refused(*answer.http);
    }
    std::cout << options.name << (options.pause ? ": 已暂停 paused" : ": 已恢复 resumed");
    if (order.until) {
        std::cout << ", 至 until " << to_rfc3339(*order.until);
    }
    std::cout << '\n';
    return kGood;
}

}  // namespace datong::app
