#include "core/sources/fingerprint.h"

#include <algorithm>
#include <utility>

#include "core/base/text.h"

namespace datong::sources {
namespace {

using mapping::Shape;
using record::Record;

constexpr std::size_t kMostChanges = 200;
constexpr std::uint64_t kWindow = 100;
constexpr std::uint64_t kPoints = 40;  ///< percentage points between two rates that are worth a word

bool is_empty(const Record& value) {
    return value.is_null() ||
           (value.is_scalar() && value.scalar().find_first_not_of(" \t\r\n") == std::string_view::npos &&
            !value.is_boolean());
}

/// A code as it may be kept; empty for what does not look like one.
std::string kept_code(std::string_view text) {
    constexpr std::size_t kLongest = 8;
    constexpr std::size_t kMostDigits = 5;
    const auto is_plain = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
    };
    const bool is_number = std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
    const bool is_code =
        !text.empty() && text.size() <= (is_number ? kMostDigits : kLongest) && std::ranges::all_of(text, is_plain);
    return is_code ? std::string{text} : std::string{};
}

std::string below(const std::string& path, const std::string& name) {
    return path.empty() ? name : path + '.' + name;
}

std::string type_name(Record::Kind kind) {
    constexpr const char* kNames[] = {"null", "boolean", "number", "text", "bytes", "object", "list"};
    return kNames[static_cast<std::size_t>(kind)];
}

std::string percent(std::uint64_t part, std::uint64_t whole) {
    return std::to_string(whole == 0 ? 0 : part * 100 / whole) + " %";
}

Record whole(std::uint64_t value) {
    return Record::integer(static_cast<long long>(value));
}

std::uint64_t whole_of(const Record& record, std::string_view name) {
    const Record* value = record.find(name);
    return value != nullptr && value->is_number() ? to_whole_number(value->scalar()).value_or(0) : 0;
}

constexpr std::pair<Change::Kind, std::string_view> kKinds[] = {{Change::Kind::new_field, "new_field"},
                                                                {Change::Kind::gone, "gone"},
                                                                {Change::Kind::new_code, "new_code"},
                                                                {Change::Kind::new_type, "new_type"},
                                                                {Change::Kind::null_rate, "null_rate"}};

/// Cells are octets in the department's charset, which only the mapping knows: Chinese codes among them would never be
/// equal to those of the schema.
bool is_comparable(const Record& value) {
    return value.is_text() ||
           std::ranges::all_of(value.scalar(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

std::string_view name_of(Change::Kind kind) {
    return std::ranges::find(kKinds, kind, &std::pair<Change::Kind, std::string_view>::first)->second;
}

void Fingerprint::judge_by(std::string_view version) {
    if (version != version_) {
        version_ = version;
        changes_.clear();
    }
}

std::vector<Change> Fingerprint::add(const Record& reply, const Shape* schema, std::string_view now) {
    ++replies_;
    Notice notice{.now = now, .reply = &reply, .has_schema = schema != nullptr};
    visit(reply, "", schema, notice);
    return std::move(notice.fresh);
}

void Fingerprint::visit(const Record& node, const std::string& path, const Shape* schema, Notice& notice) {
    if (notice.depth > kMostDepth) {
        return;
    }
    ++notice.depth;
    if (node.is_object()) {
        visit_object(node, path, schema, notice);
    }
    for (const Record& item : node.items()) {
        visit(item, path, schema == nullptr ? nullptr : &schema->item(), notice);
    }
    --notice.depth;
}

void Fingerprint::visit_object(const Record& node, const std::string& path, const Shape* schema, Notice& notice) {
    if (fields_.size() >= kMostFields && !fields_.contains(path)) {
        return;
    }
    ++fields_[path].objects;
    for (const record::Member& member : node.members()) {
        note_member(member, path, schema, notice);
    }
    look_for_gone(path, notice);
}

void Fingerprint::note_member(const record::Member& member, const std::string& path, const Shape* parent_shape,
                              Notice& notice) {
    const Shape* shape = parent_shape == nullptr ? nullptr : parent_shape->item().member(member.name);
    if (shape == nullptr) {
        bool is_new = false;
        if ((notice.has_schema && parent_shape == nullptr) || !learn(member, path, is_new, notice)) {
            note_unnamed(member, path, parent_shape, is_new, notice);
            return;
        }
    }
    const Field& parent = fields_.find(path)->second;
    const std::string full = below(path, member.name);
    auto found = fields_.find(full);
    if (found == fields_.end()) {
        if (fields_.size() >= kMostFields) {
            return;
        }
        found = fields_.emplace(full, Field{.parent_at_first = parent.objects, .parent_at_last = parent.objects}).first;
    }
    if (parent_shape != nullptr && shape == nullptr) {
        change(Change::Kind::new_field, full, {}, notice);
    }
    found->second.parent_at_last = parent.objects;
    note_value(found->second, member.value, full, shape, notice);
    visit(member.value, full, shape, notice);
}

/// Of what has no name only that it is there: types and rates would be those of many.
void Fingerprint::note_unnamed(const record::Member& member, const std::string& path, const Shape* parent_shape,
                               bool is_new, Notice& notice) {
    const std::string full = below(path, "*");
    if (!fields_.contains(full)) {
        if (fields_.size() >= kMostFields) {
            return;
        }
        const std::uint64_t objects = fields_.find(path)->second.objects;
        is_new = is_new || (!notice.has_schema && objects > kLearning);
        fields_.emplace(full, Field{.parent_at_first = objects, .parent_at_last = objects});
    }
    if (parent_shape != nullptr || is_new) {
        change(Change::Kind::new_field, full, {}, notice);
    }
    visit(member.value, full, nullptr, notice);
}

void Fingerprint::note_value(Field& field, const Record& value, const std::string& path, const Shape* shape,
                             Notice& notice) {
    const bool was_learnt = field.seen >= kLearning;
    const bool empty = is_empty(value);
    ++field.seen;
    note_rate(field, empty, path, notice);
    if (empty) {
        return;
    }
    const unsigned type = 1U << static_cast<unsigned>(value.kind());
    if (was_learnt && (field.types & type) == 0) {
        change(Change::Kind::new_type, path, type_name(value.kind()), notice);
    }
    field.types |= type;
    if (shape != nullptr && !shape->item().codes.empty() && value.is_scalar() && is_comparable(value) &&
        std::ranges::find(shape->item().codes, trim_ows(value.scalar())) == shape->item().codes.end()) {
        change(Change::Kind::new_code, path, kept_code(trim_ows(value.scalar())), notice);
    }
}

void Fingerprint::note_rate(Field& field, bool is_empty, const std::string& path, Notice& notice) {
    Window& window = field.usual.seen < kWindow ? field.usual : field.now;
    ++window.seen;
    window.empty += is_empty ? 1 : 0;
    if (&window != &field.now || window.seen < kWindow) {
        return;
    }
    const std::uint64_t far = std::max(field.usual.empty, window.empty) - std::min(field.usual.empty, window.empty);
    if (far >= kPoints) {
        change(Change::Kind::null_rate, path,
               percent(field.usual.empty, field.usual.seen) + " -> " + percent(window.empty, window.seen), notice);
    }
    window = {};
}

void Fingerprint::look_for_gone(const std::string& parent, Notice& notice) {
    const std::uint64_t objects = fields_.find(parent)->second.objects;
    const std::string prefix = parent.empty() ? parent : parent + '.';
    for (auto at = fields_.lower_bound(prefix); at != fields_.end() && at->first.starts_with(prefix); ++at) {
        const Field& field = at->second;
        const bool is_member =
            !at->first.empty() && at->first.find('.', prefix.size()) == std::string::npos && at->first != parent;
        if (!is_member || field.seen < kLearning) {
            continue;
        }
        const std::uint64_t missed = objects - field.parent_at_last;
        const std::uint64_t usual_gap = (field.parent_at_last - field.parent_at_first + 1) / field.seen + 1;
        if (missed >= kLearning * usual_gap) {
            change(Change::Kind::gone, at->first, {}, notice);
        }
    }
}

void Fingerprint::change(Change::Kind kind, const std::string& path, std::string detail, Notice& notice) {
    if (notice.is_silent) {
        return;
    }
    const bool is_rate = kind == Change::Kind::null_rate;
    const std::string key = std::string{name_of(kind)} + ' ' + path + (is_rate ? std::string{} : ' ' + detail);
    const auto found = changes_.find(key);
    if (found != changes_.end()) {
        ++found->second.times;
        found->second.detail = std::move(detail);
        return;
    }
    if (changes_.size() >= kMostChanges) {
        return;
    }
    Change made{.kind = kind, .path = path, .detail = std::move(detail), .since = std::string{notice.now}, .times = 1};
    notice.fresh.push_back(made);
    changes_.emplace(key, std::move(made));
}

std::vector<Change> Fingerprint::changes() const {
    std::vector<Change> all;
    for (const auto& [key, one] : changes_) {
        all.push_back(one);
    }
    return all;
}

Record Fingerprint::to_record() const {
    Record fields = Record::list();
    for (const auto& [path, field] : fields_) {
        Record one = Record::list();
        one.add(Record::text(path));
        for (const std::uint64_t number : {field.seen, field.objects, field.parent_at_first, field.parent_at_last,
                                           std::uint64_t{field.types}, field.usual.seen, field.usual.empty,
                                           field.now.seen, field.now.empty, std::uint64_t{field.unknown_members}}) {
            one.add(whole(number));
        }
        fields.add(std::move(one));
    }
    Record changes = Record::list();
    for (const auto& [key, change] : changes_) {
        Record one = Record::object();
        one.put("kind", Record::text(std::string{name_of(change.kind)}));
        one.put("path", Record::text(change.path));
        one.put("detail", Record::text(change.detail));
        one.put("since", Record::text(change.since));
        one.put("times", whole(change.times));
        changes.add(std::move(one));
    }
    Record state = Record::object();
    state.put("version", Record::text(version_));
    state.put("replies", whole(replies_));
    state.put("fields", std::move(fields));
    state.put("changes", std::move(changes));
    return state;
}

Result<Fingerprint> Fingerprint::from_record(const Record& state) {
    constexpr std::size_t kNumbers = 11;  // with the path
    const Record* fields = state.find("fields");
    const Record* changes = state.find("changes");
    if (fields == nullptr || changes == nullptr || state.find("replies") == nullptr) {
        return fail(Fault::bad_request, "no fingerprint");
    }
    Fingerprint made;
    made.version_ = state.text_of("version");
    made.replies_ = whole_of(state, "replies");
    for (const Record& one : fields->items()) {
        if (one.items().size() != kNumbers || made.fields_.size() >= kMostFields) {
            return fail(Fault::bad_request, "a field of the fingerprint is none");
        }
        const auto number = [&one](std::size_t i) { return to_whole_number(one.items()[i].scalar()).value_or(0); };
        made.fields_.emplace(std::string{one.items()[0].scalar()},
                             Field{.seen = number(1),
                                   .objects = number(2),
                                   .parent_at_first = number(3),
                                   .parent_at_last = number(4),
                                   .types = static_cast<unsigned>(number(5)),
                                   .usual = {.seen = number(6), .empty = number(7)},
                                   .now = {.seen = number(8), .empty = number(9)},
                                   .unknown_members = number(10)});
    }
    for (const Record& one : changes->items()) {
        const std::string kind = one.text_of("kind");
        const auto known = std::ranges::find(kKinds, kind, &std::pair<Change::Kind, std::string_view>::second);
        if (known == std::end(kKinds) || made.changes_.size() >= kMostChanges) {
            return fail(Fault::bad_request, "a change of the fingerprint is none");
        }
        const bool is_rate = known->first == Change::Kind::null_rate;
        const std::string key =
            kind + ' ' + one.text_of("path") + (is_rate ? std::string{} : ' ' + one.text_of("detail"));
        made.changes_.emplace(key, Change{.kind = known->first,
                                          .path = one.text_of("path"),
                                          .detail = one.text_of("detail"),
                                          .since = one.text_of("since"),
                                          .times = whole_of(one, "times")});
    }
    return made;
}

}  // namespace datong::sources
