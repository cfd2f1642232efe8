#include "core/path/parser.h"

#include <utility>

namespace datong::path {
namespace {

bool is_singular_segment(const Segment& segment) {
    return !segment.is_descendant && segment.selectors.size() == 1 &&
           (segment.selectors.front().kind == Selector::Kind::name ||
            segment.selectors.front().kind == Selector::Kind::index);
}

}  // namespace

bool Path::is_singular() const {
    for (const Segment& segment : segments) {
        if (!is_singular_segment(segment)) {
            return false;
        }
    }
    return true;
}

Result<Path> Parser::parse() {
    auto path = parse_top();
    if (path && !scan_.at_end()) {
        scan_.mistake("unexpected text");
    }
    if (!path || scan_.has_mistake()) {
        scan_.mistake("not a query");
        return fail(scan_.error());
    }
    return std::move(*path);
}

std::optional<Path> Parser::parse_top() {
    Path path;
    path.is_absolute = scan_.take("$");
    if (!path.is_absolute && !parse_first_of_relative(path)) {
        return std::nullopt;
    }
    return parse_segments(path) ? std::optional{std::move(path)} : std::nullopt;
}

/// "@" alone, or before a segment, is the current record itself; "@name" is a member.
bool Parser::parse_first_of_relative(Path& path) {
    if (scan_.peek() == '[' || (scan_.peek() == '.' && scan_.peek(1) == '.')) {
        return true;
    }
    const char behind = scan_.peek(1);
    if (scan_.peek() == '@' && (behind == '\0' || behind == '.' || behind == '[')) {
        return scan_.take("@");
    }
    Segment first;
    if (!parse_after_dot(first)) {
        return false;
    }
    path.segments.push_back(std::move(first));
    return true;
}

bool Parser::parse_segments(Path& path) {
    for (;;) {
        const std::size_t before = scan_.offset();
        scan_.skip_blanks();
        Segment segment;
        bool good = false;
        if (scan_.take("..")) {
            segment.is_descendant = true;
            good = scan_.peek() == '[' ? parse_brackets(segment) : parse_after_dot(segment);
        } else if (scan_.take(".")) {
            good = parse_after_dot(segment);
        } else if (scan_.peek() == '[') {
            good = parse_brackets(segment);
        } else {
            scan_.go_back(before);  // blanks belong to a segment only when one follows
            return true;
        }
        if (!good) {
            return false;
        }
        path.segments.push_back(std::move(segment));
    }
}

bool Parser::parse_after_dot(Segment& segment) {
    Selector selector;
    if (scan_.take("*")) {
        selector.kind = Selector::Kind::wildcard;
        selector.is_dotted = true;
    } else if (auto name = scan_.read_name()) {
        selector.name = std::move(*name);
    } else {
        scan_.mistake("a member's name or '*' is wanted here");
        return false;
    }
    segment.selectors.push_back(std::move(selector));
    return true;
}

bool Parser::parse_brackets(Segment& segment) {
    scan_.take("[");
    do {
        scan_.skip_blanks();
        auto selector = parse_selector();
        if (!selector) {
            return false;
        }
        segment.selectors.push_back(std::move(*selector));
        scan_.skip_blanks();
    } while (scan_.take(","));
    if (!scan_.take("]")) {
        scan_.mistake("']' is wanted here");
        return false;
    }
    return true;
}

std::optional<Selector> Parser::parse_selector() {
    Selector selector;
    if (scan_.take("*")) {
        selector.kind = Selector::Kind::wildcard;
        return selector;
    }
    if (scan_.take("?")) {
        const Nesting nesting{depth_};
        if (nesting.is_too_deep()) {
            scan_.mistake("nested deeper than 32 levels");
            return std::nullopt;
        }
        scan_.skip_blanks();
        auto expression = parse_expression();
        if (!expression) {
            return std::nullopt;
        }
        selector.kind = Selector::Kind::filter;
        selector.filter = std::make_shared<const Expression>(std::move(*expression));
        return selector;
    }
    if (auto name = scan_.read_string()) {
        selector.name = std::move(*name);
        return selector;
    }
    return parse_index_or_slice();
}

std::optional<Selector> Parser::parse_index_or_slice() {
    Selector selector;
    selector.start = scan_.read_integer();
    const std::size_t behind_number = scan_.offset();
    scan_.skip_blanks();
    if (!scan_.take(":")) {
        scan_.go_back(behind_number);
        if (!selector.start) {
            scan_.mistake("a selector is wanted here");
            return std::nullopt;
        }
        selector.kind = Selector::Kind::index;
        selector.index = *selector.start;
        return selector;
    }
    selector.kind = Selector::Kind::slice;
    scan_.skip_blanks();
    selector.end = scan_.read_integer();
    scan_.skip_blanks();
    if (scan_.take(":")) {
        scan_.skip_blanks();
        selector.step = scan_.read_integer().value_or(1);
    }
    return scan_.has_mistake() ? std::nullopt : std::optional{std::move(selector)};
}

}  // namespace datong::path
