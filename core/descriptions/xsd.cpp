#include "core/descriptions/xsd.h"

#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/descriptions/location.h"

namespace datong::descriptions {
namespace {

/// Built-in types by what source/v1 calls them. Source: XML Schema 1.0 part 2, 3.
std::string builtin(const std::string& name) {
    static constexpr std::array<std::string_view, 13> kWhole{"int",
                                                             "integer",
                                                             "long",
                                                             "short",
                                                             "byte",
                                                             "unsignedInt",
                                                             "unsignedLong",
                                                             "unsignedShort",
                                                             "unsignedByte",
                                                             "positiveInteger",
                                                             "negativeInteger",
                                                             "nonNegativeInteger",
                                                             "nonPositiveInteger"};
    if (std::ranges::find(kWhole, name) != kWhole.end()) {
        return "integer";
    }
    if (name == "decimal" || name == "float" || name == "double") {
        return "decimal";
    }
    return name == "boolean" ? "boolean" : "text";  // dates come in spellings of their own, whatever a schema says
}

bool repeats(const XmlView& particle) {
    const std::string most = particle.attribute("maxOccurs");
    return most == "unbounded" || to_whole_number(most).value_or(1) > 1;
}

bool may_be_missing(const XmlView& particle) {
    return particle.attribute("minOccurs") == "0" || particle.attribute("nillable") == "true";
}

std::string documentation(const XmlView& at) {
    return one_line(at.child("xs:annotation").child("xs:documentation").text());
}

/// Namespaces whose types are built in, wherever their schemas are said to be.
bool is_everybodys(std::string_view uri) {
    return uri == "http://schemas.xmlsoap.org/soap/encoding/" || uri == "http://www.w3.org/XML/1998/namespace" ||
           uri == kXsdUri || uri == kWsdlUri;
}

void say_gap(Operation& operation, std::string zh, std::string en) {
    const bool said = std::ranges::any_of(operation.gaps, [&](const Gap& gap) { return gap.text_en == en; });
    if (!said) {
        operation.gaps.push_back({std::move(zh), std::move(en)});
    }
}

void cut(Shape& shape, Operation& operation) {
    shape.type = "text";
    shape.nullable = true;
    say_gap(operation, "字段 " + shape.name + " 的类型包含自身或层次太深, 到此为止",
            "the type of field " + shape.name + " holds itself or is too deep; cut there");
}

/// One element may be declared in two branches of a choice, where either comes, or twice in a sequence, where both do;
/// its type is the same. Source: XML Schema 1.0 part 1, 3.8.6, Element Declarations Consistent.
void merge(Shape& shape, Shape member, bool optional) {
    const auto found = std::ranges::find(shape.members, member.name, &Shape::name);
    if (found == shape.members.end()) {
        shape.members.push_back(std::move(member));
        return;
    }
    found->nullable = found->nullable || optional;
    found->many = found->many || member.many || !optional;
}

}  // namespace

const XmlFile* Files::take(const std::string& name, bool& again) {
    again = !known_.insert(name).second;
    if (again) {
        return nullptr;
    }
    if (known_.size() > kMostFiles) {
        mistakes_.push_back(mistake(name, "I104", "引用的文件超过 64 个", "more than 64 files are imported"));
        return nullptr;
    }
    auto bytes = read_(name);
    if (!bytes) {
        mistakes_.push_back(mistake(name, "I103", "文件无法读取", "can't be read: " + bytes.error().detail()));
        return nullptr;
    }
    auto file = read_description(name, *bytes);
    if (!file) {
        const bool large = file.error().fault() == Fault::body_too_large;
        mistakes_.push_back(
            mistake(name, large ? "I101" : "I102", large ? "文件超过 4 MiB" : "不是可用的 XML", file.error().detail()));
        return nullptr;
    }
    return &files_.emplace_back(std::move(*file));
}

const XmlFile* Files::follow(const XmlFile& from, const std::string& location, bool& again) {
    again = false;
    const auto name = near(from.name, location);
    if (!name) {
        mistakes_.push_back(mistake(from.name, "I103", "只读同一目录或同一地址下的文件: " + one_line(location),
                                    "only files beside it, or of the same origin, are read: " + one_line(location),
                                    "save it beside the description and change the location"));
        return nullptr;
    }
    return take(*name, again);
}

void Schemas::take(const XmlView& schema, const std::string& target, const char* kind,
                   std::map<QName, Component>& into) {
    const bool qualified = schema.attribute("elementFormDefault") == "qualified";
    for (const XmlView& one : schema.children(kind)) {
        into.try_emplace(QName{target, one.attribute("name")}, Component{one, target, qualified});
    }
}

void Schemas::add(const XmlView& schema, const XmlFile& file, const std::string& chameleon) {
    const std::string own = schema.attribute("targetNamespace");
    const std::string& target = own.empty() ? chameleon : own;
    take(schema, target, "xs:element", elements_);
    take(schema, target, "xs:complexType", types_);
    take(schema, target, "xs:simpleType", types_);
    take(schema, target, "xs:group", groups_);
    follow(schema, file, target);
}

void Schemas::follow(const XmlView& schema, const XmlFile& file, const std::string& target) {
    for (const char* kind : {"xs:import", "xs:include", "xs:redefine"}) {
        for (const XmlView& one : schema.children(kind)) {
            const std::string location = one.attribute("schemaLocation");
            if (location.empty() || is_everybodys(one.attribute("namespace"))) {
                continue;  // a namespace that stands in the same WSDL, or one that needs no reading
            }
            bool again = false;
            const XmlFile* found = files_.follow(file, location, again);
            if (found == nullptr) {
                continue;  // schemas may import each other; anything else was said
            }
            if (found->root != QName{std::string{kXsdUri}, "schema"}) {
                files_.mistakes().push_back(mistake(found->name, "I102", "不是 XML Schema", "this is no XML Schema"));
                continue;
            }
            add(found->view(), *found, std::string_view{kind} == "xs:import" ? std::string{} : target);
        }
    }
}

bool Schemas::is_qualified(const QName& element) const {
    const auto found = elements_.find(element);
    return found != elements_.end() && found->second.qualified;
}

std::optional<Shape> Schemas::element(const QName& name, Operation& operation) {
    const auto found = elements_.find(name);
    if (found == elements_.end()) {
        return std::nullopt;
    }
    Walk walk{operation};
    return declared(found->second.view, walk);
}

Shape Schemas::of_type(const QName& type, const std::string& name, Operation& operation) {
    Walk walk{operation};
    Shape shape;
    shape.name = name;
    fill(shape, type, walk);
    return shape;
}

Shape Schemas::declared(const XmlView& element, Walk& walk) {
    Shape shape;
    if (element.has("@ref")) {
        const QName ref = element.name_in("ref");
        const auto found = elements_.find(ref);
        shape.name = ref.name;
        if (walk.depth >= kDeepest) {
            cut(shape, walk.operation);
        } else if (found != elements_.end()) {
            ++walk.depth;  // an element may refer to itself
            shape = declared(found->second.view, walk);
            --walk.depth;
        } else {
            say_gap(walk.operation, "元素 " + ref.name + " 没有定义", "element " + ref.name + " is not defined");
        }
    } else {
        shape.name = element.attribute("name");
        fill_inline(shape, element, walk);
        if (const std::string said = documentation(element); !said.empty()) {
            shape.label = said;
        }
    }
    shape.many = shape.many || repeats(element);
    shape.nullable = shape.nullable || may_be_missing(element);
    return shape;
}

void Schemas::fill_inline(Shape& shape, const XmlView& at, Walk& walk) {
    if (at.has("@type")) {
        fill(shape, at.name_in("type"), walk);
    } else if (at.has("xs:complexType")) {
        complex(shape, at.child("xs:complexType"), walk);
    } else if (at.has("xs:simpleType")) {
        simple(shape, at.child("xs:simpleType"), walk);
    } else {
        say_gap(walk.operation, "字段 " + shape.name + " 没有说明类型, 暂按文本",
                "field " + shape.name + " has no type; taken as text");
    }
}

void Schemas::fill(Shape& shape, const QName& type, Walk& walk) {
    const auto found = types_.find(type);
    if (found == types_.end()) {
        const bool known = type.uri == kXsdUri || type.uri == "http://schemas.xmlsoap.org/soap/encoding/";
        shape.type = builtin(type.name);
        if (!known || type.name == "anyType") {
            say_gap(walk.operation, "字段 " + shape.name + " 的类型 " + type.name + " 没有定义, 暂按文本",
                    "the type " + type.name + " of field " + shape.name + " is not defined; taken as text");
        }
        return;
    }
    constexpr std::size_t kLongestChain = 64;
    const bool round = std::ranges::find(walk.open, type) != walk.open.end();
    if (round || walk.open.size() >= kLongestChain) {
        return cut(shape, walk.operation);
    }
    walk.open.push_back(type);
    const Component& component = found->second;
    const bool is_simple =
        component.view.has("xs:restriction") || component.view.has("xs:list") || component.view.has("xs:union");
    is_simple ? simple(shape, component.view, walk) : complex(shape, component.view, walk);
    walk.open.pop_back();
}

void Schemas::complex(Shape& shape, const XmlView& type, Walk& walk) {
    if (walk.depth >= kDeepest) {
        return cut(shape, walk.operation);
    }
    ++walk.depth;
    content(shape, type, walk);
    --walk.depth;
}

void Schemas::content(Shape& shape, const XmlView& type, Walk& walk) {
    if (const XmlView content = type.child("xs:simpleContent"); content.is_there()) {
        const XmlView extension = content.child(content.has("xs:extension") ? "xs:extension" : "xs:restriction");
        fill(shape, extension.name_in("base"), walk);
        return;  // its attributes do not stand in a record
    }
    shape.type = "object";
    if (const XmlView content = type.child("xs:complexContent"); content.is_there()) {
        if (const XmlView extension = content.child("xs:extension"); extension.is_there()) {
            Shape base;
            base.name = shape.name;
            fill(base, extension.name_in("base"), walk);
            shape.members = std::move(base.members);
            particles(shape, extension, walk, false, false);
            attributes(shape, extension);
        } else if (const XmlView restriction = content.child("xs:restriction"); restriction.is_there()) {
            encoded_array(shape, restriction, walk);
        }
        return;
    }
    particles(shape, type, walk, false, false);
    attributes(shape, type);
}

/// soapenc:arrayType="tns:Bdc[]". Source: SOAP 1.1, 5.4.2; WSDL 1.1, 2.2.
void Schemas::encoded_array(Shape& shape, const XmlView& restriction, Walk& walk) {
    const XmlView attribute = restriction.child("xs:attribute");
    std::string of = attribute.attribute("arrayType");
    if (of.empty()) {
        particles(shape, restriction, walk, false, false);
        return;
    }
    of = of.substr(0, of.find('['));
    Shape item;
    item.name = "item";
    item.many = true;
    item.nullable = true;
    fill(item, attribute.resolve(of), walk);
    shape.members.push_back(std::move(item));
    say_gap(walk.operation, "数组 " + shape.name + " 的元素名暂按 item, 请用真实答复核对",
            "the items of array " + shape.name + " are taken to be called item: check with a real reply");
}

void Schemas::particles(Shape& shape, const XmlView& group, Walk& walk, bool optional, bool many) {
    for (const XmlView& one : group.children("xs:element")) {
        if (!walk.budget.spend()) {
            say_gap(walk.operation, "超过 1000 个字段, 其余未列出", "more than 1000 fields; the rest is not here");
            return;
        }
        Shape member = declared(one, walk);
        if (one.name_in("ref") == QName{std::string{kXsdUri}, "schema"}) {
            walk.operation.data_set = true;
            continue;
        }
        member.nullable = member.nullable || optional;
        member.many = member.many || many;
        merge(shape, std::move(member), optional);
    }
    for (const char* kind : {"xs:sequence", "xs:all", "xs:choice"}) {
        for (const XmlView& one : group.children(kind)) {
            const bool choice = std::string_view{kind} == "xs:choice";
            particles(shape, one, walk, optional || choice || may_be_missing(one), many || repeats(one));
        }
    }
    for (const XmlView& one : group.children("xs:group")) {
        if (!walk.budget.spend()) {
            return;
        }
        const auto found = groups_.find(one.name_in("ref"));
        if (found == groups_.end() || walk.depth >= kDeepest) {
            say_gap(walk.operation, shape.name + " 引用的组无法展开",
                    "a group below " + shape.name + " can't be followed");
            continue;
        }
        ++walk.depth;
        particles(shape, found->second.view, walk, optional || may_be_missing(one), many || repeats(one));
        --walk.depth;
    }
    if (group.has("xs:any") && !walk.operation.data_set) {
        say_gap(walk.operation, shape.name + " 之下允许任意元素, 描述里没有列出",
                "anything may stand below " + shape.name + "; the description does not list it");
    }
}

void Schemas::attributes(Shape& shape, const XmlView& type) {
    for (const XmlView& one : type.children("xs:attribute")) {
        const std::string name = one.attribute("name");
        if (!name.empty()) {
            Shape attribute;
            attribute.name = '@' + name;
            attribute.label = documentation(one);
            attribute.nullable = one.attribute("use") != "required";
            shape.members.push_back(std::move(attribute));
        }
    }
}

void Schemas::simple(Shape& shape, const XmlView& type, Walk& walk) {
    const XmlView restriction = type.child("xs:restriction");
    if (!restriction.is_there()) {
        shape.type = "text";  // a list or union
        return;
    }
    if (restriction.has("@base")) {
        fill(shape, restriction.name_in("base"), walk);
    }
    constexpr std::size_t kMostCodes = 100;
    for (const XmlView& one : restriction.children("xs:enumeration")) {
        if (shape.type == "text" && shape.codes.size() < kMostCodes) {
            shape.codes.push_back(one.attribute("value"));
        }
    }
    const auto most = to_whole_number(restriction.child("xs:maxLength").attribute("value"));
    shape.max_length = most ? static_cast<std::size_t>(*most) : shape.max_length;
}

}  // namespace datong::descriptions
