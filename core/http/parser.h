#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "core/base/result.h"
#include "core/codec/http_message.h"

namespace datong::http {

/// One message read from bytes as they come: Beast's parser, filling our plain message. Trailer fields
/// are read and dropped: nobody has judged them.
class Parser {
public:
    struct Limits {
        std::size_t header{};  ///< bytes; no more than 4 GiB
        std::size_t body{};    ///< bytes, after the chunks are joined
        /// The body is a file: room for all that it says to have is made at once, for it grows to it in one piece.
        bool is_file{};
    };
    /// @return Fault::bad_request, header_too_large or body_too_large from then on.
    [[nodiscard]] static Parser of_request(Limits limits);
    /// @param to_head  the answer to a HEAD has no body whatever its header says.
    /// @return Fault::department_down for what is no HTTP, department_invalid over a limit, of a file's body
    /// body_too_large.
    [[nodiscard]] static Parser of_response(Limits limits, bool to_head);
    Parser(Parser&&) noexcept;
    Parser& operator=(Parser&&) noexcept;
    ~Parser();

    /// Reads on; stops behind the header and behind the message. Bytes not used come again with more
    /// behind them.
    /// @param bytes  not empty.
    /// @return how many bytes were used.
    [[nodiscard]] Result<std::size_t> feed(std::string_view bytes);
    /// The peer has sent its last byte: ends a message without length, fails on one cut short.
    [[nodiscard]] Status end();

    [[nodiscard]] bool header_done() const;
    [[nodiscard]] bool done() const;
    /// Whether the connection may carry another message; known when the header is done.
    [[nodiscard]] bool keep_alive() const;
    [[nodiscard]] bool is_http_1_1() const;
    [[nodiscard]] codec::HttpMessage& message();

    struct State;

private:
    explicit Parser(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace datong::http
