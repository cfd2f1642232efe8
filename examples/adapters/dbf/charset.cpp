#include "charset.h"

#include <iconv.h>

#include <cstddef>

namespace dbf {
namespace {

/// One conversion; iconv's own state is never shared between threads.
class Converter {
public:
    Converter(const std::string& from, const std::string& to) : state_{iconv_open(to.c_str(), from.c_str())} {}
    Converter(const Converter&) = delete;
    Converter& operator=(const Converter&) = delete;
    ~Converter() {
        if (is_open()) {
            iconv_close(state_);
        }
    }
    [[nodiscard]] bool is_open() const { return state_ != reinterpret_cast<iconv_t>(-1); }
    [[nodiscard]] iconv_t get() const { return state_; }

private:
    iconv_t state_;
};

}  // namespace

std::optional<std::string> convert(std::string_view bytes, const std::string& from, const std::string& to) {
    const Converter converter{from, to};
    if (!converter.is_open()) {
        return std::nullopt;
    }
    std::string source{bytes};
    std::string made(bytes.size() * 4 + 4, '\0');
    char* in = source.data();
    std::size_t in_left = source.size();
    char* out = made.data();
    std::size_t out_left = made.size();
    if (iconv(converter.get(), &in, &in_left, &out, &out_left) == static_cast<std::size_t>(-1) || in_left != 0) {
        return std::nullopt;
    }
    made.resize(made.size() - out_left);
    return made;
}

}  // namespace dbf
