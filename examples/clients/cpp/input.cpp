#include "examples/clients/cpp/input.h"

#include <fstream>
#include <iterator>

namespace datong::client {

Result<std::string> read_file(const std::string& name, std::istream& in) {
    if (name == "-") {
        return std::string{std::istreambuf_iterator<char>{in}, {}};
    }
    std::ifstream file{name, std::ios::binary};
    std::string text{std::istreambuf_iterator<char>{file}, {}};
    if (!file.is_open() || file.bad()) {
        return fail(Fault::bad_request, "can't read " + name);
    }
    return text;
}

Result<std::string> read_optional(const std::string& name, std::istream& in) {
    return name.empty() ? Result<std::string>{std::string{}} : read_file(name, in);
}

}  // namespace datong::client
