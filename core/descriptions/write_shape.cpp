#include "core/descriptions/write_shape.h"

#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/descriptions/write_mapping.h"
#include "core/workbench/infer.h"
#include "core/workbench/yaml_text.h"

namespace datong::descriptions {
namespace {

std::string quoted(const std::string& text) {
    return codec::write_json(record::Record::text(text));
}

class SourceWriter {
public:
    std::string run(const std::vector<Shape>& members) {
        write(members, "");
        return std::move(out_);
    }

private:
    void write(const std::vector<Shape>& members, const std::string& prefix) {
        for (const Shape& one : members) {
            if (!is_usable(one.name)) {
                out_ += to_fill(
                    {"名称不能写成路径: " + one_line(one.name), "a name that is no path: " + one_line(one.name)}, "  ");
                continue;
            }
            line(one, prefix + one.name);
            write(one.members, prefix + one.name + '.');
        }
    }

    void line(const Shape& one, const std::string& path) {
        const bool leaf = !one.many && !one.is_object();
        out_ += "  - {path: " + scalar(path) + ", type: " + (one.many ? "list" : one.type);
        if (!one.label.empty()) {
            out_ += ", label: " + scalar(one.label);
        }
        if (leaf && !one.codes.empty()) {
            out_ += ", codes: [";
            for (const std::string& code : one.codes) {
                out_ += (&code == &one.codes.front() ? "" : ", ") + workbench::double_quoted(code);
            }
            out_ += ']';
        }
        if (const std::string privacy = class_of(one); !privacy.empty()) {
            out_ += ", class: " + privacy;
        }
        if (leaf && one.max_length > 0) {
            out_ += ", max_length: " + std::to_string(one.max_length);
        }
        out_ += one.nullable ? ", nullable: true}\n" : "}\n";
    }

    std::string out_;
};

class SchemaWriter {
public:
    explicit SchemaWriter(bool typed) : typed_{typed} {}

    std::string object(const std::vector<Shape>& members, const std::string& indent, const std::string& head) {
        const std::string inner = indent + "  ";
        std::string out = "{\n" + head + inner + "\"type\": \"object\",\n" + inner + "\"properties\": {";
        std::string required;
        std::size_t count = 0;
        for (const Shape& one : members) {
            if (!is_usable(one.name)) {
                continue;
            }
            const std::string name = quoted(target_name(one.name));
            out += (count++ == 0 ? "\n" : ",\n") + inner + "  " + name + ": " + value(one, inner + "  ");
            if (typed_ && !one.nullable && !one.many) {
                required += (required.empty() ? "" : ", ") + name;
            }
        }
        out += count == 0 ? "}" : "\n" + inner + '}';
        out += required.empty() ? "" : ",\n" + inner + "\"required\": [" + required + ']';
        return out + '\n' + indent + '}';
    }

private:
    std::string value(const Shape& one, const std::string& indent) {
        if (!one.many) {
            return one.is_object() ? object(one.members, indent, "") : leaf(one, class_of(one));
        }
        if (one.is_object()) {
            return "{\"type\": \"array\", \"items\": " + object(one.members, indent, "") + '}';
        }
        Shape item = one;
        item.many = false;
        if (typed_) {  // of a request, whose row splits a text
            item.type = "text";
            const std::string privacy = class_of(one);
            return "{\"type\": \"array\", \"x-class\": \"" + (privacy.empty() ? "internal" : privacy) +
                   "\", \"items\": " + leaf(item, privacy) + '}';
        }
        return "{\"type\": \"array\", \"items\": {\"type\": \"object\", \"properties\": {\"value\": " +
               leaf(item, class_of(one)) + "}}}";
    }

    [[nodiscard]] std::string leaf(const Shape& one, const std::string& privacy) const {
        const std::string type = one.type == "integer"   ? "integer"
                                 : one.type == "decimal" ? "number"
                                 : one.type == "boolean" ? "boolean"
                                                         : "string";
        std::string out = "{\"type\": \"" + (typed_ ? type : "string") + '"';
        out += ", \"x-class\": \"" + (privacy.empty() ? "internal" : privacy) + '"';
        if (!one.label.empty()) {
            out += ", \"x-label\": " + quoted(one.label);
        }
        return out + '}';
    }

    bool typed_;
};

}  // namespace

bool is_usable(std::string_view name) {
    name.remove_prefix(name.starts_with('@') ? 1 : 0);
    const bool hash = name == "#text";
    return hash ||
           (!name.empty() && name.find_first_of(" .[]'\"$*?()@#:,{}&|!%`<>=~^/\\-+\t\r\n") == std::string_view::npos &&
            (name[0] < '0' || name[0] > '9'));
}

std::string target_name(std::string_view name) {
    return name == "#text" ? "value" : std::string{name.substr(name.starts_with('@') ? 1 : 0)};
}

std::string class_of(const Shape& one) {
    if (one.is_object()) {
        return {};
    }
    Shape single = one;
    single.many = false;
    single.type = one.many ? "text" : one.type;  // of a list as of the text that a request makes it of
    const std::string guessed = workbench::guess_class(one.name, {}).class_name;
    const std::string context = from_context(single);
    if (context == "subject.id_no") {
        return "sensitive";
    }
    return guessed.empty() && !context.empty() ? "personal" : guessed;
}

std::string from_context(const Shape& one) {
    static constexpr std::array<std::string_view, 14> kIds{"zjh",     "zjhm",   "sfzh",       "sfzhm",   "gmsfhm",
                                                           "idno",    "id_no",  "idcard",     "id_card", "cardno",
                                                           "card_no", "certno", "holdercode", "证件号码"};
    static constexpr std::array<std::string_view, 8> kNames{"xm",    "qlrmc",       "personname", "holdername",
                                                            "nsrmc", "username_cn", "姓名",       "权利人名称"};
    const std::string name = ascii_lower(one.name);
    const bool leaf = !one.many && one.type == "text";
    if (leaf && std::ranges::find(kIds, name) != kIds.end()) {
        return "subject.id_no";
    }
    return leaf && std::ranges::find(kNames, name) != kNames.end() ? "subject.name" : "";
}

std::string source_fields(const std::vector<Shape>& members) {
    return SourceWriter{}.run(members);
}

std::string json_schema(const std::vector<Shape>& members, const std::string& title, bool typed) {
    const std::string head =
        "  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n  \"title\": " + quoted(title) +
        ",\n  \"x-class\": \"internal\",\n";
    return SchemaWriter{typed}.object(members, "", head) + '\n';
}

}  // namespace datong::descriptions
