#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/mistake.h"
#include "core/workbench/rows.h"
#include "core/workbench/yaml_text.h"

namespace datong::workbench {

/// A row as a table wants it. A column that is not among `cells` is left as it is; one without a value
/// takes the key away.
struct WantedRow {
    std::string to;
    int line{};  ///< in the table
    std::map<std::string, std::optional<Said>, std::less<>> cells;
};

/// Edits of one mapping file, gathered and then made from the end to the beginning. Used once.
class RowEdit {
public:
    RowEdit(const YamlText& text, const std::string& table_file, Mistakes& mistakes);

    void all(const std::vector<WantedRow>& wanted);
    [[nodiscard]] std::string result() const;
    [[nodiscard]] int changed() const noexcept { return changed_; }
    [[nodiscard]] int added() const noexcept { return added_; }
    [[nodiscard]] int removed() const noexcept { return removed_; }

private:
    struct Edit {
        std::size_t begin{};
        std::size_t end{};
        std::string put;
    };

    /// Which members of a map or list go, in their order.
    using Gone = std::vector<bool>;

    [[nodiscard]] std::map<std::string, std::vector<const WantedRow*>> new_rows(const std::vector<RowList>& lists,
                                                                                const std::vector<WantedRow>& wanted);
    void change(const yaml::Node& row, const WantedRow& wanted);
    void put_value(const yaml::Node& row, const yaml::Node::Entry& entry, const Said& said);
    void put_new(const yaml::Node& row, const Gone& gone, std::string_view column, const Said& said);
    void take_keys(const yaml::Node& row, const Gone& gone);
    void take_rows(const yaml::Node& fields, const Gone& gone);
    void take_between(const std::vector<std::pair<std::size_t, std::size_t>>& ranges, const Gone& gone);
    void add_rows(const RowList& list, const std::vector<const WantedRow*>& rows, bool none_left);
    void keep_comments(const yaml::Node& row, const std::vector<std::string>& comments);
    void report(const WantedRow& row, std::string code, std::string zh, std::string en, std::string hint = {});
    [[nodiscard]] std::size_t dash_of(const yaml::Node& row) const;
    [[nodiscard]] std::string indent_at(std::size_t at) const;

    const YamlText& text_;
    const std::string& table_file_;
    Mistakes& mistakes_;
    std::vector<Edit> edits_;
    int changed_{};
    int added_{};
    int removed_{};
};

/// Whether the new text holds exactly the wanted rows, and outside of them what the old one held.
[[nodiscard]] bool says_the_same(const YamlText& before, const std::string& after,
                                 const std::vector<WantedRow>& wanted);

}  // namespace datong::workbench
