#include "core/mapping/paths.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "core/base/text.h"

namespace datong::mapping {
namespace {

using record::Record;

constexpr std::size_t kNowhere = std::numeric_limits<std::size_t>::max();
const Record kNull;

bool ends_name(char c) {
    return c == '.' || c == '[' || c == ']' || c == ' ' || c == '\'' || c == '?' || c == '*';
}

/// Reads one bracket "[0]", "[*]" or "['name']" at `at`; npos when it is something else.
std::size_t read_bracket(std::string_view text, std::size_t at, Path& path) {
    const std::size_t close = text.find(']', at);
    if (close == std::string_view::npos) {
        return std::string_view::npos;
    }
    const std::string_view inner = text.substr(at + 1, close - at - 1);
    Segment segment;
    if (inner == "*") {
        segment.kind = Segment::Kind::all;
        path.many = true;
    } else if (inner.size() > 2 && inner.front() == '\'' && inner.back() == '\'') {
        const std::string_view name = inner.substr(1, inner.size() - 2);
        if (name.find_first_of("'\\") != std::string_view::npos) {
            return std::string_view::npos;
        }
        segment.name = name;
    } else if (const auto index = to_whole_number(inner); index) {
        segment.kind = Segment::Kind::index;
        segment.index = static_cast<std::size_t>(*index);
    } else {
        return std::string_view::npos;
    }
    path.segments.push_back(std::move(segment));
    return close + 1;
}

steps::Refusal refusal(std::string rule, std::string zh, std::string en) {
    return {std::move(rule), std::move(zh), std::move(en)};
}

bool is_ascii(std::string_view bytes) {
    unsigned all = 0;  // no branch: cells are short, and the compiler takes many octets at once
    for (const char c : bytes) {
        all |= static_cast<unsigned char>(c);
    }
    return all < 0x80;
}

bool is_wide(charset::Charset from) {
    return from == charset::Charset::utf_16 || from == charset::Charset::utf_16le || from == charset::Charset::utf_16be;
}

steps::Stepped to_value(std::string_view text, const Normaliser& normalise) {
    const auto kept = normalise(text);
    if (kept && has_control(*kept)) {
        return tl::unexpected{refusal("charset.invalid", "含有不属于文字的控制字符", "a control character is no text")};
    }
    return kept ? steps::Value{std::string{*kept}} : steps::Value{};
}

steps::Stepped decode_cell(std::string_view bytes, charset::Charset from, const Normaliser& normalise) {
    if (!is_wide(from) && is_ascii(bytes)) {
        return to_value(bytes, normalise);
    }
    const auto text = charset::decode(bytes, from);
    if (!text) {
        const bool cut = text.error().rule == "charset.truncated";
        return tl::unexpected{
            refusal(std::string{text.error().rule}, cut ? "末尾的汉字被截断" : "字节不是所声明字符集的文字",
                    (cut ? "the last character is cut off at byte " : "not text of the declared charset at byte ") +
                        std::to_string(text.error().offset))};
    }
    return to_value(*text, normalise);
}

/// What a path meets on its way down.
struct Gathered {
    std::vector<const Record*> nodes;
    bool through_several{};           ///< a member's name stood behind a list of several
    std::size_t null_from{kNowhere};  ///< of which segment on what is missing gives null
};

const Record* child_of(const Record& node, const Segment& segment) {
    if (segment.kind == Segment::Kind::name) {
        return node.find(segment.name);
    }
    if (node.is_list()) {
        return segment.index < node.items().size() ? &node.items()[segment.index] : nullptr;
    }
    return segment.index == 0 && !node.is_null() ? &node : nullptr;
}

void gather(const Record& node, const Path& path, std::size_t depth, Gathered& out) {
    if (depth == path.segments.size()) {
        out.nodes.push_back(&node);
        return;
    }
    const Segment& segment = path.segments[depth];
    if (segment.kind == Segment::Kind::all && !node.is_list()) {  // a list of one that the source collapsed
        if (!node.is_null()) {
            gather(node, path, depth + 1, out);
        }
    } else if (segment.kind == Segment::Kind::all) {
        for (const Record& item : node.items()) {
            gather(item, path, depth + 1, out);
        }
    } else if (segment.kind == Segment::Kind::name && node.is_list() && !node.items().empty()) {
        if (node.items().size() == 1) {  // one that came as a list
            gather(node.items().front(), path, depth, out);
        } else {
            out.through_several = true;
        }
    } else if (const Record* child = child_of(node, segment); child != nullptr) {
        gather(*child, path, depth + 1, out);
    } else if (depth >= out.null_from) {
        out.nodes.push_back(&kNull);
    }
}

/// Behind which segment a path speaks of what an item has; kNowhere where it speaks of lists only.
std::size_t items_end(const Path& path) {
    if (path.shape != nullptr && path.shape->kind == Shape::Kind::list) {
        return kNowhere;
    }
    for (std::size_t i = path.segments.size(); i > 0; --i) {
        if (path.segments[i - 1].kind == Segment::Kind::all) {
            return i;
        }
    }
    const bool is_value = path.shape != nullptr && path.shape->kind == Shape::Kind::scalar;
    return path.query || path.join || is_value ? 0 : kNowhere;
}

}  // namespace

std::optional<Path> parse_simple(std::string_view text) {
    Path path;
    std::size_t at = 0;
    if (text.starts_with('$')) {
        path.absolute = true;
        at = text.starts_with("$.") ? 2 : 1;
    } else if (text == "@") {
        at = 1;
    }
    path.text = text.substr(at);
    while (at < text.size()) {
        if (text[at] == '[') {
            at = read_bracket(text, at, path);
            if (at == std::string_view::npos) {
                return std::nullopt;
            }
        } else {
            std::size_t end = at;
            while (end < text.size() && !ends_name(text[end])) {
                ++end;
            }
            if (end == at) {
                return std::nullopt;
            }
            path.segments.push_back({Segment::Kind::name, text.substr(at, end - at), 0});
            at = end;
        }
        if (at < text.size() && text[at] == '.') {
            ++at;
            if (at == text.size()) {
                return std::nullopt;
            }
        }
    }
    return path;
}

Met walk(const Path& path, const Record& root, const Record& current, const Joined* joined, Visits* visits) {
    if (path.query || path.many || path.join) {
        const auto found = collect(path, root, current, Taken::whole, joined, visits);
        if (!found) {
            return {nullptr, found.error()};
        }
        return {found->empty() ? nullptr : found->front(), found->size() > 1 ? Trouble::multiple : Trouble::none};
    }
    const Record* at = path.absolute ? &root : &current;
    for (const Segment& segment : path.segments) {
        if (segment.kind == Segment::Kind::name) {
            while (at->is_list() && at->items().size() == 1) {  // one that came as a list
                at = &at->items().front();
            }
            if (at->is_list() && at->items().size() > 1) {
                return {at, Trouble::multiple};
            }
            at = at->find(segment.name, segment.index);
        } else if (at->is_list()) {
            at = segment.index < at->items().size() ? &at->items()[segment.index] : nullptr;
        } else if (segment.index != 0) {
            at = nullptr;
        }
        if (at == nullptr) {
            return {};
        }
    }
    return {at};
}

Nodes collect(const Path& path, const Record& root, const Record& current, Taken taken, const Joined* joined,
              Visits* visits) {
    Gathered gathered;
    gathered.null_from = taken == Taken::apart_or_null ? items_end(path) : kNowhere;
    std::vector<const Record*>& found = gathered.nodes;
    std::size_t cost = 0;
    if (path.join) {
        for (const Record* row : joined != nullptr ? *joined->rows[*path.join] : std::vector<const Record*>{}) {
            gather(*row, path, 0, gathered);
        }
    } else if (path.query) {
        path::Read read = path.query->read(root, current, taken == Taken::apart_or_null);
        if (read.too_large) {
            return tl::unexpected{Trouble::too_large};
        }
        gathered.through_several = read.through_several;
        found = std::move(read.nodes);
        cost = read.visits;
    } else {
        gather(path.absolute ? root : current, path, 0, gathered);
    }
    if (gathered.through_several) {
        return tl::unexpected{Trouble::multiple};
    }
    const auto items_of = [](std::size_t sum, const Record* one) { return sum + 1 + one->items().size(); };
    if (visits != nullptr &&
        (visits->count += std::accumulate(found.begin(), found.end(), cost, items_of)) > Visits::kMost) {
        return tl::unexpected{Trouble::too_large};
    }
    const bool taken_apart = !path.segments.empty() && path.segments.back().kind == Segment::Kind::all;
    if (taken == Taken::whole || taken_apart ||
        std::none_of(found.begin(), found.end(), [](const Record* one) { return one->is_list(); })) {
        return std::move(found);
    }
    std::vector<const Record*> flat;
    for (const Record* one : found) {
        if (!one->is_list()) {
            flat.push_back(one);
            continue;
        }
        if (one->items().empty() && gathered.null_from != kNowhere) {
            flat.push_back(&kNull);
        }
        for (const Record& item : one->items()) {
            flat.push_back(&item);
        }
    }
    return flat;
}

steps::Refusal refusal_of(Trouble why) {
    if (why == Trouble::too_large) {
        return refusal("path.too_large", "来源太大, 路径没有找完",
                       "the source is too large for the path to be followed");
    }
    return refusal("path.multiple", "此处只应有一个值, 来源给了多个", "one value is wanted, the source has several");
}

std::string location(const Path& path, std::string_view current) {
    std::string out{path.absolute || current.empty() ? std::string_view{"$"} : current};
    if (!path.text.empty()) {
        if (path.text.front() != '[') {
            out += '.';
        }
        out += path.text;
    }
    return out;
}

std::optional<std::string_view> plain_text(const Record* node) {
    if (node != nullptr && (node->is_text() || node->is_number() || node->is_boolean())) {
        return node->scalar();
    }
    return std::nullopt;
}

std::optional<std::string_view> plain_leaf(const Record& node, const Path& path, const Normaliser& normalise) {
    const bool is_ascii_cell = node.is_bytes() && path.charset && !is_wide(*path.charset) && is_ascii(node.scalar());
    const auto text = is_ascii_cell || plain_text(&node) ? normalise(node.scalar()) : std::nullopt;
    return text && !has_control(*text) ? text : std::nullopt;
}

steps::Stepped leaf_value(const Record* node, const Path& path, const Normaliser& normalise, bool list_wanted) {
    if (node == nullptr || node->is_null()) {
        return steps::Value{};
    }
    if (const auto text = plain_text(node)) {
        return to_value(*text, normalise);
    }
    if (node->is_bytes()) {
        return path.charset ? decode_cell(node->scalar(), *path.charset, normalise)
                            : steps::Stepped{steps::Value{steps::Bytes{std::string{node->scalar()}}}};
    }
    if (node->is_object()) {  // an XML element with attributes
        if (const Record* text = node->find("#text"); text != nullptr) {
            return leaf_value(text, path, normalise);
        }
        const auto& members = node->members();
        if (std::all_of(members.begin(), members.end(), [](const auto& one) { return one.name.starts_with('@'); })) {
            return steps::Value{};
        }
        return tl::unexpected{refusal("path.object", "此处应为单个值, 来源给了一组字段",
                                      "a single value is wanted, the source has members")};
    }
    if (!list_wanted) {
        return node->items().empty() ? steps::Stepped{steps::Value{}} : tl::unexpected{refusal_of(Trouble::multiple)};
    }
    std::vector<steps::Value> values;
    for (const Record& item : node->items()) {
        auto value = leaf_value(&item, path, normalise);
        if (!value) {
            return value;
        }
        values.push_back(std::move(*value));
    }
    return steps::Value{std::move(values)};
}

}  // namespace datong::mapping
