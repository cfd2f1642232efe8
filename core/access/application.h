#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/mistake.h"
#include "core/catalogue/snapshot.h"
#include "core/policy/grants.h"

namespace datong::access {

/// The document that access rests on (依据文件).
struct Document {
    std::string title;   ///< 政务数据共享条例
    std::string number;  ///< 国务院令第809号
    std::string sha256;  ///< of the file that was handed in, 64 hexadecimal digits
};

/// An application for access (共享申请), as the applicant wrote it.
struct Application {
    std::string organisation;  ///< that applies, as its accounts name it
    std::string reason;        ///< what it is for, in words
    policy::Grant asked;       ///< what is wanted: all of a grant but its id and its approval
    Document basis;
    int retention_days{};  ///< how long the consumer keeps what it gets; 0: not at all
    std::vector<std::string> contacts;
};

/// Reads `datong: application/v1`.
/// @param name  that stands in the mistakes' places.
/// @return nullopt with at least one mistake in `mistakes` (codes M101 to M109, C101 to C105, C205).
[[nodiscard]] std::optional<Application> read_application(const std::string& text, const std::string& name,
                                                          Mistakes& mistakes);

/// What is wrong with an application that was read well, by what there is to grant and what its basis allows (codes
/// C102, C201, C212 to C214, C240 to C243, C250).
[[nodiscard]] Mistakes check_application(const std::string& text, const std::string& name,
                                         const catalogue::Snapshot& snapshot, const record::Date& today);

}  // namespace datong::access
