#include "core/descriptions/openapi.h"

#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/yaml/node.h"

namespace datong::descriptions {
namespace {

using record::Record;

const Record kNothing{};

/// A member by name; nothing where it is not there.
const Record& at(const Record& record, std::string_view name) {
    const Record* found = record.find(name);
    return found == nullptr ? kNothing : *found;
}

/// In OpenAPI 3.1 a type may be a list: the first that is not "null".
std::string type_of(const Record& schema, bool& nullable) {
    const Record& type = at(schema, "type");
    if (!type.is_list()) {
        return std::string{type.scalar()};
    }
    std::string found;
    for (const Record& one : type.items()) {
        nullable = nullable || one.scalar() == "null";
        found = found.empty() && one.scalar() != "null" ? std::string{one.scalar()} : found;
    }
    return found;
}

std::string source_type(const std::string& type) {
    return type == "integer" ? "integer" : type == "number" ? "decimal" : type == "boolean" ? "boolean" : "text";
}

bool is_json(std::string_view media) {
    const std::string_view type = trim_ows(media.substr(0, media.find(';')));
    return type == "application/json" || type.ends_with("+json") || type == "*/*";
}

class Reader {
public:
    Reader(std::string name, const Record& root, const Choice& choice)
        : name_{std::move(name)}, root_{root}, choice_{choice} {}

    tl::expected<Interface, Mistakes> run() {
        is_2_ = root_.text_of("swagger").starts_with("2.") || at(root_, "swagger").scalar().starts_with("2");
        if (!is_2_ && !at(root_, "openapi").scalar().starts_with("3.")) {
            return refused("I102", "不是 OpenAPI 3 或 Swagger 2.0", "this is neither OpenAPI 3 nor Swagger 2.0");
        }
        made_.url = url();
        for (const record::Member& path : at(root_, "paths").members()) {
            read_path(path.name, resolve(path.value));
        }
        if (made_.operations.empty()) {
            return refused("I105", "没有操作 " + choice_.operation, "no operation " + choice_.operation,
                           one_line(seen_));
        }
        if (!mistakes_.empty()) {
            return tl::unexpected{std::move(mistakes_)};
        }
        return std::move(made_);
    }

private:
    tl::unexpected<Mistakes> refused(std::string code, std::string zh, std::string en, std::string hint = {}) {
        mistakes_.push_back(mistake(name_, std::move(code), std::move(zh), std::move(en), std::move(hint)));
        return tl::unexpected{std::move(mistakes_)};
    }

    std::string url() const {
        if (!is_2_) {
            const Record& servers = at(root_, "servers");
            const std::string said = servers.items().empty() ? "" : servers.items().front().text_of("url");
            return said.starts_with("http://") || said.starts_with("https://") ? said : "";
        }
        const Record& schemes = at(root_, "schemes");
        const std::string host = root_.text_of("host");
        const std::string scheme = schemes.items().empty() ? "http" : std::string{schemes.items().back().scalar()};
        return host.empty() || (scheme != "http" && scheme != "https")
                   ? ""
                   : scheme + "://" + host + root_.text_of("basePath");
    }

    /// What a $ref leads to, through at most eight others. Source: RFC 6901 in RFC 3986's fragment.
    const Record& resolve(const Record& one) {
        const Record* now = &one;
        for (int hop = 0; now->find("$ref") != nullptr; ++hop) {
            const std::string ref = now->text_of("$ref");
            constexpr int kMostHops = 8;
            const Record* found = ref.starts_with("#/") && hop < kMostHops ? &root_ : nullptr;
            for (const std::string_view part :
                 split(std::string_view{ref}.substr(std::min<std::size_t>(2, ref.size())), '/')) {
                found = found != nullptr ? found->find(unescaped(part)) : nullptr;
            }
            if (found == nullptr) {
                mistakes_.push_back(
                    mistake(name_, "I103", "引用无法解析 (只读本文件之内的): " + one_line(ref),
                            "a reference that can't be followed (only those inside the file are): " + one_line(ref)));
                return kNothing;
            }
            now = found;
        }
        return *now;
    }

    static std::string unescaped(std::string_view part) {
        std::string out;
        for (std::size_t i = 0; i < part.size(); ++i) {
            const std::string_view two = part.substr(i, 2);
            out += two == "~1" ? '/' : two == "~0" ? '~' : part[i];
            i += two == "~1" || two == "~0" ? 1U : 0U;
        }
        return out;
    }

    void read_path(const std::string& path, const Record& item) {
        static constexpr std::array<std::string_view, 5> kMethods{"get", "post", "put", "patch", "delete"};
        for (const std::string_view method : kMethods) {
            const Record* operation = item.find(method);
            if (operation == nullptr) {
                continue;
            }
            const std::string said = operation->text_of("operationId");
            const std::string name = said.empty() ? std::string{method} + path : said;
            seen_ += (seen_.empty() ? "" : ", ") + name;
            if (choice_.operation.empty() || choice_.operation == name) {
                read_operation(name, std::string{method}, path, item, *operation);
            }
        }
    }

    void read_operation(std::string name, const std::string& method, const std::string& path, const Record& item,
                        const Record& said) {
        Operation made;
        made.name = std::move(name);
        made.label = one_line(said.text_of("summary"));
        made.path = path;
        std::ranges::transform(method, std::back_inserter(made.method),
                               [](char c) { return static_cast<char>(c - 'a' + 'A'); });
        made.input.type = made.output.type = "object";
        operation_ = &made;
        fields_ = 0;
        is_cut_ = false;
        for (const Record* list : {item.find("parameters"), said.find("parameters")}) {
            for (const Record& one : list != nullptr ? list->items() : Record::List{}) {
                read_parameter(resolve(one), said);
            }
        }
        read_body(resolve(at(said, "requestBody")));
        read_answer(at(said, "responses"));
        const bool both = made.json_body && (path.find('{') != std::string::npos || !made.query.empty());
        if (both) {
            made.gaps.push_back(
                {"JSON 请求体不能同时带路径或查询参数: 把常量写进 path, 其余请供应商改为放进请求体",
                 "a JSON body can't go with fields in path or query: write constants into path, and let "
                 "the supplier take the others in the body"});
        }
        made_.operations.push_back(std::move(made));
    }

    void read_parameter(const Record& parameter, const Record& said) {
        const std::string where = parameter.text_of("in");
        if (where == "body") {
            return take_body(at(parameter, "schema"));
        }
        Shape shape =
            shape_of(is_2_ && where != "body" ? parameter : at(parameter, "schema"), parameter.text_of("name"), 0);
        shape.label = one_line(parameter.text_of("description"));
        shape.nullable = at(parameter, "required").scalar() != "true";
        if (where == "header" || where == "cookie") {
            operation_->gaps.push_back({"请求头 " + shape.name + " 请写进该操作的 headers",
                                        "the header " + shape.name + " goes into the operation's headers"});
            return;
        }
        if (where == "query") {
            operation_->query.push_back(shape.name);
        }
        if (where == "formData" && at(said, "consumes").items().size() == 1 &&
            at(said, "consumes").items().front().scalar() == "multipart/form-data") {
            operation_->gaps.push_back(
                {"multipart 表单不支持, 按普通表单起草", "multipart forms are not sent; drafted as a plain form"});
        }
        operation_->input.members.push_back(std::move(shape));
    }

    void read_body(const Record& body) {
        const Record& content = at(body, "content");
        for (const record::Member& media : content.members()) {
            if (is_json(media.name)) {
                return take_body(at(media.value, "schema"));
            }
        }
        const Record& form = at(at(content, "application/x-www-form-urlencoded"), "schema");
        if (!form.is_null()) {
            Shape shape = shape_of(form, "body", 0);
            std::ranges::move(shape.members, std::back_inserter(operation_->input.members));
        } else if (!content.is_null()) {
            operation_->gaps.push_back({"请求体不是 JSON 也不是表单", "the body is neither JSON nor a form"});
        }
    }

    void take_body(const Record& schema) {
        operation_->json_body = true;
        Shape shape = shape_of(schema, "body", 0);
        if (shape.many) {
            operation_->gaps.push_back({"请求体是一个列表", "the body is a list"});
        }
        operation_->input.members = std::move(shape.members);
    }

    void read_answer(const Record& responses) {
        for (const record::Member& one : responses.members()) {
            if (!one.name.starts_with('2') && one.name != "default") {
                continue;
            }
            const Record& answer = resolve(one.value);
            const Record* schema = is_2_ ? answer.find("schema") : nullptr;
            for (const record::Member& media : at(answer, "content").members()) {
                schema = schema == nullptr && is_json(media.name) ? media.value.find("schema") : schema;
            }
            if (schema != nullptr) {
                Shape shape = shape_of(*schema, "answer", 0);
                if (shape.many) {
                    operation_->gaps.push_back({"答复本身是一个列表: 请用 {take: \"[*]\"} 或请供应商包一层",
                                                "the answer itself is a list: a mapping wants an object around it"});
                }
                operation_->output.members = std::move(shape.members);
                return;
            }
        }
    }

    Shape shape_of(const Record& given, const std::string& name, int depth) {
        Shape shape;
        shape.name = name;
        const Record& schema = resolve(given);
        const bool round = std::ranges::find(open_, &schema) != open_.end();
        if (round || depth > kDeepest || ++fields_ > kMostFields) {
            shape.nullable = true;
            if (!is_cut_) {
                operation_->gaps.push_back({"字段 " + name + " 之下太深、太多或包含自身, 到此为止",
                                            "cut at field " + name + ": too deep, too much, or it holds itself"});
            }
            is_cut_ = true;
            return shape;
        }
        open_.push_back(&schema);
        describe(shape, schema, depth);
        open_.pop_back();
        return shape;
    }

    void describe(Shape& shape, const Record& schema, int depth) {
        const std::string type = type_of(schema, shape.nullable);
        shape.label =
            one_line(schema.text_of("title").empty() ? schema.text_of("description") : schema.text_of("title"));
        shape.nullable = shape.nullable || at(schema, "nullable").scalar() == "true";
        if (type == "array" || schema.find("items") != nullptr) {
            Shape item = shape_of(at(schema, "items"), shape.name, depth + 1);
            item.many = true;
            item.nullable = shape.nullable;
            shape = std::move(item);
            return;
        }
        const bool composed =
            schema.find("allOf") != nullptr || schema.find("oneOf") != nullptr || schema.find("anyOf") != nullptr;
        if (type == "object" || composed || schema.find("properties") != nullptr) {
            return members_of(shape, schema, depth);
        }
        shape.type = source_type(type);
        shape.max_length = static_cast<std::size_t>(to_whole_number(at(schema, "maxLength").scalar()).value_or(0));
        for (const Record& one : at(schema, "enum").items()) {
            if (shape.type == "text" && one.is_scalar() && !one.is_null()) {
                shape.codes.emplace_back(one.scalar());
            }
        }
    }

    void members_of(Shape& shape, const Record& schema, int depth) {
        shape.type = "object";
        for (const char* kind : {"allOf", "oneOf", "anyOf"}) {
            for (const Record& one : at(schema, kind).items()) {
                Shape part = shape_of(one, shape.name, depth + 1);
                for (Shape& member : part.members) {
                    const bool there =
                        std::ranges::find(shape.members, member.name, &Shape::name) != shape.members.end();
                    member.nullable = member.nullable || std::string_view{kind} != "allOf";
                    if (!there) {
                        shape.members.push_back(std::move(member));
                    }
                }
            }
        }
        const Record& required = at(schema, "required");
        for (const record::Member& one : at(schema, "properties").members()) {
            Shape member = shape_of(one.value, one.name, depth + 1);
            const bool must =
                std::ranges::any_of(required.items(), [&](const Record& name) { return name.scalar() == one.name; });
            member.nullable = member.nullable || !must;
            shape.members.push_back(std::move(member));
        }
    }

    std::string name_;
    const Record& root_;
    const Choice& choice_;
    bool is_2_{};
    Mistakes mistakes_;
    Interface made_;
    Operation* operation_{};
    std::size_t fields_{};
    bool is_cut_{};                    ///< said once an operation
    std::vector<const Record*> open_;  ///< schemas that are being taken apart
    std::string seen_;
};

}  // namespace

tl::expected<Interface, Mistakes> read_openapi(const std::string& name, std::string_view text, const Choice& choice) {
    if (text.size() > kMostBytes) {
        return tl::unexpected{Mistakes{mistake(name, "I101", "文件超过 4 MiB", "the file is larger than 4 MiB")}};
    }
    const std::size_t first = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    Record root;
    if (first != std::string_view::npos && text[first] == '{') {
        auto json = codec::read_json(text.substr(first));
        if (!json) {
            return tl::unexpected{Mistakes{mistake(name, "I102", "不是可用的 JSON", json.error().detail())}};
        }
        root = std::move(*json);
    } else {
        auto node = yaml::parse(text, name);
        if (!node) {
            return tl::unexpected{std::move(node.error())};
        }
        root = yaml::to_record(*node);
    }
    return Reader{name, root, choice}.run();
}

}  // namespace datong::descriptions
