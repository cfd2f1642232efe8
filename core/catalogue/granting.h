#pragma once

#include <string>

#include "core/base/mistake.h"
#include "core/catalogue/snapshot.h"
#include "core/codec/settings.h"
#include "core/yaml/node.h"

namespace datong::catalogue {

// What a grant and the application for it have in common.

/// Consumer, services, fields, verify, purposes, territory, case_required, quota, valid_from, valid_to.
/// @param reader  of `node`; its other members are the caller's.
[[nodiscard]] policy::Grant read_granted(codec::SettingsReader& reader, const yaml::Node& node, Mistakes& mistakes);

/// What is wrong with it beside what there is: codes C102, C103, C201, C212 to C214.
void check_granted(const Snapshot& snapshot, const yaml::Node& node, const policy::Grant& grant, Mistakes& mistakes);

/// The grant's file; of one that was approved with its approval.
[[nodiscard]] std::string to_yaml(const policy::Grant& grant);

}  // namespace datong::catalogue
