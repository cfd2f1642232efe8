#include "core/access/dossier.h"

#include <array>

#include "core/base/text.h"
#include "core/crypto/digest.h"

namespace datong::access {
namespace {

using record::Record;

struct StateRow {
    State state;
    std::string_view name;
    std::string_view title;
};
constexpr std::array kStates{
    StateRow{State::submitted, "submitted", "待审批"},
    StateRow{State::changes_requested, "changes_requested", "退回补正"},
    StateRow{State::reopened, "reopened", "重新受理"},
    StateRow{State::approved, "approved", "已批准"},
    StateRow{State::refused, "refused", "不予批准"},
    StateRow{State::revoked, "revoked", "已撤销"},
    StateRow{State::expired, "expired", "已到期"},
};

constexpr std::array<std::string_view, 9> kActs{"submit", "amend",  "approve", "request_changes", "refuse",
                                                "revoke", "expire", "reopen",  "promote"};

const StateRow& row_of(State state) {
    return kStates.at(static_cast<std::size_t>(state));
}

std::optional<State> state_by_name(std::string_view name) {
    for (const StateRow& row : kStates) {
        if (row.name == name) {
            return row.state;
        }
    }
    return std::nullopt;
}

Record texts(const std::vector<std::string>& all) {
    Record list = Record::list();
    for (const std::string& one : all) {
        list.add(Record::text(one));
    }
    return list;
}

const Record::List& items_of(const Record& record, std::string_view name) {
    static const Record::List none;
    const Record* found = record.find(name);
    return found != nullptr && found->is_list() ? found->items() : none;
}

Record to_record(const Step& step) {
    Record record = Record::object();
    record.put("at", Record::text(step.at));
    record.put("account", Record::text(step.account));
    record.put("act", Record::text(std::string{name_of(step.act)}));
    record.put("reason", Record::text(step.reason));
    record.put("state", Record::text(std::string{name_of(step.state)}));
    return record;
}

}  // namespace

std::string_view name_of(State state) {
    return row_of(state).name;
}

std::string_view title_of(State state) {
    return row_of(state).title;
}

std::string_view name_of(Act act) {
    return kActs.at(static_cast<std::size_t>(act));
}

std::optional<Act> act_by_name(std::string_view name) {
    for (std::size_t i = 0; i < kActs.size(); ++i) {
        if (kActs[i] == name) {
            return static_cast<Act>(i);
        }
    }
    return std::nullopt;
}

bool needs_digest(Act act) {
    return act == Act::approve || act == Act::promote || act == Act::refuse;
}

std::string digest_of(const Dossier& dossier) {
    return to_hex(crypto::sha256(dossier.text));
}

Record to_record(const Dossier& dossier) {
    Record record = Record::object();
    record.put("id", Record::text(dossier.id));
    record.put("state", Record::text(std::string{name_of(dossier.state)}));
    record.put("applicant", Record::text(dossier.applicant));
    record.put("organisation", Record::text(dossier.organisation));
    record.put("due", Record::text(record::to_text(dossier.due)));
    record.put("stage", Record::text(dossier.stage));
    record.put("approved_by", texts(dossier.approved_by));
    record.put("approved_at", Record::text(dossier.approved_at));
    Record approvers = Record::list();
    for (const Approver& one : dossier.approvers) {
        Record approver = Record::object();
        approver.put("account", Record::text(one.account));
        approver.put("capacity", Record::text(one.capacity));
        approvers.add(std::move(approver));
    }
    record.put("approvers", std::move(approvers));
    Record history = Record::list();
    for (const Step& step : dossier.history) {
        history.add(to_record(step));
    }
    record.put("history", std::move(history));
    record.put("text", Record::text(dossier.text));
    record.put("unrecorded", Record::boolean(dossier.is_unrecorded));
    return record;
}

Result<Dossier> read_dossier(const Record& record) {
    const auto state = state_by_name(record.text_of("state"));
    const auto due = record::parse_iso_date(record.text_of("due"));
    if (!state || !due) {
        return fail(Fault::internal, "an application that was not kept by this program");
    }
    Dossier dossier{.id = record.text_of("id"),
                    .text = record.text_of("text"),
                    .state = *state,
                    .applicant = record.text_of("applicant"),
                    .organisation = record.text_of("organisation"),
                    .stage = record.text_of("stage"),
                    .approved_at = record.text_of("approved_at"),
                    .due = *due};
    dossier.is_unrecorded = record.text_of("unrecorded") == "true";
    for (const Record& one : items_of(record, "approved_by")) {
        dossier.approved_by.emplace_back(one.scalar());
    }
    for (const Record& one : items_of(record, "approvers")) {
        dossier.approvers.push_back({.account = one.text_of("account"), .capacity = one.text_of("capacity")});
    }
    for (const Record& one : items_of(record, "history")) {
        dossier.history.push_back({.at = one.text_of("at"),
                                   .account = one.text_of("account"),
                                   .act = act_by_name(one.text_of("act")).value_or(Act::submit),
                                   .reason = one.text_of("reason"),
                                   .state = state_by_name(one.text_of("state")).value_or(State::submitted)});
    }
    return dossier;
}

}  // namespace datong::access
