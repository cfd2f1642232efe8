#include "core/http/rules.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/base/text.h"
#include "core/http/server.h"

namespace datong::http {
namespace {

bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
}

bool is_visible_ascii(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte < 0x7F;
}

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

tl::unexpected<Error> bad(std::string_view why) {
    return fail(Fault::bad_request, std::string{why});
}

/// METHOD SP target SP HTTP/x.y
Status check_request_line(std::string_view line) {
    if (!std::all_of(line.begin(), line.end(), [](char c) { return c == ' ' || is_visible_ascii(c); })) {
        return bad("request line: not visible ASCII");
    }
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    if (first == std::string_view::npos || first == 0 || last == first || line.find(' ', first + 1) != last ||
        last == first + 1) {
        return bad("request line: not three words with one space between");
    }
    const auto version = line.substr(last + 1);
    if (version != "HTTP/1.1" && version != "HTTP/1.0") {
        return bad("request line: not HTTP/1.1 or HTTP/1.0");
    }
    return {};
}

Status check_field_line(std::string_view line) {
    if (line.front() == ' ' || line.front() == '\t') {
        return bad("header: a folded line");
    }
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
        return bad("header: a line without a proper name");
    }
    if (!is_field_value(line.substr(colon + 1))) {
        return bad("header: a control character");
    }
    return {};
}

Status check_escapes(std::string_view text) {
    for (auto at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 3)) {
        const auto byte = from_hex(text.substr(at + 1, 2));
        if (!byte || byte->size() != 1) {
            return bad("target: a broken escape");
        }
        if (byte->front() == '\0') {
            return bad("target: an encoded NUL");
        }
    }
    return {};
}

Status check_segment(std::string_view segment) {
    const auto decoded = codec::percent_decode(segment);
    if (!decoded) {
        return bad("target: a broken escape");
    }
    if (*decoded == "." || *decoded == "..") {
        return bad("target: a dot segment");
    }
    const auto forbidden = [](char c) { return c == '/' || c == '\\' || is_control(c); };
    if (std::any_of(decoded->begin(), decoded->end(), forbidden)) {
        return bad("target: an encoded slash, a backslash or a control character");
    }
    if (!is_utf8(*decoded)) {
        return bad("target: the path is not UTF-8");
    }
    return {};
}

Status check_host(const codec::HttpMessage& request) {
    const auto hosts = request.lines("host");
    if (hosts.size() != 1) {
        return bad("not exactly one Host");
    }
    const auto fits = [](char c) {
        return is_letter_or_digit(c) || std::string_view{"-._:[]"}.find(c) != std::string_view::npos;
    };
    const auto host = hosts.front();
    if (host.empty() || host.size() > 255 || !std::all_of(host.begin(), host.end(), fits)) {
        return bad("Host is no host");
    }
    return {};
}

Status check_framing(const codec::HttpMessage& request) {
    const auto codings = request.lines("transfer-encoding");
    const auto lengths = request.lines("content-length");
    if (!codings.empty() && !lengths.empty()) {
        return bad("Transfer-Encoding and Content-Length together");
    }
    if (codings.size() > 1 || (codings.size() == 1 && !ascii_equal_ignoring_case(codings.front(), "chunked"))) {
        return bad("Transfer-Encoding is not exactly chunked");
    }
    if (lengths.size() > 1 || (lengths.size() == 1 && !to_whole_number(lengths.front()))) {
        return bad("Content-Length is not exactly one number");
    }
    return {};
}

}  // namespace

bool is_token(std::string_view text) {
    const auto fits = [](char c) {
        return is_letter_or_digit(c) || std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
    };
    return !text.empty() && std::all_of(text.begin(), text.end(), fits);
}

bool is_field_value(std::string_view text) {
    bool found = false;  // every octet is looked at: without a branch the compiler takes many at once
    for (const char c : text) {
        found |= is_control(c) && c != '\t';
    }
    return !found;
}

Status check_raw_head(std::string_view head, std::size_t max_lines) {
    std::size_t lines = 0;
    for (bool first = true; head != "\r\n"; first = false) {
        const auto end = head.find("\r\n");
        if (end == std::string_view::npos || end == 0) {
            return bad("header: no empty line at its end");
        }
        const auto line = head.substr(0, end);
        if (auto good = first ? check_request_line(line) : check_field_line(line); !good) {
            return good;
        }
        lines += first ? 0 : 1;
        if (lines > max_lines) {
            return fail(Fault::header_too_large, "header: more than " + std::to_string(max_lines) + " lines");
        }
        head.remove_prefix(end + 2);
    }
    return {};
}

Status check_target(std::string_view target) {
    if (target.empty() || target.front() != '/') {
        return bad("target: not in origin form");
    }
    const auto fits = [](char c) { return is_visible_ascii(c) && c != '#'; };
    if (!std::all_of(target.begin(), target.end(), fits)) {
        return bad("target: not visible ASCII, or with a fragment");
    }
    const auto mark = std::min(target.find('?'), target.size());
    for (const auto segment : split(target.substr(1, mark - 1), '/')) {
        if (auto good = check_segment(segment); !good) {
            return good;
        }
    }
    return check_escapes(target.substr(mark));
}

Status check_http_rules(const codec::HttpMessage& request) {
    constexpr std::array<std::string_view, 7> kMethods{"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"};
    if (auto good = check_host(request).and_then([&] { return check_framing(request); }); !good) {
        return good;
    }
    if (std::find(kMethods.begin(), kMethods.end(), request.method) == kMethods.end()) {
        return fail(Fault::method_not_allowed, "a method that is not served");
    }
    return check_target(request.target);
}

}  // namespace datong::http
