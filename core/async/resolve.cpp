#include "core/async/resolve.h"

#include <netdb.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "core/async/wait.h"
#include "core/base/text.h"

namespace datong::async {
namespace {

using asio::ip::tcp;
using Endpoints = Resolver::Endpoints;

constexpr std::chrono::milliseconds kPatience{500};  // where something is known
constexpr std::chrono::hours kMostAge{1};

struct Found {
    int code{};  ///< of ::getaddrinfo
    Endpoints endpoints;
};

/// An address that stands where a name could.
std::optional<tcp::endpoint> read_address(const std::string& host, const std::string& port) {
    boost::system::error_code ec;
    const auto address = asio::ip::make_address(host, ec);
    const auto number = to_whole_number(port);
    if (ec || !number || *number > std::numeric_limits<std::uint16_t>::max()) {
        return std::nullopt;
    }
    return tcp::endpoint{address, static_cast<std::uint16_t>(*number)};
}

Endpoints endpoints_of(const addrinfo* list) {
    Endpoints all;
    for (const addrinfo* one = list; one != nullptr; one = one->ai_next) {
        tcp::endpoint endpoint;
        if ((one->ai_family == AF_INET || one->ai_family == AF_INET6) && one->ai_addrlen <= endpoint.capacity()) {
            const auto* begin = reinterpret_cast<const unsigned char*>(one->ai_addr);
            std::copy_n(begin, one->ai_addrlen, reinterpret_cast<unsigned char*>(endpoint.data()));
            endpoint.resize(one->ai_addrlen);
            all.push_back(endpoint);
        }
    }
    return all;
}

}  // namespace

/// What a resolver and the thread that asks share.
struct Resolver::Inquiry {
    /// One who waits, on a loop of its own.
    struct Waiting {
        asio::any_io_executor loop;
        std::shared_ptr<Meeting<Found>> meeting;

        /// Under the lock, so that nobody who has gone is told: their loop may have gone too.
        void tell(const Found& found) const {
            auto arrive = [to = std::weak_ptr{meeting}, found] {
                if (const auto there = to.lock()) {
                    there->bring(found);
                }
            };
            asio::post(loop, std::move(arrive));
        }
    };

    std::string host;
    std::string port;
    LookUp look_up;
    std::optional<tcp::endpoint> address;  ///< in place of a name
    std::mutex mutex;                      ///< of what follows
    bool is_asked{};
    std::vector<const Waiting*> waiting;
    Endpoints known;
    Deadline known_since{};

    /// @return false where the machine has no thread for it.
    static bool ask(const std::shared_ptr<Inquiry>& inquiry, const Waiting& who) {
        const std::lock_guard lock{inquiry->mutex};
        if (!inquiry->is_asked) {
            try {
                std::thread{[inquiry] { inquiry->put(); }}.detach();  // ends when the C library's look-up does
            } catch (const std::system_error&) {
                return false;
            }
            inquiry->is_asked = true;
        }
        inquiry->waiting.push_back(&who);
        return true;
    }

    void forget(const Waiting& who) {
        const std::lock_guard lock{mutex};
        std::erase(waiting, &who);
    }

    [[nodiscard]] Endpoints last_known() {
        const std::lock_guard lock{mutex};
        return Deadline::clock::now() - known_since < kMostAge ? known : Endpoints{};
    }

private:
    /// A thread's whole life. noexcept: what escapes is a defect of ours.
    void put() noexcept {
        addrinfo wanted{};
        wanted.ai_socktype = SOCK_STREAM;
        wanted.ai_family = AF_UNSPEC;
        addrinfo* list = nullptr;
        Found found{.code = look_up(host.c_str(), port.c_str(), &wanted, &list), .endpoints = {}};
        if (found.code == 0) {
            found.endpoints = endpoints_of(list);
            ::freeaddrinfo(list);
        }
        const std::lock_guard lock{mutex};
        if (!found.endpoints.empty()) {
            known = found.endpoints;
            known_since = Deadline::clock::now();
        }
        is_asked = false;
        std::for_each(waiting.begin(), waiting.end(), [&](const Waiting* who) { who->tell(found); });
        waiting.clear();
    }
};

namespace {

/// Stands in line for as long as it lives, also where its call is dropped in the middle.
class InLine {
public:
    InLine(std::shared_ptr<Resolver::Inquiry> inquiry, const asio::any_io_executor& loop)
        : inquiry_{std::move(inquiry)}, self_{.loop = loop, .meeting = std::make_shared<Meeting<Found>>(loop)} {}
    InLine(const InLine&) = delete;
    InLine& operator=(const InLine&) = delete;
    ~InLine() { inquiry_->forget(self_); }

    [[nodiscard]] bool ask() { return Resolver::Inquiry::ask(inquiry_, self_); }
    [[nodiscard]] asio::steady_timer& timer() { return self_.meeting->timer(); }
    [[nodiscard]] std::optional<Found>& found() { return self_.meeting->value(); }

private:
    std::shared_ptr<Resolver::Inquiry> inquiry_;
    Resolver::Inquiry::Waiting self_;
};

}  // namespace

Resolver::Resolver(std::string host, std::string port, LookUp look_up) : inquiry_{std::make_shared<Inquiry>()} {
    inquiry_->address = read_address(host, port);
    inquiry_->host = std::move(host);
    inquiry_->port = std::move(port);
    inquiry_->look_up = look_up ? std::move(look_up) : LookUp{::getaddrinfo};
}

asio::awaitable<Result<Endpoints>> Resolver::find(Deadline deadline) const {
    const auto inquiry = inquiry_;
    if (inquiry == nullptr) {
        co_return fail(Fault::internal, "a resolver of nobody");
    }
    if (inquiry->address) {
        co_return Endpoints{*inquiry->address};
    }
    Endpoints known = inquiry->last_known();
    InLine line{inquiry, co_await asio::this_coro::executor};
    if (!line.ask()) {
        co_return fail(Fault::source_busy, "no thread is free to look the host's name up");
    }
    const auto until = known.empty() ? deadline : std::min(deadline, Deadline::clock::now() + kPatience);
    co_await wait_out(line.timer(), until);
    auto& found = line.found();
    if (found && !found->endpoints.empty()) {
        co_return std::move(found->endpoints);
    }
    const bool is_final = found && found->code != EAI_AGAIN;
    if (!known.empty() && !is_final) {
        co_return known;
    }
    co_return found ? fail(Fault::department_down, "the host's name has no address")
                    : fail(Fault::department_timeout, "no name server says the host's address in time");
}

}  // namespace datong::async
