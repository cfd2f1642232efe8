#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/items/rows.h"

// What the platform's case tables say: which cases were accepted, and what was taken for each. Source: up_pro_accept of
// the national platform (办件), and the list of materials taken with it (收件, BDC_SL_SJCL and its like).
namespace datong::supervision {

/// One case (办件).
struct Case {
    std::string number;      ///< project_no
    std::string item;        ///< task_code
    std::string department;  ///< org_name, else org_code
    std::string window;      ///< window_no; empty: nobody wrote it down
    std::string day;         ///< accept_date: "2026-11-30"
};

/// How a material came (提交方式).
enum class Mode {
    paper,    ///< 1: the citizen brought or uploaded it
    licence,  ///< 2: an electronic licence was fetched
    reused,   ///< 3: from an earlier case
    shared    ///< 4: a department's data stood for it
};

/// One material of a case (收件).
struct Taken {
    std::string case_number;  ///< project_no
    std::string name;         ///< clmc
    Mode mode{Mode::paper};   ///< submit_mode
    std::string day{};        ///< taken_date; empty: the case's own
};

using Cases = std::map<std::string, Case, std::less<>>;  ///< by number

/// Columns project_no, task_code, accept_date, and perhaps org_name, org_code, window_no. A row that can't be
/// understood, and a second one of a number, is left out and named.
[[nodiscard]] Cases read_cases(const std::vector<items::Row>& rows, std::vector<items::Broken>& broken);

/// Columns project_no and clmc, and perhaps submit_mode (1 when left out) and taken_date. A row of a case that there is
/// not is left out and named.
[[nodiscard]] std::vector<Taken> read_taken(const std::vector<items::Row>& rows, const Cases& cases,
                                            std::vector<items::Broken>& broken);

}  // namespace datong::supervision
