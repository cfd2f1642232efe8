#include "core/mapping/engine.h"

namespace datong::mapping {
namespace {

using record::Record;

const std::vector<const Record*> kNoRows;

}  // namespace

/// The other list, read once: its rows by their key. A list from the root is the same for every item.
std::shared_ptr<const JoinIndex> Run::index_of(const JoinOp& op, const ListOp& list, const Item& item) {
    if (const auto found = indexes_.find(&op); found != indexes_.end()) {
        return found->second;
    }
    auto index = std::make_shared<JoinIndex>();
    const auto rows = collect(op.with, root_, *item.node, Taken::apart, item.joined, &visits_);
    if (!rows) {
        list_error(list, item, refusal_of(rows.error()));
        return nullptr;
    }
    for (const Record* row : *rows) {
        const auto key = select_path(op.right, Item{row}, false);
        if (!key) {
            list_error(list, item, key.error());
            return nullptr;
        }
        if (!key->is_null()) {
            (*index)[steps::to_text(*key)].push_back(row);
        }
    }
    if (op.with.absolute) {
        indexes_.emplace(&op, index);
    }
    return index;
}

void Run::join(const ListOp& op, const Item& item, ListNodes& nodes) {
    JoinedNodes joined;
    joined.nodes.resize(nodes.all.size());
    for (const JoinOp& one : op.joins) {
        joined.indexes.push_back(index_of(one, op, item));
        if (joined.indexes.back() == nullptr) {
            nodes.all.clear();
            return;
        }
        for (std::size_t i = 0; i < nodes.all.size(); ++i) {
            const auto key = select_path(one.left, Item{nodes.all[i]}, false);
            if (!key) {
                list_error(op, item, key.error());
                nodes.all.clear();
                return;
            }
            const auto& index = *joined.indexes.back();
            const auto found = key->is_null() ? index.end() : index.find(steps::to_text(*key));
            joined.nodes[i].rows.push_back(found != index.end() ? &found->second : &kNoRows);
        }
    }
    nodes.joined = std::move(joined);
}

/// Whether each join of an item found as many rows as it says.
bool Run::joins_fit(const ListOp& op, const Item& item) {
    bool fit = true;
    for (std::size_t i = 0; i < op.joins.size(); ++i) {
        const JoinOp& join = op.joins[i];
        const std::size_t count = item.joined != nullptr ? item.joined->rows[i]->size() : 0;
        const bool right =
            join.kind == JoinOp::Kind::many || count == 1 || (join.kind == JoinOp::Kind::optional && count == 0);
        if (right) {
            continue;
        }
        fit = false;
        Finding out;
        out.path = item.pointer();
        out.source = location(join.left, item.source());
        out.rule = "join.cardinality";
        out.where = op.where;
        out.text_zh = "'" + join.as + "' 匹配到 " + std::to_string(count) + " 行";
        out.text_en = "'" + join.as + "' found " + std::to_string(count) + " rows";
        error(std::move(out));
    }
    return fit;
}

}  // namespace datong::mapping
