#include "core/codec/json_writer.h"

#include <charconv>

#include "core/codec/json.h"

namespace datong::codec {

void JsonWriter::separate() {
    // a text ends in a quote, so an open bracket or a colon at the end is one of ours
    const char last = out_.size() > begin_ ? out_.back() : '[';
    if (last != '{' && last != '[' && last != ':') {
        out_ += ',';
    }
}

JsonWriter& JsonWriter::open(char bracket) {
    separate();
    out_ += bracket;
    return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
    out_ += bracket;
    return *this;
}

JsonWriter& JsonWriter::name(std::string_view name) {
    separate();
    append_json_text(out_, name);
    out_ += ':';
    return *this;
}

JsonWriter& JsonWriter::text(std::string_view utf8) {
    separate();
    append_json_text(out_, utf8);
    return *this;
}

JsonWriter& JsonWriter::integer(long long value) {
    separate();
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    out_.append(digits, end);
    return *this;
}

JsonWriter& JsonWriter::value(const record::Record& record) {
    separate();
    append_json(out_, record);
    return *this;
}

JsonWriter& JsonWriter::written(std::string_view json) {
    separate();
    out_.append(json);
    return *this;
}

}  // namespace datong::codec
