#include "core/container/gather.h"

#include <utility>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/container/archive.h"
#include "core/crypto/digest.h"
#include "core/crypto/sm2.h"
#include "core/evidence/frame.h"
#include "core/seals/inclusion.h"
#include "core/seals/merkle.h"
#include "core/seals/record_reader.h"
#include "core/signing/jws.h"

namespace datong::container {
namespace {

using record::Record;

constexpr const char* kText = "text/plain";
constexpr const char* kJson = "application/json";
constexpr const char* kOctets = "application/octet-stream";

std::optional<crypto::VerifyingKey> key_of(const Record& jwks, const std::string& keyid) {
    const Record* keys = jwks.find("keys");
    for (const Record& jwk : keys != nullptr ? keys->items() : Record::List{}) {
        if (jwk.text_of("kid") == keyid) {
            auto key = crypto::VerifyingKey::from_jwk(jwk);
            return key ? std::optional{std::move(*key)} : std::nullopt;
        }
    }
    return std::nullopt;
}

/// Makes the files one after the other.
class Gathering {
public:
    explicit Gathering(const Proven& proven) : proven_{proven} {
        facts_.put("format", Record::text("datong-evidence/1"));
        facts_.put("exchange", Record::text(proven.entry.exchange));
        facts_.put("made_at", Record::text(proven.at));
    }

    Status add_records() {
        for (const std::int64_t number : {proven_.entry.number, proven_.entry.last}) {
            if (number == 0 || (number == proven_.entry.last && number == proven_.entry.number && !records_.empty())) {
                continue;
            }
            auto payload = seals::read_record(proven_.evidence_folder, static_cast<std::uint64_t>(number));
            auto entry = payload
                             ? codec::read_json(*payload, {.max_bytes = evidence::kMaxPayload, .max_nodes = 4'000'000})
                             : fail(payload.error());
            if (!entry) {
                return fail(std::move(entry.error()));
            }
            last_file_ = "records/" + entry->text_of("kind") + ".json";
            first_file_ = first_file_.empty() ? last_file_ : first_file_;
            add(last_file_, kJson, *payload);
            for (const char* name : {"request", "answer", "closed"}) {
                if (const Record* seen = entry->find(name); seen != nullptr) {
                    add_signature(name, *seen);
                }
            }
            records_.push_back(std::move(*entry));
        }
        return {};
    }

    void add_bodies() {
        std::size_t replies = 0;
        for (const vault::Body& body : proven_.bodies) {
            const bool is_reply = body.name.starts_with(vault::kReply);
            const bool is_sealed = body.policy == vault::Policy::sealed;
            const std::string stem = is_reply ? "replies/" + std::to_string(++replies) : body.name + "/body";
            const std::string file = stem + (is_sealed ? ".cms" : is_reply ? ".bin" : suffix_of(body.octets));
            add(file, is_sealed ? "application/pkcs7-mime" : kOctets, body.octets);
            Record one = Record::object();
            one.put("file", Record::text(file));
            one.put("name", Record::text(body.name));
            one.put("policy", Record::text(std::string{vault::name_of(body.policy)}));
            bodies_.add(std::move(one));
            if (body.name == vault::kAnswer && !is_sealed) {
                add_certificates(body.octets);
            }
        }
        facts_.put("bodies", std::move(bodies_));
        if (proven_.is_answer_withheld) {
            facts_.put("withheld", Record::text(std::string{vault::kAnswer}));
        }
    }

    /// Where each record stands; one that no seal covers yet has no such part.
    void add_seals() {
        const std::int64_t last = proven_.entry.last != 0 ? proven_.entry.last : proven_.entry.number;
        add_seal("seal", last);
        if (proven_.entry.number != last) {
            add_seal("intent-seal", proven_.entry.number);
        }
    }

    void add_revocations() {
        for (Part& part : revocations_of(parts_, proven_.at_hand)) {
            parts_.push_back(std::move(part));
        }
    }

    std::vector<Part> finish() {
        add("exchange.json", kJson, codec::write_json(facts_));
        std::string digests;
        for (const Part& part : parts_) {
            digests += to_hex(crypto::sha256(part.octets)) + "  " + part.name + '\n';
        }
        add("digests.txt", kText, std::move(digests));
        return std::move(parts_);
    }

private:
    void add(std::string name, std::string media, std::string octets) {
        parts_.push_back({.name = std::move(name), .media = std::move(media), .octets = std::move(octets)});
    }

    static const char* suffix_of(const std::string& octets) {
        return octets.starts_with('{') || octets.starts_with('[') ? ".json" : octets.starts_with('<') ? ".xml" : ".bin";
    }

    void add_seal(const std::string& folder, std::int64_t number) {
        const auto proof = seals::proof_of(proven_.evidence_folder, static_cast<std::uint64_t>(number));
        if (!proof) {
            return;
        }
        Record seal = Record::object();
        seal.put("record", Record::integer(number));
        seal.put("seal", Record::integer(static_cast<long long>(proof->seal)));
        seal.put("index", Record::integer(static_cast<long long>(proof->index)));
        seal.put("size", Record::integer(static_cast<long long>(proof->size)));
        seal.put("hash", Record::text(std::string{evidence::name_of(proof->hash)}));
        Record path = Record::list();
        for (const std::string& node : proof->path) {
            path.add(Record::text(to_hex(node)));
        }
        seal.put("path", std::move(path));
        add(folder + "/place.json", kJson, codec::write_json(seal));
        add(folder + "/path.txt", kText, steps_of(*proof));
        add(folder + "/record.txt", kText, folder == "seal" ? last_file_ : first_file_);
        add(folder + "/seal.jws", kText, proof->jws);
        add_jws(folder + "/seal", proof->jws);
        if (!proof->stamp.empty()) {
            add(folder + "/stamp.tst", "application/vnd.etsi.timestamp-token", proof->stamp);
        }
    }

    /// A key as PEM, once, under its place; that it may be trusted is for the reader to say.
    void add_key(const std::string& file, const std::string& keyid) {
        const auto key = key_of(proven_.keys, keyid);
        const auto pem = key ? crypto::public_pem_of(*key) : fail(Fault::bad_request, "unknown");
        if (pem) {
            add(file, "application/x-pem-file", *pem);
        }
    }

    /// What was signed, the signature as received or sent, and as openssl takes it.
    void add_signature(const std::string& folder, const Record& seen) {
        const auto encoded = from_base64(seen.text_of("base_base64"));
        add(folder + "/signature-base.txt", kOctets,
            seen.find("base_base64") != nullptr ? encoded.value_or("") : seen.text_of("base"));
        const std::string signature = from_base64(seen.text_of("signature")).value_or("");
        add(folder + "/signature.bin", kOctets, signature);
        const auto algorithm = crypto::algorithm_by_name(seen.text_of("alg"));
        const auto for_openssl = algorithm ? crypto::signature_for_openssl(*algorithm, signature)
                                           : fail(Fault::bad_request, "another algorithm");
        if (for_openssl) {
            add(folder + "/signature.der", kOctets, *for_openssl);
        }
        add_key(folder + "/key.pem", seen.text_of("keyid"));
        Record facts = Record::object();
        for (const char* name : {"keyid", "alg", "form"}) {
            if (seen.find(name) != nullptr) {
                facts.put(name, *seen.find(name));
            }
        }
        facts_.put(folder, std::move(facts));
    }

    /// Beside NAME.jws: NAME.txt is what was signed, NAME.der the signature, NAME.pem the key.
    void add_jws(const std::string& stem, const std::string& compact) {
        const auto jws = signing::read_jws(compact);
        if (!jws) {
            return;
        }
        add(stem + ".txt", kText, jws->signing_input);
        const auto algorithm = crypto::algorithm_by_jws_name(jws->header.text_of("alg"));
        const auto der = algorithm ? crypto::signature_for_openssl(*algorithm, jws->signature)
                                   : fail(Fault::bad_request, "another algorithm");
        if (der) {
            add(stem + ".der", kOctets, *der);
        }
        add_key(stem + ".pem", jws->keyid());
    }

    /// Of an answer in native JSON: every certificate in it.
    void add_certificates(const std::string& answer) {
        const auto body = codec::read_json(answer, {.max_bytes = answer.size() + 1, .max_nodes = 4'000'000});
        if (body) {
            find_certificates(*body);
        }
    }

    void find_certificates(const Record& at) {
        const Record* certificate = at.find("certificate");
        if (certificate != nullptr && certificate->is_text() && at.find("provenance") != nullptr) {
            const std::string stem = "certificates/" + std::to_string(++certificates_);
            add(stem + ".jws", kText, std::string{certificate->scalar()});
            add_jws(stem, std::string{certificate->scalar()});
            return;  // what stands in a certificate's own content is the department's
        }
        for (const record::Member& member : at.members()) {
            find_certificates(member.value);
        }
        for (const Record& item : at.items()) {
            find_certificates(item);
        }
    }

    /// One line a step from the record's leaf to the root: "L HEX" where the neighbour stands left, else "R HEX".
    /// Source: RFC 9162, 2.1.3.2.
    static std::string steps_of(const seals::SealProof& proof) {
        std::string lines;
        std::uint64_t index = proof.index;
        std::uint64_t last = proof.size - 1;
        for (const std::string& node : proof.path) {
            const bool is_left = index % 2 == 1 || index == last;
            lines += (is_left ? "L " : "R ") + to_hex(node) + '\n';
            while (is_left && index % 2 == 0 && index != 0) {
                index /= 2;
                last /= 2;
            }
            index /= 2;
            last /= 2;
        }
        return lines;
    }

    const Proven& proven_;
    std::vector<Part> parts_;
    std::vector<Record> records_;
    Record facts_ = Record::object();
    Record bodies_ = Record::list();
    std::string first_file_;
    std::string last_file_;
    std::size_t certificates_{};
};

}  // namespace

Result<std::vector<Part>> gather(const Proven& proven) {
    Gathering gathering{proven};
    if (auto added = gathering.add_records(); !added) {
        return fail(std::move(added.error()));
    }
    gathering.add_bodies();
    gathering.add_seals();
    gathering.add_revocations();
    return gathering.finish();
}

Result<std::string> make_container(const Proven& proven, const Seat& seat) {
    const auto parts = gather(proven);
    const auto signatures = parts ? write_xades(*parts, seat, proven.at) : fail(parts.error());
    return signatures ? write_asic(*parts, *signatures, std::chrono::system_clock::now()) : fail(signatures.error());
}

}  // namespace datong::container
