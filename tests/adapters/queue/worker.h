#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <sys/time.h>

#include <amqp.h>
#include <amqp_tcp_socket.h>

namespace datong::queue_test {

/// A message as a department's program sees it.
struct Seen {
    std::string correlation;
    std::string reply_to;
    std::string expiration;
    std::string message_id;
    std::string content_type;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

struct Sent {
    std::string to;  ///< a queue
    std::string correlation;
    std::string body;
};

inline amqp_bytes_t bytes(const std::string& text) {
    return {.len = text.size(), .bytes = const_cast<char*>(text.data())};
}

/// A connection to the broker with a channel and a queue, as a department's program has them; null when there is none.
inline amqp_connection_state_t connect(int port, const std::string& queue) {
    amqp_connection_state_t state = amqp_new_connection();
    amqp_socket_t* socket = amqp_tcp_socket_new(state);
    if (amqp_socket_open(socket, "127.0.0.1", port) != AMQP_STATUS_OK) {
        amqp_destroy_connection(state);
        return nullptr;
    }
    amqp_login(state, "/", 1, 131072, 0, AMQP_SASL_METHOD_PLAIN, "datong", "secret");
    amqp_channel_open(state, 1);
    amqp_queue_declare(state, 1, bytes(queue), 0, 0, 0, 0, amqp_empty_table);
    return state;
}

/// Makes a queue that nobody reads.
inline void declare(int port, const std::string& queue) {
    if (amqp_connection_state_t state = connect(port, queue); state != nullptr) {
        amqp_connection_close(state, AMQP_REPLY_SUCCESS);
        amqp_destroy_connection(state);
    }
}

/// The department's side: takes messages from one queue and publishes what it is told, on the same client library.
class Worker {
public:
    using Answer = std::function<std::vector<Sent>(const Seen&)>;

    Worker(int port, std::string queue, Answer answer)
        : port_{port}, queue_{std::move(queue)}, answer_{std::move(answer)}, thread_{[this] { work(); }} {
        while (!ready_) {
            std::this_thread::sleep_for(std::chrono::milliseconds{2});
        }
    }
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    ~Worker() {
        over_ = true;
        thread_.join();
    }

    [[nodiscard]] std::vector<Seen> seen() const {
        const std::scoped_lock lock{mutex_};
        return seen_;
    }

private:
    static std::string text(amqp_bytes_t bytes) {
        return bytes.len == 0 ? std::string{} : std::string{static_cast<const char*>(bytes.bytes), bytes.len};
    }

    void work() {
        amqp_connection_state_t state = connect(port_, queue_);
        if (state != nullptr) {
            amqp_basic_consume(state, 1, bytes(queue_), amqp_empty_bytes, 0, 1, 0, amqp_empty_table);
        }
        ready_ = true;
        while (state != nullptr && !over_ && serve_one(state)) {
        }
        if (state != nullptr) {
            amqp_destroy_connection(state);
        }
    }

    bool serve_one(amqp_connection_state_t state) {
        amqp_maybe_release_buffers(state);
        amqp_envelope_t envelope;
        const timeval wait{.tv_sec = 0, .tv_usec = 20'000};
        const amqp_rpc_reply_t got = amqp_consume_message(state, &envelope, &wait, 0);
        if (got.reply_type != AMQP_RESPONSE_NORMAL) {
            return got.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION && got.library_error == AMQP_STATUS_TIMEOUT;
        }
        const amqp_basic_properties_t& told = envelope.message.properties;
        Seen seen{text(told.correlation_id),  text(told.reply_to),     text(told.expiration),
                  text(told.message_id),      text(told.content_type), {},
                  text(envelope.message.body)};
        for (int i = 0; i < told.headers.num_entries; ++i) {
            const amqp_table_entry_t& entry = told.headers.entries[i];
            seen.headers.emplace_back(text(entry.key), text(entry.value.value.bytes));
        }
        amqp_destroy_envelope(&envelope);
        const std::vector<Sent> answers = answer_(seen);
        {
            const std::scoped_lock lock{mutex_};
            seen_.push_back(std::move(seen));
        }
        for (const Sent& one : answers) {
            amqp_basic_properties_t properties{};
            properties._flags = AMQP_BASIC_CORRELATION_ID_FLAG | AMQP_BASIC_CONTENT_TYPE_FLAG;
            properties.correlation_id = bytes(one.correlation);
            const std::string type = "application/xml";
            properties.content_type = bytes(type);
            amqp_basic_publish(state, 1, amqp_empty_bytes, bytes(one.to), 0, 0, &properties, bytes(one.body));
        }
        return true;
    }

    int port_;
    std::string queue_;
    Answer answer_;
    std::atomic<bool> over_{};
    std::atomic<bool> ready_{};
    mutable std::mutex mutex_;
    std::vector<Seen> seen_;
    std::thread thread_;
};

}  // namespace datong::queue_test
