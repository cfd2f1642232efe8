#pragma once

#include <string>

#include "core/drafts/department.h"
#include "core/drafts/fields.h"
#include "core/drafts/sample_shape.h"

namespace datong::drafts {

/// What the files of one skeleton are written from.
struct Parts {
    const DepartmentWish& wish;
    SampleShape shape;
    Fields fields;
    std::string sample;          ///< as it is kept for the tests
    std::string person_pointer;  ///< "/sfzh", "/qlr/*/zjh"
    std::string name_pointer;    ///< empty: only the id is compared
    std::string id_parameter;    ///< legacy names of what is asked: the person's id number and name
    std::string name_parameter;

    /// Rows of a data base have no wrapping.
    [[nodiscard]] bool is_rows() const { return wish.adapter == "sql" || is_exchange(); }
    /// Answers that the department leaves in a table: none there is no answer yet, never "no such record".
    [[nodiscard]] bool is_exchange() const { return wish.adapter == "exchange_table"; }
    /// What the rows' set is called: as the settings of sql say, or as exchange_table calls it.
    [[nodiscard]] std::string set_name() const { return is_exchange() ? "rows" : "rec"; }
    [[nodiscard]] bool is_organisation() const;  ///< the sample's person is one, by its number
    [[nodiscard]] std::string sample_file() const;
};

void write_config(const Parts& parts, DepartmentDraft& draft);
void write_mappings(const Parts& parts, DepartmentDraft& draft);

}  // namespace datong::drafts
