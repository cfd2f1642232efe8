#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/catalogue/licence.h"
#include "core/exchange/call.h"
#include "core/record/record.h"

namespace datong::platforms {

// What the sharing interfaces of electronic licences say of a service's record. datong mints no licence and no
// identifier: it passes on what the department gave, octet by octet.

/// The value at a place of a certificate; nullptr: none, or not granted. @param pointer  without '*'.
[[nodiscard]] const record::Record* place_of(const record::Record& content, std::string_view pointer);
/// The same as text; empty for none.
[[nodiscard]] std::string text_at(const record::Record& content, std::string_view pointer);

/// Whether what the department calls an identifier is one (layout and check character), and its file is Base64 of a
/// file of that type. What is not there is good: a grant may hold it back.
/// @return Fault::department_invalid naming the place.
/// Source: GB/T 36904-2018; ISO 32000-2, 7.5.2; GB/T 33190-2016, 6 (an OFD file is a ZIP container).
[[nodiscard]] Status check_licence(const catalogue::Licence& licence, const record::Record& content);

/// check_licence() for every record of a call that is of a type of licences, before anything of it is signed or told.
/// @param visit  whose request it becomes a part of.
void judge_licences(exchange::Request& request, const exchange::Visit& visit);

/// Whether one may act on a licence that is there.
enum class Condition { good, inactive, suspended, voided, expired };
/// @param today  "2026-03-01".
[[nodiscard]] Condition condition_of(const catalogue::Licence& licence, const record::Record& content,
                                     std::string_view today);

/// 照面信息: every leaf but the file, [{name, value, valueType, columnName, orderNum}], with the label of its schema.
[[nodiscard]] record::Record surface_of(const catalogue::Licence& licence, const record::Record& content);

/// 照面信息 of a type of licences: {certName, certTypeCode, fields: [{name, columnName, valueType, orderNum}]}, JSON;
/// of a list '*' stands for its items.
[[nodiscard]] std::string licence_definition(const catalogue::Licence& licence);

/// A licence's sealed file as the department gave it.
struct LicenceFile {
    std::string octets;
    std::string media_type;
};
/// @return nullopt for a problem, and where the answer has none.
[[nodiscard]] std::optional<LicenceFile> licence_file(const exchange::Answer& answer, const exchange::Visit& visit);

/// The content without the file. @param licence  whose file's place it is.
[[nodiscard]] record::Record without_file(const catalogue::Licence& licence, record::Record content);

}  // namespace datong::platforms
