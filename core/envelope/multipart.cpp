#include "core/envelope/multipart.h"

#include <algorithm>

#include "core/base/text.h"

namespace datong::envelope {
namespace {

tl::unexpected<Error> refuse(const char* reason) {
    return fail(Fault::department_invalid, std::string{"multipart: "} + reason);
}

/// Content-Type parameters one after the other; a quoted value may hold ';'.
class Parameters {
public:
    explicit Parameters(std::string_view content_type) : rest_{content_type} { take_until(";"); }

    bool next(std::string& name, std::string& value) {
        if (rest_.empty()) {
            return false;
        }
        name = ascii_lower(trim_ows(take_until("=;")));
        value.clear();
        if (last_ == ';' || last_ == '\0') {
            return true;
        }
        rest_ = rest_.substr(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
        if (!rest_.starts_with('"')) {
            value = trim_ows(take_until(";"));
            return true;
        }
        take_quoted(value);
        take_until(";");
        return true;
    }

private:
    std::string_view take_until(std::string_view ends) {
        const std::size_t at = std::min(rest_.find_first_of(ends), rest_.size());
        const std::string_view taken = rest_.substr(0, at);
        last_ = at < rest_.size() ? rest_[at] : '\0';
        rest_.remove_prefix(std::min(at + 1, rest_.size()));
        return taken;
    }

    void take_quoted(std::string& value) {
        std::size_t at = 1;
        for (; at < rest_.size() && rest_[at] != '"'; ++at) {
            at += rest_[at] == '\\' && at + 1 < rest_.size() ? 1U : 0U;
            value += rest_[at];
        }
        rest_.remove_prefix(std::min(at + 1, rest_.size()));
    }

    std::string_view rest_;
    char last_{};
};

/// Where a delimiter line stands: it begins a line, and white space may follow it.
struct Delimiter {
    std::size_t begin{};  ///< of the line end in front, which belongs to it
    std::size_t end{};    ///< behind its own line end
    bool closes{};
};

class Reader {
public:
    Reader(std::string_view body, const std::string& boundary, const MultipartLimits& limits)
        : body_{body}, dashes_{"--" + boundary}, limits_{limits} {}

    Result<Multipart> read() {
        Delimiter at;
        if (!find(0, at)) {
            return refuse("its boundary does not come");
        }
        Multipart message;
        while (!at.closes) {
            const std::size_t begin = at.end;
            if (!find(begin, at)) {
                return refuse("cut short");
            }
            if (message.parts.size() == limits_.max_parts) {
                return refuse("too many parts");
            }
            auto part = read_part(body_.substr(begin, at.begin > begin ? at.begin - begin : 0));
            if (!part) {
                return fail(std::move(part.error()));
            }
            message.parts.push_back(std::move(*part));
        }
        return message;
    }

private:
    [[nodiscard]] bool find(std::size_t from, Delimiter& out) const {
        for (std::size_t at = body_.find(dashes_, from); at != std::string_view::npos;
             at = body_.find(dashes_, at + 1)) {
            if ((at != 0 && body_[at - 1] != '\n') || (at < from)) {
                continue;
            }
            std::size_t end = at + dashes_.size();
            out.closes = body_.substr(end, 2) == "--";
            end += out.closes ? 2U : 0U;
            const std::size_t blank = std::min(body_.find_first_not_of(" \t\r", end), body_.size());
            if (blank != body_.size() && body_[blank] != '\n') {
                continue;  // a longer word that begins like the boundary
            }
            if (blank == body_.size() && !out.closes) {
                continue;
            }
            out.begin = at == 0 ? 0 : at - 1;
            out.begin -= out.begin > 0 && body_[out.begin - 1] == '\r' ? 1U : 0U;
            out.end = std::min(blank + 1, body_.size());
            return true;
        }
        return false;
    }

    Result<Part> read_part(std::string_view text) const {
        Part part;
        std::string encoding;
        std::size_t at = 0;
        for (;;) {
            const std::size_t end = text.find('\n', at);
            if (end == std::string_view::npos || end > limits_.max_head) {
                return refuse(end == std::string_view::npos ? "a part without its empty line"
                                                            : "a part's head is too long");
            }
            std::string_view line = text.substr(at, end - at);
            line.remove_suffix(line.ends_with('\r') ? 1 : 0);
            at = end + 1;
            if (line.empty()) {
                break;
            }
            take_line(line, part, encoding);
        }
        return decode(text.substr(at), encoding, std::move(part));
    }

    static void take_line(std::string_view line, Part& part, std::string& encoding) {
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos) {
            return;
        }
        const std::string name = ascii_lower(trim_ows(line.substr(0, colon)));
        std::string_view value = trim_ows(line.substr(colon + 1));
        if (name == "content-type") {
            part.content_type = value;
        } else if (name == "content-transfer-encoding") {
            encoding = ascii_lower(value);
        } else if (name == "content-id") {
            value.remove_prefix(value.starts_with('<') ? 1 : 0);
            value.remove_suffix(value.ends_with('>') ? 1 : 0);
            part.content_id = value;
        }
    }

    static Result<Part> decode(std::string_view body, const std::string& encoding, Part part) {
        if (encoding.empty() || encoding == "7bit" || encoding == "8bit" || encoding == "binary") {
            part.body = body;
            return part;
        }
        if (encoding != "base64") {
            return refuse("a transfer encoding that is not read");
        }
        std::string packed;
        std::ranges::copy_if(body, std::back_inserter(packed),
                             [](char c) { return c != '\r' && c != '\n' && c != ' ' && c != '\t'; });
        auto octets = from_base64(packed);
        if (!octets) {
            return refuse("a part that is no Base64");
        }
        part.body = std::move(*octets);
        return part;
    }

    std::string_view body_;
    std::string dashes_;
    const MultipartLimits& limits_;
};

}  // namespace

bool is_multipart(std::string_view content_type) {
    return ascii_equal_ignoring_case(trim_ows(content_type.substr(0, content_type.find(';'))), "multipart/related");
}

std::string parameter_of(std::string_view content_type, std::string_view wanted) {
    Parameters parameters{content_type};
    std::string name;
    std::string value;
    while (parameters.next(name, value)) {
        if (name == wanted) {
            return value;
        }
    }
    return {};
}

Result<Multipart> read_multipart(std::string_view content_type, std::string_view body, const MultipartLimits& limits) {
    constexpr std::size_t kLongest = 70;  // RFC 2046, 5.1.1
    const std::string boundary = parameter_of(content_type, "boundary");
    if (boundary.empty() || boundary.size() > kLongest || boundary.find_first_of("\r\n") != std::string::npos) {
        return refuse("no boundary");
    }
    auto message = Reader{body, boundary, limits}.read();
    if (!message) {
        return message;
    }
    std::string start = parameter_of(content_type, "start");
    if (start.starts_with('<') && start.ends_with('>')) {
        start = start.substr(1, start.size() - 2);
    }
    const auto root = std::ranges::find(message->parts, start, &Part::content_id);
    if (message->parts.empty() || (!start.empty() && root == message->parts.end())) {
        return refuse("no root part");
    }
    message->root = start.empty() ? 0 : static_cast<std::size_t>(root - message->parts.begin());
    return message;
}

}  // namespace datong::envelope
