#include "core/descriptions/wsdl.h"

#include <algorithm>

#include "core/descriptions/xsd.h"

namespace datong::descriptions {
namespace {

constexpr std::string_view kEncodedUse = "encoded";

/// Components of all WSDL files by kind and name.
class Definitions {
public:
    Definitions(Files& files, Schemas& schemas) : files_{files}, schemas_{schemas} {}

    bool add(const XmlFile& file) {
        if (file.root != QName{std::string{kWsdlUri}, "definitions"}) {
            files_.mistakes().push_back(mistake(file.name, "I102", "不是 WSDL 1.1", "this is no WSDL 1.1"));
            return false;
        }
        const XmlView root = file.view();
        const std::string target = root.attribute("targetNamespace");
        for (const char* kind : {"wsdl:message", "wsdl:portType", "wsdl:binding", "wsdl:service"}) {
            for (const XmlView& one : root.children(kind)) {
                components_.emplace_back(Component{kind, {target, one.attribute("name")}, one});
            }
        }
        for (const XmlView& types : root.children("wsdl:types")) {
            for (const XmlView& schema : types.children("xs:schema")) {
                schemas_.add(schema, file);
            }
        }
        return follow(root, file);
    }

    [[nodiscard]] const XmlView* find(std::string_view kind, const QName& name) const {
        const auto found = std::ranges::find_if(
            components_, [&](const Component& one) { return one.kind == kind && one.name == name; });
        return found == components_.end() ? nullptr : &found->view;
    }
    [[nodiscard]] std::vector<const XmlView*> all(std::string_view kind) const {
        std::vector<const XmlView*> out;
        for (const Component& one : components_) {
            if (one.kind == kind) {
                out.push_back(&one.view);
            }
        }
        return out;
    }

private:
    struct Component {
        std::string kind;
        QName name;
        XmlView view;
    };

    bool follow(const XmlView& root, const XmlFile& file) {
        bool good = true;
        for (const XmlView& one : root.children("wsdl:import")) {
            bool again = false;
            const XmlFile* found = files_.follow(file, one.attribute("location"), again);
            if (again) {
                files_.mistakes().push_back(
                    mistake(file.name, "I104", "WSDL 的引用成环", "WSDL files import each other in a circle"));
            }
            good = good && found != nullptr;
            if (found != nullptr && found->root == QName{std::string{kXsdUri}, "schema"}) {
                schemas_.add(found->view(), *found);
            } else if (found != nullptr) {
                good = add(*found) && good;
            }
        }
        return good;
    }

    Files& files_;
    Schemas& schemas_;
    std::vector<Component> components_;
};

std::string names_of(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& one : names) {
        out += (out.empty() ? "" : ", ") + one;
    }
    return one_line(out);
}

class Reader {
public:
    Reader(std::string name, const ReadNear& read, const Choice& choice)
        : name_{std::move(name)}, choice_{choice}, files_{read, mistakes_} {}

    tl::expected<Interface, Mistakes> run() {
        bool again = false;
        const XmlFile* file = files_.take(name_, again);
        if (file != nullptr && definitions_.add(*file) && mistakes_.empty()) {
            if (const auto port = choose_port(); port) {
                read_port(*port);
            }
        }
        if (mistakes_.empty() && made_.operations.empty()) {
            refuse("I105", "没有操作 " + choice_.operation, "no operation " + choice_.operation, names_of(seen_));
        }
        if (!mistakes_.empty()) {
            return tl::unexpected{std::move(mistakes_)};
        }
        return std::move(made_);
    }

private:
    void refuse(std::string code, std::string zh, std::string en, std::string hint = {}) {
        mistakes_.push_back(mistake(name_, std::move(code), std::move(zh), std::move(en), std::move(hint)));
    }

    static bool is_soap(const XmlView& port) { return port.has("soap:address") || port.has("soap12:address"); }

    std::optional<XmlView> choose_port() {
        std::vector<std::string> services;
        std::vector<std::string> ports;
        std::optional<XmlView> found;
        for (const XmlView* service : definitions_.all("wsdl:service")) {
            const std::string name = service->attribute("name");
            services.push_back(name);
            if (!choice_.service.empty() && name != choice_.service) {
                continue;
            }
            for (const XmlView& port : service->children("wsdl:port")) {
                const std::string port_name = port.attribute("name");
                const bool wanted = choice_.port.empty() ? is_soap(port) : port_name == choice_.port;
                ports.push_back(port_name);
                if (wanted && !found) {
                    found = port;
                }
            }
        }
        if (choice_.service.empty() && services.size() > 1) {
            refuse("I105", "有多个 service, 请用 --service 指定", "several services: choose one by --service",
                   names_of(services));
            return std::nullopt;
        }
        if (!found || !is_soap(*found)) {
            refuse("I105", "没有可用的 SOAP 端口", "there is no such port over SOAP",
                   names_of(ports.empty() ? services : ports));
            return std::nullopt;
        }
        return found;
    }

    void read_port(const XmlView& port) {
        const bool is_12 = !port.has("soap:address");
        made_.is_soap = true;
        made_.url = port.child(is_12 ? "soap12:address" : "soap:address").attribute("location");
        const XmlView* binding = definitions_.find("wsdl:binding", port.name_in("binding"));
        const XmlView* type =
            binding != nullptr ? definitions_.find("wsdl:portType", binding->name_in("type")) : nullptr;
        if (type == nullptr) {
            return refuse("I105", "端口的 binding 或 portType 不存在", "the port's binding or portType is not there");
        }
        prefix_ = is_12 ? "soap12:" : "soap:";
        style_ = binding->child(prefix_ + "binding").attribute("style");
        for (const XmlView& one : binding->children("wsdl:operation")) {
            const std::string name = one.attribute("name");
            seen_.push_back(name);
            if (choice_.operation.empty() || choice_.operation == name) {
                read_operation(one, *type);
            }
        }
    }

    void read_operation(const XmlView& bound, const XmlView& type) {
        Operation operation;
        operation.name = bound.attribute("name");
        operation.version = prefix_ == "soap:" ? "1.1" : "1.2";
        const XmlView extra = bound.child(prefix_ + "operation");
        operation.action = extra.attribute("soapAction");
        const std::string said = extra.attribute("style");
        const bool rpc = (said.empty() ? style_ : said) == "rpc";
        const auto abstract = operation_of(type, operation.name);
        if (!abstract) {
            return refuse("I105", "portType 没有操作 " + operation.name,
                          "the portType has no operation " + operation.name);
        }
        operation.label = one_line(abstract->child("wsdl:documentation").text());
        const XmlView input = bound.child("wsdl:input");
        const XmlView body = input.child(prefix_ + "body");
        const XmlView* in = definitions_.find("wsdl:message", abstract->child("wsdl:input").name_in("message"));
        const XmlView* out = definitions_.find("wsdl:message", abstract->child("wsdl:output").name_in("message"));
        operation.input.type = operation.output.type = "object";
        if (in == nullptr) {
            return refuse("I105", "操作 " + operation.name + " 没有输入消息",
                          "operation " + operation.name + " has no input message");
        }
        if (rpc) {
            operation.style = body.attribute("use") == kEncodedUse ? "rpc-encoded" : "rpc";
            operation.element = operation.name;
            operation.uri = body.attribute("namespace");
            operation.input.members = parts_of(*in, operation);
            for (const Shape& one : operation.input.members) {
                if (one.type == "integer" || one.type == "decimal" || one.type == "boolean") {
                    operation.types.emplace_back(one.name, one.type == "integer" ? "int" : one.type);
                }
            }
        } else {
            document_input(*in, operation);
        }
        headers_of(input, operation);
        if (out != nullptr) {
            operation.output.members = rpc ? parts_of(*out, operation) : document_members(*out, operation);
            enter(operation);
        } else {
            operation.gaps.push_back({"没有输出: 这是单向操作", "it answers nothing: a one-way operation"});
        }
        made_.operations.push_back(std::move(operation));
    }

    static std::optional<XmlView> operation_of(const XmlView& type, const std::string& name) {
        for (const XmlView& one : type.children("wsdl:operation")) {
            if (one.attribute("name") == name) {
                return one;
            }
        }
        return std::nullopt;
    }

    std::vector<Shape> parts_of(const XmlView& message, Operation& operation) {
        std::vector<Shape> out;
        for (const XmlView& part : message.children("wsdl:part")) {
            if (part.has("@type")) {
                out.push_back(schemas_.of_type(part.name_in("type"), part.attribute("name"), operation));
            } else if (auto shape = schemas_.element(part.name_in("element"), operation); shape) {
                shape->name = part.attribute("name");
                out.push_back(std::move(*shape));
            }
        }
        return out;
    }

    void document_input(const XmlView& message, Operation& operation) {
        const XmlView part = message.child("wsdl:part");
        const QName element = part.name_in("element");
        auto shape = schemas_.element(element, operation);
        if (!shape) {
            return refuse("I105", "没有元素 " + element.name + " 的定义",
                          "the element " + element.name + " is not defined");
        }
        operation.element = element.name;
        operation.uri = element.uri;
        operation.style = schemas_.is_qualified(element) ? "document" : "rpc";
        operation.input.members = std::move(shape->members);
    }

    std::vector<Shape> document_members(const XmlView& message, Operation& operation) {
        auto shape = schemas_.element(message.child("wsdl:part").name_in("element"), operation);
        if (!shape) {
            operation.gaps.push_back({"输出元素没有定义", "the output's element is not defined"});
            return {};
        }
        if (!shape->is_object()) {
            Shape text = std::move(*shape);
            text.name = "#text";
            return {std::move(text)};
        }
        return std::move(shape->members);
    }

    void headers_of(const XmlView& input, Operation& operation) {
        for (const XmlView& header : input.children(prefix_ + "header")) {
            const XmlView* message = definitions_.find("wsdl:message", header.name_in("message"));
            for (const XmlView& part : message != nullptr ? message->children("wsdl:part") : std::vector<XmlView>{}) {
                const QName element = part.name_in("element");
                auto shape = schemas_.element(element, operation);
                if (part.attribute("name") == header.attribute("part") && shape) {
                    shape->label = element.uri;
                    operation.headers.push_back(std::move(*shape));
                }
            }
        }
    }

    /// Goes down into the one member that an answer has.
    static void enter(Operation& operation) {
        auto& members = operation.output.members;
        if (members.size() != 1) {
            return;
        }
        const bool group = members[0].is_object() && !members[0].many;
        if (group || operation.data_set) {
            operation.take = members[0].name;
            std::vector<Shape> inner = std::move(members[0].members);
            members = std::move(inner);
        }
    }

    std::string name_;
    const Choice& choice_;
    Mistakes mistakes_;
    Files files_;
    Schemas schemas_{files_};
    Definitions definitions_{files_, schemas_};
    Interface made_;
    std::string prefix_;
    std::string style_;
    std::vector<std::string> seen_;
};

}  // namespace

tl::expected<Interface, Mistakes> read_wsdl(const std::string& name, const ReadNear& read, const Choice& choice) {
    return Reader{name, read, choice}.run();
}

}  // namespace datong::descriptions
