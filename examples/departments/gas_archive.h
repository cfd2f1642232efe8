#pragma once

#include <filesystem>

#include "examples/departments/faults.h"
#include "examples/departments/people.h"

namespace datong::departments {

/// 燃气公司's archive of its users, as an old program exports it every night: one dBase III table in GBK, GAS_USER.DBF.
/// Who moved away stands there still, marked as deleted, in front of the row that holds.
class GasArchive {
public:
    /// @param folder  where the table goes; made when it is not there. `town` and `faults` must outlive this.
    GasArchive(const Town& town, Faults& faults, std::filesystem::path folder);
    GasArchive(const GasArchive&) = delete;
    GasArchive& operator=(const GasArchive&) = delete;
    ~GasArchive() = default;

private:
    /// Exports anew: under another name, then renamed.
    void follow_switch() const;

    const Town& town_;
    Faults& faults_;
    std::filesystem::path folder_;
};

}  // namespace datong::departments
