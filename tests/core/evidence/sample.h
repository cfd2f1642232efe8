#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/codec/json.h"
#include "core/crypto/key.h"
#include "core/evidence/entry.h"
#include "core/evidence/frame.h"
#include "core/evidence/log.h"
#include "core/evidence/verify.h"
#include "core/telemetry/sink.h"
#include "tests/support/fake_clock.h"
#include "tests/support/faulty_files.h"

namespace datong::evidence {

/// An entry as a tree, to look into or to tamper with.
template <class Entry>
[[nodiscard]] record::Record to_record(const Entry& entry) {
    return codec::read_json(to_json(entry)).value();
}

}  // namespace datong::evidence

namespace datong::evidence::sample {

namespace fs = std::filesystem;

/// A folder of its own that goes with the object.
class Folder {
public:
    Folder();
    ~Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    [[nodiscard]] std::string path() const { return path_.string(); }
    [[nodiscard]] std::string file(std::uint64_t first) const;
    [[nodiscard]] std::vector<std::string> segments() const;

private:
    fs::path path_;
};

[[nodiscard]] std::string read_file(const std::string& path);
void write_file(const std::string& path, std::string_view bytes);

/// A folder with what a log needs, and the log itself once opened.
struct Bench {
    Folder folder;
    std::shared_ptr<support::Faults> faults = std::make_shared<support::Faults>();
    support::FakeClock clock{std::chrono::system_clock::time_point{std::chrono::seconds{1'772'323'200}}};
    std::unique_ptr<telemetry::Sink> sink;
    LogSettings settings;
    std::unique_ptr<Log> log;

    Bench();
    [[nodiscard]] Status open();
    /// Appends and gives the place's number; 0 when it failed.
    std::uint64_t append(const record::Record& entry);
};

/// The keys of two consumers, a department and the gateway.
struct Keys {
    crypto::SigningKey consumer;  ///< "one-window-2026"
    crypto::SigningKey portal;    ///< "portal-2026", of another consumer
    crypto::SigningKey land;      ///< "land-2026", of a department
    crypto::SigningKey gateway;   ///< "gateway-2026"
    Keys();
    [[nodiscard]] record::Record jwks() const;
};

inline constexpr const char* kBody = R"({"exchange":"e1"})";

/// An intent whose request of this body the consumer signed.
[[nodiscard]] Intent intent_of(const std::string& exchange, const std::string& body, const Keys& keys);
/// Its outcome with an answer that the gateway signed.
[[nodiscard]] Outcome outcome_of(const Intent& intent, const std::string& answer, const Keys& keys);
/// A signature over a base whose parameters name `keyid`, as a record keeps it.
[[nodiscard]] SignatureSeen request_signed(const crypto::SigningKey& key, const std::string& keyid,
                                           const std::string& body);
[[nodiscard]] SignatureSeen answer_signed(const crypto::SigningKey& key, const std::string& keyid,
                                          const std::string& answer, const Intent& asked);
[[nodiscard]] Refusal refusal_of(const std::string& exchange, const std::string& fault, const Keys& keys);
/// One record without meaning.
[[nodiscard]] record::Record note(int number);

/// The verdict on a log of just these records.
[[nodiscard]] Verdict verdict_on(const std::vector<record::Record>& entries, const record::Record& keys);

/// Writes two exchanges, a refusal and an intent left open (6 records) and closes the log.
void fill(Bench& bench, const Keys& keys);

/// The payloads of one segment, in order.
[[nodiscard]] std::vector<std::string> payloads(const std::string& file);
/// A segment header as versions before trailers wrote it.
[[nodiscard]] std::string old_header(std::uint64_t first, const std::string& previous);
/// A record's payload made anew for another place in the chain.
[[nodiscard]] std::string relinked(const std::string& payload, const Link& link);
/// Writes a segment of these payloads, with numbers, hashes and checksums made right: what a forger
/// with write access can do.
void forge(const std::string& file, const std::vector<std::string>& payloads);

}  // namespace datong::evidence::sample
