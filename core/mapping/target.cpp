#include "core/mapping/target.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/codec/csv.h"
#include "core/codec/json.h"
#include "core/codec/xml.h"
#include "core/mapping/engine.h"

namespace datong::mapping {
namespace {

using ast::Report;
using record::Record;
using Kind = WrapOp::Kind;

std::optional<WrapOp> compile_wrap(const ast::Wrapping& from, Mistakes& mistakes) {
    static const std::vector<std::string> kNames{"to_xml",        "to_json", "to_csv", "encode_charset",
                                                 "encode_base64", "deflate", "put",    "soap"};
    if (is_of_a_profile(from, mistakes)) {
        return std::nullopt;
    }
    const auto found = std::find(kNames.begin(), kNames.end(), from.name);
    if (found == kNames.end()) {
        Report{mistakes}(from.where, "M301", "未知的包装步骤 '" + from.name + "'", "unknown wrap '" + from.name + "'",
                         nearest(from.name, kNames).value_or(""));
        return std::nullopt;
    }
    WrapOp op;
    op.kind = static_cast<Kind>(found - kNames.begin());
    op.where = from.where;
    const bool wants_text = op.kind == Kind::put || op.kind == Kind::encode_charset || op.kind == Kind::deflate;
    const bool right = op.kind == Kind::soap ? from.argument != nullptr
                       : wants_text          ? from.argument != nullptr && from.argument->is_scalar()
                                             : from.argument == nullptr;
    if (!right || from.more != nullptr) {
        Report{mistakes}(from.where, "M301", "'" + from.name + "' 的参数不对",
                         "'" + from.name + "' has the wrong argument");
        return std::nullopt;
    }
    if (op.kind == Kind::soap) {
        compile_soap(*from.argument, op, mistakes);
    } else if (op.kind == Kind::put) {
        op.name = from.argument->text;
    } else if (op.kind == Kind::deflate) {
        op.compression = from.argument->text == "zlib" ? codec::Compression::zlib : codec::Compression::gzip;
        if (from.argument->text != "zlib" && from.argument->text != "gzip") {
            Report{mistakes}(from.argument->where, "M109", "deflate 只能是: gzip, zlib",
                             "'deflate' is one of gzip, zlib", "gzip");
        }
    } else if (op.kind == Kind::encode_charset) {
        op.charset = text_charset(from.argument->text, from.argument->where, mistakes);
    }
    return op;
}

/// The members in the order that the schema has them; what it does not know comes last.
Record in_order(const Record& given, const Shape& shape) {
    if (given.is_list()) {
        Record::List items;
        for (const Record& item : given.items()) {
            items.push_back(in_order(item, shape.item()));
        }
        return Record::list(std::move(items));
    }
    if (!given.is_object()) {
        return given;
    }
    const Shape& object = shape.item();  // a list of one came as its item
    Record::Object members;
    for (const Shape& one : object.members) {
        if (const Record* value = given.find(one.name); value != nullptr) {
            members.push_back({one.name, in_order(*value, one)});
        }
    }
    for (const record::Member& member : given.members()) {
        if (object.member(member.name) == nullptr) {
            members.push_back(member);
        }
    }
    return Record::object(std::move(members));
}

/// The pointer of the first text that can't be written so; empty where none is to blame.
/// @param can_write  of one text.
template <class Can>
std::string to_blame(const Record& node, const Can& can_write, const std::string& path = {}) {
    if (node.is_scalar()) {
        return node.is_bytes() || can_write(node.scalar()) ? std::string{} : path;
    }
    std::string found;
    for (const record::Member& member : node.members()) {
        found = found.empty() ? to_blame(member.value, can_write, path + '/' + member.name.str()) : found;
    }
    for (std::size_t i = 0; found.empty() && i < node.items().size(); ++i) {
        found = to_blame(node.items()[i], can_write, path + '/' + std::to_string(i));
    }
    return found;
}

/// The target on its way out: a record, then text or bytes, perhaps a record again.
class Wrapper {
public:
    Wrapper(const TargetOp& target, Output& out) : target_{target}, out_{out} {}

    void run() {
        if (target_.order != nullptr) {
            wrapped_ = in_order(out_.target, *target_.order);
            touched_ = true;
        }
        for (const WrapOp& op : target_.wrap) {
            apply(op);
            if (out_.outcome != Outcome::ok) {
                return;
            }
        }
        if (target_.format == "kv") {
            if (!target_.wrap.empty()) {
                out_.target = is_record_ ? std::move(wrapped_) : Record::object({{"body", Record::text(text_)}});
            }
            return;
        }
        if (is_record_) {
            target_.format == "xml"   ? xml(WrapOp{.where = target_.where})
            : target_.format == "csv" ? csv(target_.where)
                                      : json();
        }
        out_.wire = std::move(text_);
        out_.content_type = std::move(content_type_);
    }

private:
    [[nodiscard]] const Record& record() const { return touched_ ? wrapped_ : out_.target; }

    void became_text(std::string text, std::string content_type) {
        text_ = std::move(text);
        content_type_ = std::move(content_type);
        is_record_ = false;
    }

    void fault(const Position& where, const std::string& en) {
        refuse_target(out_, where, "", {"target.write", "目标不能写成所声明的格式", en});
    }

    /// Of the fields that the mapping wrote, whatever was put around them.
    void xml_fault(const Position& where, const std::string& en) {
        const auto is_xml = [](std::string_view text) { return codec::write_xml_text(text).has_value(); };
        refuse_target(out_, where, to_blame(out_.target, is_xml), {"target.write", "目标不能写成所声明的格式", en});
    }

    void unmappable(const Position& where, charset::Charset charset) {
        const auto has = [charset](std::string_view text) { return charset::encode(text, charset).has_value(); };
        refuse_target(out_, where, to_blame(out_.target, has),
                      {"charset.unmappable", "有字符不在目标字符集中", "a character is not in the target's charset"});
    }

    void json() { became_text(codec::write_json(record()), "application/json"); }

    void xml(const WrapOp& op) {
        auto text = codec::write_xml(record(), op.name.empty() ? target_.root : op.name, {}, op.declares);
        if (!text) {
            return xml_fault(op.where, text.error().detail());
        }
        became_text(std::move(*text), "application/xml; charset=utf-8");
    }

    /// A row's cells in the order of the columns; what is not there is an empty cell.
    bool cells(const Record& row, std::vector<std::string>& out) const {
        for (const std::string& name : target_.csv.columns) {
            const Record* leaf = row.find(name);
            if (leaf != nullptr && !leaf->is_scalar()) {
                return false;
            }
            out.emplace_back(leaf != nullptr ? leaf->scalar() : std::string_view{});
        }
        return true;
    }

    void csv(const Position& where) {
        codec::CsvRows rows;
        if (target_.csv.header) {
            rows.push_back(target_.csv.columns);
        }
        const Record* list = target_.csv.many ? record().find("row") : nullptr;
        const std::size_t count = !target_.csv.many ? 1 : list != nullptr ? list->items().size() : 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (!cells(list != nullptr ? list->items()[i] : record(), rows.emplace_back())) {
                return fault(where, "a cell of a CSV row wants a single value");
            }
        }
        const bool mark = target_.csv.mark && target_.charset == charset::Charset::utf_8;
        auto bytes = charset::encode(codec::write_csv(rows, mark, target_.csv.separator), target_.charset);
        if (!bytes) {
            return unmappable(where, target_.charset);
        }
        became_text(std::move(*bytes), "text/csv; charset=" + target_.charset_name);
    }

    void deflate(const WrapOp& op) {
        auto packed = codec::compress(text_, op.compression);
        if (!packed) {
            return fault(op.where, packed.error().detail());
        }
        text_ = std::move(*packed);
        content_type_ = op.compression == codec::Compression::gzip ? "application/gzip" : "application/zlib";
    }

    void soap(const WrapOp& op) {
        auto text = write_envelope(op, record());
        if (!text) {
            return xml_fault(op.where, text.error().detail());
        }
        became_text(std::move(*text), op.soap.version == "1.2"
                                          ? "application/soap+xml; charset=utf-8; action=\"" + op.soap.action + '"'
                                          : "text/xml; charset=utf-8");
    }

    void encode(const WrapOp& op) {
        declare_charset(text_, op.charset);
        auto bytes = charset::encode(text_, op.charset);
        if (!bytes) {
            return unmappable(op.where, op.charset);
        }
        text_ = std::move(*bytes);
    }

    void put(const WrapOp& op) {
        Record outer = Record::object();
        Record inner = is_record_ ? Record{record()} : Record::text(std::move(text_));
        outer.put(op.name, op.as_list ? Record::list({std::move(inner)}) : std::move(inner));
        wrapped_ = std::move(outer);
        touched_ = true;
        is_record_ = true;
    }

    void say(const WrapOp& op) {
        Record all = record();
        parent_of(all, op.at).put(op.at.back(), Record::text(op.name));
        wrapped_ = std::move(all);
        touched_ = true;
    }

    void apply(const WrapOp& op) {
        switch (op.kind) {
            case Kind::to_xml:
                return xml(op);
            case Kind::to_json:
                return json();
            case Kind::to_csv:
                return csv(op.where);
            case Kind::deflate:
                return deflate(op);
            case Kind::encode_charset:
                return encode(op);
            case Kind::encode_base64:
                text_ = to_base64(text_);
                return;
            case Kind::put:
                return put(op);
            case Kind::soap:
                return soap(op);
            case Kind::say:
                return say(op);
        }
    }

    const TargetOp& target_;
    Output& out_;
    Record wrapped_;
    bool touched_{};
    bool is_record_{true};
    std::string text_;
    std::string content_type_{"application/octet-stream"};
};

/// Follows the wraps at compile time: what needs text must come after what makes text.
void check_order(const TargetOp& target, Mistakes& mistakes) {
    bool record = true;
    for (const WrapOp& op : target.wrap) {
        const bool wants_text =
            op.kind == Kind::encode_base64 || op.kind == Kind::encode_charset || op.kind == Kind::deflate;
        const bool wants_record =
            op.kind == Kind::to_xml || op.kind == Kind::to_json || op.kind == Kind::to_csv || op.kind == Kind::soap;
        if ((wants_text && record) || (wants_record && !record)) {
            Report{mistakes}(op.where, "M302", "包装步骤的顺序不对",
                             wants_text ? "this wrap wants text: to_xml or to_json comes first"
                                        : "this wrap wants a record: 'put' makes one of a text",
                             wants_text ? "to_json" : "{put: name}");
        }
        record = op.kind == Kind::put || (record && !wants_record);
    }
}

}  // namespace

TargetOp compile_target(const ast::Target& target, Mistakes& mistakes) {
    TargetOp out;
    out.format = target.format;
    out.root = target.root;
    out.where = target.where;
    out.charset_name = target.charset;
    out.charset = text_charset(target.charset, target.where, mistakes);
    for (const ast::Wrapping& one : target.wrap) {
        if (auto op = compile_wrap(one, mistakes); op) {
            out.wrap.push_back(std::move(*op));
        }
    }
    check_order(out, mistakes);
    const bool makes_xml =
        std::any_of(out.wrap.begin(), out.wrap.end(), [](const WrapOp& op) { return op.kind == Kind::to_xml; });
    const bool all_soap = !out.wrap.empty() && out.wrap[0].kind == Kind::soap;
    if (out.root.empty() && (makes_xml || (target.format == "xml" && !all_soap))) {
        Report{mistakes}(target.where, "M108", "xml 目标需要 root", "an xml target wants 'root'", "root: REQUEST");
    }
    if (target.format == "csv") {
        out.csv = compile_csv(target.csv, target.where, 0);
    }
    if ((target.format == "fixed") != target.layout.has_value()) {
        Report{mistakes}(target.where, "M108", "fixed 需要 layout, 其他格式不需要",
                         "fixed wants 'layout'; no other format has it");
    } else if (target.layout) {
        out.layout = compile_layout(*target.layout, mistakes);
        prove_one_octet_blank(out.charset, target.where, mistakes);
    }
    return out;
}

void refuse_target(Output& out, const Position& where, std::string path, steps::Refusal why) {
    out.outcome = Outcome::invalid;
    if (out.errors.size() >= kMaxFindings) {
        out.truncated = true;
        return;
    }
    Finding finding;
    finding.path = std::move(path);
    finding.rule = std::move(why.rule);
    finding.where = where;
    finding.text_zh = std::move(why.text_zh);
    finding.text_en = std::move(why.text_en);
    out.errors.push_back(std::move(finding));
}

Record to_leaf(steps::Value&& value, const Shape* shape, bool is_json) {
    if (auto* list = std::get_if<std::vector<steps::Value>>(&value.held); list != nullptr) {
        Record out = Record::list();
        for (steps::Value& one : *list) {
            out.add(to_leaf(std::move(one), shape != nullptr ? &shape->item() : nullptr, is_json));
        }
        return out;
    }
    if (auto* text = std::get_if<std::string>(&value.held); text != nullptr) {
        return Record::text(std::move(*text));
    }
    if (value.type() == steps::Type::bytes) {
        return steps::to_record(value);
    }
    if (!is_json) {
        return Record::text(steps::to_text(value));
    }
    if (shape != nullptr && shape->type == "number" && value.type() == steps::Type::decimal) {
        return Record::number(steps::to_text(value));
    }
    return steps::to_record(value);
}

void write_target(const TargetOp& target, Output& out) {
    if (target.format == "fixed") {
        write_fixed_file(target, out);
    } else {
        Wrapper{target, out}.run();
    }
}

}  // namespace datong::mapping
