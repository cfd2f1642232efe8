#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/plugin/include/datong/adapter_abi.h"
#include "core/adapter/adapter.h"
#include "core/adapter/settings_schema.h"

namespace datong::adapters::plugin {

/// A supplier's shared object in this process. It is never unloaded: what it left behind (thread-local
/// destructors, unique symbols) can't be taken back.
struct Library {
    const datong_adapter_api* api{};
    std::string version;
    adapter::SettingsSchema schema;
};

/// Every shared object that was loaded, so that a reload of the configuration loads none twice. May be
/// used from many threads.
class Libraries {
public:
    /// Loads what the pin names, or gives what was loaded under the same digest.
    /// @return Fault::unavailable with the reason: the file is not to be trusted, is no shared object, has
    ///         not the one symbol, another ABI version, a table that is too small or not filled, another
    ///         kind than the pin says, or a schema that can't be checked.
    [[nodiscard]] Result<std::shared_ptr<const Library>> load(const adapter::PluginPin& pin);

private:
    struct Loaded {
        std::string sha256;
        std::string kind;
        Result<std::shared_ptr<const Library>> library;  ///< or why it is refused
    };

    std::mutex mutex_;
    std::vector<Loaded> loaded_;
};

}  // namespace datong::adapters::plugin
