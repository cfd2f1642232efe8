#include "adapters/plugin/answer.h"

#include <exception>
#include <optional>
#include <utility>

#include "core/base/text.h"

namespace datong::adapters::plugin {
namespace {

using record::Record;

constexpr std::size_t kMostWhy = 500;
constexpr std::size_t kMostFields = 4'096;  ///< of one row
constexpr std::size_t kMostName = 256;      ///< bytes of a column, a set or a content type
constexpr std::size_t kRowCosts = 16;       ///< so that empty rows without end are too many too

bool is_bytes(datong_bytes bytes) {
    return bytes.size == 0 || bytes.data != nullptr;
}

std::string_view view(datong_bytes bytes) {
    return bytes.size == 0 ? std::string_view{} : std::string_view{bytes.data, bytes.size};
}

bool is_name(datong_bytes name) {
    return is_bytes(name) && name.size > 0 && name.size <= kMostName && is_utf8(view(name));
}

bool is_digits(std::string_view text, std::size_t& at) {
    const std::size_t began = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
        ++at;
    }
    return at > began;
}

/// Digits as a department writes them: "-100.10", "007"; no exponent.
bool is_number(std::string_view text) {
    std::size_t at = text.starts_with('-') ? 1 : 0;
    if (!is_digits(text, at)) {
        return false;
    }
    return at == text.size() || (text[at++] == '.' && is_digits(text, at) && at == text.size());
}

/// A number keeps its digits; one that JSON could not write ("007") stays the text that it is.
Record number(std::string_view digits) {
    const std::size_t sign = digits.starts_with('-') ? 1 : 0;
    const bool has_idle_zero = digits.size() > sign + 1 && digits[sign] == '0' && digits[sign + 1] != '.';
    return has_idle_zero ? Record::text(std::string{digits}) : Record::number(std::string{digits});
}

/// nullopt for what the ABI does not have.
std::optional<Record> value_of(const datong_field& field) {
    const std::string_view value = view(field.value);
    switch (field.kind) {
        case DATONG_NULL:
            return Record{};
        case DATONG_TEXT:
            return is_utf8(value) ? std::optional{Record::text(std::string{value})} : std::nullopt;
        case DATONG_NUMBER:
            return is_number(value) ? std::optional{number(value)} : std::nullopt;
        case DATONG_RAW:
            return Record::bytes(std::string{value});
        default:
            return std::nullopt;
    }
}

/// No exception may go through the plug-in's own frames.
template <class Take>
int guarded(Take take) noexcept {
    try {
        return take();
    } catch (const std::exception&) {
        return 1;  // no memory: the plug-in stops, and finish() finds the answer spoilt or short
    }
}

Answer& own(void* context) {
    return *static_cast<Answer*>(context);
}

}  // namespace

datong_answer Answer::border() {
    return {.struct_size = sizeof(datong_answer),
            .context = this,
            .body =
                [](void* context, std::int32_t status, datong_bytes type, datong_bytes octets) noexcept {
                    return guarded([&] { return own(context).take_body(status, type, octets); });
                },
            .row =
                [](void* context, datong_bytes set, const datong_field* fields, std::size_t count) noexcept {
                    return guarded([&] { return own(context).take_row(set, fields, count); });
                },
            .explain = [](void* context,
                          datong_bytes why) noexcept { return guarded([&] { return own(context).take_why(why); }); }};
}

int Answer::spoil(const char* what) {
    spoilt_ = spoilt_ != nullptr ? spoilt_ : what;
    return 1;
}

int Answer::spoil_by_size() {
    is_over_ = is_over_ || spoilt_ == nullptr;
    return spoil("an answer over max_answer");
}

Error Answer::spoilt() const {
    Error error{Fault::department_invalid, std::string{"the plug-in gave "} + spoilt_};
    return is_over_ ? std::move(error).over_limit() : error;
}

bool Answer::has_room(std::size_t more) {
    if (more > most_ - taken_) {
        return false;
    }
    taken_ += more;
    return true;
}

int Answer::take_body(std::int32_t status, datong_bytes content_type, datong_bytes octets) {
    if (has_body_ || has_rows_) {
        return spoil("a second answer");
    }
    if (!is_bytes(octets) || !is_bytes(content_type) || content_type.size > kMostName || !is_utf8(view(content_type)) ||
        status < 0 || status > 999) {
        return spoil("a body that breaks the ABI");
    }
    if (!has_room(octets.size)) {
        return spoil_by_size();
    }
    has_body_ = true;
    reply_.status = status;
    reply_.content_type = view(content_type);
    reply_.body = view(octets);
    return 0;
}

int Answer::take_row(datong_bytes set, const datong_field* fields, std::size_t count) {
    if (has_body_) {
        return spoil("rows behind a body");
    }
    if (!is_name(set) || count > kMostFields || (count > 0 && fields == nullptr)) {
        return spoil("a row that breaks the ABI");
    }
    Record row = Record::object();
    std::size_t size = set.size + kRowCosts;
    for (std::size_t i = 0; i < count; ++i) {
        const datong_field& field = fields[i];
        if (!is_name(field.name) || !is_bytes(field.value)) {
            return spoil("a field that breaks the ABI");
        }
        size += field.name.size + kRowCosts;
        if (field.value.size > most_ || (size += field.value.size) > most_) {
            return spoil_by_size();
        }
        auto value = value_of(field);
        std::string name{view(field.name)};
        if (!value || row.find(name) != nullptr) {
            return spoil("a field that is not what its kind says, or stands twice");
        }
        row.append(std::move(name), std::move(*value));
    }
    if (!has_room(size)) {
        return spoil_by_size();
    }
    has_rows_ = true;
    const std::string name{view(set)};
    Record* known = reply_.rows.find(name);
    Record& rows = known != nullptr ? *known : reply_.rows.put(name, Record::list());
    if (count > 0) {
        rows.add(std::move(row));
    }
    return 0;
}

int Answer::take_why(datong_bytes why) {
    if (!is_bytes(why) || why.size == 0) {
        return 1;
    }
    std::string words{view(why).substr(0, kMostWhy)};
    for (char& c : words) {
        c = static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7F ? '?' : c;
    }
    why_ = std::move(words);
    return 0;
}

Result<adapter::Reply> Answer::finish(int outcome) {
    if (auto good = finish_without_reply(outcome); !good) {
        return fail(std::move(good.error()));
    }
    if (spoilt_ != nullptr) {
        return fail(spoilt());
    }
    if (!has_body_ && !has_rows_) {
        // not even a set without rows: that is no statement about anybody
        return fail(Fault::department_invalid, "the plug-in says that it answered, and gave nothing");
    }
    return std::move(reply_);
}

Status Answer::finish_without_reply(int outcome) const {
    const auto with_why = [this](const char* otherwise) { return why_.empty() ? std::string{otherwise} : why_; };
    switch (outcome) {
        case DATONG_ANSWERED:
            return {};
        case DATONG_DOWN:
            return fail(Fault::department_down, with_why("the plug-in can't reach the system"));
        case DATONG_TIMEOUT:
            return fail(Fault::department_timeout, with_why("the plug-in had no answer in time"));
        case DATONG_REFUSED:
            return fail(Fault::department_refused, with_why("the system refused"));
        case DATONG_BAD_ASK:
            return fail(Fault::internal, with_why("the plug-in does not serve this operation or these fields"));
        case DATONG_INVALID:
            return spoilt_ != nullptr ? fail(spoilt()) : fail(Fault::department_invalid, with_why("no valid message"));
        default:
            return fail(Fault::internal, "the plug-in returned an outcome that the ABI does not have");
    }
}

}  // namespace datong::adapters::plugin
