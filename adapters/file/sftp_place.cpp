#include "adapters/file/sftp_session.h"

#include <array>
#include <utility>

namespace datong::adapters::file {
namespace {

constexpr long kMode = 0660;
constexpr std::size_t kPiece = 30'000;  ///< octets a packet; servers must take 32768 with its head

class SftpPlace final : public Place {
public:
    explicit SftpPlace(std::unique_ptr<SftpSession> session) : session_{std::move(session)} {}

    bool is_sound() const override { return session_->is_sound(); }
    bool is_quiet() const override { return session_->is_quiet(); }

    Result<bool> put(const std::string& path, std::string_view octets, Deadline deadline) override {
        Handle file =
            open(path, LIBSSH2_FXF_WRITE | LIBSSH2_FXF_CREAT | LIBSSH2_FXF_EXCL, LIBSSH2_SFTP_OPENFILE, deadline);
        if (!file) {
            auto there = look(path, deadline);  // servers say "failure" for a file that is there
            return there && *there ? Result<bool>{false} : broken("the file can't be made");
        }
        auto written = write_all(*file, octets, deadline);
        const int synced = written ? drive([&] { return libssh2_sftp_fsync(file.get()); }, deadline) : 0;
        const bool can_sync = synced == 0 || sftp_error(synced) == LIBSSH2_FX_OP_UNSUPPORTED;
        auto closed = close(std::move(file), deadline);
        if (written && can_sync && closed) {
            return true;
        }
        static_cast<void>(remove(path, deadline));
        return !written ? fail(std::move(written.error())) : broken("the file can't be written");
    }

    /// Protocol 3 renames over nothing; servers that do are asked first.
    Result<bool> move(const std::string& from, const std::string& to, Deadline deadline) override {
        auto there = look(to, deadline);
        if (!there) {
            return fail(std::move(there.error()));
        }
        if (*there) {
            return false;
        }
        last_ = drive(
            [&] {
                return libssh2_sftp_rename_ex(session_->sftp(), from.data(), size_of(from), to.data(), size_of(to), 0);
            },
            deadline);
        if (last_ == 0) {
            return true;
        }
        there = look(to, deadline);
        return there && *there ? Result<bool>{false} : broken("a file can't be renamed");
    }

    Result<std::optional<Look>> look(const std::string& path, Deadline deadline) override {
        LIBSSH2_SFTP_ATTRIBUTES status{};
        last_ = stat(path, LIBSSH2_SFTP_LSTAT, status, deadline);
        if (last_ == 0) {
            return std::optional{look_of(status)};
        }
        if (sftp_error(last_) != LIBSSH2_FX_NO_SUCH_FILE) {
            return broken("the folder can't be read");
        }
        const std::string folder = path.substr(0, path.rfind('/'));
        if (const int there = stat(folder, LIBSSH2_SFTP_STAT, status, deadline); there != 0) {
            last_ = there;
            return broken("the folder is not there");
        }
        return std::optional<Look>{};
    }

    Result<std::optional<std::string>> read(const std::string& path, std::size_t most, Deadline deadline) override {
        using Found = std::optional<std::string>;
        auto seen = look(path, deadline);
        if (!seen) {
            return fail(std::move(seen.error()));
        }
        if (!*seen || !(*seen)->is_regular) {
            return Found{};
        }
        Handle file = open(path, LIBSSH2_FXF_READ, LIBSSH2_SFTP_OPENFILE, deadline);
        if (!file) {
            return broken("the file can't be opened");
        }
        std::string octets;
        std::array<char, kPiece> piece{};
        while (octets.size() <= most) {
            const int got = drive(
                [&] { return static_cast<int>(libssh2_sftp_read(file.get(), piece.data(), piece.size())); }, deadline);
            if (got < 0) {
                last_ = got;
                drop(std::move(file), deadline);
                return broken("the file can't be read");
            }
            if (got == 0) {
                break;
            }
            octets.append(piece.data(), static_cast<std::size_t>(got));
        }
        static_cast<void>(close(std::move(file), deadline));
        return Found{std::move(octets)};
    }

    Result<bool> remove(const std::string& path, Deadline deadline) override {
        last_ = drive([&] { return libssh2_sftp_unlink_ex(session_->sftp(), path.data(), size_of(path)); }, deadline);
        if (last_ == 0) {
            return true;
        }
        return sftp_error(last_) == LIBSSH2_FX_NO_SUCH_FILE ? Result<bool>{false} : broken("a file can't be removed");
    }

    Result<std::vector<Entry>> list(const std::string& folder, std::size_t most, Deadline deadline) override {
        Handle opened = open(folder, 0, LIBSSH2_SFTP_OPENDIR, deadline);
        if (!opened) {
            return broken("the folder can't be read");
        }
        std::vector<Entry> entries;
        std::array<char, 4'096> name{};
        LIBSSH2_SFTP_ATTRIBUTES status{};
        while (entries.size() < most) {
            const int got = drive(
                [&] { return libssh2_sftp_readdir_ex(opened.get(), name.data(), name.size(), nullptr, 0, &status); },
                deadline);
            if (got < 0) {
                last_ = got;
                drop(std::move(opened), deadline);
                return broken("the folder can't be read");
            }
            if (got == 0) {
                break;
            }
            entries.push_back(
                {.name = std::string(name.data(), static_cast<std::size_t>(got)), .look = look_of(status)});
        }
        static_cast<void>(close(std::move(opened), deadline));
        return entries;
    }

    Status check(const std::string& folder, Deadline deadline) override {
        LIBSSH2_SFTP_ATTRIBUTES status{};
        last_ = stat(folder, LIBSSH2_SFTP_STAT, status, deadline);
        if (last_ != 0) {
            return broken("the folder can't be used");
        }
        if ((status.flags & LIBSSH2_SFTP_ATTR_PERMISSIONS) != 0 && !LIBSSH2_SFTP_S_ISDIR(status.permissions)) {
            return fail(Fault::department_down, "the folder is none");
        }
        return {};
    }

private:
    /// Freed by close() or drop().
    struct Forget {
        void operator()(LIBSSH2_SFTP_HANDLE* /*handle*/) const noexcept {}
    };
    using Handle = std::unique_ptr<LIBSSH2_SFTP_HANDLE, Forget>;

    static unsigned size_of(const std::string& path) { return static_cast<unsigned>(path.size()); }

    int drive(const std::function<int()>& call, Deadline deadline) { return session_->drive(call, deadline); }

    static Look look_of(const LIBSSH2_SFTP_ATTRIBUTES& status) {
        const bool has_mode = (status.flags & LIBSSH2_SFTP_ATTR_PERMISSIONS) != 0;
        return {.is_regular = has_mode && LIBSSH2_SFTP_S_ISREG(status.permissions),
                .size = static_cast<std::int64_t>(status.filesize),
                .changed = static_cast<std::int64_t>(status.mtime),
                .changed_s = static_cast<std::int64_t>(status.mtime)};
    }

    /// The server's own status of a refused request; 0 for every other failure.
    [[nodiscard]] unsigned long sftp_error(int code) const {
        return code == LIBSSH2_ERROR_SFTP_PROTOCOL ? libssh2_sftp_last_error(session_->sftp()) : 0;
    }

    [[nodiscard]] tl::unexpected<Error> broken(const char* what) const {
        if (last_ == LIBSSH2_ERROR_TIMEOUT) {
            return fail(Fault::department_timeout, std::string{what} + " in time");
        }
        return fail(Fault::department_down, std::string{what} + " (libssh2 " + std::to_string(last_) + ", status " +
                                                std::to_string(sftp_error(last_)) + ")");
    }

    int stat(const std::string& path, int how, LIBSSH2_SFTP_ATTRIBUTES& status, Deadline deadline) {
        return drive([&] { return libssh2_sftp_stat_ex(session_->sftp(), path.data(), size_of(path), how, &status); },
                     deadline);
    }

    Handle open(const std::string& path, unsigned long flags, int what, Deadline deadline) {
        Handle opened{session_->drive_to_pointer<LIBSSH2_SFTP_HANDLE>(
            [&] { return libssh2_sftp_open_ex(session_->sftp(), path.data(), size_of(path), flags, kMode, what); },
            deadline)};
        last_ = session_->last();
        return opened;
    }

    Status close(Handle handle, Deadline deadline) {
        last_ = drive([&] { return libssh2_sftp_close_handle(handle.get()); }, deadline);
        return last_ == 0 ? Status{} : broken("the file can't be closed");
    }

    /// Closes after a failure, whose code stays the one that is told.
    void drop(Handle handle, Deadline deadline) {
        if (session_->is_sound()) {
            static_cast<void>(drive([&] { return libssh2_sftp_close_handle(handle.get()); }, deadline));
        } else if (handle) {
            session_->hang_up();
            static_cast<void>(libssh2_sftp_close_handle(handle.get()));  // nothing else gives it back
        }
    }

    Status write_all(LIBSSH2_SFTP_HANDLE& file, std::string_view octets, Deadline deadline) {
        while (!octets.empty()) {
            const std::string_view piece = octets.substr(0, kPiece);
            const int put = drive(
                [&] { return static_cast<int>(libssh2_sftp_write(&file, piece.data(), piece.size())); }, deadline);
            if (put < 0) {
                last_ = put;
                return broken("the file can't be written");
            }
            octets.remove_prefix(static_cast<std::size_t>(put));
        }
        return {};
    }

    std::unique_ptr<SftpSession> session_;
    int last_{};
};

}  // namespace

Result<std::unique_ptr<Place>> open_sftp_place(const SftpServer& server, Deadline deadline) {
    auto session = SftpSession::open(server, deadline);
    if (!session) {
        return fail(std::move(session.error()));
    }
    return std::make_unique<SftpPlace>(std::move(*session));
}

}  // namespace datong::adapters::file
