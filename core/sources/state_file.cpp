#include "core/sources/state_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "core/base/durable_file.h"
#include "core/codec/json.h"

namespace datong::sources {
namespace {

namespace fs = std::filesystem;

constexpr codec::JsonLimits kLimits{.max_bytes = 64U << 20, .max_depth = 32, .max_nodes = 4'000'000};

tl::unexpected<Error> trouble(const std::string& path, int code) {
    return fail(Fault::internal, path + ": " + std::generic_category().message(code));
}

}  // namespace

Result<record::Record> read_state(const std::string& path) {
    std::error_code error;
    if (!fs::exists(path, error)) {
        return error ? trouble(path, error.value()) : Result<record::Record>{record::Record{}};
    }
    std::ifstream in{path, std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    if (!in) {
        return fail(Fault::internal, path + ": can't be read");
    }
    auto state = codec::read_json(text, kLimits);
    return state ? std::move(state) : fail(Fault::internal, path + ": " + state.error().detail());
}

Status write_state(const std::string& path, const record::Record& state) {
    return replace_file(path, codec::write_json(state) + '\n');
}

}  // namespace datong::sources
