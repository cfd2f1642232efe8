#include "core/path/query.h"

#include <algorithm>
#include <utility>

#include "core/base/text.h"
#include "core/path/evaluate.h"
#include "core/path/parser.h"
#include "core/path/program.h"

namespace datong::path {
namespace {

using record::Record;

constexpr std::size_t kLongest = 4096;

/// A wildcard or an index alone: it names nothing, but leaves a query of names what it is.
bool is_place(const Segment& segment) {
    return !segment.is_descendant && segment.selectors.size() == 1 &&
           (segment.selectors.front().kind == Selector::Kind::wildcard ||
            segment.selectors.front().kind == Selector::Kind::index);
}

template <class Nodes>
std::optional<Nodes> unless_cut(const Evaluation& evaluation, Nodes found) {
    return evaluation.was_cut() ? std::nullopt : std::optional{std::move(found)};
}

}  // namespace

bool Path::takes_anything() const {
    return std::ranges::any_of(segments, [](const Segment& one) {
        return one.is_descendant || std::ranges::any_of(one.selectors, &Selector::is_dotted);
    });
}

bool Segment::is_name() const {
    return !is_descendant && selectors.size() == 1 && selectors.front().kind == Selector::Kind::name;
}

Query::Query(std::shared_ptr<const Program> program) : program_{std::move(program)} {
}

Result<Query> Query::compile(std::string_view text) {
    if (text.empty() || text.size() > kLongest) {
        return fail(Fault::bad_request, "a query has 1 to 4096 bytes");
    }
    if (!is_utf8(text)) {
        return fail(Fault::bad_request, "a query is UTF-8");
    }
    auto path = Parser{text}.parse();
    if (!path) {
        return fail(std::move(path.error()));
    }
    Program program{std::string{text}, std::move(*path), false};
    program.is_plain = std::ranges::all_of(program.path.segments, &Segment::is_name);
    return Query{std::make_shared<const Program>(std::move(program))};
}

std::optional<std::vector<Found>> Query::select(const Record& root, const Record& current) const {
    Evaluation evaluation{root};
    return unless_cut(evaluation, evaluation.select(program_->path, current));
}

std::optional<std::vector<const Record*>> Query::values(const Record& root, const Record& current) const {
    if (!program_->is_plain) {
        Evaluation evaluation{root};
        return unless_cut(evaluation, evaluation.values(program_->path, current));
    }
    const Record* at = program_->path.is_absolute ? &root : &current;
    for (const Segment& segment : program_->path.segments) {
        at = at->find(segment.selectors.front().name);
        if (at == nullptr) {
            return std::vector<const Record*>{};
        }
    }
    return std::vector{at};
}

Read Query::read(const Record& root, const Record& current, bool null_where_missing, const Normalise& normalise) const {
    Evaluation evaluation{root, &normalise};
    if (program_->path.takes_anything()) {
        evaluation.pass_words();
    }
    Read out;
    out.nodes = null_where_missing && !program_->is_plain ? evaluation.values_or_null(program_->path, current)
                                                          : evaluation.values(program_->path, current);
    out.visits = evaluation.visits();
    out.too_large = evaluation.was_cut();
    out.through_several = evaluation.met_several();
    out.no_group = evaluation.met_words();
    out.mixed = evaluation.met_mixed();
    return out;
}

bool Query::is_singular() const {
    return program_->path.is_singular();
}

bool Query::is_absolute() const {
    return program_->path.is_absolute;
}

std::vector<std::string> Query::names() const {
    std::vector<std::string> names;
    for (const Segment& segment : program_->path.segments) {
        if (segment.is_name()) {
            names.push_back(segment.selectors.front().name);
        } else if (!is_place(segment)) {
            return {};
        }
    }
    return names;
}

const Path& Query::path() const {
    return program_->path;
}

const std::string& Query::text() const {
    return program_->text;
}

}  // namespace datong::path
