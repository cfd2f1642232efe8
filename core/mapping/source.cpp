#include "core/mapping/source.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/codec/soap.h"
#include "core/codec/xml.h"

namespace datong::mapping {
namespace {

using record::Record;
using Kind = UnwrapOp::Kind;

Finding finding(const Position& where, std::string rule, std::string zh, std::string en) {
    return {.rule = std::move(rule), .where = where, .text_zh = std::move(zh), .text_en = std::move(en)};
}

/// The envelope being taken off: bytes, text or a tree at each moment.
class Unwrapper {
public:
    Unwrapper(const SourceOp& source, const Input& input) : source_{source} {
        if (input.tree != nullptr) {
            out_.root = input.tree;
        } else {
            bytes_ = input.bytes;
        }
    }

    /// Only the outcome, of rows or a fixed-width file that are a tree already.
    Sourced outcome_only(Sourced read) {
        out_ = std::move(read);
        for (const UnwrapOp& op : source_.unwrap) {
            if (good()) {
                outcome(op);
            }
        }
        return std::move(out_);
    }

    Sourced run() {
        if (out_.root == nullptr && trim_all(bytes_).empty()) {
            malformed(source_.where, "unwrap.empty", "来源返回空内容", "the source answered nothing");
        }
        if (good() && out_.root == nullptr && source_.charset && decodes_whole()) {
            decode(*source_.charset, source_.where);
        }
        for (const UnwrapOp& op : source_.unwrap) {
            if (!good()) {
                break;
            }
            apply(op);
        }
        if (good() && source_.has_cells() && out_.root != nullptr && !out_.root->is_object()) {
            (void)leaf_to_bytes(source_.where);  // a file that stood inside an envelope
        }
        if (good() && tree(source_.where) && !out_.root->is_object()) {
            malformed(source_.where, "unwrap.record", "内容不是一条记录", "what is left is no record");
        }
        return std::move(out_);
    }

private:
    [[nodiscard]] bool good() const { return out_.outcome == Outcome::ok; }

    /// Cells are decoded one by one, unless what cuts them can be a part of a character.
    [[nodiscard]] bool decodes_whole() const {
        constexpr char kFirstSecondOctet = 0x40;  // of GBK, GB18030 and Big5
        return !source_.has_cells() || source_.csv.separator >= kFirstSecondOctet ||
               *source_.charset == charset::Charset::utf_16 || *source_.charset == charset::Charset::utf_16le ||
               *source_.charset == charset::Charset::utf_16be;
    }

    void end(Outcome outcome, const Position& where, steps::Refusal why) {
        out_.outcome = outcome;
        out_.errors.push_back(finding(where, std::move(why.rule), std::move(why.text_zh), std::move(why.text_en)));
    }

    void malformed(const Position& where, std::string rule, std::string zh, std::string en) {
        end(Outcome::malformed, where, {std::move(rule), std::move(zh), std::move(en)});
    }

    void keep(Record tree) {
        out_.owned = std::make_unique<Record>(std::move(tree));
        out_.root = out_.owned.get();
        bytes_ = {};
    }

    void hold(std::string octets, bool is_text) {
        text_ = std::move(octets);
        bytes_ = text_;
        is_text_ = is_text;
    }

    void decode(charset::Charset from, const Position& where) {
        auto text = charset::decode(bytes_, from);
        if (!text) {
            malformed(where, std::string{text.error().rule}, "内容不是所声明字符集的文字",
                      "not text of the declared charset at byte " + std::to_string(text.error().offset));
            return;
        }
        hold(std::move(*text), true);
    }

    /// Makes sure that what we hold is a tree, by the source's own format.
    bool tree(const Position& where) {
        if (out_.root == nullptr && source_.has_cells()) {
            parse_cells();
        } else if (out_.root == nullptr) {
            source_.format == "xml" ? parse_xml(where, source_.root) : parse_json(where);
        }
        return good();
    }

    void parse_cells() {
        Sourced read = read_cells(source_, bytes_, is_text_);
        if (read.outcome == Outcome::ok) {
            return keep(std::move(*read.owned));
        }
        out_.outcome = read.outcome;
        out_.errors = std::move(read.errors);
    }

    /// @param root  how the document element must be called; empty: any name.
    void parse_xml(const Position& where, const std::string& root) {
        auto xml = codec::read_xml(bytes_, is_text_, {.namespaces = source_.namespaces});
        if (!xml) {
            malformed(where, "unwrap.xml", "不是有效的 XML", xml.error().detail());
        } else if (ascii_equal_ignoring_case(xml->name, "html")) {
            malformed(where, "unwrap.html", "来源返回了网页", "the source answered a web page");
        } else if (!root.empty() && xml->name != root) {
            wrong_root(where, root);
        } else {
            keep(std::move(xml->content));
            is_xml_ = true;
        }
    }

    void wrong_root(const Position& where, const std::string& root) {
        malformed(where, "unwrap.root", "内容的根元素不是 '" + root + "'",
                  "the outermost element is not '" + root + "'");
    }

    void parse_json(const Position& where) {
        std::string_view text = bytes_;
        if (text.starts_with("\xEF\xBB\xBF")) {
            text.remove_prefix(3);
        }
        auto json = codec::read_json(text);
        if (!json) {
            malformed(where, "unwrap.json", "不是有效的 JSON", json.error().detail());
        } else {
            keep(std::move(*json));
            is_xml_ = false;
        }
    }

    /// The leaf that a tree was taken down to becomes bytes or text again.
    bool leaf_to_bytes(const Position& where) {
        if (out_.root == nullptr) {
            return true;
        }
        const Record* leaf = out_.root;
        if (leaf->is_object()) {
            const Record* text = leaf->find("#text");
            leaf = !path::is_text_element(*leaf) ? nullptr : text != nullptr ? text : &kEmpty;
        }
        if (leaf == nullptr || !(leaf->is_text() || leaf->is_bytes())) {
            malformed(where, "unwrap.text", "此层不是文本", "this layer is no text");
            return false;
        }
        hold(std::string{leaf->scalar()}, leaf->is_text());
        out_.root = nullptr;
        if (trim_all(bytes_).empty()) {
            malformed(where, "unwrap.empty", "此层没有内容", "this layer is empty");
            return false;
        }
        return true;
    }

    void apply(const UnwrapOp& op) {
        switch (op.kind) {
            case Kind::soap:
                return soap(op);
            case Kind::take:
                return take(op);
            case Kind::outcome:
                return outcome(op);
            case Kind::diffgram:
                return diffgram(op);
            default:
                break;
        }
        if (!leaf_to_bytes(op.where)) {
            return;
        }
        if (op.kind == Kind::parse_xml) {
            bytes_ = trim_all(bytes_);
            parse_xml(op.where, op.name);
        } else if (op.kind == Kind::parse_json) {
            parse_json(op.where);
        } else if (op.kind == Kind::decode_charset) {
            decode(op.charset, op.where);
        } else if (op.kind == Kind::inflate) {
            inflate(op);
        } else {
            base64(op);
        }
    }

    void inflate(const UnwrapOp& op) {
        auto bytes = codec::decompress(bytes_, op.compression, op.max_bytes);
        if (!bytes) {
            const bool bomb = bytes.error().fault() == Fault::body_too_large;
            malformed(op.where, bomb ? "unwrap.too_large" : "unwrap.inflate",
                      bomb ? "解压后超过上限" : "不是有效的压缩数据", bytes.error().detail());
            return;
        }
        hold(std::move(*bytes), false);
    }

    void base64(const UnwrapOp& op) {
        std::string packed;  // departments break the lines
        std::copy_if(bytes_.begin(), bytes_.end(), std::back_inserter(packed),
                     [](char c) { return c != '\r' && c != '\n' && c != ' ' && c != '\t'; });
        auto bytes = from_base64(packed);
        if (!bytes) {
            malformed(op.where, "unwrap.base64", "不是有效的 Base64", "not Base64");
            return;
        }
        hold(std::move(*bytes), false);
    }

    void soap(const UnwrapOp& op) {
        if (!leaf_to_bytes(op.where)) {
            return;
        }
        auto message = codec::read_soap(bytes_, is_text_);
        if (!message) {
            malformed(op.where, "unwrap.soap", "不是 SOAP 信封", message.error().detail());
        } else if (message->is_fault) {
            end(Outcome::rejected, op.where,
                {"upstream.fault", "来源返回 SOAP Fault", "the source answered a SOAP fault"});
        } else if (!op.name.empty() && message->body_name != op.name) {
            wrong_root(op.where, op.name);
        } else {
            keep(std::move(message->body));
            is_xml_ = true;
        }
    }

    void take(const UnwrapOp& op) {
        if (!tree(op.where)) {
            return;
        }
        const auto found = collect(op.path, *out_.root, *out_.root, Taken::whole);
        if (!found) {
            return end(Outcome::malformed, op.where, refusal_of(found.error()));
        }
        const Record* first = found->empty() ? nullptr : found->front();
        const bool repeated = first != nullptr && is_xml_ && first->is_list();  // an element that came twice
        if (found->size() > 1 || repeated) {
            return end(Outcome::malformed, op.where, refusal_of(Trouble::multiple));
        }
        if (first == nullptr || first->is_null()) {
            return malformed(op.where, "unwrap.take", "来源内容里没有 '" + op.path.text + "'",
                             "the source has no '" + op.path.text + "'");
        }
        out_.root = first;
    }

    void outcome(const UnwrapOp& op) {
        if (tree(op.where)) {
            judge_outcome(op, out_);
        }
    }

    void diffgram(const UnwrapOp& op) {
        if (tree(op.where)) {
            out_ = read_diffgram(op, *out_.root);
        }
    }

    inline static const Record kEmpty = Record::text("");

    const SourceOp& source_;
    Sourced out_;
    std::string text_;  ///< what bytes_ points into when it is ours
    std::string_view bytes_;
    bool is_text_{};
    bool is_xml_{};  ///< the tree was read from XML
};

void refuse(Sourced& out, Outcome outcome, Finding why) {
    out.outcome = outcome;
    out.errors.push_back(std::move(why));
}

Sourced read_rows(const SourceOp& source, const Input& input) {
    Sourced out;
    out.root = input.tree;
    if (input.tree == nullptr || !input.tree->is_object()) {
        refuse(out, Outcome::malformed, finding(source.where, "rows.missing", "没有收到结果集", "no result sets came"));
        return out;
    }
    out = Unwrapper{source, input}.outcome_only(std::move(out));
    if (out.outcome != Outcome::ok) {
        return out;
    }
    for (const SetOp& set : source.sets) {
        const Record* rows = input.tree->find(set.name);
        if (rows == nullptr || !rows->is_list()) {
            refuse(out, Outcome::malformed,
                   finding(set.where, "rows.missing", "缺少结果集 '" + set.name + "'",
                           "the result set '" + set.name + "' is missing"));
            return out;
        }
        const std::size_t count = rows->items().size();
        if (count == 0 && !set.many && set.empty_is_not_found) {
            out.outcome = Outcome::not_found;
            return out;
        }
        const bool bad = set.many ? count > set.max : count != 1;
        if (bad) {
            const char* rule = count == 0 ? "rows.empty" : set.many ? "rows.max" : "rows.many";
            refuse(out, Outcome::invalid,
                   finding(set.where, rule, "结果集 '" + set.name + "' 有 " + std::to_string(count) + " 行",
                           "the result set '" + set.name + "' has " + std::to_string(count) + " rows"));
            out.errors.back().source = "$." + set.name;
        }
    }
    return out;
}

/// Refuses a file with more rows of a kind than its layout takes.
void count_kinds(const SourceOp& source, Sourced& out) {
    for (std::size_t i = 0; i < source.layout.kinds.size() && i < source.most_rows.size(); ++i) {
        const codec::FixedKind& kind = source.layout.kinds[i];
        const Record* rows = out.root->find(kind.name);
        const std::size_t count = rows != nullptr ? rows->items().size() : 0;
        if (kind.many && count > source.most_rows[i]) {
            refuse(out, Outcome::invalid,
                   finding(source.where, "rows.max", "记录类型 '" + kind.name + "' 有 " + std::to_string(count) + " 行",
                           "there are " + std::to_string(count) + " records of the kind '" + kind.name + "'"));
        }
    }
}

Sourced read_fixed_file(const SourceOp& source, const Input& input) {
    Sourced out;
    if (input.tree != nullptr) {
        out.root = input.tree;
        count_kinds(source, out);
        return out.outcome == Outcome::ok ? Unwrapper{source, input}.outcome_only(std::move(out)) : std::move(out);
    }
    auto rows = codec::read_fixed(input.bytes, source.layout);
    if (!rows) {
        refuse(out, Outcome::malformed,
               finding(source.where, rows.error().rule, rows.error().text_zh, rows.error().text_en));
        return out;
    }
    out.owned = std::make_unique<Record>(std::move(*rows));
    out.root = out.owned.get();
    count_kinds(source, out);
    return out.outcome == Outcome::ok ? Unwrapper{source, input}.outcome_only(std::move(out)) : std::move(out);
}

}  // namespace

Sourced read_source(const SourceOp& source, const Input& input) {
    if (source.format == "rows") {
        return read_rows(source, input);
    }
    return source.format == "fixed" ? read_fixed_file(source, input) : Unwrapper{source, input}.run();
}

}  // namespace datong::mapping
