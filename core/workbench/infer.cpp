#include "core/workbench/infer.h"

#include <algorithm>
#include <deque>
#include <set>

#include "core/base/text.h"
#include "core/codec/csv.h"
#include "core/workbench/sample.h"
#include "core/workbench/yaml_text.h"

namespace datong::workbench {
namespace {

using record::Record;

constexpr std::size_t kMaxTexts = 200;    // a field is judged by so many of its values
constexpr std::size_t kMaxFields = 2000;  // beyond it a sample has data for names
constexpr std::size_t kLongestCode = 6;   // characters
constexpr std::size_t kMostCodes = 12;    // different values
constexpr std::size_t kLeastOfACode = 2;  // times that each was seen, on the average

/// What was seen at one path, over all samples.
struct Seen {
    std::string name;
    std::size_t times{};
    std::size_t objects{};  ///< how often it was an object; its members are counted against it
    bool empty{};
    bool list{};
    bool text{}, whole{}, decimal{}, flag{};
    std::vector<std::string> texts;
    std::deque<Seen> members;  ///< of objects and of the items of lists, in the order of appearance
};

class Gathering {
public:
    void add(Seen& at, const Record& node) {
        ++at.times;
        if (node.is_list()) {
            at.list = true;
            for (const Record& item : node.items()) {
                add_item(at, item);
            }
            return;
        }
        add_item(at, node);
    }

    [[nodiscard]] bool too_many() const noexcept { return fields_ > kMaxFields; }

private:
    void add_item(Seen& at, const Record& node) {
        if (node.is_object()) {
            ++at.objects;
            for (const record::Member& member : node.members()) {
                add(member_of(at, member.name.str()), member.value);
            }
            return;
        }
        if (node.is_null() || (node.is_scalar() && node.scalar().empty())) {
            at.empty = true;
            return;
        }
        at.flag = at.flag || node.is_boolean();
        at.whole = at.whole || (node.is_number() && node.scalar().find_first_of(".eE") == std::string_view::npos);
        at.decimal = at.decimal || (node.is_number() && node.scalar().find_first_of(".eE") != std::string_view::npos);
        at.text = at.text || node.is_text();
        if (at.texts.size() < kMaxTexts) {
            at.texts.emplace_back(node.scalar());
        }
    }

    Seen& member_of(Seen& at, const std::string& name) {
        const auto found =
            std::find_if(at.members.begin(), at.members.end(), [&](const Seen& one) { return one.name == name; });
        if (found != at.members.end() || too_many()) {
            return found != at.members.end() ? *found : rest_;
        }
        ++fields_;
        Seen& made = at.members.emplace_back();
        made.name = name;
        return made;
    }

    std::size_t fields_{};
    Seen rest_;
};

std::string_view type_of(const Seen& seen) {
    if (seen.list) {
        return "list";
    }
    if (seen.objects > 0) {
        return "object";
    }
    const bool number = seen.whole || seen.decimal;
    if (seen.text || (seen.flag && number) || (!seen.flag && !number)) {
        return "text";
    }
    return seen.flag ? "boolean" : seen.decimal ? "decimal" : "integer";
}

/// The values of a field that looks like a code: few, short, and each seen several times.
std::vector<std::string> codes_of(const Seen& seen) {
    const std::set<std::string> different{seen.texts.begin(), seen.texts.end()};
    const bool few = different.size() >= 2 && different.size() <= kMostCodes &&
                     seen.texts.size() >= different.size() * kLeastOfACode && seen.texts.size() < kMaxTexts;
    const bool coded = std::all_of(different.begin(), different.end(), [](const std::string& one) {
        return one.size() <= kLongestCode && std::all_of(one.begin(), one.end(), [](char c) {
                   return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
               });
    });
    return few && coded ? std::vector<std::string>{different.begin(), different.end()} : std::vector<std::string>{};
}

std::string quoted_list(const std::vector<std::string>& texts) {
    std::string out = "[";
    for (const std::string& one : texts) {
        out += (out.size() > 1 ? ", " : "") + double_quoted(one);
    }
    return out + ']';
}

std::string flow_scalar(const std::string& text) {
    yaml::Node node;
    node.text = text;
    return flow_text(node);
}

class Writing {
public:
    void members(const Seen& at, const std::string& prefix) {
        for (const Seen& one : at.members) {
            if (one.name.empty() || one.name.find('.') != std::string::npos) {
                out_ += "  # 名字里有点, 写不成路径 a name with a dot is no path: " + double_quoted(prefix + one.name) +
                        '\n';
                continue;
            }
            field(one, prefix + one.name, one.times < at.objects);
            members(one, prefix + one.name + '.');
        }
    }

    [[nodiscard]] std::string text() && { return std::move(out_); }

private:
    void field(const Seen& seen, const std::string& path, bool missing) {
        const std::string_view type = type_of(seen);
        out_ += "  - {path: " + flow_scalar(path) + ", type: " + std::string{type};
        const Guess guess = seen.objects > 0 ? Guess{} : guess_class(seen.name, seen.texts);
        if (const auto codes =
                type != "text" || !guess.class_name.empty() ? std::vector<std::string>{} : codes_of(seen);
            !codes.empty()) {
            out_ += ", codes: " + quoted_list(codes);
        }
        out_ += guess.class_name.empty() ? "" : ", class: " + guess.class_name;
        out_ += missing || seen.empty ? ", nullable: true" : "";
        out_ += guess.note.empty() ? "" : ", note: " + flow_scalar(guess.note);
        out_ += "}\n";
    }

    std::string out_;
};

Record record_of_csv(const codec::CsvRows& rows) {
    Record list = Record::list();
    for (std::size_t i = 1; i < rows.size(); ++i) {
        Record row = Record::object();
        for (std::size_t k = 0; k < rows[i].size() && k < rows[0].size(); ++k) {
            row.put(rows[0][k], Record::text(rows[i][k]));
        }
        list.add(std::move(row));
    }
    Record out = Record::object();
    out.put("row", std::move(list));
    return out;
}

Result<Record> read_any(std::string_view bytes) {
    const std::size_t first = bytes.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    if (first != std::string_view::npos && (bytes[first] == '<' || bytes[first] == '{' || bytes[first] == '[')) {
        return read_sample(bytes);
    }
    auto rows = codec::read_csv(bytes);
    if (!rows) {
        return fail(std::move(rows.error()));
    }
    if (rows->size() < 2) {
        return fail(Fault::bad_request, "neither XML nor JSON, and no CSV with a header and a line");
    }
    return record_of_csv(*rows);
}

}  // namespace

Result<std::string> draft_schema(const std::vector<std::string>& samples, const InferOptions& options) {
    Gathering gathering;
    Seen root;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        auto record =
            read_any(samples[i]).and_then([&](Record one) { return take_record(std::move(one), options.take); });
        if (!record) {
            return fail(std::move(record.error()).within("sample " + std::to_string(i + 1)));
        }
        gathering.add(root, *record);
    }
    if (root.objects == 0 || gathering.too_many()) {
        return fail(Fault::bad_request, root.objects == 0 ? "the samples hold no record: use --take"
                                                          : "the samples have more than 2000 different names");
    }
    Writing writing;
    writing.members(root, "");
    return "datong: source/v1\nid: " + flow_scalar(options.id) +
           "\nversion: 0.1.0\n"
           "title: 由样例推断的草稿 a draft from samples\n"
           "# 请逐行核对: 类别是猜的, 没有 class 的按 internal 看待; 样例里没有出现的字段这里也没有。\n"
           "# Check every line: classes are guesses, no class counts as internal; what no sample had is not here.\n"
           "fields:\n" +
           std::move(writing).text();
}

}  // namespace datong::workbench
