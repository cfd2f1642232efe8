#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "adapters/file/file_adapter.h"
#include "tests/support/adapter_kit.h"
#include "tests/support/scratch_folder.h"

namespace datong::drop {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// Replaces the request's prefix by the reply's.
inline std::string reply_name(std::string request) {
    return request.replace(0, 3, "REP");
}

/// The department's side of the folders: answers each request file, in a thread of its own.
class Clerk {
public:
    Clerk(const support::ScratchFolder& folder, std::function<void(const std::string& request)> answer)
        : folder_{folder}, answer_{std::move(answer)}, thread_{[this] { work(); }} {}
    Clerk(const Clerk&) = delete;
    Clerk& operator=(const Clerk&) = delete;
    ~Clerk() {
        over_ = true;
        thread_.join();
    }

private:
    void work() {
        while (!over_) {
            std::error_code ignored;
            for (const auto& entry : fs::directory_iterator{folder_ / "out", ignored}) {
                const std::string name = entry.path().filename().string();
                if (!name.ends_with(".tmp")) {
                    answer_(name);
                }
            }
            std::this_thread::sleep_for(std::chrono::milliseconds{2});
        }
    }

    const support::ScratchFolder& folder_;
    std::function<void(const std::string&)> answer_;
    std::atomic<bool> over_{};
    std::thread thread_;
};

/// What the department sees of the folders.
class Side {
public:
    explicit Side(const support::ScratchFolder& scratch) : scratch_{scratch} {
        for (const char* name : {"out", "in", "done", "late"}) {
            static_cast<void>(scratch.make(name));
        }
    }
    /// Fetches the request, then lays the reply down the careful way.
    void reply(const std::string& request, const std::string& bytes, const std::string& name = {}) const {
        fs::remove(scratch_ / ("out/" + request));
        lay(name.empty() ? reply_name(request) : name, bytes);
    }
    void lay(const std::string& name, const std::string& bytes) const {
        scratch_.write("in/" + name + ".tmp", bytes);
        fs::rename(scratch_ / ("in/" + name + ".tmp"), scratch_ / ("in/" + name));
    }
    [[nodiscard]] std::vector<std::string> names(const std::string& folder) const {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator{scratch_ / folder}) {
            names.push_back(entry.path().filename().string());
        }
        return names;
    }
    [[nodiscard]] const support::ScratchFolder& scratch() const { return scratch_; }

private:
    const support::ScratchFolder& scratch_;
};

inline adapter::Ask question(const std::string& operation = "query", const std::string& body = "<ask/>") {
    adapter::Ask ask;
    ask.operation = operation;
    ask.body = body;
    return ask;
}

}  // namespace datong::drop
