#include <algorithm>
#include <cstdlib>
#include <utility>

#include "core/adapter/adapter.h"

namespace datong::adapter {

void Registry::add(Kind kind) {
    if (find(kind.name) != nullptr || !kind.make) {
        std::abort();  // two kinds of one name: a defect of adapters/all.cpp, not of any input
    }
    kinds_.push_back(std::move(kind));
}

void Registry::host_plugins(Kind host) {
    plugin_host_ = std::move(host);
}

const Kind* Registry::find(std::string_view name) const {
    const auto at = std::ranges::find(kinds_, name, &Kind::name);
    return at == kinds_.end() ? nullptr : &*at;
}

}  // namespace datong::adapter
