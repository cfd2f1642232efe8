#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/container/check.h"
#include "core/evidence/proof.h"
#include "core/record/record.h"

namespace datong::container {

// What check_container() looks at behind the container's own signature; for this room.

using Files = std::map<std::string, std::string>;

/// The records of a container, parsed. Null where there is none.
struct Records {
    record::Record first;  ///< intent or refusal
    record::Record last;   ///< outcome or closing; of a refusal null
    std::string first_file;
    std::string last_file;

    [[nodiscard]] const record::Record& end() const { return last.is_null() ? first : last; }
    [[nodiscard]] const std::string& end_file() const { return last.is_null() ? first_file : last_file; }
};

/// @return Fault::bad_request where there is no first record, or one that is no JSON object.
[[nodiscard]] Result<Records> read_records(const Files& files);
/// What the records' signatures prove: no more may be said of the bodies.
struct SignedBy {
    evidence::Prover::Signed first;
    evidence::Prover::Signed end;
};
/// Signatures, digests, status and binding, by the rules of the whole log.
[[nodiscard]] SignedBy check_records(const Records& records, const evidence::TrustedKeys& keys, Checked& checked);
/// Bodies against the digests in the records, and every field of an answer against its certificate.
void check_bodies(const Files& files, const Records& records, const SignedBy& signed_by,
                  const evidence::TrustedKeys& keys, Checked& checked);
/// The last record's place in a seal that the gateway signed.
void check_seal(const Files& files, const Records& records, const evidence::TrustedKeys& keys, Checked& checked);

/// The time-stamps on those seals.
void check_stamps(const Files& files, const std::vector<seals::StampTrust>& trust, Checked& checked);

void add_finding(Checked& checked, std::string code, std::string file, std::string field, std::string text_zh,
                 std::string text_en);
void add_proof(Checked& checked, std::string file, std::string text_zh, std::string text_en);

}  // namespace datong::container
