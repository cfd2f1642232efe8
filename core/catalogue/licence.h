#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/catalogue/model.h"

namespace datong::catalogue {

/// A type of electronic licences (电子证照类型) as the sharing interfaces name it, and the service that answers for it.
/// Places are JSON pointers into the service's certificate; empty: it has no such thing.
struct Licence {
    std::string code;  ///< 证照类型代码 (GB/T 36903): 18 characters of a social credit code and 3 more
    std::string title;
    const Service* service{};
    std::vector<std::string> holders;  ///< 持证主体类型代码: "111" a person, "001" an organisation
    std::string identifier;            ///< 电子证照标识 (GB/T 36904), as the department gives it
    std::string number;                ///< 证照编号
    std::string file;                  ///< the sealed file, Base64
    std::string file_type;             ///< "pdf" or "ofd"
    std::string state;                 ///< a code, whose values the next three judge; every other is good
    std::vector<std::string> inactive;
    std::vector<std::string> suspended;
    std::vector<std::string> voided;
    std::string valid_to;                                      ///< a date
    std::vector<std::pair<std::string, std::string>> columns;  ///< member of a verification's certData -> place
};

}  // namespace datong::catalogue
