#include "core/http/writer.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include <boost/beast/http/status.hpp>

#include "core/base/text.h"
#include "core/http/rules.h"

namespace datong::http {
namespace {

/// Fields that this room alone decides.
bool is_ours(std::string_view name) {
    constexpr std::array<std::string_view, 6> kOurs{
        "content-length", "transfer-encoding", "connection", "keep-alive", "date", "host"};
    return std::any_of(kOurs.begin(), kOurs.end(),
                       [name](std::string_view ours) { return ascii_equal_ignoring_case(name, ours); });
}

Status append_fields(std::string& out, const std::vector<codec::HttpField>& fields) {
    for (const codec::HttpField& field : fields) {
        if (!is_token(field.name) || !is_field_value(field.value)) {
            return fail(Fault::internal, "a header field that would break the message");
        }
        if (!is_ours(field.name)) {
            out.append(field.name).append(": ").append(field.value).append("\r\n");
        }
    }
    return {};
}

bool has_body_by_method(std::string_view method) {
    return method == "POST" || method == "PUT" || method == "PATCH";
}

bool is_visible(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

}  // namespace

bool may_have_body(int status) {
    return status >= 200 && status != 204 && status != 304;
}

Result<std::string> request_head(const codec::HttpMessage& request, std::string_view target, std::string_view host) {
    if (!is_token(request.method) || !is_visible(target) || !is_visible(host)) {
        return fail(Fault::internal, "a method, target or host that would break the request");
    }
    std::string out;
    out.reserve(256 + target.size());
    out.append(request.method).append(" ").append(target).append(" HTTP/1.1\r\nHost: ").append(host).append("\r\n");
    if (auto good = append_fields(out, request.fields); !good) {
        return fail(std::move(good.error()));
    }
    if (!request.body.empty() || has_body_by_method(request.method)) {
        out.append("Content-Length: ").append(std::to_string(request.body.size())).append("\r\n");
    }
    out.append("\r\n");
    return out;
}

Result<std::string> answer_head(const codec::HttpMessage& answer, AnswerStyle style) {
    if (answer.status < 200 || answer.status > 599) {
        return fail(Fault::internal, "an answer with status " + std::to_string(answer.status));
    }
    const auto status = boost::beast::http::int_to_status(static_cast<unsigned>(answer.status));
    const auto reason = boost::beast::http::obsolete_reason(status);
    std::string out;
    out.reserve(256);
    out.append("HTTP/1.1 ").append(std::to_string(answer.status)).append(" ");
    out.append(reason.data(), reason.size()).append("\r\nDate: ").append(style.date).append("\r\n");
    if (auto good = append_fields(out, answer.fields); !good) {
        return fail(std::move(good.error()));
    }
    if (may_have_body(answer.status)) {
        out.append("Content-Length: ").append(std::to_string(answer.length())).append("\r\n");
    }
    if (!style.keep_alive) {
        out.append("Connection: close\r\n");
    } else if (style.http_1_0) {
        out.append("Connection: keep-alive\r\n");
    }
    out.append("\r\n");
    return out;
}

std::string to_http_date(std::time_t time) {
    constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::tm utc{};
    ::gmtime_r(&time, &utc);
    std::array<char, 64> text{};
    const int size = std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                   kDays.at(static_cast<std::size_t>(utc.tm_wday)), utc.tm_mday,
                                   kMonths.at(static_cast<std::size_t>(utc.tm_mon)), utc.tm_year + 1900, utc.tm_hour,
                                   utc.tm_min, utc.tm_sec);
    return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace datong::http
