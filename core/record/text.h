#pragma once

#include <array>
#include <compare>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace datong::record {

/// Octets that don't change: UTF-8 text, the digits of a number, a cell as a department wrote it.
///
/// Up to 23 octets stand in the object itself. More stand in a buffer that every copy and every part() shares, so
/// that a copy costs no allocation and the cells of a file can be views of it. The last of them frees the buffer:
/// a long part keeps the whole of what it was taken from. Copies may be used from many threads.
class Text {
public:
    static constexpr std::size_t kShort = 23;  ///< octets that take no buffer

    Text() noexcept = default;
    Text(std::string_view octets) {  // NOLINT(google-explicit-constructor): a text is a text
        octets.size() <= kShort ? keep(octets) : share_copy(octets);
    }
    Text(const char* octets) : Text{std::string_view{octets}} {}         // NOLINT(google-explicit-constructor)
    Text(const std::string& octets) : Text{std::string_view{octets}} {}  // NOLINT(google-explicit-constructor)
    Text(std::string&& octets) {                                         // NOLINT(google-explicit-constructor)
        octets.size() <= kShort ? keep(octets) : take(std::move(octets));
    }
    Text(const Text& other) noexcept : raw_{other.raw_}, size_{other.size_} {
        if (size_ == kLong) {
            hold();
        }
    }
    Text(Text&& other) noexcept : raw_{std::exchange(other.raw_, {})}, size_{std::exchange(other.size_, 0)} {}
    Text& operator=(Text other) noexcept {
        std::swap(raw_, other.raw_);
        std::swap(size_, other.size_);
        return *this;
    }
    ~Text() {
        if (size_ == kLong) {
            release();
        }
    }

    [[nodiscard]] std::string_view view() const noexcept {
        return size_ == kLong ? long_view() : std::string_view{raw_.data(), size_};
    }
    operator std::string_view() const noexcept {
        return view();
    }  // NOLINT(google-explicit-constructor): as std::string
    operator std::string() const { return str(); }  // NOLINT(google-explicit-constructor): where one is wanted by value
    [[nodiscard]] std::string str() const { return std::string{view()}; }
    [[nodiscard]] std::size_t size() const noexcept { return view().size(); }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] bool starts_with(char begin) const noexcept { return view().starts_with(begin); }
    [[nodiscard]] bool starts_with(std::string_view begin) const noexcept { return view().starts_with(begin); }

    /// A view of this text's buffer; a short part stands by itself.
    /// @param at,length  in octets, inside the text.
    [[nodiscard]] Text part(std::size_t at, std::size_t length) const;

    template <class T>
        requires std::convertible_to<const T&, std::string_view>
    friend bool operator==(const Text& one, const T& other) noexcept {
        return one.view() == std::string_view{other};
    }
    friend bool operator==(const Text& one, const Text& other) noexcept {
        return one.size_ != kLong && other.size_ != kLong ? one.size_ == other.size_ && one.raw_ == other.raw_
                                                          : one.view() == other.view();
    }
    template <class T>
        requires std::convertible_to<const T&, std::string_view>
    friend auto operator<=>(const Text& one, const T& other) noexcept {
        return one.view() <=> std::string_view{other};
    }
    friend std::string operator+(std::string one, const Text& other) { return std::move(one.append(other.view())); }

private:
    struct Buffer;
    static constexpr unsigned char kLong = 0xFF;

    void keep(std::string_view octets) noexcept {
        std::memcpy(raw_.data(), octets.data(), octets.size());
        size_ = static_cast<unsigned char>(octets.size());
    }
    void share_copy(std::string_view octets);
    void take(std::string&& octets);
    void become(const char* octets, std::size_t size, Buffer* buffer) noexcept;
    [[nodiscard]] Buffer* buffer() const noexcept;
    [[nodiscard]] std::string_view long_view() const noexcept {
        const char* octets = nullptr;
        std::uint32_t size = 0;
        std::uint16_t size_high = 0;
        std::memcpy(&octets, raw_.data(), sizeof octets);
        std::memcpy(&size, raw_.data() + 16, sizeof size);
        std::memcpy(&size_high, raw_.data() + 20, sizeof size_high);
        return {octets, (static_cast<std::size_t>(size_high) << 32U) | size};
    }
    void hold() const noexcept;
    void release() noexcept;

    /// A short text and zeros; or where a long one begins, its buffer, and its size in 48 bits.
    alignas(8) std::array<char, kShort> raw_{};
    unsigned char size_{};  ///< of a short text, or kLong
};

}  // namespace datong::record
