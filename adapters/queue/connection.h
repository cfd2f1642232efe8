#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <amqp.h>

#include "adapters/queue/line.h"
#include "core/adapter/adapter.h"
#include "core/base/clock.h"
#include "core/base/guarded.h"

namespace datong::adapters::queue {

/// How a broker is reached, and who we are there.
struct Broker {
    std::string host;
    int port{};
    std::string vhost;
    std::string user;
    Secret password;
    std::string ca_file;     ///< what the broker's certificate must lead to; empty: no TLS
    std::string chain_file;  ///< ours, for mutual TLS; empty: none
    std::string key_file;
    std::chrono::milliseconds connect{};
    std::chrono::seconds heartbeat{};
    std::size_t max_reply{};  ///< octets
};

/// One question on its way. Every part is sent with its length: none can change another.
struct Message {
    std::string exchange;  ///< of the broker; empty: the default one
    std::string routing_key;
    std::string content_type;
    std::string id;  ///< the call's, for the department's log
    bool persistent{};
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

/// One connection to a broker with one channel and an exclusive queue of its own for the replies. Every wait ends at
/// its deadline, or when its line is cut. Used by one thread at a time.
class Connection {
public:
    /// @return Fault::department_down when the broker is not reached, is not trusted, does not let us in or refuses the
    ///         queue; department_invalid when it speaks no AMQP 0-9-1; department_timeout.
    /// @param line  outlives the use of this connection; held until let_go.
    [[nodiscard]] static Result<std::unique_ptr<Connection>> open(const Broker& broker, Line& line, Deadline deadline);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    /// Publishes (mandatory, confirmed, with the time that is left as its time to live) and waits for the reply of its
    /// correlation id; others are late and dropped.
    /// @return Fault::department_down when no queue takes it, the broker refuses it or the line breaks;
    ///         department_invalid when the reply is over max_reply, or the broker brings what no call needs;
    ///         department_timeout.
    [[nodiscard]] Result<adapter::Reply> call(const Message& message, Deadline deadline);

    /// Takes in what has come meanwhile. @return false when the line is gone, or brought more late replies than are
    /// worth reading: a fresh line has a queue of its own, and the broker throws the old one away.
    /// @param line  as in open.
    [[nodiscard]] bool is_there(Line& line);
    /// The call is over. @return whether the next one may use this connection.
    [[nodiscard]] bool let_go() noexcept;

private:
    explicit Connection(const Broker& broker);
    [[nodiscard]] Status connect(const Broker& broker, Deadline deadline);
    [[nodiscard]] Status secure(amqp_socket_t& socket, const Broker& broker) const;
    [[nodiscard]] Status prepare(Deadline deadline);
    [[nodiscard]] Status publish(const Message& message, const std::string& correlation, Deadline deadline);
    [[nodiscard]] Result<amqp_frame_t> next_frame(Deadline deadline);
    /// The reply of this correlation id; null rows and empty type where the content is another's.
    [[nodiscard]] Result<std::pair<std::string, adapter::Reply>> take_content(Deadline deadline);
    [[nodiscard]] Status heed(const amqp_frame_t& frame, std::uint64_t tag);
    [[nodiscard]] tl::unexpected<Error> broken(const amqp_rpc_reply_t& reply, const char* what);
    [[nodiscard]] tl::unexpected<Error> broken(int code, const char* what);
    [[nodiscard]] std::uint64_t most_of_a_call() const noexcept;  ///< octets
    void limit(Deadline deadline);
    void take_leave();

    amqp_connection_state_t state_;
    std::size_t max_reply_;
    std::string replies_;  ///< name of the queue
    std::string name_;     ///< in front of each correlation id: no two connections share one
    std::uint64_t published_{};
    bool sound_{true};
    Line* line_{};  ///< of the call that uses this; null: none
};

}  // namespace datong::adapters::queue
