#include "adapters/plugin/library.h"

#include <dlfcn.h>

#include <utility>

#include "adapters/plugin/pinned_file.h"
#include "core/base/text.h"

namespace datong::adapters::plugin {
namespace {

constexpr std::size_t kMostSchemaBytes = 1U << 20;

tl::unexpected<Error> refuse(const adapter::PluginPin& pin, const std::string& why) {
    return fail(Fault::unavailable, pin.file + ' ' + why);
}

std::string_view view(datong_bytes bytes) {
    return bytes.data != nullptr ? std::string_view{bytes.data, bytes.size} : std::string_view{};
}

/// Looks at the size first, and at nothing beyond it.
Status judge(const adapter::PluginPin& pin, const datong_adapter_api* api) {
    if (api == nullptr) {
        return refuse(pin, "gives no table");
    }
    if (api->struct_size < sizeof(datong_adapter_api)) {
        return refuse(pin, "has a table of " + std::to_string(api->struct_size) + " bytes; ABI 1 has " +
                               std::to_string(sizeof(datong_adapter_api)));
    }
    if (api->abi_version != DATONG_ADAPTER_ABI_VERSION) {
        return refuse(pin, "was built for adapter ABI " + std::to_string(api->abi_version) + "; this gateway has " +
                               std::to_string(DATONG_ADAPTER_ABI_VERSION));
    }
    if (api->open == nullptr || api->ask == nullptr || api->probe == nullptr || api->close == nullptr) {
        return refuse(pin, "lacks a function of its table");
    }
    if (view(api->kind) != pin.kind) {
        return refuse(pin, "calls its kind otherwise than gateway.yaml does");
    }
    if (view(api->version).size() > 64 || !is_utf8(view(api->version)) ||
        view(api->settings_schema_json).size() > kMostSchemaBytes) {
        return refuse(pin, "has a version or a schema that is no text");
    }
    return {};
}

std::string words_of_linker() {
    const char* words = ::dlerror();
    return words != nullptr ? words : "no reason given";
}

/// @param file  what was hashed is what is mapped, whatever lies under the name by now.
Result<const datong_adapter_api*> link(const adapter::PluginPin& pin, Descriptor file) {
    const std::string path = "/proc/self/fd/" + std::to_string(file.get());
    void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (handle == nullptr) {
        return refuse(pin, "can't be loaded: " + words_of_linker());
    }
    file.keep_open();  // the linker knows the object by this number: another file of that number would be taken for it
    using Entry = const datong_adapter_api* (*)();
    auto* entry = reinterpret_cast<Entry>(::dlsym(handle, "datong_adapter_entry"));
    if (entry == nullptr) {
        return refuse(pin, "exports no datong_adapter_entry");
    }
    return entry();
}

Result<std::shared_ptr<const Library>> load_new(const adapter::PluginPin& pin, Descriptor file) {
    const auto api = link(pin, std::move(file));
    if (!api) {
        return fail(api.error());
    }
    if (auto good = judge(pin, *api); !good) {
        return fail(std::move(good.error()));
    }
    auto schema = adapter::SettingsSchema::parse(view((*api)->settings_schema_json));
    if (!schema) {
        return refuse(pin, schema.error().detail());
    }
    return std::make_shared<const Library>(
        Library{.api = *api, .version = std::string{view((*api)->version)}, .schema = std::move(*schema)});
}

}  // namespace

Result<std::shared_ptr<const Library>> Libraries::load(const adapter::PluginPin& pin) {
    const std::scoped_lock lock{mutex_};
    for (const Loaded& one : loaded_) {
        if (one.sha256 == pin.sha256 && one.kind == pin.kind) {
            return one.library;
        }
    }
    auto file = open_pinned(pin.file, pin.sha256);
    if (!file) {
        return fail(std::move(file.error()));
    }
    loaded_.push_back({pin.sha256, pin.kind, load_new(pin, std::move(*file))});
    return loaded_.back().library;
}

}  // namespace datong::adapters::plugin
