#include <algorithm>

#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/mapping/ast.h"
#include "core/mapping/paths.h"
#include "core/mapping/tests_runner.h"

namespace datong::mapping {
namespace {

using record::Record;

std::string_view without_root(std::string_view path) {
    return path.starts_with("$.") ? path.substr(2) : path;
}

class Comparison {
public:
    explicit Comparison(Comparing how) : how_{how} {}

    [[nodiscard]] std::vector<std::string> take() { return std::move(out_); }

    void compare_leaf(const Record& wanted, const Record& got, const std::string& at) {
        const bool loose = how_.loose && wanted.is_scalar() && got.is_scalar();
        if (loose ? wanted.scalar() == got.scalar() : wanted == got) {
            return;
        }
        out_.push_back("at '" + at + "': wanted " + codec::write_json(wanted) + ", got " + codec::write_json(got));
    }

    void compare_record(const Record& wanted, const Record& got, const std::string& at) {
        if (wanted.is_list() && got.is_list()) {
            if (wanted.items().size() != got.items().size()) {
                out_.push_back("at '" + at + "': wanted " + std::to_string(wanted.items().size()) + " items, got " +
                               std::to_string(got.items().size()));
            }
            for (std::size_t i = 0; i < std::min(wanted.items().size(), got.items().size()); ++i) {
                compare_record(wanted.items()[i], got.items()[i], at + '/' + std::to_string(i));
            }
            return;
        }
        if (!wanted.is_object() || !got.is_object()) {
            return compare_leaf(wanted, got, at);
        }
        for (const record::Member& one : wanted.members()) {
            const Record* there = got.find(one.name);
            if (there == nullptr) {
                out_.push_back("at '" + at + '/' + one.name + "': wanted " + codec::write_json(one.value) +
                               ", got nothing");
            } else {
                compare_record(one.value, *there, at + '/' + one.name);
            }
        }
        for (const record::Member& one : got.members()) {
            if (!how_.partial && wanted.find(one.name) == nullptr) {
                out_.push_back("at '" + at + '/' + one.name + "': not wanted, got " + codec::write_json(one.value));
            }
        }
    }

private:
    Comparing how_;
    std::vector<std::string> out_;
};

/// Goes one segment down for a patch; a name of digits is an index where a list stands.
Record* go_down(Record* at, const Segment& segment) {
    const bool by_name = segment.kind == Segment::Kind::name;
    const auto index = by_name ? to_whole_number(segment.name) : std::optional<std::uint64_t>{segment.index};
    if (at->is_list()) {
        return index && *index < at->items().size() ? &at->items_to_edit()[static_cast<std::size_t>(*index)] : nullptr;
    }
    if (by_name) {
        return at->find(segment.name);
    }
    return segment.index == 0 ? at : nullptr;
}

}  // namespace

Record to_rows(const yaml::Node& node) {
    if (node.is_map()) {
        Record out = Record::object();
        for (const auto& [key, value] : node.entries) {
            out.put(key.text, to_rows(value));
        }
        return out;
    }
    if (node.is_list()) {
        Record out = Record::list();
        for (const yaml::Node& one : node.items) {
            out.add(to_rows(one));
        }
        return out;
    }
    return node.hex ? Record::bytes(node.text) : node.is_empty() ? Record{} : Record::text(node.text);
}

bool patch_record(Record& root, const std::string& where, const yaml::Node& value) {
    const auto path = parse_simple(where);
    if (!path || path->many || path->segments.empty()) {
        return false;
    }
    Record* at = &root;
    for (std::size_t i = 0; i + 1 < path->segments.size() && at != nullptr; ++i) {
        at = go_down(at, path->segments[i]);
    }
    const Segment& last = path->segments.back();
    Record* there = at != nullptr ? go_down(at, last) : nullptr;
    if (value.is_empty()) {
        if (there == nullptr || !at->is_object()) {
            return false;
        }
        std::erase_if(at->members_to_edit(), [&](const record::Member& one) { return one.name == last.name; });
        return true;
    }
    if (there == nullptr && at != nullptr && at->is_object() && last.kind == Segment::Kind::name) {
        there = &at->put(last.name, Record{});
    }
    if (there != nullptr) {
        *there = to_rows(value);
    }
    return there != nullptr;
}

std::vector<std::string> record_differences(const Record& wanted, const Record& got, Comparing how) {
    Comparison comparison{how};
    comparison.compare_record(wanted, got, "");
    return comparison.take();
}

std::string spoken_finding(const std::string& what, const Finding& one) {
    return what + " at '" + one.path + "': " + one.rule + (one.source.empty() ? "" : " from " + one.source) +
           (one.text_en.empty() ? "" : " (" + one.text_zh + " | " + one.text_en + ")");
}

std::vector<std::string> finding_differences(const std::string& what, const yaml::Node& wanted,
                                             const std::vector<Finding>& got) {
    std::vector<std::string> out;
    std::vector<const Finding*> left;
    for (const Finding& one : got) {
        left.push_back(&one);
    }
    for (const yaml::Node& one : wanted.items) {
        const auto found = std::find_if(left.begin(), left.end(), [&](const Finding* finding) {
            return finding->path == one.text_of("path") && finding->rule == one.text_of("rule") &&
                   (one.find("source") == nullptr ||
                    without_root(finding->source) == without_root(one.text_of("source")));
        });
        if (found == left.end()) {
            out.push_back(what + " wanted and not there: '" + one.text_of("path") + "' " + one.text_of("rule"));
        } else {
            left.erase(found);
        }
    }
    for (const Finding* one : left) {
        out.push_back(spoken_finding(what + " not wanted", *one));
    }
    return out;
}

namespace {

/// Who is asked stands in the test itself, where it is read beside what is expected.
void check_person(const yaml::Node& test, const std::string& expected, Mistakes& mistakes) {
    const yaml::Node* context = test.find("ctx");
    const yaml::Node* subject = context != nullptr ? context->find("subject") : nullptr;
    if (!expected.empty() && (subject == nullptr || subject->text_of("id_no").empty())) {
        mistakes.push_back({test.where, "M108", Severity::error, "expect_person 须有 ctx.subject, 写明问的是谁",
                            "expect_person wants ctx.subject: who was asked",
                            "ctx: {subject: {name: 示例甲, id_type: \"111\", id_no: \"999901199001010010\"}}"});
    }
}

}  // namespace

void check_tests(const yaml::Node& tests, Mistakes& mistakes) {
    for (const yaml::Node& test : tests.items) {
        ast::Keys keys{test, mistakes};
        (void)keys.need("name");
        for (const char* key : {"input", "input_text", "input_json", "input_rows", "input_gb18030", "ctx", "at",
                                "extends", "expect", "expect_file", "expect_partial", "note"}) {
            (void)keys.take(key);
        }
        (void)keys.map("patch");
        (void)keys.map("set");
        (void)keys.flag("round_trip", false);
        check_person(test, keys.one_of("expect_person", {"same", "other"}, ""), mistakes);
        (void)keys.one_of("expect_outcome", {"ok", "not_found", "rejected", "retry", "invalid", "malformed"}, "");
        if (const yaml::Node* splice = keys.take("splice"); splice != nullptr) {
            for (const yaml::Node& each : splice->is_list() ? splice->items : std::vector{*splice}) {
                ast::Keys inner{each, mistakes};
                for (const char* key : {"record", "at", "cut"}) {
                    (void)inner.whole(key);
                }
                (void)inner.take("bytes");
                inner.finish();
            }
        }
        for (const char* key : {"expect_errors", "expect_warnings"}) {
            const yaml::Node* list = keys.list(key);
            for (const yaml::Node& each : list != nullptr ? list->items : std::vector<yaml::Node>{}) {
                ast::Keys inner{each, mistakes};
                for (const char* part : {"path", "rule", "source"}) {
                    (void)inner.text(part);
                }
                inner.finish();
            }
        }
        keys.finish();
    }
}

void check_companion(const yaml::Node& root, Mistakes& mistakes) {
    ast::Keys keys{root, mistakes};
    (void)keys.need("tests");
    if (const yaml::Node* tests = keys.list("tests"); tests != nullptr) {
        check_tests(*tests, mistakes);
    }
    keys.finish();
}

}  // namespace datong::mapping
