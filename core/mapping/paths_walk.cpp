#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>

#include "core/mapping/paths.h"

namespace datong::mapping {
namespace {

using record::Record;

constexpr std::size_t kNowhere = std::numeric_limits<std::size_t>::max();
const Record kNull;
const Normaliser kUsual;

path::Normalise normalise_of(const Path& path) {
    return std::cref(path.normalise != nullptr ? *path.normalise : kUsual);
}

/// What a path meets on its way down.
struct Gathered {
    std::vector<const Record*> nodes;
    Trouble trouble{Trouble::none};   ///< then the nodes mean nothing
    std::size_t null_from{kNowhere};  ///< of which segment on what is missing gives null
};

/// A member; of an element that is text alone its "#text" is the element.
const Record* member_of(const Record& node, const Segment& segment) {
    const Record* found = node.find(segment.name, segment.index);
    return found == nullptr && node.is_scalar() && segment.name == "#text" ? &node : found;
}

/// Whether a name that is missing stands behind words.
bool is_behind_words(const Record& node, const Segment& segment, const Path& path) {
    return segment.kind == Segment::Kind::name && !path::is_attribute_or_text(segment.name.view()) &&
           path::is_words(node, normalise_of(path));
}

const Record* child_of(const Record& node, const Segment& segment) {
    if (segment.kind == Segment::Kind::name) {
        return member_of(node, segment);
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
            out.trouble = Trouble::multiple;
        }
    } else if (const Record* child = child_of(node, segment); child != nullptr) {
        gather(*child, path, depth + 1, out);
    } else if (is_behind_words(node, segment, path)) {
        out.trouble = Trouble::no_group;
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

/// What lists at the end hold.
std::vector<const Record*> items_of(const Gathered& gathered) {
    std::vector<const Record*> flat;
    for (const Record* one : gathered.nodes) {
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

/// Each node a group, where the schema says so.
Nodes as_declared(const Path& path, std::vector<const Record*> nodes) {
    const path::Normalise normalise = normalise_of(path);
    if (leads_to_groups(path) &&
        std::any_of(nodes.begin(), nodes.end(), [&](const Record* one) { return path::is_words(*one, normalise); })) {
        return tl::unexpected{Trouble::no_group};
    }
    return nodes;
}

}  // namespace

bool leads_to_groups(const Path& path) {
    const auto is_element = [](const Shape& one) { return !path::is_attribute_or_text(one.name); };
    const Shape* item = path.shape != nullptr ? &path.shape->item() : nullptr;
    return item != nullptr && item->kind == Shape::Kind::object &&
           std::any_of(item->members.begin(), item->members.end(), is_element);
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
            const Record* child = member_of(*at, segment);
            if (child == nullptr && is_behind_words(*at, segment, path)) {
                return {nullptr, Trouble::no_group};
            }
            at = child;
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
        path::Read read = path.query->read(root, current, taken == Taken::apart_or_null, normalise_of(path));
        gathered.trouble = read.too_large         ? Trouble::too_large
                           : read.through_several ? Trouble::multiple
                           : read.no_group        ? Trouble::no_group
                           : read.mixed           ? Trouble::object
                                                  : Trouble::none;
        found = std::move(read.nodes);
        cost = read.visits;
    } else {
        gather(path.absolute ? root : current, path, 0, gathered);
    }
    if (gathered.trouble != Trouble::none) {
        return tl::unexpected{gathered.trouble};
    }
    const auto counted = [](std::size_t sum, const Record* one) { return sum + 1 + one->items().size(); };
    if (visits != nullptr &&
        (visits->count += std::accumulate(found.begin(), found.end(), cost, counted)) > Visits::kMost) {
        return tl::unexpected{Trouble::too_large};
    }
    if (taken == Taken::whole) {
        return std::move(found);
    }
    const bool is_apart = !path.segments.empty() && path.segments.back().kind == Segment::Kind::all;
    const bool has_lists =
        !is_apart && std::any_of(found.begin(), found.end(), [](const Record* one) { return one->is_list(); });
    return as_declared(path, has_lists ? items_of(gathered) : std::move(found));
}

}  // namespace datong::mapping
