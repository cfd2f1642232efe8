#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "core/record/record.h"
#include "core/signing/certificate.h"
#include "examples/clients/cpp/trust.h"

namespace datong::client {

/// Each writes lines for people, Chinese first. None writes a field's content.

void tell_signature(std::ostream& out, const std::string& keyid);
void tell_bad_signature(std::ostream& out, const std::string& why);
/// {id, state, left?, valid_to?} of a consent.
void tell_consent(std::ostream& out, const record::Record& consent);
/// An RFC 9457 problem as the gateway answers it: code, title, what to do, fields.
void tell_problem(std::ostream& out, int status, const record::Record& problem);
void tell_certificate(std::ostream& out, const signing::CertificateCheck& check);
void tell_answer(std::ostream& out, const record::Record& answer);
/// How to ask for the last word on a submission, or on a matter's materials.
void tell_pending(std::ostream& out, const record::Record& answer);
/// That a submission's outcome was repeated without its certificate.
/// @param is_signed  by the gateway, in this call.
void tell_outcome_alone(std::ostream& out, bool is_signed);
/// The unified record, for a person to read.
void tell_content(std::ostream& out, const record::Record& answer);
void tell_matter(std::ostream& out, const record::Record& answer, const std::vector<signing::MaterialCheck>& materials);
void tell_keys(std::ostream& out, const Trust& trust);
/// The services, matters or grants that a consumer was told of.
void tell_offer(std::ostream& out, const record::Record& answer);
/// Anything that went wrong before there was an answer.
void tell_trouble(std::ostream& out, const std::string& zh, const std::string& en);

}  // namespace datong::client
