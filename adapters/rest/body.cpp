#include "adapters/rest/body.h"

#include <utility>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/codec/xml.h"
#include "core/crypto/digest.h"
#include "core/profiles/place.h"

namespace datong::adapters::rest {
namespace {

using record::Record;

/// Names with dots become objects.
Result<Record> nested(const Record& fields) {
    Record made = Record::object();
    for (const record::Member& member : fields.members()) {
        const auto place = profiles::Place::parse(member.name);
        auto put = place ? place->put(made, member.value) : Status{fail(place.error())};
        if (!put) {
            return fail(Fault::internal, "field " + member.name + " has no place in the body");
        }
    }
    return made;
}

/// Inside the quotes of a header's parameter.
std::string quoted(std::string_view name) {
    std::string made;
    for (const char c : name) {
        if (c == '"' || c == '\r' || c == '\n') {
            made += c == '"' ? "%22" : c == '\r' ? "%0D" : "%0A";
        } else {
            made += c;
        }
    }
    return made;
}

}  // namespace

Result<Body> json_body(const Record& fields) {
    return nested(fields).map(
        [](const Record& made) { return Body{.content_type = "application/json", .bytes = codec::write_json(made)}; });
}

Result<Body> xml_body(const Record& fields, const std::string& root, const std::string& uri) {
    const auto made = nested(fields);
    if (!made) {
        return fail(made.error());
    }
    auto written = codec::write_xml(*made, root, uri, true);
    if (!written) {
        const bool is_value = written.error().fault() == Fault::bad_request;
        return fail(is_value ? Fault::request_invalid : Fault::internal, written.error().detail());
    }
    return Body{.content_type = "application/xml", .bytes = std::move(*written)};
}

Body multipart_body(const Record& fields) {
    const std::string boundary = "datong-" + to_hex(crypto::random_bytes(16));
    std::string bytes;
    for (const record::Member& member : fields.members()) {
        const std::string name = quoted(member.name);
        bytes += "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + name + '"';
        if (member.value.is_bytes()) {
            bytes += "; filename=\"" + name + "\"\r\nContent-Type: application/octet-stream";
        }
        bytes.append("\r\n\r\n").append(member.value.scalar()).append("\r\n");
    }
    bytes += "--" + boundary + "--\r\n";
    return {.content_type = "multipart/form-data; boundary=" + boundary, .bytes = std::move(bytes)};
}

}  // namespace datong::adapters::rest
