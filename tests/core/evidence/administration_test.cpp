#include "core/evidence/verify.h"
#include "tests/core/evidence/sample.h"
#include "tests/support/catch.h"

using namespace datong;
using namespace datong::evidence;
using sample::Keys;
using sample::verdict_on;

namespace {

Administration act_of(const crypto::SigningKey& key, const std::string& keyid) {
    Administration act{.at = "2026-03-01T09:00:00.000+08:00",
                       .actor = "wang",
                       .roles = "security",
                       .from = "127.0.0.1",
                       .act = "account.add",
                       .target = "li",
                       .reason = "示数〔2026〕12号",
                       .outcome = "done",
                       .detail = "roles: system"};
    REQUIRE(sign_administration(act, keyid, key));
    return act;
}

}  // namespace

TEST_CASE("an administrative act is signed by the gateway, and says again what was kept of it", "[evidence]") {
    const Keys keys;
    const Administration act = act_of(keys.gateway, "gateway-2026");
    const auto verdict = verdict_on({to_record(act)}, keys.jwks());
    CAPTURE(verdict.reason);
    CHECK(verdict.valid);
    CHECK(verdict.signatures == 1);
    const auto again = read_administration(to_record(act));
    REQUIRE(again);
    CHECK(again->actor == "wang");
    CHECK(again->target == "li");
    CHECK(again->reason == act.reason);
    CHECK(again->detail == act.detail);
    CHECK_FALSE(read_administration(record::Record::object()));
}

TEST_CASE("an administrative act that was altered, or that another signed, shows", "[evidence][security]") {
    const Keys keys;
    const Administration good = act_of(keys.gateway, "gateway-2026");
    struct Row {
        const char* why;
        record::Record entry;
        std::string reason;
    };
    record::Record later = to_record(good);
    later.put("at", record::Record::text("2026-03-01T10:00:00.000+08:00"));
    record::Record altered = to_record(good);
    std::string statement = good.statement;
    statement[statement.find('.') + 20] ^= 1;
    altered.put("statement", record::Record::text(statement));
    record::Record other = to_record(good);  // an erasure is no act, and no act an erasure
    other.put("kind", record::Record::text("erasure"));
    record::Record bare = to_record(good);
    bare.put("statement", record::Record::text(""));
    const std::vector<Row> rows{
        {"another moment", later, "statement_signature"},
        {"an altered statement", altered, "statement_signature"},
        {"a statement of another kind", other, "statement_signature"},
        {"a department's key", to_record(act_of(keys.land, "land-2026")), "statement_key"},
        {"a key that nobody knows", to_record(act_of(keys.land, "land-2031")), "statement_key_unknown"},
    };
    for (const Row& row : rows) {
        const auto verdict = verdict_on({row.entry}, keys.jwks());
        CAPTURE(row.why);
        CHECK_FALSE(verdict.valid);
        CHECK(verdict.reason == row.reason);
    }
    CHECK_FALSE(verdict_on({bare}, keys.jwks()).valid);
}
