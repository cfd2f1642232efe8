#include "adapters/queue/connection.h"

#include <poll.h>
#include <sys/time.h>

#include <algorithm>

#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>

#include "core/base/text.h"
#include "core/crypto/digest.h"

namespace datong::adapters::queue {
namespace {

constexpr amqp_channel_t kChannel = 1;
constexpr int kMostFrame = 131'072;
constexpr std::uint8_t kPersistent = 2;
constexpr int kMostLate = 64;                           // frames that an idle line may have brought
constexpr std::chrono::milliseconds kMostLooking{200};  // at them
constexpr const char* kUnheard = "nobody waits for the broker any more";
constexpr std::uint64_t kMostOpening = 1U << 20U;  // octets that come before the first message; hundreds are usual

timeval until(Deadline deadline) {
    const auto left =
        std::chrono::duration_cast<std::chrono::microseconds>(deadline - std::chrono::steady_clock::now());
    const auto count = std::max<std::int64_t>(left.count(), 0);
    return {.tv_sec = count / 1'000'000, .tv_usec = count % 1'000'000};
}

amqp_bytes_t bytes_of(const std::string& text) {
    // librabbitmq's bytes are not const; it does not write to what is sent
    return {.len = text.size(), .bytes = const_cast<char*>(text.data())};
}

std::string text_of(amqp_bytes_t bytes) {
    return bytes.len == 0 ? std::string{} : std::string{static_cast<const char*>(bytes.bytes), bytes.len};
}

bool covers(std::uint64_t told, bool multiple, std::uint64_t tag) {
    return told == tag || (multiple && (told == 0 || told > tag));
}

Fault fault_of(int code) {
    switch (code) {
        case AMQP_STATUS_TIMEOUT:
            return Fault::department_timeout;
        case AMQP_STATUS_BAD_AMQP_DATA:
        case AMQP_STATUS_INCOMPATIBLE_AMQP_VERSION:
        case AMQP_STATUS_UNEXPECTED_STATE:
        case AMQP_STATUS_WRONG_METHOD:
            return Fault::department_invalid;
        default:
            return Fault::department_down;
    }
}

}  // namespace

Connection::Connection(const Broker& broker)
    : state_{amqp_new_connection()}, max_reply_{broker.max_reply}, name_{to_hex(crypto::random_bytes(8))} {
}

Connection::~Connection() {
    if (state_ == nullptr) {
        return;
    }
    if (let_go()) {
        take_leave();
    }
    static_cast<void>(amqp_destroy_connection(state_));
}

/// Waits for no answer: the broker's time is not ours.
void Connection::take_leave() {
    pollfd watched{.fd = amqp_get_sockfd(state_), .events = POLLOUT, .revents = 0};
    if (::poll(&watched, 1, 0) == 1 && watched.revents == POLLOUT) {
        amqp_connection_close_t close{};
        close.reply_code = AMQP_REPLY_SUCCESS;
        static_cast<void>(amqp_send_method(state_, 0, AMQP_CONNECTION_CLOSE_METHOD, &close));
    }
}

bool Connection::let_go() noexcept {
    Line* const line = std::exchange(line_, nullptr);
    sound_ = (line == nullptr || line->let_go()) && sound_;
    return sound_;
}

/// Replies of earlier calls may come before this one's, in small frames.
std::uint64_t Connection::most_of_a_call() const noexcept {
    return 4 * static_cast<std::uint64_t>(max_reply_) + kMostOpening;
}

Result<std::unique_ptr<Connection>> Connection::open(const Broker& broker, Line& line, Deadline deadline) {
    std::unique_ptr<Connection> made{new Connection{broker}};  // private constructor
    if (made->state_ == nullptr) {
        return fail(Fault::internal, "librabbitmq gives no connection");
    }
    made->line_ = &line;
    if (auto connected = made->connect(broker, deadline); !connected) {
        made->sound_ = false;
        return fail(std::move(connected.error()));
    }
    if (auto ready = made->prepare(deadline); !ready) {
        made->sound_ = false;
        return fail(std::move(ready.error()));
    }
    return made;
}

void Connection::limit(Deadline deadline) {
    const timeval left = until(deadline);
    static_cast<void>(amqp_set_rpc_timeout(state_, &left));
}

tl::unexpected<Error> Connection::broken(int code, const char* what) {
    sound_ = false;
    if (line_ != nullptr && line_->brought_too_much()) {
        return fail(Fault::department_invalid, std::string{what} + ": the broker sends without end");
    }
    return fail(fault_of(code), std::string{what} + ": " + amqp_error_string2(code));
}

tl::unexpected<Error> Connection::broken(const amqp_rpc_reply_t& reply, const char* what) {
    sound_ = false;
    if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION) {
        return broken(reply.library_error, what);
    }
    int code = 0;
    if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION && reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD) {
        code = static_cast<const amqp_connection_close_t*>(reply.reply.decoded)->reply_code;
    } else if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION && reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD) {
        code = static_cast<const amqp_channel_close_t*>(reply.reply.decoded)->reply_code;
    }
    // the broker's own words may quote what was sent
    return fail(Fault::department_down, std::string{what} + ": AMQP code " + std::to_string(code));
}

Status Connection::secure(amqp_socket_t& socket, const Broker& broker) const {
    amqp_ssl_socket_set_verify_peer(&socket, 1);
    amqp_ssl_socket_set_verify_hostname(&socket, 1);
    if (amqp_ssl_socket_set_ssl_versions(&socket, AMQP_TLSv1_2, AMQP_TLSvLATEST) != AMQP_STATUS_OK ||
        amqp_ssl_socket_set_cacert(&socket, broker.ca_file.c_str()) != AMQP_STATUS_OK) {
        return fail(Fault::internal, "the file of ca can't be used");
    }
    if (!broker.chain_file.empty() &&
        amqp_ssl_socket_set_key(&socket, broker.chain_file.c_str(), broker.key_file.c_str()) != AMQP_STATUS_OK) {
        return fail(Fault::internal, "client_chain and client_key can't be used");
    }
    return {};
}

Status Connection::connect(const Broker& broker, Deadline deadline) {
    const bool has_tls = !broker.ca_file.empty();
    amqp_socket_t* socket = has_tls ? amqp_ssl_socket_new(state_) : amqp_tcp_socket_new(state_);
    if (socket == nullptr) {
        return fail(Fault::internal, "librabbitmq gives no socket");
    }
    if (auto ready = has_tls ? secure(*socket, broker) : Status{}; !ready) {
        return ready;
    }
    const Deadline by = std::min(deadline, std::chrono::steady_clock::now() + broker.connect);
    timeval left = until(by);
    const auto open = [&] {
        const Handshake held{has_tls ? amqp_ssl_socket_get_context(socket) : nullptr, *line_, kMostOpening};
        return amqp_socket_open_noblock(socket, broker.host.c_str(), broker.port, &left);
    };
    if (const int code = open(); code != AMQP_STATUS_OK) {
        const bool is_ours = code == AMQP_STATUS_TIMEOUT && by < deadline;  // not the call's time: the connection's
        return is_ours ? fail(Fault::department_down, "no broker takes the connection")
                       : broken(code, "the broker can't be reached");
    }
    if (!line_->hold(amqp_get_sockfd(state_), kMostOpening)) {
        return fail(Fault::department_timeout, kUnheard);
    }
    left = until(deadline);
    static_cast<void>(amqp_set_handshake_timeout(state_, &left));
    limit(deadline);
    const std::string& password = broker.password.reveal();
    const amqp_rpc_reply_t in =
        amqp_login(state_, broker.vhost.c_str(), 1, kMostFrame, static_cast<int>(broker.heartbeat.count()),
                   AMQP_SASL_METHOD_PLAIN, broker.user.c_str(), password.c_str());
    return in.reply_type == AMQP_RESPONSE_NORMAL ? Status{} : broken(in, "the broker does not let us in");
}

Status Connection::prepare(Deadline deadline) {
    limit(deadline);
    amqp_channel_open(state_, kChannel);
    if (const auto reply = amqp_get_rpc_reply(state_); reply.reply_type != AMQP_RESPONSE_NORMAL) {
        return broken(reply, "no channel");
    }
    amqp_confirm_select(state_, kChannel);
    if (const auto reply = amqp_get_rpc_reply(state_); reply.reply_type != AMQP_RESPONSE_NORMAL) {
        return broken(reply, "the broker confirms nothing");
    }
    const amqp_queue_declare_ok_t* declared =
        amqp_queue_declare(state_, kChannel, amqp_empty_bytes, 0, 0, 1, 1, amqp_empty_table);
    if (declared == nullptr) {
        return broken(amqp_get_rpc_reply(state_), "no queue for the replies");
    }
    replies_ = text_of(declared->queue);
    amqp_basic_consume(state_, kChannel, bytes_of(replies_), amqp_empty_bytes, 0, 1, 1, amqp_empty_table);
    if (const auto reply = amqp_get_rpc_reply(state_); reply.reply_type != AMQP_RESPONSE_NORMAL) {
        return broken(reply, "the queue for the replies can't be read");
    }
    return {};
}

Status Connection::publish(const Message& message, const std::string& correlation, Deadline deadline) {
    std::vector<amqp_table_entry_t> entries;
    for (const auto& [name, value] : message.headers) {
        amqp_table_entry_t entry{};
        entry.key = bytes_of(name);
        entry.value.kind = AMQP_FIELD_KIND_UTF8;
        entry.value.value.bytes = bytes_of(value);
        entries.push_back(entry);
    }
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    const std::string time_to_live = std::to_string(std::max<std::int64_t>(left.count(), 1));
    amqp_basic_properties_t properties{};
    properties._flags = AMQP_BASIC_CORRELATION_ID_FLAG | AMQP_BASIC_REPLY_TO_FLAG | AMQP_BASIC_EXPIRATION_FLAG |
                        AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG;
    properties.correlation_id = bytes_of(correlation);
    properties.reply_to = bytes_of(replies_);
    properties.expiration = bytes_of(time_to_live);
    properties.message_id = bytes_of(message.id);
    properties.delivery_mode = message.persistent ? kPersistent : 1;
    if (!message.content_type.empty()) {
        properties._flags |= AMQP_BASIC_CONTENT_TYPE_FLAG;
        properties.content_type = bytes_of(message.content_type);
    }
    if (!entries.empty()) {
        properties._flags |= AMQP_BASIC_HEADERS_FLAG;
        properties.headers = {.num_entries = static_cast<int>(entries.size()), .entries = entries.data()};
    }
    // sends for as long as it has to, or for two heartbeats
    const int code = amqp_basic_publish(state_, kChannel, bytes_of(message.exchange), bytes_of(message.routing_key), 1,
                                        0, &properties, bytes_of(message.body));
    return code == AMQP_STATUS_OK ? Status{} : broken(code, "the message can't be sent");
}

Result<amqp_frame_t> Connection::next_frame(Deadline deadline) {
    amqp_frame_t frame{};
    const timeval left = until(deadline);
    const int code = amqp_simple_wait_frame_noblock(state_, &frame, &left);
    if (code == AMQP_STATUS_TIMEOUT) {
        return fail(Fault::department_timeout, "no reply has come");  // the line is as good as before
    }
    if (code != AMQP_STATUS_OK) {
        return broken(code, "the line to the broker broke");
    }
    return frame;
}

Result<std::pair<std::string, adapter::Reply>> Connection::take_content(Deadline deadline) {
    const bool was_sound = std::exchange(sound_, false);  // until the content is whole nothing else can be read
    auto head = next_frame(deadline);
    if (!head) {
        return fail(std::move(head.error()));
    }
    if (head->frame_type != AMQP_FRAME_HEADER) {
        return fail(Fault::department_invalid, "a message without its head");
    }
    const std::uint64_t size = head->payload.properties.body_size;
    const auto& told = *static_cast<const amqp_basic_properties_t*>(head->payload.properties.decoded);
    std::pair<std::string, adapter::Reply> made;
    if ((told._flags & AMQP_BASIC_CORRELATION_ID_FLAG) != 0) {
        made.first = text_of(told.correlation_id);
    }
    if ((told._flags & AMQP_BASIC_CONTENT_TYPE_FLAG) != 0) {
        made.second.content_type = text_of(told.content_type);
    }
    if (size > max_reply_) {
        return fail(Error{Fault::department_invalid, "a reply has more than " + std::to_string(max_reply_) + " bytes"}
                        .over_limit());
    }
    std::string& body = made.second.body;
    while (body.size() < size) {
        amqp_maybe_release_buffers(state_);
        if (std::chrono::steady_clock::now() >= deadline) {
            return fail(Fault::department_timeout, "a reply is not whole in time");
        }
        auto piece = next_frame(deadline);
        if (!piece) {
            return fail(std::move(piece.error()));
        }
        if (piece->frame_type != AMQP_FRAME_BODY || piece->payload.body_fragment.len > size - body.size()) {
            return fail(Fault::department_invalid, "a message of another size than its head says");
        }
        body += text_of(piece->payload.body_fragment);
    }
    sound_ = was_sound;
    return made;
}

/// What a method that brings no reply says about our message.
Status Connection::heed(const amqp_frame_t& frame, std::uint64_t tag) {
    const amqp_method_t& method = frame.payload.method;
    switch (method.id) {
        case AMQP_BASIC_NACK_METHOD: {
            const auto& told = *static_cast<const amqp_basic_nack_t*>(method.decoded);
            if (covers(told.delivery_tag, told.multiple != 0, tag)) {
                return fail(Fault::department_down, "the broker does not take the message");
            }
            return {};
        }
        case AMQP_BASIC_CANCEL_METHOD:
            sound_ = false;
            return fail(Fault::department_down, "the queue for the replies is gone");
        case AMQP_CHANNEL_CLOSE_METHOD:
            sound_ = false;
            return fail(Fault::department_down,
                        "the broker closed the channel: AMQP code " +
                            std::to_string(static_cast<const amqp_channel_close_t*>(method.decoded)->reply_code));
        case AMQP_CONNECTION_CLOSE_METHOD:
            sound_ = false;
            return fail(Fault::department_down,
                        "the broker closed the connection: AMQP code " +
                            std::to_string(static_cast<const amqp_connection_close_t*>(method.decoded)->reply_code));
        default:
            return {};
    }
}

Result<adapter::Reply> Connection::call(const Message& message, Deadline deadline) {
    amqp_maybe_release_buffers(state_);
    if (!line_->hold(amqp_get_sockfd(state_), most_of_a_call())) {
        return fail(Fault::department_timeout, kUnheard);
    }
    const std::uint64_t tag = ++published_;
    const std::string correlation = name_ + '-' + std::to_string(tag);
    if (auto sent = publish(message, correlation, deadline); !sent) {
        return fail(std::move(sent.error()));
    }
    for (bool is_first = true;; is_first = false) {
        if (!is_first && std::chrono::steady_clock::now() >= deadline) {
            sound_ = false;  // what is read behind the deadline finds no end where the broker finds none
            return fail(Fault::department_timeout, "the broker brings something, but no reply");
        }
        auto frame = next_frame(deadline);
        if (!frame) {
            return fail(std::move(frame.error()));
        }
        if (frame->frame_type != AMQP_FRAME_METHOD) {
            sound_ = false;
            return fail(Fault::department_invalid, "a frame that belongs to nothing");
        }
        const auto method = frame->payload.method.id;
        if (auto heeded = heed(*frame, tag); !heeded) {
            return fail(std::move(heeded.error()));
        }
        if (method != AMQP_BASIC_DELIVER_METHOD && method != AMQP_BASIC_RETURN_METHOD) {
            amqp_maybe_release_buffers(state_);
            continue;
        }
        auto content = take_content(deadline);
        if (!content) {
            return fail(std::move(content.error()));
        }
        if (content->first != correlation) {
            amqp_maybe_release_buffers(state_);
            continue;  // late: another's, or nobody's
        }
        if (method == AMQP_BASIC_RETURN_METHOD) {
            return fail(Fault::department_down, "no queue takes the message: routing_key leads nowhere");
        }
        return std::move(content->second);
    }
}

bool Connection::is_there(Line& line) {
    line_ = &line;
    sound_ = line.hold(amqp_get_sockfd(state_), most_of_a_call()) && sound_;
    const auto now = std::chrono::steady_clock::now();
    for (int frames = 0; sound_ && frames < kMostLate; ++frames) {
        amqp_maybe_release_buffers(state_);
        auto frame = next_frame(now);
        if (!frame) {
            return frame.error().fault() == Fault::department_timeout && sound_;
        }
        const bool is_method = frame->frame_type == AMQP_FRAME_METHOD;
        const auto method = is_method ? frame->payload.method.id : 0;
        if (!is_method || !heed(*frame, 0)) {
            break;
        }
        const bool brings = method == AMQP_BASIC_DELIVER_METHOD || method == AMQP_BASIC_RETURN_METHOD;
        if (brings && !take_content(now + kMostLooking)) {
            break;
        }
    }
    sound_ = false;
    return false;
}

}  // namespace datong::adapters::queue
