#pragma once

#include <initializer_list>
#include <string>

#include "core/codec/json.h"
#include "tests/journeys/platform_client.h"

namespace datong::journeys {

// What callers of the platforms' other protocols send, about the demo household.

inline const std::string kId = "DEMO-APP-0001";
inline const std::string kSid = "s_1200000900000_2108";
inline const std::string kServices =
    "  inbound: doors/national.inbound.yaml\n  services: [{sid: " + kSid + ", service: tax-clearance}]\n";

/// What the inbound mapping reads; the account makes one call another.
inline record::Record data_of(const std::string& account) {
    const departments::Demo demo = departments::demo_person();
    record::Record who = record::Record::object();
    who.put("account", record::Record::text(account));
    who.put("division_code", record::Record::text(demo.flat.division));
    record::Record data = record::Record::object();
    data.put("sxbm", record::Record::text("existing-home-transfer"));
    data.put("bjbh", record::Record::text(demo.case_number));
    data.put("usecause", record::Record::text("存量房转移登记"));
    data.put("xm", record::Record::text(demo.person.name));
    data.put("zjhm", record::Record::text(demo.person.id));
    data.put("operator", std::move(who));
    return data;
}

/// A text of an answer: its outcome, or where there is none its code.
inline std::string text_at(const record::Record& answer, std::initializer_list<std::string_view> outcome,
                           std::initializer_list<std::string_view> code) {
    const record::Record* found = answer.find_path(outcome);
    found = found != nullptr ? found : answer.find_path(code);
    return found != nullptr ? std::string{found->scalar()} : std::string{};
}

}  // namespace datong::journeys
