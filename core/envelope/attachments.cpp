#include "core/envelope/attachments.h"

#include <memory>

#include <libxml/tree.h>

#include "core/base/text.h"
#include "core/charset/charset.h"
#include "core/codec/http_message.h"
#include "core/codec/xml_text.h"
#include "core/envelope/tree.h"

namespace datong::envelope {
namespace {

constexpr std::string_view kXop = "http://www.w3.org/2004/08/xop/include";
constexpr std::size_t kMostRoot = 8U << 20;  // bytes of the envelope itself

tl::unexpected<Error> refuse(const char* reason) {
    return fail(Fault::department_invalid, std::string{"attachments: "} + reason);
}

struct FreeText {
    void operator()(xmlChar* text) const noexcept { xmlFree(text); }
};
using OwnedText = std::unique_ptr<xmlChar, FreeText>;

const xmlChar* xml(const char* text) {
    return reinterpret_cast<const xmlChar*>(text);
}

std::string owned(xmlChar* text) {
    const OwnedText held{text};
    return held == nullptr ? std::string{} : std::string{reinterpret_cast<const char*>(held.get())};
}

/// The content id that a URL names; empty: it is no cid URL. Source: RFC 2392, 2.
std::string content_id(std::string_view url) {
    constexpr std::string_view kScheme = "cid:";
    if (!url.starts_with(kScheme)) {
        return {};
    }
    return codec::percent_decode(url.substr(kScheme.size())).value_or("");
}

class Inlining {
public:
    Inlining(const Multipart& message, Tree& tree, bool by_name)
        : message_{message}, tree_{tree}, by_name_{by_name}, used_(message.parts.size(), false) {
        used_[message.root] = true;
    }

    Status run() {
        if (auto walked = walk(tree_.envelope()); !walked) {
            return walked;
        }
        append_rest();
        return {};
    }

private:
    /// Depth is bounded: the tree was judged by codec::read_xml.
    Status walk(xmlNode* element) {
        xmlNode* child = first_child(element);
        if (child == nullptr) {
            return leaf(element);
        }
        if (is_include(child)) {
            return include(element, child);  // the element has nothing else, and nothing of it is looked at again
        }
        for (; child != nullptr; child = next_element(child)) {
            if (auto done = is_include(child) ? refuse_company() : walk(child); !done) {
                return done;
            }
        }
        return {};
    }

    static bool is_include(const xmlNode* element) { return name_of(element) == "Include" && uri_of(element) == kXop; }

    static Status refuse_company() { return refuse("an Include that does not stand alone in its element"); }

    /// What it stands for takes the place of all that its parent holds. Source: XOP 1.0, 3.2: the only child.
    Status include(xmlNode* parent, xmlNode* pointer) {
        for (const xmlNode* other = parent->children; other != nullptr; other = other->next) {
            if (other != pointer && xmlIsBlankNode(other) == 0) {
                return refuse_company();
            }
        }
        if (parent == tree_.envelope() || parent == tree_.body()) {
            return refuse("an Include in place of the message");
        }
        const std::string id = content_id(owned(xmlGetNoNsProp(pointer, xml("href"))));
        xmlUnlinkNode(pointer);
        xmlFreeNode(pointer);
        return put(parent, id, true);
    }

    Status leaf(xmlNode* element) {
        const std::string href = owned(xmlGetNoNsProp(element, xml("href")));
        if (const std::string id = content_id(href); !id.empty()) {
            xmlUnsetProp(element, xml("href"));
            return put(element, id, true);
        }
        constexpr std::size_t kLongest = 1024;  // a pointer, not the content of a file
        const std::string text = owned(xmlNodeGetContent(element));
        const std::string id = text.size() <= kLongest ? content_id(trim_ows(text)) : std::string{};
        return id.empty() ? Status{} : put(element, id, false);
    }

    /// @param must  a pointer; else a text that may only look like one.
    Status put(xmlNode* element, const std::string& id, bool must) {
        for (std::size_t i = 0; i < message_.parts.size(); ++i) {
            if (id.empty() || message_.parts[i].content_id != id) {
                continue;
            }
            if (used_[i]) {
                return refuse("one is pointed at twice");
            }
            used_[i] = true;
            const std::string text = text_for(i);
            xmlNodeSetContent(element, nullptr);
            xmlNodeAddContentLen(element, xml(text.c_str()), static_cast<int>(text.size()));
            return {};
        }
        return must ? Status{refuse("a pointer to a part that did not come")} : Status{};
    }

    [[nodiscard]] std::string text_for(std::size_t part) const {
        return by_name_ ? "cid:" + std::to_string(part) : to_base64(message_.parts[part].body);
    }

    void append_rest() {
        xmlNode* content = first_child(tree_.body());
        const bool is_fault = name_of(content) == "Fault" && uri_of(content) == tree_.uri();
        xmlNode* list = nullptr;
        for (std::size_t i = 0; content != nullptr && !is_fault && i < message_.parts.size(); ++i) {
            if (used_[i]) {
                continue;
            }
            list = list != nullptr ? list : xmlNewChild(content, nullptr, xml("attachments"), nullptr);
            const Part& part = message_.parts[i];
            const std::string text = text_for(i);
            xmlNode* one = xmlNewTextChild(list, nullptr, xml("part"), xml(text.c_str()));
            set(one, "id", part.content_id);
            set(one, "type", part.content_type);
        }
    }

    /// Header lines of a part are octets of the department's: only text that XML can hold goes in.
    static void set(xmlNode* element, const char* name, const std::string& value) {
        const bool good = is_utf8(value) && codec::write_xml_text(value).has_value();
        xmlNewProp(element, xml(name), xml(good ? value.c_str() : ""));
    }

    const Multipart& message_;
    Tree& tree_;
    bool by_name_;
    std::vector<bool> used_;
};

/// The root part's text; its Content-Type names the charset, else the XML declaration.
Result<std::string> text_of(const Part& root) {
    if (const std::string name = parameter_of(root.content_type, "charset"); !name.empty()) {
        const auto charset = charset::by_name(name);
        auto text = charset ? charset::decode(root.body, *charset) : tl::unexpected{charset::Trouble{}};
        if (!text) {
            return refuse("the envelope is not in its charset");
        }
        return std::move(*text);
    }
    std::string held;
    auto text = codec::to_xml_text(root.body, false, held);
    if (!text) {
        return fail(Fault::department_invalid, text.error().detail());
    }
    return std::string{*text};
}

Result<std::string> in_one(const Multipart& message, bool by_name) {
    const Part& root = message.parts[message.root];
    if (root.body.size() > kMostRoot) {
        return refuse("the envelope is larger than 8 MiB");
    }
    auto text = text_of(root);
    if (!text) {
        return text;
    }
    auto tree = Tree::read(*text);
    if (!tree) {
        return fail(Fault::department_invalid, tree.error().detail());
    }
    if (auto done = Inlining{message, *tree, by_name}.run(); !done) {
        return fail(std::move(done.error()));
    }
    return tree->write();
}

}  // namespace

Result<std::string> inline_attachments(const Multipart& message) {
    constexpr bool kByName = false;
    return in_one(message, kByName);
}

Result<std::string> name_attachments(const Multipart& message) {
    constexpr bool kByName = true;
    return in_one(message, kByName);
}

}  // namespace datong::envelope
