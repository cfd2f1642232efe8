#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/admin/route.h"
#include "core/base/clock.h"
#include "core/catalogue/snapshot.h"

namespace datong::admin {

/// What coverage and supervision are counted from.
struct FigureSources {
    std::function<std::shared_ptr<const catalogue::Snapshot>()> current;
    std::string gateway_file;  ///< its `supervision` says where the case tables are
    const Clock& clock;        ///< outlives the routes
};

/// GET /v1/coverage and GET /v1/supervision: the figures of `datong matter coverage` and `datong stats supervision`, of
/// the gateway as it runs. People of a department see what concerns it, people of a consumer their own coverage. Both
/// read the whole evidence: on no loop.
[[nodiscard]] std::vector<Route> figure_routes(FigureSources sources);

}  // namespace datong::admin
