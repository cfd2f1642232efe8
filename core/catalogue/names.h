#pragma once

#include "core/catalogue/loading.h"
#include "core/catalogue/predicate_check.h"

namespace datong::catalogue {

// Names in the configuration that mappings' schemas have to know. A wrong one is a mistake C214 at its own place, with
// the nearest right one: else a grant would hide its field, or a query miss its member, without a word.

/// `person`, `record_time` and `searched_division` of a service.
void check_names(Loading& loading, const yaml::Node& service_node, const Service& service);
/// Warns (C253) of a member of the query that is called like a division and sent to the department, where the service
/// has no `searched_division`: its answers would say that all divisions of its registers were searched.
void check_searched(Loading& loading, const yaml::Node& service_node, const Service& service);
/// Where the query chooses one division of those of the registers, each register must say which it holds (C102).
void check_divided(Loading& loading, const yaml::Node& service_node, const Service& service);
/// Each field that a grant names: some service of the grant must have it.
/// @param member  "fields" or "verify", of `node`.
void check_fields(const Snapshot& snapshot, const yaml::Node& node, std::string_view member, const policy::Grant& grant,
                  Mistakes& mistakes);
/// The same of what a service's subset or a material shows, or where its persons stand. @param node  the list; nullptr:
/// there is none.
void check_shown(Loading& loading, const yaml::Node* node, const Service& service,
                 const std::vector<std::string>& fields);
/// The members of a material's query, and the paths into the call that they take their values from.
void check_names(Loading& loading, const yaml::Node& query_node, const Material& material);
/// Pointers to every leaf of a service's certificate, '*' for every item.
[[nodiscard]] std::vector<std::string> fields_of(const Service& service);
/// The codes that a field may have; none where it may have any.
[[nodiscard]] std::vector<std::string> codes_of(const Service& service, const std::string& field);
/// Whether a material's predicates can be asked of its service, and take their values from what a call has.
void check_predicates(Loading& loading, const yaml::Node& node, const Material& material);

}  // namespace datong::catalogue
