#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/descriptions/interface.h"
#include "core/descriptions/xml_view.h"

namespace datong::descriptions {

/// The files of one description: each read once, all kept for the views into them.
class Files {
public:
    Files(ReadNear read, Mistakes& mistakes) : read_{std::move(read)}, mistakes_{mistakes} {}

    /// @return nullptr after a mistake, or when it was read before (`again` says which).
    [[nodiscard]] const XmlFile* take(const std::string& name, bool& again);
    /// The file that a file names. @return as take().
    [[nodiscard]] const XmlFile* follow(const XmlFile& from, const std::string& location, bool& again);
    [[nodiscard]] Mistakes& mistakes() { return mistakes_; }

private:
    ReadNear read_;
    Mistakes& mistakes_;
    std::deque<XmlFile> files_;
    std::set<std::string> known_;
};

/// The elements and types of XML Schemas, and the shapes that they describe.
class Schemas {
public:
    explicit Schemas(Files& files) : files_{files} {}

    /// Takes the components of a schema, and of those that it imports and includes. Schemas may import each other.
    void add(const XmlView& schema, const XmlFile& file, const std::string& chameleon = {});

    /// The element's shape; nullopt when no schema has it.
    [[nodiscard]] std::optional<Shape> element(const QName& name, Operation& operation);
    [[nodiscard]] Shape of_type(const QName& type, const std::string& name, Operation& operation);
    /// Whether the members of a global element stand in its namespace.
    [[nodiscard]] bool is_qualified(const QName& element) const;
    [[nodiscard]] bool has_type(const QName& type) const { return types_.contains(type); }

private:
    struct Component {
        XmlView view;
        std::string target;
        bool qualified{};
    };
    struct Walk {
        Operation& operation;
        Budget budget{};
        std::vector<QName> open{};  ///< types that are being taken apart
        int depth{};
    };

    void take(const XmlView& schema, const std::string& target, const char* kind, std::map<QName, Component>& into);
    void follow(const XmlView& schema, const XmlFile& file, const std::string& target);

    Shape declared(const XmlView& element, Walk& walk);
    void fill(Shape& shape, const QName& type, Walk& walk);
    void fill_inline(Shape& shape, const XmlView& at, Walk& walk);
    void complex(Shape& shape, const XmlView& type, Walk& walk);
    void content(Shape& shape, const XmlView& type, Walk& walk);
    void simple(Shape& shape, const XmlView& type, Walk& walk);
    void particles(Shape& shape, const XmlView& group, Walk& walk, bool optional, bool many);
    void attributes(Shape& shape, const XmlView& type);
    void encoded_array(Shape& shape, const XmlView& restriction, Walk& walk);

    Files& files_;
    std::map<QName, Component> elements_;
    std::map<QName, Component> types_;
    std::map<QName, Component> groups_;
};

}  // namespace datong::descriptions
