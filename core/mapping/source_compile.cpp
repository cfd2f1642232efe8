#include <algorithm>

#include "core/base/text.h"
#include "core/mapping/source.h"

namespace datong::mapping {
namespace {

using ast::Report;
using Kind = UnwrapOp::Kind;

std::vector<std::string> plain(std::vector<ast::Text> texts) {
    std::vector<std::string> out;
    for (ast::Text& one : texts) {
        out.push_back(std::move(one.text));
    }
    return out;
}

std::optional<Path> envelope_path(const ast::Text& text, Mistakes& mistakes) {
    auto path = parse_simple(text.text);
    if (!path) {
        Report{mistakes}(text.where, "M211", "路径只能由名称、[序号]、[*] 组成",
                         "a path here is made of names, [n] and [*] only");
    }
    return path;
}

void compile_outcome(const ast::Wrapping& from, UnwrapOp& op, Mistakes& mistakes) {
    if (from.argument == nullptr) {
        Report{mistakes}(from.where, "M108", "outcome 缺少参数", "outcome wants {code: ..., ok: [...]}");
        return;
    }
    ast::Keys keys{*from.argument, mistakes};
    (void)keys.need("code");
    (void)keys.need("ok");
    if (auto code = envelope_path(keys.located("code"), mistakes); code) {
        op.path = std::move(*code);
    }
    op.ok = plain(keys.texts("ok"));
    op.not_found = plain(keys.texts("not_found"));
    op.retry = plain(keys.texts("retry"));
    op.rejected = plain(keys.texts("rejected"));
    if (const auto none = keys.optional_located("none"); none) {
        op.none = envelope_path(*none, mistakes);
    }
    if (const auto message = keys.optional_located("message"); message) {
        op.message = envelope_path(*message, mistakes);
    }
    keys.finish();
}

/// A layer with its argument and perhaps further keys, as one map: {inflate: gzip, max_bytes: 1000}.
yaml::Node whole(const ast::Wrapping& from) {
    if (from.more != nullptr) {
        return *from.more;
    }
    yaml::Node alone;
    alone.kind = yaml::Node::Kind::map;
    alone.where = from.where;
    yaml::Node key;
    key.text = from.name;
    alone.entries.push_back({std::move(key), *from.argument});
    return alone;
}

void compile_diffgram(const ast::Wrapping& from, UnwrapOp& op, Mistakes& mistakes) {
    if (from.argument == nullptr || !from.argument->is_scalar() || from.argument->text.empty()) {
        Report{mistakes}(from.where, "M301", "diffgram 缺少表名", "diffgram wants the name of its table",
                         "{diffgram: Table}");
        return;
    }
    const yaml::Node node = whole(from);
    ast::Keys keys{node, mistakes};
    op.table = keys.text("diffgram");
    op.empty_is_not_found = keys.one_of("empty", {"not_found", "invalid"}, "invalid") == "not_found";
    keys.finish();
}

void compile_inflate(const ast::Wrapping& from, UnwrapOp& op, Mistakes& mistakes) {
    constexpr std::size_t kUsual = 32U << 20;
    if (from.argument == nullptr) {
        Report{mistakes}(from.where, "M301", "inflate 缺少参数", "inflate wants {inflate: gzip}", "{inflate: gzip}");
        return;
    }
    const yaml::Node node = whole(from);
    ast::Keys keys{node, mistakes};
    op.compression = keys.one_of("inflate", {"gzip", "zlib"}, "gzip") == "gzip" ? codec::Compression::gzip
                                                                                : codec::Compression::zlib;
    op.max_bytes = keys.whole("max_bytes").value_or(kUsual);
    keys.finish();
}

/// {soap: {action, version?, uri?}}: what Body holds must be called so; and the way back calls it so.
void compile_soap_names(const yaml::Node& argument, UnwrapOp& op, Mistakes& mistakes) {
    ast::Keys keys{argument, mistakes};
    (void)keys.need("action");
    op.name = keys.text("action");
    op.version = keys.one_of("version", {"1.1", "1.2"}, "1.1");
    op.uri = keys.text("uri");
    keys.finish();
}

std::optional<UnwrapOp> compile_unwrap(const ast::Wrapping& from, Mistakes& mistakes) {
    static const std::vector<std::string> kNames{
        "soap", "take", "parse_xml", "parse_json", "decode_base64", "decode_charset", "outcome", "inflate", "diffgram"};
    if (is_of_a_profile(from, mistakes)) {
        return std::nullopt;
    }
    const auto found = std::find(kNames.begin(), kNames.end(), from.name);
    if (found == kNames.end()) {
        Report{mistakes}(from.where, "M301", "未知的剥壳步骤 '" + from.name + "'", "unknown unwrap '" + from.name + "'",
                         nearest(from.name, kNames).value_or(""));
        return std::nullopt;
    }
    UnwrapOp op;
    op.kind = static_cast<Kind>(found - kNames.begin());
    op.where = from.where;
    if (from.more != nullptr && op.kind != Kind::inflate && op.kind != Kind::diffgram) {
        Report{mistakes}(from.where, "M107", "此层应写成 名称 或 {名称: 参数}",
                         "a layer is written as name or {name: argument}");
    }
    if (op.kind == Kind::outcome || op.kind == Kind::inflate) {
        op.kind == Kind::outcome ? compile_outcome(from, op, mistakes) : compile_inflate(from, op, mistakes);
        return op;
    }
    if (op.kind == Kind::diffgram) {
        compile_diffgram(from, op, mistakes);
        return op;
    }
    if (op.kind == Kind::soap && from.argument != nullptr && from.argument->is_map()) {
        compile_soap_names(*from.argument, op, mistakes);
        return op;
    }
    const bool wants_argument = op.kind == Kind::take || op.kind == Kind::decode_charset ||
                                (op.kind == Kind::parse_xml && from.argument != nullptr);
    if (wants_argument != (from.argument != nullptr && from.argument->is_scalar())) {
        Report{mistakes}(from.where, "M301", "'" + from.name + "' 的参数不对",
                         "'" + from.name + (wants_argument ? "' wants one text" : "' takes no argument"));
        return std::nullopt;
    }
    if (op.kind == Kind::take) {
        auto path = envelope_path({from.argument->text, from.argument->where}, mistakes);
        op.path = path ? std::move(*path) : Path{};
    } else if (op.kind == Kind::parse_xml && wants_argument) {
        op.name = from.argument->text;
    } else if (op.kind == Kind::decode_charset) {
        op.charset = text_charset(from.argument->text, from.argument->where, mistakes);
    }
    return op;
}

void check_columns(const ast::Layout& layout, const ast::Kind& kind, Mistakes& mistakes) {
    std::vector<ast::Column> columns = kind.columns;
    std::sort(columns.begin(), columns.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
    std::size_t next = kind.marker_at == 1 ? 1 + kind.marker.size() : 1;
    for (const ast::Column& one : columns) {
        if (one.at < next) {
            Report{mistakes}(one.where, "M701", "列 '" + one.name + "' 与前一列重叠",
                             "column '" + one.name + "' overlaps the one before it");
        } else if (one.at > next) {
            Report{mistakes}(one.where, "M701", "列 '" + one.name + "' 之前有未声明的字节",
                             "undeclared bytes before column '" + one.name + "'",
                             "FILLER: [" + std::to_string(next) + ", " + std::to_string(one.at - next) + "]");
        }
        next = std::max(next, one.at + one.length);
        if (layout.record_bytes != 0 && one.at + one.length > layout.record_bytes + 1) {
            Report{mistakes}(one.where, "M701", "列 '" + one.name + "' 超出记录长度",
                             "column '" + one.name + "' reaches beyond record_bytes");
        }
    }
    if (next <= layout.record_bytes && !columns.empty()) {
        Report{mistakes}(
            kind.where, "M701", "记录末尾有未声明的字节", "undeclared bytes at the end of the record",
            "FILLER: [" + std::to_string(next) + ", " + std::to_string(layout.record_bytes - next + 1) + "]");
    }
}

/// Two kinds that one record could be of: nothing that both markers look at differs.
void check_markers(const ast::Layout& layout, Mistakes& mistakes) {
    for (std::size_t i = 0; i < layout.kinds.size(); ++i) {
        for (std::size_t k = 0; k < i; ++k) {
            const ast::Kind& one = layout.kinds[k];
            const ast::Kind& other = layout.kinds[i];
            bool differ = one.marker_at == 0 || other.marker_at == 0;  // said to be missing already
            const std::size_t end = std::min(one.marker_at + one.marker.size(), other.marker_at + other.marker.size());
            for (std::size_t at = std::max(one.marker_at, other.marker_at); at < end && !differ; ++at) {
                differ = one.marker[at - one.marker_at] != other.marker[at - other.marker_at];
            }
            if (!differ) {
                Report{mistakes}(other.where, "M701", "记录类型 '" + one.name + "' 与 '" + other.name + "' 分不开",
                                 "a record could be of kind '" + one.name + "' and of kind '" + other.name + "'",
                                 "select: {at: ..., is: ...}");
            }
        }
    }
}

/// Prefixes that a layer's path uses must be declared.
void prove_prefixes(const SourceOp& source, const UnwrapOp& op, Mistakes& mistakes) {
    for (const Path& path : {op.path, op.message.value_or(Path{}), op.none.value_or(Path{})}) {
        for (const Segment& one : path.segments) {
            prove_prefix(source, one.name.str(), op.where, mistakes);
        }
    }
}

/// A set of one row stands as its row 0.
void stand_on_row_one(Path& path, const std::vector<SetOp>& sets) {
    const bool one = path.segments.size() > 1 && std::any_of(sets.begin(), sets.end(), [&](const SetOp& set) {
                         return !set.many && set.name == path.segments[0].name;
                     });
    if (one && path.segments[1].kind == Segment::Kind::name) {
        path.text.insert(path.segments[0].name.size(), "[0]");
        path.segments.insert(path.segments.begin() + 1, Segment{Segment::Kind::index, {}, 0});
    }
}

}  // namespace

bool is_of_a_profile(const ast::Wrapping& layer, Mistakes& mistakes) {
    const bool cipher =
        layer.name == "encrypt" || layer.name == "sign" || layer.name == "decrypt" || layer.name == "verify";
    if (cipher) {
        Report{mistakes}(
            layer.where, "M301",
            "'" + layer.name +
                "' 要密钥、时间和报文头, 映射里都没有: 签名与加密按规范属于来源 (docs/signing-profiles.md)",
            "'" + layer.name +
                "' needs keys, a time and headers, which a mapping has not: profiles belong to the source "
                "(docs/signing-profiles.md)");
    } else if (layer.name == "xslt") {
        Report{mistakes}(layer.where, "M301", "本版本没有 xslt 预处理",
                         "this version has no xslt step: a mapping needs none for what it can say itself");
    }
    return cipher || layer.name == "xslt";
}

bool prove_prefix(const SourceOp& source, const std::string& name, const Position& where, Mistakes& mistakes) {
    const std::size_t colon = source.format == "xml" ? name.find(':') : std::string::npos;
    if (colon == std::string::npos) {
        return true;
    }
    std::vector<std::string> known;
    for (const codec::XmlNamespace& one : source.namespaces) {
        known.push_back(one.prefix);
    }
    const std::string prefix = name.substr(name.starts_with('@') ? 1 : 0, colon);
    if (std::find(known.begin(), known.end(), prefix) != known.end()) {
        return true;
    }
    Report{mistakes}(where, "M215", "source.namespaces 没有前缀 '" + prefix + "'",
                     "source.namespaces does not have the prefix '" + prefix + "'",
                     nearest(prefix, known).value_or("namespaces: {" + prefix + ": \"http://...\"}"));
    return false;
}

CsvOp compile_csv(const std::optional<ast::Csv>& csv, const Position& where, std::size_t max) {
    CsvOp out;
    out.where = csv ? csv->where : where;
    out.max = max;
    if (csv) {
        out.columns = plain(csv->columns);
        out.max = csv->max != 0 ? csv->max : max;
        out.header = csv->header;
        out.many = csv->many;
        out.empty_is_not_found = csv->empty_is_not_found;
        out.mark = csv->mark;
        out.separator = csv->separator[0];
    }
    return out;
}

std::optional<charset::Charset> charset_named(const std::string& name, const Position& where, Mistakes& mistakes) {
    if (name == "binary") {
        return std::nullopt;
    }
    const auto found = charset::by_name(name);
    if (!found) {
        Report{mistakes}(where, "M301", "未知的字符集 '" + name + "'", "unknown charset '" + name + "'", "gb18030");
    }
    return found;
}

charset::Charset text_charset(const std::string& name, const Position& where, Mistakes& mistakes) {
    if (name == "binary") {
        Report{mistakes}(where, "M301", "binary 只用于单元格的字节, 此处要文字的字符集",
                         "'binary' is for the bytes of cells: here it is text of a charset", "gb18030");
    }
    return charset_named(name, where, mistakes).value_or(charset::Charset::utf_8);
}

void prove_one_octet_blank(charset::Charset charset, const Position& where, Mistakes& mistakes) {
    using charset::Charset;
    if (charset == Charset::utf_16 || charset == Charset::utf_16le || charset == Charset::utf_16be) {
        Report{mistakes}(where, "M701", "fixed 不能用 UTF-16: 列按单字节空格补齐, 行按单字节换行切分",
                         "'fixed' can't be UTF-16: columns are padded with blanks of one byte, and lines end with one",
                         "gb18030");
    }
}

codec::FixedLayout compile_layout(const ast::Layout& layout, Mistakes& mistakes) {
    using LineEnd = codec::FixedLayout::LineEnd;
    codec::FixedLayout out;
    out.record_bytes = layout.record_bytes;
    if (out.record_bytes == 0) {
        Report{mistakes}(layout.where, "M701", "缺少 record_bytes", "record_bytes is missing");
    }
    out.line_end = layout.line_end == "none"   ? LineEnd::none
                   : layout.line_end == "lf"   ? LineEnd::lf
                   : layout.line_end == "crlf" ? LineEnd::crlf
                                               : LineEnd::crlf_or_lf;
    check_markers(layout, mistakes);
    for (const ast::Kind& kind : layout.kinds) {
        check_columns(layout, kind, mistakes);
        if (layout.kinds.size() > 1 && (kind.marker_at == 0 || kind.marker.empty())) {
            Report{mistakes}(kind.where, "M701", "多种记录时每种都要有 select",
                             "with several kinds each one wants 'select'",
                             "select: {at: 1, is: \"" + kind.name + "\"}");
        }
        codec::FixedKind made{kind.name, kind.marker_at, kind.marker, kind.many, {}};
        for (const ast::Column& one : kind.columns) {
            made.columns.push_back({one.name, one.at, one.length});
        }
        out.kinds.push_back(std::move(made));
    }
    return out;
}

SourceOp compile_source(const ast::Source& source, const ast::Defaults& defaults, Mistakes& mistakes) {
    SourceOp out;
    out.format = source.format;
    out.where = source.where;
    out.root = source.root.text;
    if (!out.root.empty() && source.format != "xml") {
        Report{mistakes}(source.root.where, "M109", "root 只用于 xml", "'root' is for xml");
    }
    const bool cells = source.format == "rows" || source.format == "fixed";
    if (!source.charset.empty()) {
        out.charset = out.has_cells() ? charset_named(source.charset, source.where, mistakes)
                                      : text_charset(source.charset, source.where, mistakes);
    } else if (out.has_cells()) {
        out.charset = charset::Charset::utf_8;
    }
    for (const ast::Wrapping& one : source.unwrap) {
        if (cells && one.name != "outcome") {
            Report{mistakes}(one.where, "M109", "此格式的 unwrap 只有 outcome",
                             "this format has no other unwrap than outcome", "outcome");
            continue;
        }
        if (auto op = compile_unwrap(one, mistakes); op) {
            out.unwrap.push_back(std::move(*op));
        }
    }
    if ((source.format == "rows") == source.sets.empty() || (source.format == "fixed") != source.layout.has_value()) {
        Report{mistakes}(source.where, "M108", "rows 需要 sets, fixed 需要 layout, 其他格式都不需要",
                         "rows wants 'sets' and fixed wants 'layout'; no other format has them");
    }
    for (const ast::Set& set : source.sets) {
        out.sets.push_back({set.name, set.many, set.empty_is_not_found, set.max != 0 ? set.max : defaults.max_items,
                            set.charset.empty() ? out.charset : charset_named(set.charset, set.where, mistakes),
                            set.where});
    }
    for (const auto& [prefix, uri] : source.namespaces) {
        const bool twice = std::any_of(out.namespaces.begin(), out.namespaces.end(),
                                       [&](const auto& one) { return one.prefix == prefix.text || one.uri == uri; });
        if (source.format != "xml" || uri.empty() || twice) {
            Report{mistakes}(prefix.where, "M109", "namespaces 只用于 xml, 前缀与 URI 一一对应",
                             "namespaces are for xml, and a prefix has one URI of its own");
        }
        out.namespaces.push_back({prefix.text, uri});
    }
    for (UnwrapOp& op : out.unwrap) {
        prove_prefixes(out, op, mistakes);
        stand_on_row_one(op.path, out.sets);
    }
    out.told = told_by_outcomes(out.unwrap);
    if (source.format == "csv") {
        out.csv = compile_csv(source.csv, source.where, defaults.max_items);
    }
    if (source.layout) {
        out.layout = compile_layout(*source.layout, mistakes);
        prove_one_octet_blank(out.charset.value_or(charset::Charset::utf_8), source.where, mistakes);
        for (const ast::Kind& kind : source.layout->kinds) {
            out.most_rows.push_back(kind.max != 0 ? kind.max : defaults.max_items);
        }
    }
    return out;
}

}  // namespace datong::mapping
