#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/guarded.h"
#include "core/base/result.h"
#include "core/record/record.h"

namespace datong::policy {

/// A natural person or an organisation, as a consumer names it.
struct Person {
    std::string id_type;  ///< GA/T 517 or GB/T 36903 code: "111" resident id, "001" unified social credit code
    Personal id_no;
    Personal name;
};

/// Who sits at the window (经办人).
struct Operator {
    std::string account;
    std::string organisation;
    std::string division;  ///< GB/T 2260, 6 to 12 digits
    Personal name;
};

/// Why somebody asks, and for whom: in every call.
struct Context {
    std::string matter;
    std::string case_number;
    std::string material;
    std::string purpose;
    std::string legal_basis;
    std::optional<Person> subject;    ///< whose data it is (对象)
    std::optional<Person> applicant;  ///< who applies (申请人)
    std::optional<Person> agent;      ///< who acts for them (代办人)
    std::string agent_authority;
    Operator who;
    std::string channel;
    std::string consent;
    std::string idempotency_key;
    record::Record facts;  ///< what the matter's materials need beside the persons; an object

    /// "subject", "applicant" or "agent"; nullptr when it was not given.
    [[nodiscard]] const Person* person(std::string_view role) const;
};

/// Reads the `context` object of a native call. Unknown members are refused, so that a misspelt
/// purpose is not passed over, and so is the number of a person in `legal_basis`, `material` or `operator.account`,
/// which stand in the evidence for good (`case_number` and `matter` are looked up, and numbers of cases are long).
/// @return Fault::bad_request naming the member by JSON pointer, never its value.
[[nodiscard]] Result<Context> read_context(const record::Record& object);

/// What mappings see by `from_ctx`: the context with `subject` replaced by the person that this
/// material speaks of.
[[nodiscard]] record::Record to_record(const Context& context, const Person& about);

}  // namespace datong::policy
