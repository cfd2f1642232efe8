#include "core/steps/pattern.h"

#include <vector>

#include <re2/re2.h>

#include "core/steps/family.h"

namespace datong::steps {
namespace {

constexpr int kMostInstructions = 65536;  // 16 bytes each: 1 MiB

re2::StringPiece piece(std::string_view text) {
    return {text.data(), text.size()};
}

StepPtr make_replace_regex(Arguments& arguments, const Surroundings&) {
    const auto pattern = arguments.pattern("pattern");
    std::string with = arguments.text("with");
    if (!pattern) {
        return nullptr;
    }
    if (const auto why = pattern->mistake_in(with)) {
        arguments.mistake("with", "替换文本引用了不存在的分组", "the replacement: " + *why);
    }
    return text_step([pattern = *pattern, with = std::move(with)](std::string text) -> Stepped {
        return Value{pattern.replace_all(std::move(text), with)};
    });
}

StepPtr make_extract(Arguments& arguments, const Surroundings&) {
    const auto pattern = arguments.pattern("pattern");
    const auto group = static_cast<int>(arguments.whole("group", 0, 99));
    if (!pattern) {
        return nullptr;
    }
    if (group > pattern->groups()) {
        arguments.mistake("group", "正则表达式没有第 " + std::to_string(group) + " 个分组",
                          "the pattern has no group " + std::to_string(group), "put ( ) around the part, or group: 0");
    }
    return text_step([pattern = *pattern, group](const std::string& text) -> Stepped {
        auto part = pattern.extract(text, group);
        if (!part) {
            return refuse("extract.nomatch", "文本里没有要提取的部分", "the text has no such part");
        }
        return Value{std::move(*part)};
    });
}

Parameter pattern_parameter(bool alone) {
    return {.name = "pattern",
            .kind = "pattern",
            .required = true,
            .help_en = "RE2",
            .help_zh = "RE2 正则表达式",
            .alone = alone};
}

}  // namespace

std::vector<Entry> pattern_entries() {
    return {
        with_maker(Entry{.name = "replace_regex",
                         .in = Type::text,
                         .out = Type::text,
                         .parameters = {pattern_parameter(false),
                                        {.name = "with",
                                         .kind = "text",
                                         .required = true,
                                         .help_en = "\\1 to \\9 are groups",
                                         .help_zh = "\\1 至 \\9 为分组"}},
                         .help_en = "Every match of a regular expression replaced.",
                         .help_zh = "按正则表达式替换所有匹配",
                         .examples = {{"2024年05月", "{pattern: '(\\d+)年(\\d+)月', with: '\\1-\\2'}", "2024-05"},
                                      {"abc", "{pattern: '[bx]', with: ''}", "ac"}}},
                   make_replace_regex),
        with_maker(Entry{.name = "extract",
                         .in = Type::text,
                         .out = Type::text,
                         .rules = {"extract.nomatch"},
                         .parameters = {pattern_parameter(true),
                                        {.name = "group",
                                         .kind = "whole",
                                         .otherwise = "1",
                                         .help_en = "0 is the whole match",
                                         .help_zh = "0 表示整个匹配"}},
                         .help_en = "A group of the first match of a regular expression.",
                         .help_zh = "用正则表达式提取一部分",
                         .examples = {{"藏（2024）拉萨市不动产权第0000001号", "'第(\\d+)号'", "0000001"},
                                      {"abc12", "{pattern: '\\d+', group: 0}", "12"},
                                      {"abc", "'(\\d+)'", "!extract.nomatch"}}},
                   make_extract),
    };
}

Pattern::Pattern(std::shared_ptr<const re2::RE2> program) : program_{std::move(program)} {
}

tl::expected<Pattern, std::string> Pattern::compile(std::string_view text) {
    RE2::Options options;
    options.set_log_errors(false);
    auto program = std::make_shared<const RE2>(piece(text), options);
    if (!program->ok()) {
        return tl::unexpected<std::string>{program->error()};
    }
    if (program->ProgramSize() > kMostInstructions) {
        return tl::unexpected<std::string>{"the pattern is too large"};
    }
    return Pattern{std::move(program)};
}

bool Pattern::matches_whole(std::string_view text) const {
    return RE2::FullMatch(piece(text), *program_);
}

bool Pattern::is_found_in(std::string_view text) const {
    return RE2::PartialMatch(piece(text), *program_);
}

std::optional<std::string> Pattern::extract(std::string_view text, int group) const {
    std::vector<re2::StringPiece> found(static_cast<std::size_t>(group) + 1);
    if (!program_->Match(piece(text), 0, text.size(), RE2::UNANCHORED, found.data(), group + 1) ||
        found.back().data() == nullptr) {
        return std::nullopt;
    }
    return std::string{found.back().data(), found.back().size()};
}

int Pattern::groups() const {
    return program_->NumberOfCapturingGroups();
}

std::string Pattern::replace_all(std::string text, std::string_view with) const {
    RE2::GlobalReplace(&text, *program_, piece(with));
    return text;
}

std::optional<std::string> Pattern::mistake_in(std::string_view replacement) const {
    std::string why;
    return program_->CheckRewriteString(piece(replacement), &why) ? std::nullopt : std::optional{why};
}

}  // namespace datong::steps
