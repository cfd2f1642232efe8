#pragma once

#include <string>

#include "core/base/result.h"

namespace datong::adapters::plugin {

/// A file held open, closed at the end.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int number) : number_{number} {}
    Descriptor(Descriptor&& other) noexcept;
    Descriptor& operator=(Descriptor&& other) noexcept;
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor();

    [[nodiscard]] int get() const noexcept { return number_; }
    /// Leaves it open to the end of the process.
    void keep_open() noexcept { number_ = -1; }

private:
    int number_{-1};
};

/// Opens a shared object that may be run inside the gateway, once, and looks at nothing but what it
/// opened: a regular file, owned by root or the gateway's user, which no group and nobody else can write,
/// in folders of which the same holds (a sticky folder of root's, such as /tmp, counts: nobody can
/// replace another's file in it), with that SHA-256.
/// @param path    absolute; symbolic links on the way are followed, and what they lead to is looked at.
/// @param sha256  64 lower-case hexadecimal digits.
/// @return Fault::unavailable with the reason, naming the path that is wrong and the digest found.
[[nodiscard]] Result<Descriptor> open_pinned(const std::string& path, const std::string& sha256);

}  // namespace datong::adapters::plugin
