#include "core/workbench/coverage.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "core/mapping/reader.h"
#include "core/steps/registry.h"

namespace datong::workbench {
namespace {

using mapping::Passage;
namespace ast = mapping::ast;

/// Gathers the goals of one file.
class Goals {
public:
    Goals(const ast::File& file, const mapping::ReadFile& read, const std::vector<mapping::TestRun>& runs,
          const Passage& passage)
        : file_{file}, read_{read}, passage_{passage} {
        for (const mapping::TestRun& run : runs) {
            for (const auto* findings : {&run.output.errors, &run.output.warnings}) {
                for (const mapping::Finding& one : *findings) {
                    raised_.emplace(one.where.line, one.where.column, one.rule);
                }
            }
        }
    }

    std::vector<Goal> all() {
        for (const ast::Let& let : file_.lets) {
            std::set<std::string> rules;
            select(let.select, let.where, rules);
            steps(let.steps, let.where, rules);
        }
        rows(file_.fields);
        for (const ast::List& list : file_.lists) {
            this->list(list);
        }
        for (const ast::Check& check : file_.checks) {
            if (check.when) {
                condition(check.where, check.id);
            }
            rule(check.id, check.where);
        }
        table_rows();
        return std::move(goals_);
    }

private:
    void add(const Position& where, std::string zh, std::string en, bool met) {
        goals_.push_back({where, std::move(zh), std::move(en), met});
    }

    [[nodiscard]] bool passed(const Position& where, Passage::What what) const {
        return passage_.marks.contains({where.line, where.column, what, {}});
    }

    void condition(const Position& where, const std::string& name) {
        add(where, name + ": 条件为真", name + ": the condition is true", passed(where, Passage::What::when_true));
        add(where, name + ": 条件为假", name + ": the condition is false", passed(where, Passage::What::when_false));
    }

    void rule(const std::string& name, const Position& where) {
        add(where, "规则 " + name, "rule " + name, raised_.contains({where.line, where.column, name}));
    }

    void list(const ast::List& list) {
        rows(list.fields);
        for (const ast::List& inner : list.lists) {
            this->list(inner);
        }
    }

    void rows(const std::vector<ast::Field>& fields) {
        for (const ast::Field& field : fields) {
            add(field.where, field.to.text + ": 有值写出", field.to.text + ": written",
                passed(field.where, Passage::What::written));
            if (field.when) {
                condition(field.where, field.to.text);
            }
            std::set<std::string> rules;
            select(field.select, field.where, rules);
            steps(field.steps, field.where, rules);
        }
    }

    void select(const ast::Select& select, const Position& row, std::set<std::string>& rules) {
        for (std::size_t i = 0; i < select.cases.size(); ++i) {
            const ast::Case& one = select.cases[i];
            const std::string number = std::to_string(i + 1);
            add(one.where, "第 " + number + " 个分支", "case " + number, passed(one.where, Passage::What::taken));
            if (!one.error_rule.empty() && rules.insert(one.error_rule).second) {
                rule(one.error_rule, row);
            }
            steps(one.steps, row, rules);
        }
    }

    /// @param rules  what the row has as goals already: a rule counts once a row.
    void steps(const std::vector<ast::Step>& steps, const Position& row, std::set<std::string>& rules) {
        for (const ast::Step& step : steps) {
            const steps::Entry* entry = steps::find(step.name);
            const bool never_missing =
                step.name == "lookup" && step.argument != nullptr && is_never_missing(*step.argument);
            for (const std::string& one : entry != nullptr ? entry->rules : std::vector<std::string>{}) {
                const bool can = !never_missing || one != "lookup.missing";
                if (can && rules.insert(one).second) {
                    rule(one, row);
                }
            }
            if (step.name == "lookup" && step.argument != nullptr) {
                lookups_[step.argument->is_map() ? step.argument->text_of("table") : step.argument->text].push_back(
                    step.node->where);
            }
        }
    }

    /// Whether a lookup has a value for a code without a row: its own, or its table's.
    [[nodiscard]] bool is_never_missing(const yaml::Node& argument) const {
        const std::string name = argument.is_map() ? argument.text_of("table") : argument.text;
        return argument.find("missing") != nullptr ||
               std::any_of(file_.tables.begin(), file_.tables.end(), [&](const ast::Table& table) {
                   return table.name == name && table.missing && table.missing->text != "reject";
               });
    }

    void table_rows() {
        for (const ast::Table& one : file_.tables) {
            const auto used = lookups_.find(one.name);
            const auto csv = used == lookups_.end() ? std::nullopt : read_(one.file.text);
            const auto table =
                csv ? steps::Table::parse(*csv, one.file.text, one.key_column()) : tl::unexpected{Mistakes{}};
            if (!table) {
                continue;
            }
            int line = 1;
            for (const steps::TableRow& row : table->rows()) {
                const bool met =
                    std::any_of(used->second.begin(), used->second.end(), [&, &places = passage_](const Position& at) {
                        return places.marks.contains({at.line, at.column, Passage::What::given, row.from});
                    });
                add({one.file.text, ++line, 1}, "代码 '" + row.from + "'", "code '" + row.from + "'", met);
            }
        }
    }

    const ast::File& file_;
    const mapping::ReadFile& read_;
    const Passage& passage_;
    std::set<std::tuple<int, int, std::string>> raised_;
    std::map<std::string, std::vector<Position>, std::less<>> lookups_;
    std::vector<Goal> goals_;
};

}  // namespace

std::size_t Coverage::met() const {
    return static_cast<std::size_t>(std::count_if(goals.begin(), goals.end(), [](const Goal& one) { return one.met; }));
}

int Coverage::percent() const {
    return goals.empty() ? 100 : static_cast<int>(met() * 100 / goals.size());
}

Coverage coverage_of(std::string_view path, const mapping::ReadFile& read, const std::vector<mapping::TestRun>& runs,
                     const Passage& passage) {
    const auto text = read(path);
    const auto root = text ? yaml::parse(*text, std::string{path}, true) : tl::unexpected{Mistakes{}};
    if (!root) {
        return {};
    }
    Mistakes ignored;  // it compiles
    const ast::File file = mapping::read_file(*root, ignored);
    return {Goals{file, read, runs, passage}.all()};
}

}  // namespace datong::workbench
