#include "core/drafts/sample_shape.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "core/base/text.h"
#include "core/codec/xml.h"
#include "core/workbench/sample.h"
#include "core/workbench/yaml_text.h"

namespace datong::drafts {
namespace {

using record::Record;
using workbench::double_quoted;

constexpr int kDeepest = 8;
constexpr std::array<std::string_view, 14> kCodeNames{"code",    "resultcode", "retcode",    "returncode", "respcode",
                                                      "errcode", "errorcode",  "status",     "statuscode", "state",
                                                      "result",  "ret",        "resultflag", "flag"};

/// One way down to an object: pieces of path, and where a text is read again.
struct Step {
    enum class Kind { take, parse_json, parse_xml } kind{Kind::take};
    std::string path{};
};

struct Found {
    std::vector<Step> steps;
    const Record* record{};
    std::size_t scalars{};
};

bool is_name(std::string_view name) {
    return !name.empty() && name.find_first_of(".[]'\"* ") == std::string_view::npos;
}

/// A name in lower case without its underlines: "RESULT_CODE" is "resultcode".
std::string plain_name(std::string_view name) {
    std::string plain = ascii_lower(name);
    std::erase(plain, '_');
    return plain;
}

bool is_of_envelope(const std::string& name) {
    const std::string plain = plain_name(name);
    return std::ranges::find(kCodeNames, plain) != kCodeNames.end() || plain.ends_with("msg") ||
           plain.ends_with("message") || plain == "total" || plain == "requestid" || plain == "timestamp";
}

/// How many fields of a record an object has; what speaks of the answer itself counts for none.
std::size_t scalars_in(const Record& object) {
    return static_cast<std::size_t>(std::ranges::count_if(object.members(), [](const record::Member& member) {
        return member.value.is_scalar() && is_name(member.name) && !is_of_envelope(member.name);
    }));
}

/// Looks for the object with most fields; texts that are documents themselves are kept in `inner`.
class Search {
public:
    explicit Search(std::vector<std::unique_ptr<Record>>& inner) : inner_{inner} {}

    void visit(const Record& node, std::vector<Step> steps, int depth) {
        if (depth > kDeepest) {
            return;
        }
        if (node.is_list()) {
            if (!node.items().empty()) {
                if (steps.empty() || steps.back().kind != Step::Kind::take) {
                    steps.push_back({});
                }
                steps.back().path += "[*]";
                visit(node.items().front(), std::move(steps), depth + 1);
            }
            return;
        }
        if (node.is_text()) {
            visit_text(node.scalar(), std::move(steps), depth);
            return;
        }
        if (node.is_object() && scalars_in(node) > best.scalars) {
            best = {.steps = steps, .record = &node, .scalars = scalars_in(node)};
        }
        for (const record::Member& member : node.members()) {
            if (is_name(member.name) && !member.name.starts_with('@')) {
                visit(member.value, below(steps, member.name), depth + 1);
            }
        }
    }

    Found best;

private:
    static std::vector<Step> below(std::vector<Step> steps, const std::string& name) {
        if (steps.empty() || steps.back().kind != Step::Kind::take) {
            steps.push_back({});
        }
        steps.back().path += (steps.back().path.empty() ? "" : ".") + name;
        return steps;
    }

    void visit_text(std::string_view text, std::vector<Step> steps, int depth) {
        const auto first = text.find_first_not_of(" \t\r\n");
        if (first == std::string_view::npos || (text[first] != '<' && text[first] != '{' && text[first] != '[')) {
            return;
        }
        auto read = workbench::read_sample(text, true);
        if (!read) {
            return;
        }
        inner_.push_back(std::make_unique<Record>(std::move(*read)));
        steps.push_back({.kind = text[first] == '<' ? Step::Kind::parse_xml : Step::Kind::parse_json});
        visit(*inner_.back(), std::move(steps), depth + 1);
    }

    std::vector<std::unique_ptr<Record>>& inner_;
};

struct Code {
    std::string path;
    std::string value;
};

std::optional<Code> code_in(const Record& object, const std::string& prefix) {
    constexpr std::size_t kLongest = 12;
    for (const std::string_view wanted : kCodeNames) {
        for (const record::Member& member : object.members()) {
            const std::string_view value = member.value.scalar();
            if (plain_name(member.name) == wanted && member.value.is_scalar() && !value.empty() &&
                value.size() <= kLongest) {
                return Code{prefix + member.name, std::string{value}};
            }
        }
    }
    return std::nullopt;
}

/// The department's code of success beside the record, at this level or one below ("HEAD.CODE").
std::optional<Code> find_code(const Record& layer) {
    if (auto code = code_in(layer, "")) {
        return code;
    }
    for (const record::Member& member : layer.members()) {
        if (member.value.is_object() && is_name(member.name)) {
            if (auto code = code_in(member.value, member.name + ".")) {
                return code;
            }
        }
    }
    return std::nullopt;
}

std::string outcome_line(const Code& code) {
    return "outcome: {code: " + code.path + ", ok: [" + double_quoted(code.value) + "]}";
}

std::string without_star(std::string path) {
    if (path.ends_with("[*]")) {
        path.resize(path.size() - 3);
    }
    return path;
}

/// Writes the layers down; `layer` is where they begin.
void write_layers(const std::vector<Step>& steps, const Record& begin,
                  const std::vector<std::unique_ptr<Record>>& inner, SampleShape& shape) {
    const Record* layer = &begin;
    std::size_t parsed = 0;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (steps[i].kind != Step::Kind::take) {
            shape.unwrap.emplace_back(steps[i].kind == Step::Kind::parse_xml ? "parse_xml" : "parse_json");
            layer = parsed < inner.size() ? inner[parsed++].get() : layer;
            continue;
        }
        const bool is_last = i + 1 == steps.size();
        const auto code = find_code(*layer);
        if (code) {
            shape.none = is_last ? without_star(steps[i].path) : std::string{};
            shape.unwrap.push_back(outcome_line(*code));
        }
        shape.unwrap.push_back("take: " + double_quoted(steps[i].path));
    }
}

/// The inner documents on the way down, in order.
Result<std::vector<std::unique_ptr<Record>>> documents_on(const std::vector<Step>& steps, const Record& begin) {
    std::vector<std::unique_ptr<Record>> documents;
    Record at = begin;
    for (const Step& step : steps) {
        if (step.kind != Step::Kind::take) {
            documents.push_back(std::make_unique<Record>(at));
            continue;
        }
        auto next = workbench::take_record(at, {step.path});
        if (!next) {
            return fail(std::move(next.error()));
        }
        at = std::move(*next);
    }
    return documents;
}

std::vector<Step> steps_of(const Record& begin, const std::vector<std::string>& take) {
    std::vector<Step> steps;
    Record at = begin;
    for (const std::string& path : take) {
        steps.push_back({.kind = Step::Kind::take, .path = path});
        const auto nodes = workbench::find_nodes(at, path);
        const bool is_text = nodes && nodes->size() == 1 && nodes->front().value->is_text();
        if (is_text) {
            const std::string_view text = nodes->front().value->scalar();
            const auto first = text.find_first_not_of(" \t\r\n");
            const bool is_xml = first != std::string_view::npos && text[first] == '<';
            steps.push_back({.kind = is_xml ? Step::Kind::parse_xml : Step::Kind::parse_json});
        }
        auto next = workbench::take_record(at, {path});
        at = next ? std::move(*next) : Record{};
    }
    return steps;
}

/// The content of a SOAP Body's first child; nullptr where it is no envelope.
const Record* soap_content(const Record& root) {
    const Record* body = root.find("Body");
    if (body == nullptr || !body->is_object()) {
        return nullptr;
    }
    for (const record::Member& member : body->members()) {
        if (!member.name.starts_with('@') && member.value.is_object()) {
            return &member.value;
        }
    }
    return nullptr;
}

}  // namespace

Result<SampleShape> shape_of(std::string_view sample, const std::vector<std::string>& take) {
    const auto root = workbench::read_sample(sample);
    if (!root) {
        return fail(Error{root.error()}.within("the sample"));
    }
    SampleShape shape;
    const auto first = sample.find_first_not_of("\xEF\xBB\xBF \t\r\n");
    shape.format = first != std::string_view::npos && sample[first] == '<' ? "xml" : "json";
    const Record* begin = &*root;
    if (const Record* content = shape.format == "xml" ? soap_content(*root) : nullptr; content != nullptr) {
        shape.unwrap.emplace_back("soap");
        begin = content;
    }
    std::vector<std::unique_ptr<Record>> inner;
    Search search{inner};
    std::vector<Step> steps;
    if (take.empty()) {
        search.visit(*begin, {}, 0);
        steps = search.best.steps;
    } else {
        steps = steps_of(*begin, take);
    }
    const auto documents = documents_on(steps, *begin);
    if (!documents) {
        return fail(documents.error());
    }
    write_layers(steps, *begin, *documents, shape);
    std::vector<std::string> paths;
    for (const Step& step : steps) {
        if (step.kind == Step::Kind::take) {
            paths.push_back(step.path);
        }
    }
    auto record = workbench::take_record(*begin, paths);
    if (!record || !record->is_object() || scalars_in(*record) == 0) {
        return record ? fail(Fault::bad_request, "the sample holds no record with fields; say --take PATH")
                      : fail(std::move(record.error()));
    }
    shape.record = std::move(*record);
    return shape;
}

}  // namespace datong::drafts
