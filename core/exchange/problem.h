#pragma once

#include <string>

#include "core/exchange/call.h"

namespace datong::exchange {

/// What the outside is told of a fault: an RFC 9457 problem with a stable code, whose fault it is, and
/// what to do, in Chinese and English; the fields at fault by path and rule, never by value. The
/// detail goes along only where the caller needs it to mend a request that is its own.
[[nodiscard]] record::Record problem(const Trouble& trouble, const std::string& exchange);

/// What the evidence keeps of a department that was asked and gave no certificate: "source:digest|code" of
/// what it sent, or "service:|code".
[[nodiscard]] std::string reply_of(const std::string& service, const Trouble& trouble);

/// The problem as an answer.
[[nodiscard]] Answer problem_answer(const Trouble& trouble, const std::string& exchange);

}  // namespace datong::exchange
