#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/adapter/adapter.h"
#include "core/adapter/guard.h"
#include "core/async/pool.h"
#include "core/base/mistake.h"
#include "core/catalogue/snapshot.h"
#include "core/keyring/secret_file.h"

namespace datong::catalogue {

/// Where configuration comes from: the disk in the program, memory in tests.
struct Files {
    /// A file's text; nullopt when it can't be read.
    std::function<std::optional<std::string>(const std::string& path)> read;
    /// A file that keeps a secret, its mode checked (keyring/secret_file).
    std::function<tl::expected<Secret, keyring::Unkept>(const std::string& path)> read_secret;
    /// Names of the files in a folder that end in ".yaml", sorted; empty when there is no such folder.
    /// @return unavailable for one that can't be read to its end.
    std::function<Result<std::vector<std::string>>(const std::string& folder)> list;
    /// The same of ".yml": files that are not read, though their author thinks so.
    std::function<std::vector<std::string>(const std::string& folder)> passed_over;
    std::function<bool(const std::string& path)> is_folder;
    /// An environment variable; nullopt when it is not set.
    std::function<std::optional<std::string>(const std::string& name)> environment;
};
[[nodiscard]] Files disk_files();

/// The state of sources that outlives a reload. May be used from many threads.
class SourceStates {
public:
    [[nodiscard]] std::shared_ptr<adapter::SourceState> of(const std::string& source);
    /// Before the loops go: nobody who waits for a source is woken any more.
    void close();

private:
    std::mutex mutex_;
    ById<std::shared_ptr<adapter::SourceState>> states_;
};

/// What a load needs of the program around it.
struct LoadWith {
    const Files& files;
    const adapter::Registry& adapters;
    const adapter::Tools& tools;
    SourceStates& states;
    async::Pools& pools;  ///< a source gets threads of its own, as many as it takes calls at once
};

/// A load's outcome: `snapshot` is null when `mistakes` has an error.
struct Loaded {
    std::shared_ptr<Snapshot> snapshot;  ///< changed by nobody once it is in force
    Mistakes mistakes;
};

/// Reads, checks and builds the whole configuration, or says everything that is wrong with it.
/// @param gateway_file  path of gateway.yaml; its folder holds departments/, services/ and the others.
[[nodiscard]] Loaded load(const std::string& gateway_file, const LoadWith& with);

}  // namespace datong::catalogue
