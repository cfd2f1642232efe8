#pragma once

#include <concepts>
#include <string>
#include <string_view>

#include "core/record/record.h"

namespace datong::codec {

/// Writes compact JSON (RFC 8259) straight into a text, for what is written once and read by others: no
/// tree is built. Commas come by themselves; that objects and lists are closed is the caller's part.
///
///     JsonWriter json{out};
///     json.open_object().member("outcome", "found").name("digests").open_list();
///     json.text(digest).close_list().close_object();
class JsonWriter {
public:
    /// @param out  is appended to; must outlive the writer.
    explicit JsonWriter(std::string& out) : out_{out}, begin_{out.size()} {}

    JsonWriter& open_object() { return open('{'); }
    JsonWriter& close_object() { return close('}'); }
    JsonWriter& open_list() { return open('['); }
    JsonWriter& close_list() { return close(']'); }

    /// The name of the member whose value comes next.
    JsonWriter& name(std::string_view name);
    /// @param utf8  well-formed; what JSON escapes is escaped.
    JsonWriter& text(std::string_view utf8);
    JsonWriter& integer(long long value);
    JsonWriter& value(const record::Record& record);
    /// @param json  one whole value, already written.
    JsonWriter& written(std::string_view json);

    /// name() and the value.
    JsonWriter& member(std::string_view name, std::string_view utf8) { return this->name(name).text(utf8); }
    JsonWriter& member(std::string_view name, const record::Record& record) { return this->name(name).value(record); }
    JsonWriter& member(std::string_view name, std::integral auto number) {
        return this->name(name).integer(static_cast<long long>(number));
    }

private:
    JsonWriter& open(char bracket);
    JsonWriter& close(char bracket);
    /// A comma where a value or name stands before.
    void separate();

    std::string& out_;
    std::size_t begin_;
};

}  // namespace datong::codec
