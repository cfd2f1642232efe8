#include "core/wsse/exclusive.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include <libxml/tree.h>

namespace datong::wsse {
namespace {

std::string_view view_of(const xmlChar* text) {
    return text == nullptr ? std::string_view{} : std::string_view{reinterpret_cast<const char*>(text)};
}

/// By octet: what is a letter, what stands in a scheme, what is written as it is wherever a namespace stands.
enum Kind : unsigned char { letter = 1, of_scheme = 2, stays = 4 };
constexpr auto kKinds = [] {
    std::array<unsigned char, 256> made{};
    for (unsigned char c = 0; c < 0x80; ++c) {
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        const bool is_of_scheme = is_letter || (c >= '0' && c <= '9');
        const bool is_staying = is_letter || (c >= '-' && c <= ':') || c == '_' || c == '#';
        made.at(c) = static_cast<unsigned char>((is_letter ? letter : 0) | (is_of_scheme ? of_scheme : 0) |
                                                (is_staying ? stays : 0));
    }
    return made;
}();

/// Whether a namespace is surely absolute, and the same text wherever it is written.
bool is_plain(std::string_view uri) {
    if (uri.empty()) {
        return true;
    }
    const auto has = [](Kind kind) {
        return [kind](char c) { return (kKinds[static_cast<unsigned char>(c)] & kind) != 0; };
    };
    const auto colon = std::find_if_not(uri.begin(), uri.end(), has(of_scheme));
    return has(letter)(uri.front()) && colon != uri.end() && *colon == ':' && std::all_of(colon, uri.end(), has(stays));
}

/// Characters that can't stand as they are.
using Escaped = std::array<bool, 256>;

constexpr Escaped escaped(std::string_view characters) {
    Escaped made{};
    for (const char c : characters) {
        made.at(static_cast<unsigned char>(c)) = true;
    }
    return made;
}

constexpr Escaped kInText = escaped("&<>\r");
constexpr Escaped kInAttribute = escaped("&<\"\t\n\r");
constexpr Escaped kInInstruction = escaped("\r");

/// A namespace as an element shows it; an empty prefix is the default one, an empty URI none.
struct Shown {
    const xmlNs* its{};  ///< the declaration that it was shown for
    std::string_view prefix{};
    std::string_view uri{};
};

class Writer {
public:
    Writer(Element without, std::size_t most) : without_{without}, most_{most} {
        constexpr std::size_t kUsual = 2'048;
        out_.reserve(kUsual);
        constexpr std::size_t kFew = 8;
        shown_.reserve(kFew);
        sorted_.reserve(kFew);
    }

    /// @return false: see write_exclusive.
    bool element(const xmlNode* node) {
        const std::size_t outside = shown_.size();
        out_ += '<';
        const std::size_t begin = out_.size();
        name(node->ns == nullptr ? std::string_view{} : view_of(node->ns->prefix), view_of(node->name));
        const std::size_t size = out_.size() - begin;
        if (!show(node, outside) || !attributes(node)) {
            return false;
        }
        out_ += '>';
        if (!children(node)) {
            return false;
        }
        out_.append("</").append(out_, begin, size) += '>';
        shown_.resize(outside);
        return out_.size() <= most_;
    }

    std::string take() { return std::move(out_); }

private:
    void name(std::string_view prefix, std::string_view local) {
        if (!prefix.empty()) {
            out_.append(prefix) += ':';
        }
        out_.append(local);
    }

    /// Writes the namespaces that the element and its attributes use and that no element around shows already.
    bool show(const xmlNode* node, std::size_t outside) {
        for (const xmlNs* declared = node->nsDef; declared != nullptr; declared = declared->next) {
            if (!is_plain(view_of(declared->href))) {
                return false;
            }
        }
        if (!use(node->ns)) {
            return false;
        }
        for (const xmlAttr* attribute = node->properties; attribute != nullptr; attribute = attribute->next) {
            if (attribute->ns != nullptr && !use(attribute->ns)) {
                return false;
            }
        }
        const auto first = shown_.begin() + static_cast<std::ptrdiff_t>(outside);
        std::sort(first, shown_.end(), [](const Shown& one, const Shown& other) { return one.prefix < other.prefix; });
        for (auto at = first; at != shown_.end(); ++at) {
            out_.append(at->prefix.empty() ? " xmlns" : " xmlns:").append(at->prefix).append("=\"");
            out_.append(at->uri) += '"';
        }
        return true;
    }

    /// @param its  nullptr: none, which is the empty default one.
    bool use(const xmlNs* its) {
        const std::string_view prefix = its == nullptr ? std::string_view{} : view_of(its->prefix);
        const auto found =
            std::find_if(shown_.rbegin(), shown_.rend(), [prefix](const Shown& one) { return one.prefix == prefix; });
        if ((found != shown_.rend() && found->its == its) || prefix == "xml") {  // that one everybody knows
            return true;
        }
        const std::string_view before = found != shown_.rend() ? found->uri : std::string_view{};
        const std::string_view uri = its == nullptr ? std::string_view{} : view_of(its->href);
        if (before != uri) {
            shown_.push_back({.its = its, .prefix = prefix, .uri = uri});
            return is_plain(uri);
        }
        return true;
    }

    bool attributes(const xmlNode* node) {
        if (node->properties == nullptr || node->properties->next == nullptr) {
            return node->properties == nullptr || attribute(node->properties, view_of(node->properties->name));
        }
        sorted_.clear();
        for (const xmlAttr* attribute = node->properties; attribute != nullptr; attribute = attribute->next) {
            sorted_.push_back({.uri = attribute->ns == nullptr ? std::string_view{} : view_of(attribute->ns->href),
                               .name = view_of(attribute->name),
                               .node = attribute});
        }
        std::sort(sorted_.begin(), sorted_.end(), [](const Sorted& one, const Sorted& other) {
            return one.uri != other.uri ? one.uri < other.uri : one.name < other.name;
        });
        return std::all_of(sorted_.begin(), sorted_.end(),
                           [this](const Sorted& one) { return attribute(one.node, one.name); });
    }

    bool attribute(const xmlAttr* node, std::string_view local) {
        out_ += ' ';
        name(node->ns == nullptr ? std::string_view{} : view_of(node->ns->prefix), local);
        out_.append("=\"");
        for (const xmlNode* part = node->children; part != nullptr; part = part->next) {
            if (part->type != XML_TEXT_NODE) {
                return false;
            }
            text(view_of(part->content), kInAttribute);
        }
        out_ += '"';
        return true;
    }

    bool children(const xmlNode* node) {
        for (const xmlNode* child = node->children; child != nullptr; child = child->next) {
            switch (child->type) {
                case XML_ELEMENT_NODE:
                    if (child != without_ && !element(child)) {
                        return false;
                    }
                    break;
                case XML_TEXT_NODE:
                case XML_CDATA_SECTION_NODE:
                    text(view_of(child->content), kInText);
                    break;
                case XML_PI_NODE:
                    instruction(child);
                    break;
                case XML_COMMENT_NODE:
                    break;
                default:
                    return false;
            }
        }
        return true;
    }

    void instruction(const xmlNode* node) {
        out_.append("<?").append(view_of(node->name));
        if (const std::string_view content = view_of(node->content); !content.empty()) {
            out_ += ' ';
            text(content, kInInstruction);
        }
        out_.append("?>");
    }

    void text(std::string_view utf8, const Escaped& escaped) {
        std::size_t begin = 0;
        for (std::size_t at = 0; at < utf8.size(); ++at) {
            if (escaped[static_cast<unsigned char>(utf8[at])]) {
                out_.append(utf8, begin, at - begin).append(reference_of(utf8[at]));
                begin = at + 1;
            }
        }
        out_.append(utf8, begin);
    }

    static std::string_view reference_of(char c) {
        switch (c) {
            case '&':
                return "&amp;";
            case '<':
                return "&lt;";
            case '>':
                return "&gt;";
            case '"':
                return "&quot;";
            case '\t':
                return "&#x9;";
            case '\n':
                return "&#xA;";
            default:
                return "&#xD;";
        }
    }

    struct Sorted {
        std::string_view uri;
        std::string_view name;
        const xmlAttr* node;
    };

    Element without_;
    std::size_t most_;
    std::string out_;
    std::vector<Shown> shown_;  ///< by the elements that are open, the innermost last
    std::vector<Sorted> sorted_;
};

}  // namespace

std::optional<std::string> write_exclusive(Element apex, Element without, std::size_t most) {
    Writer writer{without, most};
    return apex != without && writer.element(apex) ? std::optional{writer.take()} : std::nullopt;
}

}  // namespace datong::wsse
