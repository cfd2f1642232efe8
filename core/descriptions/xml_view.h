#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/record/record.h"

namespace datong::descriptions {

/// A name in a namespace.
struct QName {
    std::string uri;
    std::string name;
    friend bool operator==(const QName&, const QName&) = default;
    friend auto operator<=>(const QName&, const QName&) = default;
};

/// An element of a description with the prefixes that hold at it. Elements of WSDL, its SOAP bindings and XML Schema
/// have the prefixes wsdl, soap, soap12 and xs in their names, whatever the document calls them. The record must
/// outlive it.
class XmlView {
public:
    XmlView(const record::Record& at, std::vector<std::pair<std::string, std::string>> outer);

    [[nodiscard]] std::string attribute(std::string_view name) const { return at_->text_of('@' + std::string{name}); }
    /// An attribute of whatever prefix-less spelling as a name; empty where there is none, or its prefix is unknown.
    [[nodiscard]] QName name_in(std::string_view attribute_name) const;
    [[nodiscard]] QName resolve(std::string_view text) const;
    /// Children of one name, in their order.
    [[nodiscard]] std::vector<XmlView> children(std::string_view name) const;
    /// The first of them, whose record is null where there is none.
    [[nodiscard]] XmlView child(std::string_view name) const;
    [[nodiscard]] bool has(std::string_view name) const { return at_->find(name) != nullptr; }
    [[nodiscard]] bool is_there() const { return !at_->is_null(); }
    [[nodiscard]] std::string text() const;
    [[nodiscard]] const record::Record& record() const { return *at_; }

private:
    const record::Record* at_;
    std::vector<std::pair<std::string, std::string>> scope_;  ///< prefix and URI, the nearest last
};

/// A description's document: what it is called, and its content for views. Address must stay.
struct XmlFile {
    std::string name;
    QName root;
    record::Record content;
    [[nodiscard]] XmlView view() const { return XmlView{content, {}}; }
};

/// @return Fault::bad_request with the reason, Fault::body_too_large.
[[nodiscard]] Result<XmlFile> read_description(const std::string& name, std::string_view bytes);

inline constexpr std::string_view kXsdUri = "http://www.w3.org/2001/XMLSchema";
inline constexpr std::string_view kWsdlUri = "http://schemas.xmlsoap.org/wsdl/";

}  // namespace datong::descriptions
