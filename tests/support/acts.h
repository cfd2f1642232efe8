#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "core/evidence/entry.h"
#include "core/evidence/verify.h"

namespace datong::support {

/// What an evidence folder holds of people who administer; throws when it can't be read.
inline std::vector<evidence::Administration> acts_in(const std::string& folder) {
    std::vector<evidence::Administration> acts;
    const auto read = evidence::read_folder(folder, [&acts](const record::Record& entry) {
        if (entry.text_of("kind") == "administration") {
            acts.push_back(evidence::read_administration(entry).value());
        }
        return true;
    });
    if (!read) {
        throw std::runtime_error{read.error().detail()};
    }
    return acts;
}

}  // namespace datong::support
