#include "core/database/binding.h"

#include <utility>

namespace datong::database {

using record::Record;

Result<Value> bind(const Record* field, const std::string& name, charset::Charset charset) {
    if (field == nullptr || field->is_null()) {
        return Value{};
    }
    if (!field->is_scalar()) {
        return fail(Fault::request_invalid, "parameter " + name + " is no single value");
    }
    std::string octets{field->scalar()};
    if (field->is_text() && charset != charset::Charset::utf_8) {
        auto encoded = charset::encode(octets, charset);
        if (!encoded) {
            return fail(Fault::request_invalid, "parameter " + name + " has a character that the database can't hold");
        }
        octets = std::move(*encoded);
    }
    if (octets.find('\0') != std::string::npos) {
        return fail(Fault::request_invalid, "parameter " + name + " has a zero octet");
    }
    return Value{.octets = std::move(octets), .is_number = field->is_number()};
}

Result<Values> bind_all(const Statement& statement, const Record& fields, charset::Charset charset) {
    Values values;
    for (const std::string& name : statement.names) {
        auto value = bind(fields.find(name), name, charset);
        if (!value) {
            return fail(std::move(value.error()));
        }
        values.push_back(std::move(*value));
    }
    return values;
}

}  // namespace datong::database
