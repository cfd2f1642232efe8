#include <algorithm>

#include "core/mapping/target.h"

namespace datong::mapping {
namespace {

using ast::Report;
using Kind = WrapOp::Kind;
using Layer = UnwrapOp::Kind;

/// A document that is then encoded says in which charset.
void declare_charsets(std::vector<WrapOp>& wrap) {
    for (std::size_t i = 0; i + 1 < wrap.size(); ++i) {
        wrap[i].declares = wrap[i].kind == Kind::to_xml && wrap[i + 1].kind == Kind::encode_charset;
    }
}

/// Walks a source's layers from the outside in, and notes for each what makes it again.
class Inverter {
public:
    Inverter(const SourceOp& source, Mistakes& mistakes) : source_{source}, mistakes_{mistakes} {}

    std::vector<WrapOp> run() {
        if (source_.charset && !source_.has_cells()) {
            add(Kind::encode_charset, source_.where).charset = *source_.charset;
        }
        for (std::size_t i = 0; i < source_.unwrap.size(); ++i) {
            layer(source_.unwrap[i], i);
        }
        parse(source_.where);
        std::reverse(out_.begin(), out_.end());
        declare_charsets(out_);
        return std::move(out_);
    }

private:
    WrapOp& add(Kind kind, const Position& where) {
        WrapOp& op = out_.emplace_back();
        op.kind = kind;
        op.where = where;
        return op;
    }

    void report(const Position& where, std::string zh, std::string en, std::string hint = {}) {
        Report{mistakes_}(where, "M801", std::move(zh), std::move(en), std::move(hint));
    }

    void layer(const UnwrapOp& op, std::size_t index) {
        switch (op.kind) {
            case Layer::soap:
                return soap(op);
            case Layer::take:
                return take(op);
            case Layer::outcome:
                return outcome(op, index);
            case Layer::parse_xml:
                return xml(op.name, op.where, "{parse_xml: ROOT}");
            case Layer::parse_json:
                add(Kind::to_json, op.where);
                is_tree_ = true;
                return;
            case Layer::decode_base64:
                add(Kind::encode_base64, op.where);
                break;
            case Layer::decode_charset:
                add(Kind::encode_charset, op.where).charset = op.charset;
                break;
            case Layer::diffgram:
                report(op.where, "diffgram 不能反向: 数据集的结构和改动记录读过就没有了",
                       "a diffgram can't be reversed: the schema and changes of the data set are not kept");
                is_tree_ = true;
                return;
            case Layer::inflate:
                add(Kind::deflate, op.where).compression = op.compression;
                break;
        }
        is_tree_ = false;
    }

    void xml(const std::string& root, const Position& where, const std::string& hint) {
        if (root.empty()) {
            report(where, "反向写 XML 要知道根元素的名称",
                   "to write XML back, the name of its outermost element is wanted", hint);
        }
        add(Kind::to_xml, where).name = root;
        is_tree_ = true;
    }

    /// What the source's format reads by itself where a tree is wanted.
    void parse(const Position& where) {
        if (is_tree_) {
            return;
        }
        if (source_.format == "xml") {
            return xml(source_.root, where, "root: ROOT");
        }
        if (source_.format == "json" || source_.format == "csv") {
            add(source_.format == "json" ? Kind::to_json : Kind::to_csv, where);
        } else {
            report(where, "外面还有壳的 " + source_.format + " 不能反向",
                   "a source of format " + source_.format + " within other layers can't be reversed");
        }
        is_tree_ = true;
    }

    void soap(const UnwrapOp& op) {
        if (op.name.empty()) {
            report(op.where, "反向写 SOAP 要知道 Body 内元素的名称",
                   "to write SOAP back, the name of what Body holds is wanted", "{soap: {action: NAME}}");
        }
        WrapOp& made = add(Kind::soap, op.where);
        made.soap.action = op.name;
        made.soap.uri = op.uri;
        made.soap.version = op.version;
        is_tree_ = true;
    }

    void take(const UnwrapOp& op) {
        parse(op.where);
        bool named = false;
        for (const Segment& one : op.path.segments) {
            const bool first = one.kind == Segment::Kind::all || (one.kind == Segment::Kind::index && one.index == 0);
            if (one.kind == Segment::Kind::name) {
                add(Kind::put, op.where).name = one.name.str();
                named = true;
            } else if (first && named && !out_.back().as_list) {
                out_.back().as_list = true;
            } else {
                return report(op.where, "'" + op.path.text + "' 之前的内容反向时无从得知",
                              "what stands before '" + op.path.text + "' can't be known on the way back");
            }
        }
    }

    /// The code stands beside the record only when a later layer goes deeper; else a row writes it.
    void outcome(const UnwrapOp& op, std::size_t index) {
        parse(op.where);
        const bool deeper =
            std::any_of(source_.unwrap.begin() + static_cast<std::ptrdiff_t>(index) + 1, source_.unwrap.end(),
                        [](const UnwrapOp& later) { return later.kind != Layer::outcome; });
        if (!deeper) {
            return;
        }
        WrapOp& made = add(Kind::say, op.where);
        for (const Segment& one : op.path.segments) {
            if (one.kind == Segment::Kind::name) {
                made.at.push_back(one.name.str());
            }
        }
        if (op.ok.size() != 1 || made.at.size() != op.path.segments.size() || made.at.empty()) {
            report(op.where, "反向时不知道写哪个结果码: ok 应只有一个, code 应只由名称组成",
                   "a reverse can't tell which code to write: 'ok' wants one, and 'code' names alone",
                   "ok: [\"0000\"]");
            return;
        }
        made.name = op.ok[0];
    }

    const SourceOp& source_;
    Mistakes& mistakes_;
    std::vector<WrapOp> out_;
    bool is_tree_{};
};

}  // namespace

std::vector<WrapOp> inverse_layers(const SourceOp& source, Mistakes& mistakes) {
    if (!source.namespaces.empty()) {
        Report{mistakes}(source.where, "M801", "带 namespaces 的来源不能反向: 前缀由文档自己定",
                         "a source with 'namespaces' can't be reversed: a document chooses its prefixes itself");
    }
    const bool plain = std::all_of(source.unwrap.begin(), source.unwrap.end(),
                                   [](const UnwrapOp& op) { return op.kind == Layer::outcome; });
    if (plain && source.has_cells()) {
        return {};  // the format writes itself
    }
    return Inverter{source, mistakes}.run();
}

}  // namespace datong::mapping
