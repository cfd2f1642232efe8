#include "core/mapping/expr_scanner.h"

#include <algorithm>
#include <array>

#include "core/base/text.h"

namespace datong::mapping {
namespace {

using Fn = Expr::Fn;
using steps::Type;

constexpr std::array kFunctions{
    Function{"length", Fn::length, 1, 1, Type::integer, false},
    Function{"lower", Fn::lower, 1, 1, Type::text, false},
    Function{"upper", Fn::upper, 1, 1, Type::text, false},
    Function{"starts_with", Fn::starts_with, 2, 2, Type::boolean, false},
    Function{"ends_with", Fn::ends_with, 2, 2, Type::boolean, false},
    Function{"contains", Fn::contains, 2, 2, Type::boolean, false},
    Function{"is_null", Fn::is_null, 1, 1, Type::boolean, false},
    Function{"coalesce", Fn::coalesce, 1, 16, Type::any, false},
    Function{"count", Fn::count, 1, 1, Type::integer, true},
    Function{"sum", Fn::sum, 1, 1, Type::any, true},
    Function{"min", Fn::min, 1, 1, Type::any, true},
    Function{"max", Fn::max, 1, 1, Type::any, true},
    Function{"abs", Fn::abs, 1, 1, Type::any, false},
    Function{"round", Fn::round, 1, 2, Type::decimal, false},
    Function{"integer", Fn::integer, 1, 1, Type::integer, false},
    Function{"decimal", Fn::decimal, 1, 1, Type::decimal, false},
    Function{"amount", Fn::amount, 2, 2, Type::money, false},
    Function{"date", Fn::date, 1, 2, Type::date, false},
    Function{"days_between", Fn::days_between, 2, 2, Type::integer, false},
    Function{"months_between", Fn::months_between, 2, 2, Type::integer, false},
    Function{"age", Fn::age, 1, 2, Type::integer, false},
    Function{"today", Fn::today, 0, 0, Type::date, false},
    Function{"first", Fn::first, 1, 1, Type::any, true},
    Function{"distinct", Fn::distinct, 1, 1, Type::list, true},
    Function{"any", Fn::any, 1, 1, Type::boolean, true},
    Function{"all", Fn::all, 1, 1, Type::boolean, true},
};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_word(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || c == '@' ||
           c == '#' || c == ':' || static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

std::shared_ptr<const steps::Step> make_bound(std::string_view step, const std::string& key,
                                              const std::vector<std::string>& texts, const Position& where,
                                              Mistakes& mistakes) {
    yaml::Node argument = yaml::quoted_text(texts[0], where);
    if (!key.empty()) {
        yaml::Node map;
        map.kind = yaml::Node::Kind::map;
        map.where = where;
        map.entries.emplace_back(yaml::quoted_text(key, where), std::move(argument));
        argument = std::move(map);
    } else if (texts.size() > 1) {
        argument.kind = yaml::Node::Kind::list;
        for (const std::string& one : texts) {
            argument.items.push_back(yaml::quoted_text(one, where));
        }
    }
    const steps::Entry* entry = steps::find(step);
    return entry != nullptr ? entry->make(&argument, argument, {}, mistakes) : nullptr;
}

const Function* function_named(std::string_view name) {
    const auto* found =
        std::find_if(kFunctions.begin(), kFunctions.end(), [&](const Function& one) { return one.name == name; });
    return found != kFunctions.end() ? found : nullptr;
}

std::string nearest_function(std::string_view name) {
    std::vector<std::string> known;
    for (const Function& one : kFunctions) {
        known.emplace_back(one.name);
    }
    return nearest(name, known).value_or("");
}

bool take_prefix(std::string& path, std::string_view prefix) {
    if (path == prefix) {
        path = "@";
        return true;
    }
    const bool found = path.starts_with(prefix) && (path[prefix.size()] == '.' || path[prefix.size()] == '[');
    if (found) {
        path.erase(0, prefix.size() + (path[prefix.size()] == '.' ? 1 : 0));
    }
    return found;
}

Scanner::Scanner(const ast::Text& text, Mistakes& mistakes)
    : text_{text.text}, where_{text.where}, mistakes_{mistakes} {
}

void Scanner::fault(const std::string& zh, const std::string& en, std::string hint) {
    if (!failed_) {
        const std::string column = std::to_string(at_ + 1);
        ast::Report{mistakes_}(where_, "M601", "表达式第 " + column + " 列: " + zh,
                               "expression, column " + column + ": " + en, std::move(hint));
    }
    failed_ = true;
}

void Scanner::skip() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) {
        ++at_;
    }
}

bool Scanner::symbol(std::string_view wanted) {
    skip();
    if (!std::string_view{text_}.substr(at_).starts_with(wanted)) {
        return false;
    }
    at_ += wanted.size();
    return true;
}

bool Scanner::word(std::string_view wanted) {
    skip();
    const std::string_view rest = std::string_view{text_}.substr(at_);
    if (!rest.starts_with(wanted)) {
        return false;
    }
    if (rest.size() > wanted.size() && (is_word(rest[wanted.size()]) || rest[wanted.size()] == '.')) {
        return false;
    }
    at_ += wanted.size();
    return true;
}

std::optional<std::string> Scanner::take_quoted() {
    std::string out;
    while (at_ < text_.size()) {
        const char c = text_[at_++];
        if (c != '\'') {
            out += c;
        } else if (at_ < text_.size() && text_[at_] == '\'') {
            out += text_[at_++];
        } else {
            return out;
        }
    }
    fault("引号没有结束", "the quote does not end");
    return std::nullopt;
}

std::optional<record::Decimal> Scanner::take_number() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '.')) {
        ++at_;
    }
    auto value = record::Decimal::parse(std::string_view{text_}.substr(begin, at_ - begin));
    if (!value) {
        fault("不是数", "not a number");
    }
    return value;
}

std::string Scanner::take_name() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && (is_word(text_[at_]) || text_[at_] == '.' || text_[at_] == '[')) {
        if (text_[at_] == '[') {
            const std::size_t close = text_.find(']', at_);
            at_ = close == std::string::npos ? text_.size() - 1 : close;
        }
        ++at_;
    }
    return text_.substr(begin, at_ - begin);
}

}  // namespace datong::mapping
