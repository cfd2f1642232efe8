#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "core/evidence/log.h"

namespace datong::support {

/// What goes wrong with a log's files, set by a test while the log runs. May be used from many threads.
struct Faults {
    std::atomic<int> appends{};       ///< so far, failed ones too
    std::atomic<int> durables{};      ///< so far, failed ones too
    std::atomic<int> opened{};        ///< files opened so far
    std::atomic<int> fail_append{};   ///< the append of this number fails; 0: none
    std::atomic<int> leaves{};        ///< octets that a failing append has written nevertheless
    std::atomic<int> fail_durable{};  ///< the make_durable of this number fails; 0: none
    std::atomic<bool> disk_full{};
    std::atomic<bool> can_cut{true};

    /// While closed, make_durable waits.
    void close_gate() {
        const std::lock_guard lock{mutex_};
        closed_ = true;
    }
    void open_gate() {
        const std::lock_guard lock{mutex_};
        closed_ = false;
        opened_gate_.notify_all();
    }
    void pass_gate() {
        std::unique_lock lock{mutex_};
        opened_gate_.wait(lock, [this] { return !closed_; });
    }

private:
    std::mutex mutex_;
    std::condition_variable opened_gate_;
    bool closed_{};
};

/// The system's files with faults put in.
class FaultyFiles final : public evidence::Files {
public:
    explicit FaultyFiles(std::shared_ptr<Faults> faults) : faults_{std::move(faults)} {}

    Result<int> open_to_append(const std::string& path) override {
        ++faults_->opened;
        return files_->open_to_append(path);
    }

    Status append(int file, std::string_view bytes) override {
        const bool fails = ++faults_->appends == faults_->fail_append || faults_->disk_full;
        if (!fails) {
            return files_->append(file, bytes);
        }
        const auto left = static_cast<std::size_t>(faults_->leaves.load());
        [[maybe_unused]] const Status part = files_->append(file, bytes.substr(0, left));
        return refuse("no space");
    }

    Status make_durable(int file) override {
        const bool fails = ++faults_->durables == faults_->fail_durable;
        faults_->pass_gate();
        return fails ? refuse("input/output error") : files_->make_durable(file);
    }

    Status cut(int file, std::uint64_t size) override {
        return faults_->can_cut ? files_->cut(file, size) : refuse("input/output error");
    }

    Status reserve(int file, std::uint64_t from, std::uint64_t bytes) override {
        return files_->reserve(file, from, bytes);
    }
    Result<evidence::DiskRoom> room(const std::string& folder) override { return files_->room(folder); }
    Status make_durable_folder(const std::string& path) override { return files_->make_durable_folder(path); }
    void close(int file) override { files_->close(file); }

private:
    static tl::unexpected<Error> refuse(std::string why) { return fail(Fault::evidence_unavailable, std::move(why)); }

    std::shared_ptr<Faults> faults_;
    std::unique_ptr<evidence::Files> files_ = evidence::system_files();
};

}  // namespace datong::support
