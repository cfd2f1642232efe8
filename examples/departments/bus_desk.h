#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "examples/departments/faults.h"

namespace datong::departments {

/// A message broker (RabbitMQ) that is there: it is nothing that a simulated department makes.
struct Broker {
    std::string host;
    int port{};
    std::string vhost;
    std::string user;
    std::string password;
};

/// amqp://user:password@host:port/vhost, as RabbitMQ's own tools write it.
/// @return none when it is no such address
[[nodiscard]] std::optional<Broker> read_broker(const std::string& url);

/// Answers one message; gets the trouble that holds for it, of which wrong_person is its own to play.
using BusHandler = std::function<std::string(std::string_view message, Trouble)>;

/// A department's program behind a bus (数据交换总线): takes questions from one queue of its own and publishes each
/// answer to the queue that the question names, twice, as a bus that delivers at least once does. While it is down its
/// queue is gone with it.
class BusDesk {
public:
    /// Throws std::exception when the broker can't be reached or does not let it in. `faults` must outlive it.
    BusDesk(Broker broker, std::string queue, BusHandler handler, Faults& faults, System system);
    BusDesk(const BusDesk&) = delete;
    BusDesk& operator=(const BusDesk&) = delete;
    ~BusDesk();

private:
    class Line;

    void work();
    void serve(Line& line);
    void wait_until_followed();

    Broker broker_;
    std::string queue_;
    BusHandler handler_;
    Faults& faults_;
    System system_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_over_{};
    bool is_open_{};       ///< the queue is there
    std::string trouble_;  ///< why the broker does not let us in; empty: it does
    std::thread thread_;
};

}  // namespace datong::departments
