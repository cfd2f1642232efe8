#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

namespace datong::support {

/// Whether handshakes can be put aside here: OpenSSL jumps between stacks for it, which ThreadSanitizer takes for an
/// error.
#if defined(__SANITIZE_THREAD__)
inline constexpr bool kPutsAside = false;
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
inline constexpr bool kPutsAside = false;
#else
inline constexpr bool kPutsAside = true;
#endif
#else
inline constexpr bool kPutsAside = true;
#endif

/// Says so where a test of TLS keys in tokens is left out.
[[nodiscard]] inline bool puts_handshakes_aside() {
    if (!kPutsAside) {
        WARN("left out: OpenSSL's jobs can't be followed by ThreadSanitizer");
    }
    return kPutsAside;
}

/// A token of SoftHSM2 in a folder of its own, one for the process: its module is loaded once.
class SoftToken {
public:
    static constexpr const char* kPin = "483920";

    /// The one token; made when it is first asked for.
    static SoftToken& only() {
        static SoftToken token;
        return token;
    }

    /// Puts a private key of PKCS #8 into a token, with its public half beside it.
    /// @param token  "datong", or "guarded" for one that nobody has signed in to yet.
    /// @return whether softhsm2-util did it.
    [[nodiscard]] bool import(const std::string& pem_file, const std::string& label, const std::string& id,
                              const std::string& token = "datong") const {
        return run("softhsm2-util --import '" + pem_file + "' --token " + token + " --label " + label + " --id " + id +
                   " --pin " + kPin);
    }
    /// @param pin_file  with the PIN.
    [[nodiscard]] std::string uri(const std::string& label, const std::string& pin_file,
                                  const std::string& token = "datong") const {
        return "pkcs11:token=" + token + ";object=" + label + ";type=private?module-path=" + module() +
               "&pin-source=file:" + pin_file;
    }
    /// A file with this PIN that only its owner reads.
    [[nodiscard]] std::string pin_file(const std::string& pin = kPin) const {
        const std::string path = folder_ / ("pin-" + pin);
        std::ofstream{path} << pin << '\n';
        std::filesystem::permissions(path, std::filesystem::perms{0600});
        return path;
    }
    [[nodiscard]] std::string path(const std::string& name) const { return folder_ / name; }
    [[nodiscard]] std::string module() const { return "/usr/lib/softhsm/libsofthsm2.so"; }
    [[nodiscard]] bool is_ready() const { return ready_; }

private:
    SoftToken() {
        const std::string tokens = folder_ / "tokens";
        std::filesystem::create_directories(tokens);
        const std::string config = folder_ / "softhsm2.conf";
        std::ofstream{config} << "directories.tokendir = " << tokens
                              << "\nobjectstore.backend = file\nlog.level = ERROR\n";
        setenv("SOFTHSM2_CONF", config.c_str(), 1);
        const auto init = [](const std::string& label) {
            return run("softhsm2-util --init-token --free --label " + label + " --so-pin 59302817 --pin " + kPin);
        };
        ready_ = init("datong") && init("guarded");
    }
    static bool run(const std::string& command) { return std::system((command + " >/dev/null 2>&1").c_str()) == 0; }

    ScratchFolder folder_;
    bool ready_{};
};

}  // namespace datong::support
