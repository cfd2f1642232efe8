#include "core/descriptions/xml_view.h"

#include <array>

#include "core/base/text.h"
#include "core/codec/xml.h"
#include "core/descriptions/interface.h"

namespace datong::descriptions {
namespace {

using record::Record;

const Record kNothing{};

const std::array<codec::XmlNamespace, 6>& prefixes() {
    static const std::array<codec::XmlNamespace, 6> kPrefixes{{
        {"wsdl", std::string{kWsdlUri}},
        {"soap", "http://schemas.xmlsoap.org/wsdl/soap/"},
        {"soap12", "http://schemas.xmlsoap.org/wsdl/soap12/"},
        {"xs", std::string{kXsdUri}},
        {"http", "http://schemas.xmlsoap.org/wsdl/http/"},
        {"mime", "http://schemas.xmlsoap.org/wsdl/mime/"},
    }};
    return kPrefixes;
}

}  // namespace

XmlView::XmlView(const Record& at, std::vector<std::pair<std::string, std::string>> outer)
    : at_{&at}, scope_{std::move(outer)} {
    constexpr std::string_view kDeclares = "@xmlns";
    for (const record::Member& member : at.members()) {
        if (member.name.starts_with(kDeclares)) {
            const std::string_view name = member.name.view();
            scope_.emplace_back(name.size() > kDeclares.size() ? name.substr(kDeclares.size() + 1) : std::string_view{},
                                member.value.scalar());
        }
    }
}

QName XmlView::name_in(std::string_view attribute_name) const {
    return resolve(attribute(attribute_name));
}

QName XmlView::resolve(std::string_view text) const {
    text = trim_ows(text);
    const std::size_t colon = text.find(':');
    const std::string_view prefix = colon == std::string_view::npos ? std::string_view{} : text.substr(0, colon);
    const std::string_view local = colon == std::string_view::npos ? text : text.substr(colon + 1);
    for (auto one = scope_.rbegin(); one != scope_.rend(); ++one) {
        if (one->first == prefix) {
            return {one->second, std::string{local}};
        }
    }
    return prefix.empty() ? QName{"", std::string{local}} : QName{};
}

std::vector<XmlView> XmlView::children(std::string_view name) const {
    std::vector<XmlView> out;
    const Record* found = at_->find(name);
    if (found == nullptr) {
        return out;
    }
    if (!found->is_list()) {
        out.emplace_back(*found, scope_);
        return out;
    }
    for (const Record& one : found->items()) {
        out.emplace_back(one, scope_);
    }
    return out;
}

XmlView XmlView::child(std::string_view name) const {
    auto all = children(name);
    return all.empty() ? XmlView{kNothing, {}} : std::move(all.front());
}

std::string XmlView::text() const {
    return at_->is_object() ? at_->text_of("#text") : std::string{at_->scalar()};
}

Result<XmlFile> read_description(const std::string& name, std::string_view bytes) {
    auto read =
        codec::read_xml(bytes, false, {.max_bytes = kMostBytes, .namespaces = prefixes(), .keep_declarations = true});
    if (!read) {
        return fail(std::move(read.error()));
    }
    // the builder gives the root's name as it is in the file; its namespace beside it
    const std::size_t colon = read->name.find(':');
    return XmlFile{name,
                   {read->uri, colon == std::string::npos ? read->name : read->name.substr(colon + 1)},
                   std::move(read->content)};
}

}  // namespace datong::descriptions
