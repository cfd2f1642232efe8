#include "examples/departments/bus_desk.h"

#include <sys/time.h>

#include <chrono>
#include <stdexcept>
#include <utility>
#include <vector>

#include <amqp.h>
#include <amqp_tcp_socket.h>

#include "examples/departments/legacy_text.h"

namespace datong::departments {
namespace {

constexpr amqp_channel_t kChannel = 1;
constexpr std::chrono::milliseconds kRound{20};
constexpr std::chrono::milliseconds kRest{100};  // between attempts to reach a broker that has gone
constexpr std::chrono::seconds kPatience{20};    // of who throws a switch

amqp_bytes_t bytes_of(const std::string& text) {
    // librabbitmq's bytes are not const; it does not write to what is sent
    return {.len = text.size(), .bytes = const_cast<char*>(text.data())};
}

std::string text_of(amqp_bytes_t bytes) {
    return bytes.len == 0 ? std::string{} : std::string{static_cast<const char*>(bytes.bytes), bytes.len};
}

timeval of(std::chrono::milliseconds time) {
    return {.tv_sec = time.count() / 1000, .tv_usec = time.count() % 1000 * 1000};
}

/// What the switches make of a good answer.
std::string spoiled(std::string answer, Trouble trouble) {
    switch (trouble) {
        case Trouble::malformed:
            return answer.substr(0, answer.size() / 2);
        case Trouble::wrong_encoding:
            return to_gb18030(answer);
        case Trouble::html_200:
            return "<html><head><title>系统维护</title></head><body>请稍后再试</body></html>";
        case Trouble::empty_body:
            return {};
        default:
            return answer;
    }
}

}  // namespace

std::optional<Broker> read_broker(const std::string& url) {
    std::vector<char> text{url.begin(), url.end()};  // it is cut into its parts
    text.push_back('\0');
    amqp_connection_info read{};
    amqp_default_connection_info(&read);
    if (amqp_parse_url(text.data(), &read) != AMQP_STATUS_OK || read.ssl != 0) {
        return std::nullopt;
    }
    return Broker{
        .host = read.host, .port = read.port, .vhost = read.vhost, .user = read.user, .password = read.password};
}

/// A connection with one channel and the queue, which goes with it.
class BusDesk::Line {
public:
    struct Message {
        std::string reply_to;
        std::string correlation;
        std::string body;
    };

    Line(const Broker& broker, const std::string& queue) : state_{amqp_new_connection()} {
        amqp_socket_t* socket = amqp_tcp_socket_new(state_);
        const timeval limit = of(std::chrono::seconds{5});
        if (amqp_socket_open_noblock(socket, broker.host.c_str(), broker.port, &limit) != AMQP_STATUS_OK) {
            fail("it can't be reached");
        }
        check(amqp_login(state_, broker.vhost.c_str(), 1, 131'072, 0, AMQP_SASL_METHOD_PLAIN, broker.user.c_str(),
                         broker.password.c_str()),
              "it does not let us in");
        amqp_channel_open(state_, kChannel);
        check(amqp_get_rpc_reply(state_), "no channel");
        amqp_queue_declare(state_, kChannel, bytes_of(queue), 0, 0, 1, 1, amqp_empty_table);  // exclusive
        check(amqp_get_rpc_reply(state_), "the queue is another's");
        amqp_basic_consume(state_, kChannel, bytes_of(queue), amqp_empty_bytes, 0, 1, 1, amqp_empty_table);
        check(amqp_get_rpc_reply(state_), "the queue can't be read");
    }
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;
    ~Line() {
        amqp_connection_close(state_, AMQP_REPLY_SUCCESS);
        amqp_destroy_connection(state_);
    }

    /// The next message within a round. Throws when the line is gone.
    [[nodiscard]] std::optional<Message> take() {
        amqp_maybe_release_buffers(state_);
        amqp_envelope_t envelope;
        const timeval wait = of(kRound);
        const amqp_rpc_reply_t got = amqp_consume_message(state_, &envelope, &wait, 0);
        if (got.reply_type != AMQP_RESPONSE_NORMAL) {
            const bool is_quiet =
                got.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION && got.library_error == AMQP_STATUS_TIMEOUT;
            return is_quiet ? std::nullopt : throw std::runtime_error{"the line to the broker broke"};
        }
        const amqp_basic_properties_t& told = envelope.message.properties;
        Message message{.reply_to = text_of(told.reply_to),
                        .correlation = text_of(told.correlation_id),
                        .body = text_of(envelope.message.body)};
        amqp_destroy_envelope(&envelope);
        return message;
    }

    void answer(const Message& asked, const std::string& body) {
        const std::string type = "text/plain";  // whatever it is
        amqp_basic_properties_t properties{};
        properties._flags = AMQP_BASIC_CORRELATION_ID_FLAG | AMQP_BASIC_CONTENT_TYPE_FLAG;
        properties.correlation_id = bytes_of(asked.correlation);
        properties.content_type = bytes_of(type);
        amqp_basic_publish(state_, kChannel, amqp_empty_bytes, bytes_of(asked.reply_to), 0, 0, &properties,
                           bytes_of(body));
    }

private:
    [[noreturn]] void fail(const char* why) {
        amqp_destroy_connection(state_);
        throw std::runtime_error{std::string{"message broker: "} + why};
    }
    void check(const amqp_rpc_reply_t& reply, const char* why) {
        if (reply.reply_type != AMQP_RESPONSE_NORMAL) {
            fail(why);
        }
    }

    amqp_connection_state_t state_;
};

BusDesk::BusDesk(Broker broker, std::string queue, BusHandler handler, Faults& faults, System system)
    : broker_{std::move(broker)},
      queue_{std::move(queue)},
      handler_{std::move(handler)},
      faults_{faults},
      system_{system},
      thread_{[this] { work(); }} {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, kPatience, [this] { return is_open_ || !trouble_.empty(); });
    if (!is_open_) {
        const std::string why = trouble_.empty() ? "message broker: no answer" : trouble_;
        is_over_ = true;
        lock.unlock();
        thread_.join();
        throw std::runtime_error{why};
    }
    faults_.on_change(system_, [this] { wait_until_followed(); });
}

BusDesk::~BusDesk() {
    {
        const std::scoped_lock lock{mutex_};
        is_over_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

/// A switch holds when it comes back: the queue is there or gone.
void BusDesk::wait_until_followed() {
    std::unique_lock lock{mutex_};
    changed_.notify_all();  // who hung or was slow under the old setting need not go on
    changed_.wait_for(lock, kPatience,
                      [this] { return is_over_ || is_open_ == (faults_.peek(system_).trouble != Trouble::down); });
}

void BusDesk::work() {
    std::unique_lock lock{mutex_};
    while (!is_over_) {
        if (faults_.peek(system_).trouble != Trouble::down) {
            lock.unlock();
            std::string why;
            try {
                Line line{broker_, queue_};
                serve(line);
            } catch (const std::exception& error) {
                why = error.what();
            }
            lock.lock();
            is_open_ = false;
            trouble_ = std::move(why);
            changed_.notify_all();
        }
        changed_.wait_for(lock, kRest, [this] { return is_over_; });
    }
}

void BusDesk::serve(Line& line) {
    std::unique_lock lock{mutex_};
    is_open_ = true;
    changed_.notify_all();
    while (!is_over_ && faults_.peek(system_).trouble != Trouble::down) {
        lock.unlock();
        const auto message = line.take();
        const Setting setting = message ? faults_.take(system_) : Setting{};
        lock.lock();
        if (!message || setting.trouble == Trouble::hang || is_over_) {
            continue;
        }
        if (setting.trouble == Trouble::slow) {
            changed_.wait_for(lock, setting.time);
        }
        lock.unlock();
        const std::string answer = spoiled(handler_(message->body, setting.trouble), setting.trouble);
        line.answer(*message, answer);
        line.answer(*message, answer);
        lock.lock();
    }
}

}  // namespace datong::departments
