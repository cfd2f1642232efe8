#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/catalogue/snapshot.h"
#include "core/policy/grants.h"

namespace datong::access {

/// One line of what is granted: a consumer, a service, and by which approval.
struct Access {
    const policy::Grant* grant{};
    const catalogue::Service* service{};
    std::vector<std::string> seen{};      ///< fields; of the whole matrix as the grant says them
    std::vector<std::string> verified{};  ///< what may be asked by predicates, likewise
    std::vector<std::string> subsets{};   ///< of the service, which the grant names: they say what is seen and asked
    policy::Most most{};                  ///< the caps that hold
};

/// Consumers by services, of all grants that have not ended, in the order of consumer and service.
[[nodiscard]] std::vector<Access> matrix(const catalogue::Snapshot& snapshot, const record::Date& today);

/// Who may see a field, or ask about it.
/// @param field  "/idNo": that place, or one that ends so; "realestate-certificate/holders/*/idNo": of that service.
/// @return Fault::bad_request where no service has such a field, naming the nearest.
[[nodiscard]] Result<std::vector<Access>> who_can(const catalogue::Snapshot& snapshot, std::string_view field,
                                                  const record::Date& today);

}  // namespace datong::access
