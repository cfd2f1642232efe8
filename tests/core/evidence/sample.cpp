#include "tests/core/evidence/sample.h"

#include <zlib.h>

#include <atomic>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <tuple>

#include <unistd.h>

#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "core/evidence/frame.h"
#include "core/evidence/segment.h"
#include "tests/support/catch.h"

namespace datong::evidence::sample {
namespace {

constexpr auto kAlgorithm = crypto::Algorithm::ecdsa_p256_sha256;

crypto::SigningKey new_key() {
    auto key = crypto::SigningKey::generate(kAlgorithm);
    if (!key) {
        throw std::runtime_error{key.error().detail()};
    }
    return *key;
}

SignatureSeen sign(const crypto::SigningKey& key, const std::string& keyid, std::string base) {
    auto signature = key.sign(kAlgorithm, base);
    if (!signature) {
        throw std::runtime_error{signature.error().detail()};
    }
    return {.keyid = keyid, .algorithm = "ecdsa-p256-sha256", .base = std::move(base), .signature = *signature};
}

std::string digest_line(std::string_view component, std::string_view body) {
    return std::string{component} + ": sha-256=:" + to_base64(crypto::sha256(body)) + ":\n";
}

std::string request_base(const std::string& body, const std::string& keyid) {
    return "\"@method\": POST\n\"@path\": /v1/services/realestate-certificate\n" +
           digest_line("\"content-digest\"", body) +
           "\"@signature-params\": (\"@method\" \"@path\" \"content-digest\");keyid=\"" + keyid + '"';
}

std::string answer_base(int status, const std::string& answer, const std::string& request_body,
                        const SignatureSeen& request, const std::string& keyid) {
    return "\"@status\": " + std::to_string(status) + "\n" + digest_line("\"content-digest\"", answer) +
           digest_line("\"content-digest\";req", request_body) +
           "\"signature\";req;key=\"sig1\": :" + to_base64(request.signature) + ":\n" +
           "\"@signature-params\": (\"@status\" \"content-digest\" \"content-digest\";req "
           "\"signature\";req;key=\"sig1\");keyid=\"" +
           keyid + '"';
}

}  // namespace

Folder::Folder() {
    std::string name = (fs::temp_directory_path() / "datong-evidence-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
        throw std::runtime_error{"no temporary folder"};
    }
    path_ = name;
}

Folder::~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

std::string Folder::file(std::uint64_t first) const {
    return (path_ / segment_name(first)).string();
}

std::vector<std::string> Folder::segments() const {
    std::vector<std::string> names;
    const auto segments = list_segments(path());
    for (const Segment& segment : segments.value()) {
        names.push_back(fs::path{segment.path}.filename().string());
    }
    return names;
}

std::string read_file(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    std::ostringstream bytes;
    bytes << file.rdbuf();
    return std::move(bytes).str();
}

void write_file(const std::string& path, std::string_view bytes) {
    std::ofstream file{path, std::ios::binary | std::ios::trunc};
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

Bench::Bench() : sink{telemetry::Sink::make({.file = "-"}).value()} {
    settings.folder = folder.path();
    settings.retry = std::chrono::milliseconds{10};
}

Status Bench::open() {
    log.reset();
    auto opened = Log::open(settings, std::make_unique<support::FaultyFiles>(faults), clock, *sink);
    if (!opened) {
        return fail(std::move(opened.error()));
    }
    log = std::move(*opened);
    return {};
}

std::uint64_t Bench::append(const record::Record& entry) {
    const auto place = log->append_now(codec::write_json(entry));
    return place ? place->number : 0;
}

Keys::Keys() : consumer{new_key()}, portal{new_key()}, land{new_key()}, gateway{new_key()} {
}

record::Record Keys::jwks() const {
    record::Record list = record::Record::list();
    for (const auto& [kid, key, owner] :
         {std::tuple{"one-window-2026", &consumer, "consumer:one-window"},
          std::tuple{"gateway-2026", &gateway, "gateway"}, std::tuple{"portal-2026", &portal, "consumer:portal"},
          std::tuple{"land-2026", &land, "department:land"}}) {
        record::Record jwk = key->verifying_key().to_jwk();
        jwk.put("kid", record::Record::text(kid));
        jwk.put("datong_owner", record::Record::text(owner));
        list.add(std::move(jwk));
    }
    record::Record keys = record::Record::object();
    keys.put("keys", std::move(list));
    return keys;
}

Intent intent_of(const std::string& exchange, const std::string& body, const Keys& keys) {
    Intent intent;
    intent.exchange = exchange;
    intent.at = "2026-03-01T08:00:00.000+08:00";
    intent.consumer = "one-window";
    intent.service = "realestate-certificate@1.0.0";
    intent.purpose = "existing-home-transfer";
    intent.grant = "one-window-realestate";
    intent.request_digest = to_hex(crypto::sha256(body));
    intent.request = request_signed(keys.consumer, "one-window-2026", body);
    return intent;
}

Outcome outcome_of(const Intent& intent, const std::string& answer, const Keys& keys) {
    Outcome outcome;
    outcome.exchange = intent.exchange;
    outcome.at = "2026-03-01T08:00:01.000+08:00";
    outcome.outcome = "found";
    outcome.status = 200;
    outcome.answer_digest = to_hex(crypto::sha256(answer));
    outcome.answer = answer_signed(keys.gateway, "gateway-2026", answer, intent);
    return outcome;
}

SignatureSeen request_signed(const crypto::SigningKey& key, const std::string& keyid, const std::string& body) {
    return sign(key, keyid, request_base(body, keyid));
}

SignatureSeen answer_signed(const crypto::SigningKey& key, const std::string& keyid, const std::string& answer,
                            const Intent& asked) {
    const std::string body = "{\"exchange\":\"" + asked.exchange + "\"}";
    return sign(key, keyid, answer_base(200, answer, body, asked.request, keyid));
}

Refusal refusal_of(const std::string& exchange, const std::string& fault, const Keys& keys) {
    const std::string body = "{\"exchange\":\"" + exchange + "\"}";
    Refusal refusal;
    refusal.exchange = exchange;
    refusal.at = "2026-03-01T08:00:02.000+08:00";
    refusal.consumer = "one-window";
    refusal.service = "realestate-certificate@1.0.0";
    refusal.fault = fault;
    refusal.request_digest = to_hex(crypto::sha256(body));
    refusal.request = request_signed(keys.consumer, "one-window-2026", body);
    refusal.answer_digest = to_hex(crypto::sha256("{}"));
    const auto row = fault_by_code(fault);
    const int status = row ? row_of(*row).status : 403;
    refusal.answer =
        sign(keys.gateway, "gateway-2026", answer_base(status, "{}", body, refusal.request, "gateway-2026"));
    return refusal;
}

record::Record note(int number) {
    record::Record entry = record::Record::object();
    entry.put("kind", record::Record::text("note"));
    entry.put("note", record::Record::integer(number));
    return entry;
}

Verdict verdict_on(const std::vector<record::Record>& entries, const record::Record& keys) {
    Bench bench;
    REQUIRE(bench.open());
    for (const auto& entry : entries) {
        REQUIRE(bench.append(entry) > 0);
    }
    bench.log.reset();
    const auto verdict = verify_folder(bench.folder.path(), keys);
    REQUIRE(verdict);
    return *verdict;
}

void fill(Bench& bench, const Keys& keys) {
    if (auto opened = bench.open(); !opened) {
        throw std::runtime_error{opened.error().detail()};
    }
    for (const std::string exchange : {"e1", "e2"}) {
        const Intent intent = intent_of(exchange, "{\"exchange\":\"" + exchange + "\"}", keys);
        bench.append(to_record(intent));
        bench.append(to_record(outcome_of(intent, "{\"outcome\":\"found\"}", keys)));
    }
    bench.append(to_record(refusal_of("e3", "not_permitted", keys)));
    bench.append(to_record(intent_of("e4", "{\"exchange\":\"e4\"}", keys)));
    bench.log.reset();
}

std::vector<std::string> payloads(const std::string& file) {
    std::vector<std::string> found;
    auto reader = SegmentReader::open(file);
    while (reader && reader->next() == SegmentReader::Step::record) {
        found.push_back(reader->payload());
    }
    return found;
}

std::string old_header(std::uint64_t first, const std::string& previous) {
    std::string out{"DATONG-EVIDENCE 1\n"};
    const auto append = [&out](std::uint64_t value, int octets) {
        for (int i = 0; i < octets; ++i) {
            out.push_back(static_cast<char>((value >> (8 * i)) & 0xFFU));
        }
    };
    append(first, 8);
    out += previous;
    append(::crc32(0, reinterpret_cast<const Bytef*>(out.data()), static_cast<uInt>(out.size())), 4);
    return out;
}

std::string relinked(const std::string& payload, const Link& link) {
    constexpr std::string_view kPrevious = "\"prev\":\"";
    const std::size_t behind = payload.find(kPrevious) + kPrevious.size() + 64 + 2;
    const std::string_view entry = std::string_view{payload}.substr(behind);
    const std::size_t durable = entry.rfind(",\"durable\"");
    return make_payload(link, link.number - 1, "{" + std::string{entry.substr(0, durable)} + "}");
}

void forge(const std::string& file, const std::vector<std::string>& payloads) {
    std::string bytes = read_file(file).substr(0, kSegmentHeaderSize);
    Link link;
    for (const std::string& payload : payloads) {
        const std::string made = relinked(payload, link);
        append_frame(bytes, made);
        link = Link{.number = link.number + 1, .previous = crypto::sha256(made)};
    }
    write_file(file, bytes);
}

}  // namespace datong::evidence::sample
