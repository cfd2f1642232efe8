#include "core/base/text.h"
#include "core/codec/xml.h"

namespace datong::codec {
namespace {

using record::Member;
using record::Record;

bool is_ascii_letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool may_start_name(char32_t c) {
    if (c < 0x80) {
        return is_ascii_letter(static_cast<char>(c)) || c == '_';
    }
    return (c >= 0xC0 && c <= 0x2FF && c != 0xD7 && c != 0xF7) || (c >= 0x370 && c <= 0x1FFF && c != 0x37E) ||
           c == 0x200C || c == 0x200D || (c >= 0x2070 && c <= 0x218F) || (c >= 0x2C00 && c <= 0x2FEF) ||
           (c >= 0x3001 && c <= 0xD7FF) || (c >= 0xF900 && c <= 0xFDCF) || (c >= 0xFDF0 && c <= 0xFFFD) ||
           (c >= 0x10000 && c <= 0xEFFFF);
}

bool may_continue_name(char32_t c) {
    return may_start_name(c) || c == '-' || c == '.' || (c >= '0' && c <= '9') || c == 0xB7 ||
           (c >= 0x300 && c <= 0x36F) || c == 0x203F || c == 0x2040;
}

/// Source: XML 1.0, production 4; Namespaces in XML 1.0, production 7.
bool is_simple_name(std::string_view name) {
    const std::u32string code_points = to_code_points(name);
    if (code_points.empty() || !may_start_name(code_points.front())) {
        return false;
    }
    for (const char32_t c : code_points) {
        if (!may_continue_name(c)) {
            return false;
        }
    }
    return true;
}

bool is_qualified_name(std::string_view name) {
    const std::size_t colon = name.find(':');
    if (colon == std::string_view::npos) {
        return is_simple_name(name);
    }
    return is_simple_name(name.substr(0, colon)) && is_simple_name(name.substr(colon + 1));
}

/// XML 1.0 has no way at all to write these. Source: production 2.
bool has_unwritable(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto byte = static_cast<unsigned char>(text[at]);
        if (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') {
            return true;
        }
        if (byte == 0xEF && (text.substr(at, 3) == "\xEF\xBF\xBE" || text.substr(at, 3) == "\xEF\xBF\xBF")) {
            return true;
        }
    }
    return false;
}

class Writer {
public:
    explicit Writer(std::string& out) : out_{out} {}

    /// @param extra  attributes already written, with a blank in front; may be empty.
    Status element(std::string_view name, const Record& content, std::string_view extra);
    Status escaped(std::string_view text, bool in_attribute);

private:
    Status attributes(const Record& content);
    Status children(const Record& content);
    Status repeated(std::string_view name, const Record& value);
    Status scalar(const Record& value, bool in_attribute);

    std::string& out_;
};

bool is_attribute(const Member& member) {
    return member.name.starts_with('@');
}

bool has_content(const Record& content) {
    if (!content.is_object()) {
        return !content.is_null() && !(content.is_scalar() && content.scalar().empty());
    }
    for (const Member& member : content.members()) {
        if (!is_attribute(member)) {
            return true;
        }
    }
    return false;
}

Status Writer::element(std::string_view name, const Record& content, std::string_view extra) {
    if (!is_qualified_name(name)) {
        return fail(Fault::internal, "a member's name is no XML name");
    }
    if (content.is_list()) {
        return fail(Fault::internal, "a list within a list, or as a document, can't be XML");
    }
    out_.append("<").append(name).append(extra);
    if (auto written = attributes(content); !written) {
        return written;
    }
    if (!has_content(content)) {
        out_.append("/>");
        return {};
    }
    out_ += '>';
    if (auto written = content.is_object() ? children(content) : scalar(content, false); !written) {
        return written;
    }
    out_.append("</").append(name).append(">");
    return {};
}

Status Writer::attributes(const Record& content) {
    for (const Member& member : content.members()) {
        if (!is_attribute(member)) {
            continue;
        }
        const std::string_view name = std::string_view{member.name}.substr(1);
        if (!is_qualified_name(name) || !member.value.is_scalar()) {
            return fail(Fault::internal, "an attribute wants an XML name and a scalar");
        }
        out_.append(" ").append(name).append("=\"");
        if (auto written = scalar(member.value, true); !written) {
            return written;
        }
        out_ += '"';
    }
    return {};
}

Status Writer::children(const Record& content) {
    for (const Member& member : content.members()) {
        if (is_attribute(member)) {
            continue;
        }
        const bool is_text = member.name == "#text";
        if (is_text && !member.value.is_scalar()) {
            return fail(Fault::internal, "#text wants a scalar");
        }
        auto written = is_text ? scalar(member.value, false) : repeated(member.name, member.value);
        if (!written) {
            return written;
        }
    }
    return {};
}

Status Writer::repeated(std::string_view name, const Record& value) {
    if (!value.is_list()) {
        return element(name, value, {});
    }
    for (const Record& item : value.items()) {
        if (auto written = element(name, item, {}); !written) {
            return written;
        }
    }
    return {};
}

Status Writer::scalar(const Record& value, bool in_attribute) {
    return escaped(value.is_bytes() ? to_base64(value.scalar()) : value.scalar(), in_attribute);
}

std::string_view escape_of(char c, bool in_attribute) {
    switch (c) {
        case '&':
            return "&amp;";
        case '<':
            return "&lt;";
        case '>':
            return "&gt;";
        case '\r':
            return "&#13;";
        case '"':
            return in_attribute ? "&quot;" : "";
        case '\t':
            return in_attribute ? "&#9;" : "";
        case '\n':
            return in_attribute ? "&#10;" : "";
        default:
            return "";
    }
}

Status Writer::escaped(std::string_view text, bool in_attribute) {
    if (has_unwritable(text)) {
        return fail(Fault::bad_request, "a value holds a character that XML can't hold");
    }
    std::size_t clean = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const std::string_view escape = escape_of(text[at], in_attribute);
        if (!escape.empty()) {
            out_.append(text.substr(clean, at - clean)).append(escape);
            clean = at + 1;
        }
    }
    out_.append(text.substr(clean));
    return {};
}

}  // namespace

Result<std::string> write_xml(const Record& content, std::string_view root_name, std::string_view root_uri,
                              bool declaration) {
    std::string out{declaration ? "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" : ""};
    std::string space;
    if (!root_uri.empty()) {
        const auto uri = write_xml_text(root_uri);
        if (!uri) {
            return fail(uri.error());
        }
        space.append(" xmlns=\"").append(*uri).append("\"");
    }
    Writer writer{out};
    if (auto written = writer.element(root_name, content, space); !written) {
        return fail(std::move(written.error()));
    }
    return out;
}

Result<std::string> write_xml_text(std::string_view text) {
    std::string out;
    Writer writer{out};
    if (auto written = writer.escaped(text, true); !written) {
        return fail(std::move(written.error()));
    }
    return out;
}

}  // namespace datong::codec
