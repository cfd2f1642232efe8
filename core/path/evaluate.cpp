#include "core/path/evaluate.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace datong::path {
namespace {

using record::Member;
using record::Record;

constexpr std::size_t kMostFound = 100'000;
constexpr std::size_t kNowhere = std::numeric_limits<std::size_t>::max();
const Record kNull;

/// One step of a location: a member's name, or an index where there is none.
struct Step {
    const record::Text* name{};
    std::size_t index{};
};

void append_quoted(std::string& out, std::string_view name) {
    constexpr std::string_view kHex = "0123456789abcdef";
    constexpr std::string_view kControls = "\b\t\n\f\r";
    constexpr std::string_view kLetters = "btnfr";
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        const std::size_t control = kControls.find(c);
        if (control != std::string_view::npos) {
            out.append("\\").append(1, kLetters[control]);
        } else if (c == '\'' || c == '\\') {
            out.append("\\").append(1, c);
        } else if (byte < 0x20) {
            out.append("\\u00").append(1, kHex[byte >> 4U]).append(1, kHex[byte & 15U]);
        } else {
            out += c;
        }
    }
}

/// Source: RFC 9535, 2.7.
std::string to_location(const std::vector<Step>& steps) {
    std::string out{"$"};
    for (const Step& step : steps) {
        if (step.name == nullptr) {
            out.append("[").append(std::to_string(step.index)).append("]");
            continue;
        }
        out.append("['");
        append_quoted(out, *step.name);
        out.append("']");
    }
    return out;
}

/// The walk of one path from one node. `Sink` is called with each node found and says whether to go on.
template <class Sink>
class Walk {
public:
    Walk(Evaluation& evaluation, const Path& path, std::size_t null_from, Sink& sink)
        : evaluation_{evaluation}, path_{path}, segments_{path.segments}, null_from_{null_from}, sink_{sink} {}

    /// @return false when the walk was ended early.
    bool from(const Record& node, std::size_t depth) {
        if (!evaluation_.visit()) {
            return false;
        }
        if (depth == segments_.size()) {
            return sink_(node, steps_);
        }
        const Segment& segment = segments_[depth];
        return segment.is_descendant ? descend(node, depth) : apply(node, depth);
    }

private:
    bool apply(const Record& node, std::size_t depth) {
        const auto select_one = [this, &node, depth](const Selector& selector) {
            return apply_one(selector, node, depth);
        };
        return std::ranges::all_of(segments_[depth].selectors, select_one);
    }

    /// The node itself first, then what is below it. Source: RFC 9535, 2.5.2.2.
    bool descend(const Record& node, std::size_t depth) {
        if (!evaluation_.visit() || !apply(node, depth)) {
            return false;
        }
        return for_children(node, [this, depth](const Record& child) { return descend(child, depth); });
    }

    bool apply_one(const Selector& selector, const Record& node, std::size_t depth) {
        const auto next = [this, depth](const Record& child) { return from(child, depth + 1); };
        const bool lenient = evaluation_.is_lenient() && !segments_[depth].is_descendant;
        if (lenient && selector.kind != Selector::Kind::name && !selector.is_dotted && !node.is_list()) {
            return take_lone(selector, node, next);
        }
        switch (selector.kind) {
            case Selector::Kind::name:
                return lenient ? take_name_of_one(selector.name, node, depth, next)
                               : take_name(selector.name, node, depth, next);
            case Selector::Kind::wildcard:
                return for_children(node, next);
            case Selector::Kind::index:
                return take_index(selector.index, node, next);
            case Selector::Kind::slice:
                return take_slice(selector, node, next);
            case Selector::Kind::filter:
                break;
        }
        return for_children(node, [this, &selector, &next](const Record& child) {
            return !evaluation_.holds_for(*selector.filter, child) || next(child);
        });
    }

    template <class Next>
    bool step(Step step, const Record& child, const Next& next) {
        steps_.push_back(step);
        const bool more = next(child);
        steps_.pop_back();
        return more;
    }

    template <class Next>
    bool for_children(const Record& node, const Next& next) {
        for (const Member& member : node.members()) {
            if (!step({&member.name, 0}, member.value, next)) {
                return false;
            }
        }
        const Record::List& items = node.items();
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (!step({nullptr, i}, items[i], next)) {
                return false;
            }
        }
        return true;
    }

    /// The item of a list of one; nullptr, and noted, of several.
    const Record* only_item(const Record& node) {
        const Record* at = &node;
        while (at->is_list() && at->items().size() == 1) {
            at = &at->items().front();
        }
        if (at->is_list() && !at->items().empty()) {
            evaluation_.note_several();
            return nullptr;
        }
        return at;
    }

    /// A name behind a list of one, or behind what is no group; false ends the walk.
    template <class Next>
    bool take_name_of_one(const std::string& name, const Record& node, std::size_t depth, const Next& next) {
        const Record* one = only_item(node);
        if (one == nullptr) {
            return false;
        }
        if (is_attribute_or_text(name)) {
            return name == "#text" && one->is_scalar() && !one->is_null() ? next(*one)
                                                                          : take_name(name, *one, depth, next);
        }
        if (one->find(name) == nullptr && is_words(*one, evaluation_.normalise()) && !evaluation_.passes_words() &&
            !path_.takes_anything()) {
            evaluation_.note_words();
            return false;
        }
        return take_name(name, *one, depth, next);
    }

    template <class Next>
    bool take_name(const std::string& name, const Record& node, std::size_t depth, const Next& next) {
        for (const Member& member : node.members()) {
            if (member.name == name) {
                return step({&member.name, 0}, member.value, next);
            }
        }
        return depth < null_from_ || sink_(kNull, steps_);
    }

    /// Brackets behind what is no list: a list of one, or of none where there is nothing.
    template <class Next>
    bool take_lone(const Selector& selector, const Record& node, const Next& next) {
        if (node.is_null() ||
            (selector.kind == Selector::Kind::filter && !evaluation_.holds_for(*selector.filter, node))) {
            return true;
        }
        const auto take = [&](std::size_t place) { return step({nullptr, place}, node, next); };
        switch (selector.kind) {
            case Selector::Kind::index:
                return (selector.index != 0 && selector.index != -1) || take(0);
            case Selector::Kind::slice:
                return for_places(selector, 1, take);
            default:
                return take(0);
        }
    }

    template <class Next>
    bool take_index(std::int64_t index, const Record& node, const Next& next) {
        const Record::List& items = node.items();
        const auto size = static_cast<std::int64_t>(items.size());
        const std::int64_t at = index < 0 ? index + size : index;
        if (at < 0 || at >= size) {
            return true;
        }
        const auto place = static_cast<std::size_t>(at);
        return step({nullptr, place}, items[place], next);
    }

    template <class Next>
    bool take_slice(const Selector& slice, const Record& node, const Next& next) {
        const Record::List& items = node.items();
        return for_places(slice, static_cast<std::int64_t>(items.size()),
                          [&](std::size_t place) { return step({nullptr, place}, items[place], next); });
    }

    /// Source: RFC 9535, 2.3.4.2.2.
    template <class Take>
    bool for_places(const Selector& slice, std::int64_t size, const Take& take) {
        if (slice.step == 0 || size == 0) {
            return true;
        }
        const bool forward = slice.step > 0;
        const auto place = [size, forward](std::int64_t at) {
            at = at < 0 ? at + size : at;
            return forward ? std::clamp<std::int64_t>(at, 0, size) : std::clamp<std::int64_t>(at, -1, size - 1);
        };
        const std::int64_t start = slice.start ? place(*slice.start) : forward ? 0 : size - 1;
        const std::int64_t end = slice.end ? place(*slice.end) : forward ? size : -1;
        for (std::int64_t at = start; forward ? at < end : at > end; at += slice.step) {
            if (!take(static_cast<std::size_t>(at))) {
                return false;
            }
        }
        return true;
    }

    Evaluation& evaluation_;
    const Path& path_;
    const std::vector<Segment>& segments_;
    std::size_t null_from_;
    Sink& sink_;
    std::vector<Step> steps_;
};

template <class Sink>
void walk(Evaluation& evaluation, const Path& path, const Record& start, std::size_t null_from, Sink sink) {
    Walk<Sink> walk{evaluation, path, null_from, sink};
    walk.from(start, 0);
}

}  // namespace

std::vector<const Record*> Evaluation::first_values(const Path& path, const Record& current, std::size_t most,
                                                    std::size_t null_from) {
    std::vector<const Record*> found;
    walk(*this, path, path.is_absolute ? root_ : current, null_from, [&found, most](const Record& node, const auto&) {
        found.push_back(&node);
        return found.size() < most;
    });
    return found;
}

std::vector<const Record*> Evaluation::values(const Path& path, const Record& current) {
    return within_limit(first_values(path, current, kMostFound + 1));
}

std::vector<const Record*> Evaluation::values_or_null(const Path& path, const Record& current) {
    std::size_t names = path.segments.size();
    while (names > 0 && path.segments[names - 1].is_name()) {
        --names;
    }
    return within_limit(first_values(path, current, kMostFound + 1, names));
}

std::vector<const Record*> Evaluation::within_limit(std::vector<const Record*> found) {
    found_too_many_ = found_too_many_ || found.size() > kMostFound;
    return found;
}

std::vector<Found> Evaluation::select(const Path& path, const Record& current) {
    std::vector<Found> found;
    walk(*this, path, path.is_absolute ? root_ : current, kNowhere,
         [&found](const Record& node, const std::vector<Step>& steps) {
             found.push_back({&node, to_location(steps)});
             return found.size() <= kMostFound;
         });
    found_too_many_ = found_too_many_ || found.size() > kMostFound;
    return found;
}

}  // namespace datong::path
