#pragma once

#include <netdb.h>
#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <libssh2.h>
#include <libssh2_sftp.h>

#include "adapters/file/place.h"
#include "core/base/clock.h"
#include "core/base/guarded.h"
#include "core/base/result.h"

namespace datong::adapters::file {

struct FreeAddresses {
    void operator()(addrinfo* list) const noexcept;
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;
using Resolve = int (*)(const char* host, const char* port, const addrinfo* wanted, addrinfo** found);

/// The addresses of a host, on a thread of its own, for the C library's look-up knows no deadline.
/// @param resolve  ::getaddrinfo; another one for tests.
/// @return Fault::department_timeout when no name server has answered by then; department_down when there is none.
[[nodiscard]] Result<Addresses> look_up(const std::string& host, const std::string& port, Deadline deadline,
                                        Resolve resolve = ::getaddrinfo);

/// How an SFTP server is reached, who it must be, and who we are.
struct SftpServer {
    std::string host;
    std::string port;
    std::string user;
    std::string key_file;  ///< private key, PEM or OpenSSH; empty: the password
    Secret key_password;
    Secret password;
    std::vector<std::string> host_keys;  ///< "SHA256:" and base64 without padding, as ssh-keygen -l says; one must fit
    std::chrono::milliseconds connect{3'000};
};

/// One connection to an SFTP server, signed in. Every wait ends at its deadline: libssh2 never blocks here, and is
/// given nothing behind the deadline, nor much more than its requests need. Used by one thread at a time.
class SftpSession {
public:
    /// @return Fault::department_down when it is not reached, shows another host key, or does not let us in, with which
    ///         of these; department_timeout.
    [[nodiscard]] static Result<std::unique_ptr<SftpSession>> open(const SftpServer& server, Deadline deadline);
    SftpSession(const SftpSession&) = delete;
    SftpSession& operator=(const SftpSession&) = delete;
    ~SftpSession();

    /// Calls until it does not say LIBSSH2_ERROR_EAGAIN any more.
    /// @return what it said at last; LIBSSH2_ERROR_TIMEOUT at the deadline: then the session is spoilt.
    [[nodiscard]] int drive(const std::function<int()>& call, Deadline deadline);
    /// The same of what gives a pointer, null for "again" or a failure.
    template <class T>
    [[nodiscard]] T* drive_to_pointer(const std::function<T*()>& call, Deadline deadline) {
        T* made = nullptr;
        last_ = drive(
            [&] {
                made = call();
                return made != nullptr ? 0 : libssh2_session_last_errno(session_);
            },
            deadline);
        return made;
    }
    [[nodiscard]] int last() const noexcept { return last_; }  ///< of drive_to_pointer
    [[nodiscard]] LIBSSH2_SFTP* sftp() const noexcept { return sftp_; }
    [[nodiscard]] bool is_sound() const noexcept;
    /// Nothing comes or goes any more, and no call waits: what libssh2 keeps can be given back.
    void hang_up() noexcept;
    [[nodiscard]] bool is_quiet() const;  ///< as Place

private:
    SftpSession() = default;
    [[nodiscard]] Status connect(const SftpServer& server, Deadline deadline);
    [[nodiscard]] Status greet(Deadline deadline);
    [[nodiscard]] Status check_host_key(const SftpServer& server);
    [[nodiscard]] Status sign_in(const SftpServer& server, Deadline deadline);
    [[nodiscard]] bool wait(Deadline deadline) const;
    static ssize_t receive(int socket, void* into, std::size_t size, int flags, void** session);
    [[nodiscard]] ssize_t receive(void* into, std::size_t size, int flags);

    int socket_{-1};
    LIBSSH2_SESSION* session_{};
    LIBSSH2_SFTP* sftp_{};
    int last_{};
    bool sound_{true};
    Deadline deadline_{};       ///< of the request that is under way
    std::uint64_t most_{};      ///< octets that may have come by its end
    std::uint64_t received_{};  ///< octets, since the connection stands
    std::uint64_t spare_{};     ///< octets, of these: what no request needed
};

/// Folders of an SFTP server (protocol 3), over one connection.
/// @return as SftpSession::open.
[[nodiscard]] Result<std::unique_ptr<Place>> open_sftp_place(const SftpServer& server, Deadline deadline);

}  // namespace datong::adapters::file
