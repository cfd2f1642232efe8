#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/items/library.h"
#include "core/items/rows.h"

// Which materials of the library a service can bring (免提交).
namespace datong::items {

/// One line of the table that ties names of materials to services, as departments keep it (BDC_SJCL_DZZZ_DZ: clmc,
/// dzzzdm, dzzzmc), with the service that brings it.
struct Link {
    std::string licence_code;  ///< dzzzdm, of the electronic licence; may be empty
    std::string licence_name;  ///< dzzzmc
    std::string service;       ///< id of a service; empty: nobody shares it yet
};

/// By the material's folded name.
using Links = std::map<std::string, Link, std::less<>>;

/// The name as it is compared: without blanks and book-title marks, brackets of one width, no remark in brackets at the
/// end ("身份证（原件）" is "身份证").
[[nodiscard]] std::string folded(std::string_view name);

/// Columns clmc and service, and perhaps dzzzdm and dzzzmc. A line that is none, or says another service for a name
/// that has one, is put into `broken`.
[[nodiscard]] Links read_links(const std::vector<Row>& rows, std::vector<Broken>& broken);

/// How a material stands to the services.
enum class Standing {
    linked,           ///< a service brings it
    no_service,       ///< the table names it, and nobody shares it yet
    unknown_service,  ///< the table names a service that there is not
    not_linked,       ///< the government issued it, and the table does not name it
    own,              ///< the applicant's own: nobody else has it
    other             ///< issued by others
};
[[nodiscard]] std::string_view name_of(Standing standing);

/// One name of a material, over all items.
struct LinkedMaterial {
    std::string name;
    Standing standing{Standing::not_linked};
    std::string service;   ///< of linked and unknown_service
    std::string explain;   ///< who issues it, as the first item says
    std::size_t items{};   ///< that ask for it
    std::size_t needed{};  ///< of them, that need it
};

/// Every name once, those that most items ask for first.
/// @param has_service  whether there is a service of that id.
[[nodiscard]] std::vector<LinkedMaterial> link(const Library& library, const Links& links,
                                               const std::function<bool(std::string_view)>& has_service);

}  // namespace datong::items
