#include "core/contracts/xsd.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/wsse/envelope.h"
#include "core/wsse/xml_names.h"

namespace datong::contracts {
namespace {

using record::Record;

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        out.append(c == '&'   ? "&amp;"
                   : c == '<' ? "&lt;"
                   : c == '>' ? "&gt;"
                   : c == '"' ? "&quot;"
                              : std::string(1, c));
    }
    return out;
}

bool has_type(const Record& schema, std::string_view name) {
    const Record* type = schema.find("type");
    return type != nullptr &&
           (type->scalar() == name || std::any_of(type->items().begin(), type->items().end(),
                                                  [&](const Record& one) { return one.scalar() == name; }));
}

bool is_required(const Record& schema, std::string_view name) {
    const Record* required = schema.find("required");
    return required != nullptr && std::any_of(required->items().begin(), required->items().end(),
                                              [&](const Record& one) { return one.scalar() == name; });
}

/// A pattern of JSON Schema, which searches, in the words of XML Schema, which matches the whole; nullopt for one that
/// may mean something else there.
std::optional<std::string> xsd_pattern(std::string_view pattern) {
    const bool begins = pattern.starts_with('^');
    pattern.remove_prefix(begins ? 1 : 0);
    const bool ends = pattern.ends_with('$') && !pattern.ends_with("\\$");
    pattern.remove_suffix(ends ? 1 : 0);
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const char c = pattern[i];
        if (c == '\\') {
            const char escape = i + 1 < pattern.size() ? pattern[++i] : '\0';
            if (std::string_view{".-\\d()[]{}*+?|^"}.find(escape) == std::string_view::npos || escape == '\0') {
                return std::nullopt;
            }
        } else if (c == '^' ? (i == 0 || pattern[i - 1] != '[') : c == '$') {
            return std::nullopt;
        } else if (c == '(' && pattern.substr(i, 2) == "(?") {
            return std::nullopt;
        }
    }
    if (!(begins && ends) && pattern.find('|') != std::string_view::npos) {
        return std::nullopt;  // what stands before and behind would belong to the outer branches only
    }
    if (begins && ends && pattern.find('|') != std::string_view::npos && !pattern.starts_with('(')) {
        return std::nullopt;  // "^a|b$" binds to its branches
    }
    return (begins ? "" : ".*") + std::string{pattern} + (ends ? "" : ".*");
}

class Writer {
public:
    explicit Writer(std::string_view uri) {
        out_ = "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xmlns:tns=\"" + std::string{uri} +
               "\" targetNamespace=\"" + std::string{uri} + "\" elementFormDefault=\"qualified\">\n";
        // what no schema describes: its elements say themselves what they are
        out_ +=
            "  <xs:complexType name=\"Free\" mixed=\"true\">\n    <xs:sequence>\n"
            "      <xs:any minOccurs=\"0\" maxOccurs=\"unbounded\" processContents=\"skip\"/>\n    </xs:sequence>\n"
            "    <xs:attribute name=\"type\" type=\"xs:string\"/>\n  </xs:complexType>\n";
    }

    void element(const std::string& name, const Record& schema, const std::string& occurs, int depth) {
        const std::string indent(static_cast<std::size_t>(depth) * 2, ' ');
        out_ += indent + "<xs:element name=\"" + wsse::to_xml_name(name) + "\"" + occurs;
        out_ += has_type(schema, "null") ? " nillable=\"true\"" : "";
        if (is_file(schema)) {  // Source: Describing Media Content of Binary Data in XML (W3C), 3.2
            out_ +=
                " type=\"xs:base64Binary\" xmlns:xmime=\"http://www.w3.org/2005/05/xmlmime\" "
                "xmime:expectedContentTypes=\"" +
                escaped(schema.text_of("contentMediaType")) + "\"";
        } else if (is_free(schema)) {
            out_ += " type=\"tns:Free\"";
        }
        out_ += ">\n";
        if (const std::string label = schema.text_of("x-label"); !label.empty()) {
            out_ += indent + "  <xs:annotation><xs:documentation xml:lang=\"zh\">" + escaped(label) +
                    "</xs:documentation></xs:annotation>\n";
        }
        if (!is_free(schema) && !is_file(schema)) {
            type(schema, indent + "  ", depth + 1);
        }
        out_ += indent + "</xs:element>\n";
    }

    [[nodiscard]] std::string take() && { return std::move(out_) + "</xs:schema>\n"; }

private:
    static bool is_file(const Record& schema) { return schema.text_of("contentEncoding") == "base64"; }
    static bool is_free(const Record& schema) {
        const bool is_plain = has_type(schema, "string") || has_type(schema, "number") || has_type(schema, "integer") ||
                              has_type(schema, "boolean") || has_type(schema, "array");
        return !is_plain && schema.find("properties") == nullptr;
    }

    void type(const Record& schema, const std::string& indent, int depth) {
        if (has_type(schema, "array")) {
            list(schema, indent, depth);
        } else if (schema.find("properties") != nullptr) {
            object(schema, indent, depth);
        } else if (has_type(schema, "string")) {
            text(schema, indent);
        } else {
            const bool truth = has_type(schema, "boolean");
            const std::string base = truth ? "xs:boolean" : has_type(schema, "integer") ? "xs:integer" : "xs:decimal";
            out_ += indent + "<xs:complexType>\n" + indent + "  <xs:simpleContent>\n" + indent +
                    "    <xs:extension base=\"" + base + "\">\n";
            type_attribute(truth ? "boolean" : "number", indent + "      ");
            out_ +=
                indent + "    </xs:extension>\n" + indent + "  </xs:simpleContent>\n" + indent + "</xs:complexType>\n";
        }
    }

    void type_attribute(std::string_view word, const std::string& indent) {
        out_ += indent + "<xs:attribute name=\"type\" type=\"xs:string\" fixed=\"" + std::string{word} + "\"/>\n";
    }

    void object(const Record& schema, const std::string& indent, int depth) {
        out_ += indent + "<xs:complexType>\n";
        const auto& members = schema.find("properties")->members();
        out_ += members.empty() ? "" : indent + "  <xs:all>\n";
        for (const record::Member& member : members) {
            const std::string name{member.name.view()};
            element(name, member.value, is_required(schema, name) ? "" : " minOccurs=\"0\"", depth + 2);
        }
        out_ += members.empty() ? "" : indent + "  </xs:all>\n";
        type_attribute("object", indent + "  ");
        out_ += indent + "</xs:complexType>\n";
    }

    void list(const Record& schema, const std::string& indent, int depth) {
        const std::string least = schema.text_of("minItems");
        const std::string most = schema.text_of("maxItems");
        static const Record kAnything = Record::object();
        const Record* items = schema.find("items");
        out_ += indent + "<xs:complexType>\n" + indent + "  <xs:sequence>\n";
        element("item", items == nullptr ? kAnything : *items,
                " minOccurs=\"" + (least.empty() ? "0" : least) + "\" maxOccurs=\"" +
                    (most.empty() || most.size() > 3 ? "unbounded" : most) + "\"",
                depth + 2);
        out_ += indent + "  </xs:sequence>\n";
        type_attribute("list", indent + "  ");
        out_ += indent + "</xs:complexType>\n";
    }

    void text(const Record& schema, const std::string& indent) {
        const std::string format = schema.text_of("format");
        const bool is_date = format == "date" || format == "date-time";
        const std::string base = format == "date" ? "xs:date" : format == "date-time" ? "xs:dateTime" : "xs:string";
        out_ += indent + "<xs:simpleType>\n" + indent + "  <xs:restriction base=\"" + base + "\">\n";
        const std::string inner = indent + "    ";
        if (const Record* codes = schema.find("enum"); codes != nullptr) {
            for (const Record& code : codes->items()) {
                facet("enumeration", code.scalar(), inner);
            }
        }
        if (const auto pattern = xsd_pattern(schema.text_of("pattern")); pattern && schema.find("pattern") != nullptr) {
            facet("pattern", *pattern, inner);
        }
        for (const char* name : {"minLength", "maxLength"}) {
            if (const std::string limit = schema.text_of(name); !limit.empty() && !is_date) {
                facet(name, limit, inner);
            }
        }
        out_ += indent + "  </xs:restriction>\n" + indent + "</xs:simpleType>\n";
    }

    void facet(std::string_view name, std::string_view value, const std::string& indent) {
        out_ += indent + "<xs:" + std::string{name} + " value=\"" + escaped(value) + "\"/>\n";
    }

    std::string out_;
};

}  // namespace

std::string xsd_of(const Contract& contract) {
    Writer writer{contract.uri};
    writer.element(std::string{kCall}, contract.call, "", 1);
    writer.element(std::string{kAnswer}, contract.answer, "", 1);
    return std::move(writer).take();
}

std::string xsd_of_problem() {
    Writer writer{kProblemUri};
    writer.element(std::string{kProblem}, problem_schema(), "", 1);
    return std::move(writer).take();
}

std::string xsd_of_header() {
    return "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" targetNamespace=\"" + std::string{wsse::kCallUri} +
           "\" elementFormDefault=\"qualified\">\n"
           "  <xs:element name=\"Call\">\n    <xs:complexType>\n      <xs:sequence>\n"
           "        <xs:element name=\"id\">\n          <xs:simpleType>\n"
           "            <xs:restriction base=\"xs:string\">\n              <xs:minLength value=\"1\"/>\n"
           "              <xs:maxLength value=\"128\"/>\n            </xs:restriction>\n"
           "          </xs:simpleType>\n        </xs:element>\n"
           "        <xs:element name=\"to\" type=\"xs:anyURI\" minOccurs=\"0\"/>\n"
           "        <xs:element name=\"exchange\" type=\"xs:string\" minOccurs=\"0\"/>\n      </xs:sequence>\n"
           "      <xs:anyAttribute namespace=\"##other\" processContents=\"lax\"/>\n    </xs:complexType>\n"
           "  </xs:element>\n</xs:schema>\n";
}

}  // namespace datong::contracts
