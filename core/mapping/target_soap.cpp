#include "core/mapping/target.h"

namespace datong::mapping {

using ast::Report;
using record::Member;
using record::Record;
using Style = codec::SoapForm::Style;

void compile_soap(const yaml::Node& argument, WrapOp& op, Mistakes& mistakes) {
    ast::Keys keys{argument, mistakes};
    op.soap.version = keys.one_of("version", {"1.1", "1.2"}, "1.1");
    (void)keys.need("action");
    op.soap.action = keys.text("action");
    op.soap.uri = keys.text("uri");
    const std::string style = keys.one_of("style", {"rpc", "rpc-encoded", "document"}, "rpc");
    op.soap.style = style == "rpc" ? Style::rpc : style == "document" ? Style::document : Style::rpc_encoded;
    if (const yaml::Node* types = keys.map("types"); types != nullptr) {
        for (const auto& [name, type] : types->entries) {
            op.soap.types.emplace_back(name.text, type.text);
        }
        if (op.soap.style != Style::rpc_encoded) {
            Report{mistakes}(types->where, "M109", "types 只用于 style: rpc-encoded",
                             "'types' belong to style: rpc-encoded", "style: rpc-encoded");
        }
    }
    op.header = keys.text("header");
    op.header_uri = keys.text("header_uri");
    if (op.header.empty() && !op.header_uri.empty()) {
        Report{mistakes}(argument.where, "M108", "header_uri 需要 header", "header_uri wants 'header'");
    }
    keys.finish();
}

namespace {

/// As XML declarations name it. Source: IANA, Character Sets.
std::string_view declared_name(charset::Charset charset) {
    using charset::Charset;
    switch (charset) {
        case Charset::gb18030:
            return "GB18030";
        case Charset::gbk:
            return "GBK";
        case Charset::big5:
            return "Big5";
        case Charset::utf_16:
        case Charset::utf_16le:
        case Charset::utf_16be:
            return "UTF-16";
        case Charset::latin_1:
            return "ISO-8859-1";
        case Charset::utf_8:
            break;
    }
    return "UTF-8";
}

}  // namespace

Result<std::string> write_envelope(const WrapOp& op, const Record& content) {
    if (op.header.empty() || content.find(op.header) == nullptr) {
        return codec::write_soap(op.soap, content);
    }
    Record body = Record::object();
    Record header = Record::object();
    for (const Member& member : content.members()) {
        if (member.name != op.header) {
            body.append(member.name, Record{member.value});
            continue;
        }
        Record block = Record::object();
        if (!op.header_uri.empty()) {
            block.append("@xmlns", Record::text(op.header_uri));
        }
        if (!member.value.is_object()) {
            block.append("#text", Record{member.value});
        }
        for (const Member& inner : member.value.members()) {
            block.append(inner.name, Record{inner.value});
        }
        header.append(member.name, std::move(block));
    }
    return codec::write_soap(op.soap, body, header);
}

void declare_charset(std::string& text, charset::Charset charset) {
    constexpr std::string_view kBegin = "<?xml version=\"1.0\" encoding=\"";
    constexpr std::string_view kOurs = "UTF-8\"?>";
    if (text.starts_with(kBegin) && std::string_view{text}.substr(kBegin.size()).starts_with(kOurs)) {
        text.replace(kBegin.size(), kOurs.size(), std::string{declared_name(charset)} + "\"?>");
    }
}

}  // namespace datong::mapping
