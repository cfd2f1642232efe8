#pragma once

#include <chrono>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/access/application.h"
#include "core/access/rules.h"
#include "core/accounts/actor.h"
#include "core/base/result.h"
#include "core/catalogue/calendar.h"
#include "core/record/record.h"

namespace datong::access {

using WallTime = std::chrono::system_clock::time_point;

using accounts::Actor;
using accounts::Outcome;

/// How far an application is (申请状态).
enum class State {
    submitted,          ///< 待审批
    changes_requested,  ///< 退回补正
    reopened,           ///< 重新受理: decided anew, as if submitted
    approved,           ///< 已批准
    refused,            ///< 不予批准
    revoked,            ///< 已撤销
    expired,            ///< 已到期
};
[[nodiscard]] std::string_view name_of(State state);
[[nodiscard]] std::string_view title_of(State state);  ///< in zh-CN

enum class Act { submit, amend, approve, request_changes, refuse, revoke, expire, reopen, promote };
[[nodiscard]] std::string_view name_of(Act act);
[[nodiscard]] std::optional<Act> act_by_name(std::string_view name);
/// Whether who does it has to say which text they read: what decides about a text, for it or against it.
[[nodiscard]] bool needs_digest(Act act);

/// What somebody does about an application.
struct Deed {
    Act act{Act::approve};
    std::string reason{};  ///< needed where something is sent back, refused, revoked or reopened
    std::string text{};    ///< of amend: the application as it reads now
    std::string of{};      ///< of approve, promote and refuse: hexadecimal SHA-256 of the text that was read
};

/// One approval of several that are needed.
struct Approver {
    std::string account;
    std::string capacity;  ///< "department:land" or "security"
};

struct Step {
    std::string at;  ///< RFC 3339
    std::string account;
    Act act{};
    std::string reason;
    State state{};  ///< afterwards
};

/// An application and all that became of it (档案).
struct Dossier {
    std::string id;    ///< "a-2026-0001"; the grant that it becomes bears it, too
    std::string text;  ///< YAML, as handed in last
    State state{State::submitted};
    std::string applicant;                   ///< account that handed it in last
    std::string organisation;                ///< that it was handed in for
    std::vector<Approver> approvers{};       ///< of the stage that is being decided
    std::string stage{};                     ///< as far as it is approved: "sandbox", "production"; empty: not at all
    std::vector<std::string> approved_by{};  ///< accounts, of that stage
    std::string approved_at{};               ///< RFC 3339
    record::Date due{};                      ///< last day to decide it, while it is open
    std::vector<Step> history{};
    bool is_unrecorded{};  ///< it ended, and the evidence has not heard of it yet

    [[nodiscard]] bool is_open() const { return state == State::submitted || state == State::reopened; }
};

/// What the rules of the moment say about an application.
struct Terms {
    Application application;       ///< as it stands in the dossier; of amend as it will stand
    std::set<std::string> owners;  ///< departments whose services it asks for
    const catalogue::Calendar& calendar;
    int decide_days{};
};

/// Hexadecimal SHA-256 of the application's text: what is approved, in the evidence.
[[nodiscard]] std::string digest_of(const Dossier& dossier);

/// The next state of an application, or why there is none. Nothing else decides who may do what: of the two persons or
/// more that approve, one speaks for each department whose data it is and one for the platform's security; none is the
/// applicant, and none counts twice.
[[nodiscard]] Outcome<Dossier> decide(Dossier dossier, const Deed& deed, const Actor& actor, const Terms& terms,
                                      WallTime now);

/// Who sees an application: those who administer all of it, a department whose data it asks for, who applied.
[[nodiscard]] bool may_see(const Actor& actor, const Dossier& dossier, const std::set<std::string>& owners);

/// Who still has to approve before it takes effect: capacities.
[[nodiscard]] std::vector<std::string> missing_approvals(const Dossier& dossier, const std::set<std::string>& owners);

/// The grant that an approved application is; its approval says by whom.
[[nodiscard]] policy::Grant to_grant(const Dossier& dossier, const Application& application);

[[nodiscard]] record::Record to_record(const Dossier& dossier);
/// @return Fault::internal for what to_record() never wrote.
[[nodiscard]] Result<Dossier> read_dossier(const record::Record& record);

}  // namespace datong::access
