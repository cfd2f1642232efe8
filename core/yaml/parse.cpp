#include <istream>
#include <streambuf>

#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "core/base/text.h"
#include "core/yaml/builder.h"
#include "core/yaml/node.h"

namespace datong::yaml {
namespace {

constexpr std::size_t kMaxBytes = 2U << 20;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// Reads from a view without copying it.
class ViewBuffer final : public std::streambuf {
public:
    explicit ViewBuffer(std::string_view text) {
        char* begin = const_cast<char*>(text.data());  // a get area is never written to
        setg(begin, begin, begin + text.size());
    }
};

bool has_control_character(std::string_view text) {
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F) {
            return true;
        }
    }
    return false;
}

Mistakes one_mistake(const std::string& file, std::string text_zh, std::string text_en) {
    return {{{file, 0, 0}, "M101", Severity::error, std::move(text_zh), std::move(text_en), {}}};
}

void run(Builder& builder, std::string_view text) {
    ViewBuffer buffer{text};
    std::istream stream{&buffer};
    try {
        YAML::Parser parser{stream};
        while (parser.HandleNextDocument(builder)) {
        }
    } catch (const Stopped&) {
        return;
    } catch (const YAML::ParserException& broken) {
        // brackets that don't close look like a key that is a map, until the end of the file
        std::erase_if(builder.mistakes(), [](const Mistake& one) { return one.code == "M107"; });
        builder.add_mistake(broken.mark, "M101", "不是有效的 YAML", "not YAML: " + broken.msg);
    } catch (const std::exception&) {
        builder.add_mistake(YAML::Mark::null_mark(), "M101", "不是有效的 YAML", "not YAML");
    }
}

}  // namespace

tl::expected<Node, Mistakes> parse(std::string_view text, const std::string& file, bool allow_hex) {
    if (text.size() > kMaxBytes) {
        return tl::unexpected{one_mistake(file, "文件超过 2 MiB", "larger than 2 MiB")};
    }
    if (!is_utf8(text) || has_control_character(text)) {
        return tl::unexpected{one_mistake(file, "不是 UTF-8 文本", "not UTF-8 text")};
    }
    if (text.starts_with(kByteOrderMark)) {
        text.remove_prefix(kByteOrderMark.size());
    }
    Builder builder{text, file, allow_hex};
    run(builder, text);
    if (!builder.mistakes().empty()) {
        return tl::unexpected{std::move(builder.mistakes())};
    }
    if (!builder.root()) {
        Mistakes none = one_mistake(file, "文件为空", "holds no document");
        none.front().code = "M108";
        return tl::unexpected{std::move(none)};
    }
    return std::move(*builder.root());
}

}  // namespace datong::yaml
