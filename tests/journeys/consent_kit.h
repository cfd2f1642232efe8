#pragma once

#include <functional>
#include <string>

#include "core/base/clock.h"
#include "core/codec/json.h"
#include "core/consent/consent.h"
#include "core/crypto/key.h"
#include "core/record/record.h"
#include "core/signing/jws.h"
#include "examples/departments/people.h"
#include "tests/journeys/gateway_under_test.h"
#include "tests/support/catch.h"

namespace datong::journeys {

inline constexpr const char* kConsents = "/v1/consents";

/// The platform's own consent service, with the key that the demo made for it; or another.
class ConsentService {
public:
    explicit ConsentService(const GatewayUnderTest& gateway)
        : key_{crypto::SigningKey::from_pem(read_file(gateway.folder() + "/keys/city-consent.key.pem")).value()} {}
    ConsentService(crypto::SigningKey key, std::string keyid) : key_{std::move(key)}, keyid_{std::move(keyid)} {}

    /// A consent of the demo's person that portal may see its fund account, from a day ago to a day ahead.
    [[nodiscard]] static record::Record good(const std::string& id = "c-2026-000001") {
        const auto demo = departments::demo_person();
        const auto now = std::chrono::system_clock::now();
        record::Record made = codec::read_json(R"({"issuer": "city-consent", "gateway": "shili", "consumer": "portal",
            "services": ["fund-deposit-certificate"], "purpose": "housing-loan", "mode": "store", "keep_days": 30,
            "frequency": {"uses": 3, "per": "consent"}})")
                                  .value();
        made.put("id", record::Record::text(id));
        record::Record person = record::Record::object();
        person.put("id_type", record::Record::text("111"));
        person.put("id_no", record::Record::text(demo.person.id));
        person.put("name", record::Record::text(demo.person.name));
        made.put("person", std::move(person));
        made.put("valid_from", record::Record::text(to_rfc3339(now - std::chrono::hours{24})));
        made.put("valid_to", record::Record::text(to_rfc3339(now + std::chrono::hours{24})));
        record::Record given = record::Record::object();
        given.put("at", record::Record::text(to_rfc3339(now - std::chrono::hours{1})));
        given.put("how", record::Record::text("face"));
        made.put("given", std::move(given));
        return made;
    }
    [[nodiscard]] std::string sign(const record::Record& payload, std::string_view type = consent::kType) const {
        return signing::sign_jws(codec::write_json(payload), keyid_, type, key_.default_algorithm(), key_).value();
    }
    [[nodiscard]] std::string revocation(const std::string& id, const std::string& reason = "withdrawn") const {
        record::Record made = record::Record::object();
        made.put("consent", record::Record::text(id));
        made.put("gateway", record::Record::text("shili"));
        made.put("at", record::Record::text(to_rfc3339(std::chrono::system_clock::now())));
        made.put("reason", record::Record::text(reason));
        return sign(made, consent::kRevocationType);
    }

private:
    crypto::SigningKey key_;
    std::string keyid_ = "city-consent-2026";
};

inline record::Record holding(const char* name, std::string jws) {
    record::Record body = record::Record::object();
    body.put(record::Text{std::string{name}}, record::Record::text(std::move(jws)));
    return body;
}

inline codec::HttpMessage register_consent(const Platform& platform, std::string jws) {
    return platform.call(kConsents, holding("consent", std::move(jws)));
}
inline codec::HttpMessage revoke_consent(const Platform& platform, const std::string& id, std::string jws) {
    return platform.call(std::string{kConsents} + '/' + id + "/revoke", holding("revocation", std::move(jws)));
}
inline record::Record look_at_consent(const Platform& platform, const std::string& id) {
    return json_of(platform.send(platform.prepare_get(std::string{kConsents} + '/' + id)));
}

/// A question about the demo's fund account, by that consent; empty: by none.
inline record::Record fund_body(const GatewayUnderTest& gateway, const std::string& consent) {
    record::Record body = gateway.body(kFund);
    record::Record& context = *body.find("context");
    std::erase_if(context.members_to_edit(),
                  [](const auto& member) { return member.name == "matter" || member.name == "case_number"; });
    context.put("purpose", record::Record::text("housing-loan"));
    if (!consent.empty()) {
        context.put("consent", record::Record::text(consent));
    }
    return body;
}

/// What the evidence says of consents: what each statement holds, in its order.
[[nodiscard]] inline std::vector<record::Record> consent_events(const GatewayUnderTest& gateway) {
    std::vector<record::Record> all;
    (void)evidence::read_folder(gateway.folder() + "/evidence", [&all](const record::Record& entry) {
        if (entry.text_of("kind") == "consent") {
            all.push_back(codec::read_json(signing::read_jws(entry.text_of("statement"))->payload).value());
        }
        return true;
    });
    return all;
}

/// The records of a kind, in their order.
[[nodiscard]] inline std::vector<record::Record> entries_of(const GatewayUnderTest& gateway, const std::string& kind) {
    std::vector<record::Record> all;
    (void)evidence::read_folder(gateway.folder() + "/evidence", [&](const record::Record& entry) {
        if (entry.text_of("kind") == kind) {
            all.push_back(entry);
        }
        return true;
    });
    return all;
}

[[nodiscard]] inline std::string code_of(const codec::HttpMessage& answer) {
    return json_of(answer).text_of("code");
}

/// A gateway at which portal has registered one consent.
struct Registered {
    explicit Registered(record::Record consent = ConsentService::good(), GatewayUnderTest::Options options = {})
        : gateway{std::move(options)}, service{gateway}, id{consent.text_of("id")}, jws{service.sign(consent)} {
        const auto answer = register_consent(gateway.platform("portal"), jws);
        CAPTURE(answer.body, gateway.log());
        REQUIRE(answer.status == 201);
    }
    [[nodiscard]] codec::HttpMessage ask(const record::Record& body) const {
        return gateway.platform("portal").call(kFund, body);
    }
    [[nodiscard]] codec::HttpMessage ask() const { return ask(fund_body(gateway, id)); }

    GatewayUnderTest gateway;
    ConsentService service;
    std::string id;
    std::string jws;
};

}  // namespace datong::journeys
