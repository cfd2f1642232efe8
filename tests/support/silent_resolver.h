#pragma once

#include <netdb.h>

#include <condition_variable>
#include <memory>
#include <mutex>

#include "core/async/resolve.h"

namespace datong::support {

/// A name server that says nothing until a test lets it; then every name is 127.0.0.1.
class SilentResolver {
public:
    SilentResolver() = default;
    SilentResolver(const SilentResolver&) = delete;
    SilentResolver& operator=(const SilentResolver&) = delete;
    ~SilentResolver() { speak(); }

    [[nodiscard]] async::LookUp look_up() const {
        return [state = state_](const char* /*host*/, const char* port, const addrinfo* wanted, addrinfo** found) {
            std::unique_lock lock{state->mutex};
            ++state->asked;
            state->changed.notify_all();
            state->changed.wait(lock, [&] { return state->speaks; });
            return state->code != 0 ? state->code : ::getaddrinfo("127.0.0.1", port, wanted, found);
        };
    }

    /// @param code  0, or what it fails with from now on.
    void speak(int code = 0) { set(true, code); }
    void be_silent() { set(false, 0); }

    /// How many questions have come.
    [[nodiscard]] int asked() const {
        const std::scoped_lock lock{state_->mutex};
        return state_->asked;
    }

private:
    struct State {
        std::mutex mutex;
        std::condition_variable changed;
        bool speaks{};
        int code{};
        int asked{};
    };

    void set(bool speaks, int code) {
        const std::scoped_lock lock{state_->mutex};
        state_->speaks = speaks;
        state_->code = code;
        state_->changed.notify_all();
    }

    std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace datong::support
