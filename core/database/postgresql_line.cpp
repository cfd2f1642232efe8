#include "core/database/postgresql_line.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <utility>

#include "core/async/octets.h"
#include "core/database/connection.h"

namespace datong::database {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMostBefore =
    1U << 20U;  ///< octets before we are let in; libpq keeps each parameter that it is told

/// @return whether the socket was ready before the deadline; behind it none is, for there may always be more to read.
bool is_ready(int socket, short events, Deadline deadline) {
    if (Deadline::clock::now() >= deadline) {
        return false;
    }
    const auto rest = std::chrono::ceil<milliseconds>(deadline - Deadline::clock::now()).count();
    pollfd waiting{.fd = socket, .events = events, .revents = 0};
    // NOLINTNEXTLINE(misc-include-cleaner): poll stands in poll.h
    return ::poll(&waiting, 1, static_cast<int>(std::clamp<std::int64_t>(rest, 0, 3'600'000))) > 0;
}

std::size_t octets_waiting(int socket) {
    int waiting = 0;
    ::ioctl(socket, FIONREAD, &waiting);
    return static_cast<std::size_t>(std::max(waiting, 0));
}

/// Shuts the socket of a sign-in down when the call is given up: OpenSSL skips "hello" after "hello" for as long as
/// they come, before a certificate is seen, and libpq does not come back meanwhile.
class Cut {
public:
    explicit Cut(async::Interrupt& interrupt) : interrupt_{interrupt} {}
    Cut(const Cut&) = delete;
    Cut& operator=(const Cut&) = delete;
    ~Cut() { end(); }

    /// Before each step, for in each libpq may take another socket, for another address or without TLS.
    /// @return false when the call was given up.
    [[nodiscard]] bool holds(int socket) {
        end();
        copy_ = ::dup(socket);
        return interrupt_.hold([copy = copy_] { ::shutdown(copy, SHUT_RDWR); });
    }

private:
    void end() {
        interrupt_.let_go();
        if (copy_ >= 0) {
            ::close(copy_);
        }
    }

    async::Interrupt& interrupt_;
    int copy_{-1};  ///< a descriptor of our own, as in PostgresqlLine
};

/// The SQLSTATE of a server that speaks and does not let us in: behind its severity, whatever its language
/// ("FATAL:  28P01: ..."); empty where none came.
std::string_view state_in(std::string_view message) {
    const auto is_state = [](std::string_view text) {
        return text.size() == 5 &&
               std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); });
    };
    for (auto at = message.find(":  "); at != std::string_view::npos; at = message.find(":  ", at + 1)) {
        const std::string_view state = message.substr(std::min(at + 3, message.size()), 5);
        if (is_state(state) && message.substr(at + 3 + state.size()).starts_with(": ")) {
            return state;
        }
    }
    return {};
}

Error not_let_in(PGconn& connection) {
    const char* message = PQerrorMessage(&connection);
    const std::string_view state = state_in(message == nullptr ? "" : message);
    const bool is_there = PQconnectionNeedsPassword(&connection) == 1 ||
                          (!state.empty() && postgresql_fault(state) == Fault::department_refused);
    return {is_there ? Fault::department_refused : Fault::department_down,
            (is_there ? "PostgreSQL is there and does not let us in: " : "PostgreSQL: ") + first_line(message)};
}

}  // namespace

Fault postgresql_fault(std::string_view state) {
    if (state == "57014" || state == "55P03" || state == "40P01") {  // canceled, lock not available, deadlock
        return Fault::department_timeout;
    }
    for (const std::string_view down : {"08", "53", "57P", "58", "XX"}) {
        if (state.starts_with(down)) {
            return Fault::department_down;
        }
    }
    return Fault::department_refused;
}

Result<std::unique_ptr<PostgresqlLine>> PostgresqlLine::sign_in(const std::string& connection, std::size_t most,
                                                                Deadline deadline, async::Interrupt& interrupt) {
    const std::array<const char*, 3> names{"dbname", "application_name", nullptr};
    const std::array<const char*, 3> values{connection.c_str(), "datong", nullptr};
    Handle handle{PQconnectStartParams(names.data(), values.data(), 1)};
    if (!handle) {
        return fail(Fault::internal, "PostgreSQL: no handle");
    }
    PQsetErrorVerbosity(handle.get(), PQERRORS_VERBOSE);  // with the SQLSTATE of who does not let us in
    // a notice may quote values, and libpq would write it to our stderr
    PQsetNoticeReceiver(handle.get(), [](void*, const PGresult*) {}, nullptr);
    auto step = PQstatus(handle.get()) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
    Cut cut{interrupt};
    std::size_t came = 0;
    while (step == PGRES_POLLING_READING || step == PGRES_POLLING_WRITING) {
        if (!cut.holds(PQsocket(handle.get()))) {
            return fail(Fault::department_timeout, "nobody waits for our sign-in any more");
        }
        const short events = step == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        if (!is_ready(PQsocket(handle.get()), events, deadline)) {
            return fail(Fault::department_timeout, "PostgreSQL did not answer our sign-in");
        }
        came += octets_waiting(PQsocket(handle.get()));
        if (came > kMostBefore) {
            return fail(Fault::department_invalid, "PostgreSQL says more than 1 MiB before it lets us in");
        }
        step = PQconnectPoll(handle.get());
    }
    if (step != PGRES_POLLING_OK) {
        return fail(not_let_in(*handle));
    }
    PQsetnonblocking(handle.get(), 1);
    return std::unique_ptr<PostgresqlLine>{new PostgresqlLine{std::move(handle), most}};  // a private constructor
}

PostgresqlLine::PostgresqlLine(Handle connection, std::size_t most)
    : connection_{std::move(connection)}, socket_{::dup(PQsocket(connection_.get()))}, most_{most} {
}

PostgresqlLine::~PostgresqlLine() {
    connection_.reset();
    ::close(socket_);
}

bool PostgresqlLine::is_sound() const noexcept {
    return sound_ && PQstatus(connection_.get()) == CONNECTION_OK;
}

bool PostgresqlLine::is_worn() const noexcept {
    constexpr std::uint64_t kMost = 16U << 20U;
    return async::octets_received(socket_) > kMost;
}

void PostgresqlLine::interrupt() noexcept {
    ::shutdown(socket_, SHUT_RDWR);
}

Result<PostgresqlResult> PostgresqlLine::next_result(Deadline deadline) {
    int unsent = PQflush(connection_.get());
    while (unsent == 1) {
        if (auto ready = wait(POLLIN | POLLOUT, deadline); !ready) {
            return fail(std::move(ready.error()));
        }
        if (auto taken = take_in(); !taken) {  // a server that waits for us to read does not read itself
            return fail(std::move(taken.error()));
        }
        unsent = PQflush(connection_.get());
    }
    while (unsent == 0 && PQisBusy(connection_.get()) == 1) {
        if (auto ready = wait(POLLIN, deadline); !ready) {
            return fail(std::move(ready.error()));
        }
        if (auto taken = take_in(); !taken) {
            return fail(std::move(taken.error()));
        }
    }
    if (unsent < 0) {
        return broken();
    }
    taken_ = 0;
    PostgresqlResult result{PQgetResult(connection_.get())};
    // nobody asks for notifications, and libpq keeps them until somebody does
    while (const std::unique_ptr<PGnotify, PostgresqlFinish> one{PQnotifies(connection_.get())}) {
    }
    return result;
}

Status PostgresqlLine::wait(short events, Deadline deadline) {
    if (is_ready(PQsocket(connection_.get()), events, deadline)) {
        return {};
    }
    sound_ = false;
    return fail(Fault::department_timeout, "PostgreSQL did not answer");
}

/// libpq keeps a whole row before anybody sees it, and has no limit: what comes for one is counted each time that it
/// has read all there was. (A sender on this machine may be so quick that there always is more; a network is not.)
Status PostgresqlLine::take_in() {
    taken_ += octets_waiting(PQsocket(connection_.get()));
    if (taken_ > most_) {
        sound_ = false;
        return fail(
            Error{Fault::department_invalid, "a row has more than " + std::to_string(most_) + " octets"}.over_limit());
    }
    return PQconsumeInput(connection_.get()) == 1 ? Status{} : broken();
}

tl::unexpected<Error> PostgresqlLine::broken() {
    sound_ = sound_ && PQstatus(connection_.get()) == CONNECTION_OK;
    return fail(Fault::department_down, "PostgreSQL: the connection broke");
}

}  // namespace datong::database
