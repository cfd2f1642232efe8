#include "adapters/file/sftp_session.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "core/base/text.h"

namespace datong::adapters::file {
namespace {

constexpr std::chrono::milliseconds kFarewell{200};
// octets: libssh2 keeps what it does not wait for
constexpr std::uint64_t kMostOpening = 1U << 20U;     // until it has let us in
constexpr std::uint64_t kMostSpare = 4U << 20U;       // of a session, beyond what its requests need
constexpr std::uint64_t kNeeded = 512;                // of any request, with its packets' heads
constexpr std::uint64_t kMostOfSession = 64U << 20U;  // then it serves no further call

/// A question to the resolver, which outlives who asked when its answer comes late.
struct Question {
    std::string host;
    std::string port;
    Resolve resolve;
    std::mutex mutex;
    std::condition_variable answered;
    std::optional<int> code;
    Addresses found;
};

void put(const std::shared_ptr<Question>& question) {
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    wanted.ai_family = AF_UNSPEC;
    addrinfo* found = nullptr;
    const int code = question->resolve(question->host.c_str(), question->port.c_str(), &wanted, &found);
    const std::scoped_lock lock{question->mutex};
    question->found.reset(code == 0 ? found : nullptr);
    question->code = code;
    question->answered.notify_all();
}

int milliseconds_to(Deadline deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

bool is_library_ready() {
    static const bool ready = libssh2_init(0) == 0;  // before any session, and once
    return ready;
}

/// Waits for a socket that connects. @return 0, or the error.
int finish_connecting(int socket, Deadline deadline) {
    pollfd watched{.fd = socket, .events = POLLOUT, .revents = 0};
    if (::poll(&watched, 1, milliseconds_to(deadline)) <= 0) {
        return ETIMEDOUT;
    }
    int error = 0;
    socklen_t size = sizeof(error);
    return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

/// @return a connected socket, or -1.
int connect_to(const addrinfo& address, Deadline deadline) {
    const int socket = ::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (socket < 0) {
        return -1;
    }
    const bool begun = ::connect(socket, address.ai_addr, address.ai_addrlen) == 0 || errno == EINPROGRESS;
    if (!begun || finish_connecting(socket, deadline) != 0) {
        ::close(socket);
        return -1;
    }
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return socket;
}

std::string without_padding(std::string base64) {
    while (base64.ends_with('=')) {
        base64.pop_back();
    }
    return base64;
}

/// Octets that a request needs which brought so many: of a file, or of a name, which a list has twice.
std::uint64_t needed_for(int brought) {
    const auto octets = static_cast<std::uint64_t>(std::max(brought, 0));
    return kNeeded + octets + octets / 8;
}

Fault fault_of(int code) {
    return code == LIBSSH2_ERROR_TIMEOUT ? Fault::department_timeout : Fault::department_down;
}

}  // namespace

void FreeAddresses::operator()(addrinfo* list) const noexcept {
    ::freeaddrinfo(list);
}

Result<Addresses> look_up(const std::string& host, const std::string& port, Deadline deadline, Resolve resolve) {
    const auto question = std::make_shared<Question>();
    question->host = host;
    question->port = port;
    question->resolve = resolve;
    std::thread{put, question}.detach();  // a name server that is silent keeps it for as long as it likes
    std::unique_lock lock{question->mutex};
    if (!question->answered.wait_until(lock, deadline, [&] { return question->code.has_value(); })) {
        return fail(Fault::department_timeout, "no name server says the host's address in time");
    }
    if (*question->code != 0) {
        return fail(Fault::department_down, "the host's name has no address");
    }
    return std::move(question->found);
}

Result<std::unique_ptr<SftpSession>> SftpSession::open(const SftpServer& server, Deadline deadline) {
    std::unique_ptr<SftpSession> made{new SftpSession};  // private constructor
    if (auto connected = made->connect(server, deadline); !connected) {
        return fail(std::move(connected.error()));
    }
    if (auto greeted = made->greet(deadline); !greeted) {
        return fail(std::move(greeted.error()));
    }
    if (auto known = made->check_host_key(server); !known) {
        return fail(std::move(known.error()));  // before anything of ours is shown
    }
    if (auto in = made->sign_in(server, deadline); !in) {
        return fail(std::move(in.error()));
    }
    SftpSession& session = *made;
    session.sftp_ =
        session.drive_to_pointer<LIBSSH2_SFTP>([&] { return libssh2_sftp_init(session.session_); }, deadline);
    if (session.sftp_ == nullptr) {
        return fail(fault_of(session.last_), "the server offers no SFTP");
    }
    return made;
}

SftpSession::~SftpSession() {
    const Deadline farewell = std::chrono::steady_clock::now() + kFarewell;
    const bool says_farewell = sound_;
    if (sftp_ != nullptr && says_farewell) {
        static_cast<void>(drive([this] { return libssh2_sftp_shutdown(sftp_); }, farewell));
    }
    if (session_ != nullptr) {
        if (says_farewell && sound_) {
            static_cast<void>(drive([this] { return libssh2_session_disconnect(session_, "done"); }, farewell));
        }
        // freed without its socket, it does not wait any more for what can't come
        hang_up();
        if (sftp_ != nullptr && !says_farewell) {
            static_cast<void>(libssh2_sftp_shutdown(sftp_));  // nothing else frees the packets that nobody took
        }
        for (int tries = 0; libssh2_session_free(session_) == LIBSSH2_ERROR_EAGAIN && tries < 1'000; ++tries) {
        }
    }
    if (socket_ >= 0) {
        ::close(socket_);
    }
}

Status SftpSession::connect(const SftpServer& server, Deadline deadline) {
    const Deadline until = std::min(deadline, std::chrono::steady_clock::now() + server.connect);
    const auto addresses = look_up(server.host, server.port, until);
    if (!addresses) {
        // not the call's time but the connection's
        const bool is_ours = addresses.error().fault() == Fault::department_timeout && until < deadline;
        return fail(is_ours ? Fault::department_down : addresses.error().fault(), addresses.error().detail());
    }
    for (const addrinfo* one = addresses->get(); one != nullptr && socket_ < 0; one = one->ai_next) {
        socket_ = connect_to(*one, until);
    }
    if (socket_ < 0) {
        const bool in_time = std::chrono::steady_clock::now() < deadline;
        return fail(in_time ? Fault::department_down : Fault::department_timeout,
                    "no SFTP server takes the connection");
    }
    return {};
}

Status SftpSession::greet(Deadline deadline) {
    session_ = is_library_ready() ? libssh2_session_init_ex(nullptr, nullptr, nullptr, this) : nullptr;
    if (session_ == nullptr) {
        return fail(Fault::internal, "libssh2 gives no session");
    }
    LIBSSH2_RECV_FUNC((*const how)) = &SftpSession::receive;
    libssh2_session_callback_set(session_, LIBSSH2_CALLBACK_RECV, reinterpret_cast<void*>(how));
    libssh2_session_set_blocking(session_, 0);
    const int code = drive([this] { return libssh2_session_handshake(session_, socket_); }, deadline);
    if (code != 0) {
        return fail(fault_of(code),
                    "no SSH server answers, or none with which an algorithm is shared (" + std::to_string(code) + ")");
    }
    return {};
}

Status SftpSession::check_host_key(const SftpServer& server) {
    const char* hash = libssh2_hostkey_hash(session_, LIBSSH2_HOSTKEY_HASH_SHA256);
    if (hash == nullptr) {
        return fail(Fault::department_down, "the server shows no host key");
    }
    const std::string shown = "SHA256:" + without_padding(to_base64({hash, 32}));
    if (std::ranges::find(server.host_keys, shown) == server.host_keys.end()) {
        return fail(Fault::department_down, "the server shows another host key than the pinned one: " + shown);
    }
    return {};
}

Status SftpSession::sign_in(const SftpServer& server, Deadline deadline) {
    int code = 0;
    const auto size = static_cast<unsigned>(server.user.size());
    if (!server.key_file.empty()) {
        // libssh2 1.10 makes the public half of a key of OpenSSH's format only from a file
        const std::string& password = server.key_password.reveal();
        code = drive(
            [&] {
                return libssh2_userauth_publickey_fromfile_ex(session_, server.user.data(), size, nullptr,
                                                              server.key_file.c_str(),
                                                              password.empty() ? nullptr : password.c_str());
            },
            deadline);
    } else {
        const std::string& password = server.password.reveal();
        code = drive(
            [&] {
                return libssh2_userauth_password_ex(session_, server.user.data(), size, password.data(),
                                                    static_cast<unsigned>(password.size()), nullptr);
            },
            deadline);
    }
    if (code != 0) {
        return fail(fault_of(code), "the server does not let us in (" + std::to_string(code) + ")");
    }
    return {};
}

bool SftpSession::is_quiet() const {
    pollfd watched{.fd = socket_, .events = POLLIN, .revents = 0};
    return ::poll(&watched, 1, 0) == 0;
}

bool SftpSession::wait(Deadline deadline) const {
    const int directions = libssh2_session_block_directions(session_);
    pollfd watched{.fd = socket_, .events = 0, .revents = 0};
    if ((directions & LIBSSH2_SESSION_BLOCK_INBOUND) != 0) {
        watched.events |= POLLIN;
    }
    if ((directions & LIBSSH2_SESSION_BLOCK_OUTBOUND) != 0) {
        watched.events |= POLLOUT;
    }
    const int left = milliseconds_to(deadline);
    return left > 0 && (::poll(&watched, 1, left) > 0 || errno == EINTR);
}

bool SftpSession::is_sound() const noexcept {
    return sound_ && received_ < kMostOfSession && spare_ < kMostSpare / 4;
}

void SftpSession::hang_up() noexcept {
    deadline_ = {};
    if (socket_ >= 0) {
        ::shutdown(socket_, SHUT_RDWR);
    }
}

ssize_t SftpSession::receive(int /*socket*/, void* into, std::size_t size, int flags, void** session) {
    return static_cast<SftpSession*>(*session)->receive(into, size, flags);
}

/// libssh2 reads on as long as there is something, and comes back to `drive` only when there is nothing.
ssize_t SftpSession::receive(void* into, std::size_t size, int flags) {
    if (received_ >= most_ || std::chrono::steady_clock::now() >= deadline_) {
        return -ECONNRESET;
    }
    const ssize_t got = ::recv(socket_, into, size, flags);
    if (got < 0) {
        return errno == EINTR || errno == EWOULDBLOCK ? -EAGAIN : -errno;
    }
    received_ += static_cast<std::uint64_t>(got);
    return got;
}

int SftpSession::drive(const std::function<int()>& call, Deadline deadline) {
    deadline_ = deadline;
    most_ = sftp_ == nullptr ? kMostOpening : received_ + kMostSpare - spare_;
    const std::uint64_t before = received_;
    int code = call();
    while (code == LIBSSH2_ERROR_EAGAIN) {
        if (!wait(deadline)) {
            sound_ = false;  // half a request is out: nothing else can go over this line
            return LIBSSH2_ERROR_TIMEOUT;
        }
        code = call();
    }
    if (code < 0 && code != LIBSSH2_ERROR_SFTP_PROTOCOL) {
        sound_ = false;
        return std::chrono::steady_clock::now() >= deadline ? LIBSSH2_ERROR_TIMEOUT : code;
    }
    if (sftp_ != nullptr) {  // what is read ahead is needed later
        const std::uint64_t all = spare_ + received_ - before;
        spare_ = std::min(all - std::min(all, needed_for(code)), kMostSpare);
    }
    return code;
}

}  // namespace datong::adapters::file
