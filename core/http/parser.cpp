#include "core/http/parser.h"

#include <algorithm>
#include <string>

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

namespace datong::http {
namespace {

namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using beast::error_code;
using beast::string_view;

std::string to_text(string_view text) {
    return {text.data(), text.size()};
}

/// Beast calls these with what it found; they move it into the message.
template <bool is_request>
class Reader final : public bhttp::basic_parser<is_request> {
public:
    codec::HttpMessage message;
    int version{};
    std::uint64_t at_once = is_request ? 16U << 10 : 1U << 20;  ///< a length is only a promise

private:
    void on_request_impl(bhttp::verb, string_view method, string_view target, int http, error_code&) override {
        message.method = to_text(method);
        message.target = to_text(target);
        version = http;
    }
    void on_response_impl(int status, string_view, int http, error_code&) override {
        message.status = status;
        version = http;
    }
    void on_field_impl(bhttp::field, string_view name, string_view value, error_code&) override {
        if (!this->is_header_done()) {  // else a trailer
            message.fields.push_back({to_text(name), to_text(value)});
        }
    }
    void on_header_impl(error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
        message.body.reserve(static_cast<std::size_t>(std::min(length.value_or(0), at_once)));
    }
    std::size_t on_body_impl(string_view part, error_code&) override {
        message.body.append(part.data(), part.size());
        return part.size();
    }
    void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, string_view part, error_code&) override {
        message.body.append(part.data(), part.size());
        return part.size();
    }
    void on_finish_impl(error_code&) override {}
};

Error request_error(error_code why) {
    if (why == bhttp::error::body_limit) {
        return {Fault::body_too_large, "body over the limit"};
    }
    if (why == bhttp::error::header_limit) {
        return {Fault::header_too_large, "header over the limit"};
    }
    return {Fault::bad_request, "HTTP: " + why.message()};
}

Error response_error(error_code why, bool is_file) {
    if (why == bhttp::error::body_limit && is_file) {
        return {Fault::body_too_large, "file: " + why.message()};
    }
    if (why == bhttp::error::body_limit) {
        return Error{Fault::department_invalid, "answer: " + why.message()}.over_limit();
    }
    if (why == bhttp::error::header_limit) {
        return {Fault::department_invalid, "answer: " + why.message()};
    }
    return {Fault::department_down, "answer is no HTTP: " + why.message()};
}

}  // namespace

struct Parser::State {
    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    virtual ~State() = default;
    virtual Result<std::size_t> feed(std::string_view bytes) = 0;
    virtual Status end() = 0;
    virtual bool header_done() const = 0;
    virtual bool done() const = 0;
    virtual bool keep_alive() const = 0;
    virtual int version() const = 0;
    virtual codec::HttpMessage& message() = 0;
};

namespace {

template <bool is_request>
class Of final : public Parser::State {
public:
    Of(Parser::Limits limits, bool to_head) : is_file_{limits.is_file} {
        reader_.at_once = is_file_ ? limits.body : reader_.at_once;
        reader_.header_limit(static_cast<std::uint32_t>(limits.header));
        reader_.body_limit(limits.body);
        reader_.skip(to_head);
    }

    Result<std::size_t> feed(std::string_view bytes) override {
        error_code ec;
        reader_.eager(reader_.is_header_done());
        const auto used = reader_.put(boost::asio::const_buffer{bytes.data(), bytes.size()}, ec);
        if (ec && ec != bhttp::error::need_more) {
            return fail(to_error(ec));
        }
        return used;
    }
    Status end() override {
        error_code ec;
        if (!reader_.got_some()) {
            return fail(to_error(bhttp::error::end_of_stream));
        }
        reader_.put_eof(ec);
        if (ec) {
            return fail(to_error(ec));
        }
        return {};
    }
    bool header_done() const override { return reader_.is_header_done(); }
    bool done() const override { return reader_.is_done(); }
    bool keep_alive() const override { return reader_.keep_alive(); }
    int version() const override { return reader_.version; }
    codec::HttpMessage& message() override { return reader_.message; }

private:
    Error to_error(error_code why) const { return is_request ? request_error(why) : response_error(why, is_file_); }

    Reader<is_request> reader_;
    bool is_file_;
};

}  // namespace

Parser Parser::of_request(Limits limits) {
    return Parser{std::make_unique<Of<true>>(limits, false)};
}

Parser Parser::of_response(Limits limits, bool to_head) {
    return Parser{std::make_unique<Of<false>>(limits, to_head)};
}

Parser::Parser(std::unique_ptr<State> state) : state_{std::move(state)} {
}
Parser::Parser(Parser&&) noexcept = default;
Parser& Parser::operator=(Parser&&) noexcept = default;
Parser::~Parser() = default;

Result<std::size_t> Parser::feed(std::string_view bytes) {
    return state_->feed(bytes);
}
Status Parser::end() {
    return state_->end();
}
bool Parser::header_done() const {
    return state_->header_done();
}
bool Parser::done() const {
    return state_->done();
}
bool Parser::keep_alive() const {
    return state_->keep_alive();
}
bool Parser::is_http_1_1() const {
    return state_->version() == 11;
}
codec::HttpMessage& Parser::message() {
    return state_->message();
}

}  // namespace datong::http
