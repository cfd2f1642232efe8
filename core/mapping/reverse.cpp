#include <algorithm>

#include "core/base/text.h"
#include "core/mapping/checker.h"

namespace datong::mapping {
namespace {

using ast::Report;

/// Lists of the way back learn what they must know of those there.
void bind_lists(const std::vector<ast::List>& said, const std::vector<ListOp>& there, std::vector<ListOp>& back) {
    std::size_t next = 0;
    for (std::size_t i = 0; i < std::min(said.size(), there.size()) && next < back.size(); ++i) {
        if (!there[i].reverses) {
            continue;
        }
        ListOp& op = back[next++];
        op.any_order = said[i].any_order;
        op.left_out = said[i].left_out;
        op.readable = there[i].filter ? &*there[i].filter : nullptr;
        bind_lists(said[i].lists, there[i].lists, op.lists);
    }
}

/// What nobody maps needs no value on the way back.
void relax(Shape& shape, std::string_view path) {
    Shape* at = &shape;
    for (const std::string_view part : split(path, '.')) {
        auto& members = at->kind == Shape::Kind::list && !at->members.empty() ? at->members[0].members : at->members;
        const auto found =
            std::find_if(members.begin(), members.end(), [&](const Shape& one) { return one.name == part; });
        if (found == members.end()) {
            return;
        }
        at = &*found;
    }
    at->required = false;
}

/// What the checker says of the turned rows, as a person reads it who wrote them the other way round.
void as_reverse(const Mistakes& found, Mistakes& out) {
    for (const Mistake& one : found) {
        const bool other_way = one.code == "M402" || one.code == "M303" || one.code == "M501";
        if (one.severity == Severity::error && !other_way) {
            Report{out}(one.where, "M801", "反向: " + one.text_zh, "the reverse: " + one.text_en, one.hint);
        }
    }
}

}  // namespace

std::shared_ptr<const Mapping::Program> compile_reverse(const ast::File& file, Mapping::Program& forward,
                                                        const steps::Surroundings& around, Mistakes& mistakes) {
    Mistakes found;
    const ast::File turned = turned_file(file, forward, around, found);
    if (has_errors(found)) {
        mistakes.insert(mistakes.end(), found.begin(), found.end());
        return nullptr;
    }
    auto program = std::make_shared<Mapping::Program>();
    program->id = forward.id;
    program->version = forward.version;
    program->normalise = forward.normalise;
    program->unknown_privacy = forward.unknown_privacy;
    program->source = compile_source(turned.source, turned.defaults, found);
    program->target = compile_target(turned.target, found);
    program->source_shape = forward.target_shape;
    program->has_source_shape = true;
    program->target_shape = forward.source_shape;
    for (const ast::Text& one : file.ignore) {
        relax(program->target_shape, one.text);
    }
    shape_target(program->target, program->target_shape, found);
    program->target.order = program->target.format == "xml" ? &program->target_shape : nullptr;
    Checker{turned, around, *program, found, true}.all();
    as_reverse(found, mistakes);
    program->target.wrap = inverse_layers(forward.source, mistakes);
    bind_lists(file.lists, forward.lists, program->lists);
    return has_errors(mistakes) ? nullptr : program;
}

Output run_reverse(const Mapping::Program& program, const Input& input) {
    Output out = run_program(*program.reverse, input);
    for (const SetOp& set : program.source.sets) {  // a set of one row comes as a list, too
        record::Record* row = set.many ? nullptr : out.target.find(set.name);
        if (row != nullptr) {
            record::Record::List one;
            one.push_back(std::move(*row));
            *row = record::Record::list(std::move(one));
        }
    }
    return out;
}

}  // namespace datong::mapping
