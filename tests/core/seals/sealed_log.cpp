#include "tests/core/seals/sealed_log.h"

#include "tests/support/catch.h"

namespace datong::seals::sample {

SealedLog::SealedLog() {
    settings.folder = bench.folder.path();
}

void SealedLog::open() {
    sealer.reset();
    REQUIRE(bench.open());
    auto opened = Sealer::open(
        settings, *bench.log, [this] { return Signer{.keyid = "gateway-2026", .key = keys.gateway}; }, bench.clock,
        *bench.sink);
    REQUIRE(opened);
    sealer = std::move(*opened);
}

void SealedLog::close() {
    sealer.reset();
    bench.log.reset();
}

void SealedLog::exchange(const std::string& id) {
    const auto intent = evidence::sample::intent_of(id, "{\"exchange\":\"" + id + "\"}", keys);
    REQUIRE(bench.append(evidence::to_record(intent)) > 0);
    REQUIRE(bench.append(evidence::to_record(evidence::sample::outcome_of(intent, "{}", keys))) > 0);
}

void SealedLog::notes(int count) {
    for (int i = 0; i < count; ++i) {
        REQUIRE(bench.append(evidence::sample::note(i)) > 0);
    }
}

void SealedLog::seal() {
    REQUIRE(sealer->finish());
}

SealedVerdict SealedLog::verdict() const {
    return verdict(keys.jwks());
}

SealedVerdict SealedLog::verdict(const record::Record& jwks) const {
    auto found = verify_folder(folder(), jwks);
    REQUIRE(found);
    return std::move(*found);
}

void forge(const SealedLog& log, const std::vector<std::string>& payloads) {
    evidence::sample::forge(log.first_segment(), payloads);
}

}  // namespace datong::seals::sample
