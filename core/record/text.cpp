#include "core/record/text.h"

#include <atomic>
#include <new>
#include <utility>

namespace datong::record {

/// Octets behind it, in the same allocation, or those of a std::string that was moved in.
struct Text::Buffer {
    std::atomic<std::size_t> holders{1};
    std::string taken;
};

namespace {

/// From here on taking over the string's own memory is cheaper than copying it.
constexpr std::size_t kWorthTaking = 1024;

}  // namespace

void Text::become(const char* octets, std::size_t size, Buffer* buffer) noexcept {
    const auto low = static_cast<std::uint32_t>(size);
    const auto high = static_cast<std::uint16_t>(size >> 32U);
    std::memcpy(raw_.data(), &octets, sizeof octets);
    std::memcpy(raw_.data() + 8, &buffer, sizeof(Buffer*));
    std::memcpy(raw_.data() + 16, &low, sizeof low);
    std::memcpy(raw_.data() + 20, &high, sizeof high);
    size_ = kLong;
}

void Text::share_copy(std::string_view octets) {
    void* memory = ::operator new(sizeof(Buffer) + octets.size());
    char* begin = static_cast<char*>(memory) + sizeof(Buffer);
    std::memcpy(begin, octets.data(), octets.size());
    become(begin, octets.size(), new (memory) Buffer);
}

void Text::take(std::string&& octets) {
    if (octets.size() < kWorthTaking) {
        return share_copy(octets);
    }
    Buffer* buffer = new (::operator new(sizeof(Buffer))) Buffer;
    buffer->taken = std::move(octets);
    become(buffer->taken.data(), buffer->taken.size(), buffer);
}

Text::Buffer* Text::buffer() const noexcept {
    Buffer* buffer = nullptr;
    std::memcpy(&buffer, raw_.data() + 8, sizeof buffer);
    return buffer;
}

void Text::hold() const noexcept {
    buffer()->holders.fetch_add(1, std::memory_order_relaxed);
}

void Text::release() noexcept {
    Buffer* buffer = this->buffer();
    if (buffer->holders.fetch_sub(1, std::memory_order_acq_rel) == 1) {
        buffer->~Buffer();
        ::operator delete(buffer);
    }
}

Text Text::part(std::size_t at, std::size_t length) const {
    const std::string_view octets = view().substr(at, length);
    if (octets.size() <= kShort) {
        return Text{octets};
    }
    Text out;
    out.become(octets.data(), octets.size(), buffer());
    out.hold();
    return out;
}

}  // namespace datong::record
