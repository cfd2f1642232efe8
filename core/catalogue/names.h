#pragma once

#include "core/catalogue/loading.h"
#include "core/catalogue/predicate_check.h"

namespace datong::catalogue {

// Names in the configuration that mappings' schemas have to know. A wrong one is a mistake C214 at its own place, with
// the nearest right one: else a grant would hide its field, or a query miss its member, without a word.

/// `person`, `record_time` and `searched_division` of a service.
void check_names(Loading& loading, const yaml::Node& service_node, const Service& service);
/// Each field of a grant: some service of the grant must have it.
void check_names(Loading& loading, const yaml::Node& grant_node, const policy::Grant& grant);
/// The members of a material's query, and the paths into the call that they take their values from.
void check_names(Loading& loading, const yaml::Node& query_node, const Material& material);
/// Whether a material's predicates can be asked of its service, and take their values from what a call has.
void check_predicates(Loading& loading, const yaml::Node& node, const Material& material);

}  // namespace datong::catalogue
