#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

#include "core/base/fault.h"

namespace datong {

/// Why something failed. `detail` is for operators and the evidence; it never holds personal data
/// and never leaves the gateway.
///
/// Has a constructor on purpose: an aggregate temporary inside a statement with co_await is
/// destroyed twice by some compilers (docs/style.md, Coroutines).
class Error {
public:
    Error(Fault fault, std::string detail) : fault_{fault}, detail_{std::move(detail)} {}

    [[nodiscard]] Fault fault() const noexcept { return fault_; }
    [[nodiscard]] const std::string& detail() const noexcept { return detail_; }

    /// The same error, with where it happened put in front: "land.query: row 3: bad date".
    [[nodiscard]] Error within(std::string_view where) && {
        detail_.insert(0, ": ").insert(0, where);
        return std::move(*this);
    }

    /// The same error, with how long the caller had better wait before asking again.
    [[nodiscard]] Error after(std::chrono::seconds wait) && {
        retry_after_ = wait;
        return std::move(*this);
    }
    /// 0: nobody knows.
    [[nodiscard]] std::chrono::seconds retry_after() const noexcept { return retry_after_; }

    /// The same error of a question that never reached the department, for certain: what it would have caused has
    /// not happened, and it may be sent again.
    [[nodiscard]] Error unsent() && {
        is_unsent_ = true;
        return std::move(*this);
    }
    [[nodiscard]] bool is_unsent() const noexcept { return is_unsent_; }

    /// The same error of an answer that came, and has more rows or octets than we take: that is about what was asked
    /// for (one person's record), and says nothing against the system that answered.
    [[nodiscard]] Error over_limit() && {
        is_over_limit_ = true;
        return std::move(*this);
    }
    [[nodiscard]] bool is_over_limit() const noexcept { return is_over_limit_; }

private:
    Fault fault_;
    std::string detail_;
    std::chrono::seconds retry_after_{};
    bool is_unsent_{};
    bool is_over_limit_{};
};

template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

[[nodiscard]] inline tl::unexpected<Error> fail(Fault fault, std::string detail) {
    return tl::unexpected<Error>{Error{fault, std::move(detail)}};
}

[[nodiscard]] inline tl::unexpected<Error> fail(Error error) {
    return tl::unexpected<Error>{std::move(error)};
}

}  // namespace datong
