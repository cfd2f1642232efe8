#include "core/ledger/savings.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "core/evidence/verify.h"

namespace datong::ledger {
namespace {

using evidence::MaterialAnswered;
using record::Record;

class Counting {
public:
    void take(const Record& entry) {
        const std::string kind = entry.text_of("kind");
        if (kind == "intent") {
            Entry opened = read_entry(entry);
            if (!opened.submits) {
                open_.emplace(opened.exchange, std::move(opened));
            }
        } else if (kind == "follow_up") {
            follow(entry);
        } else if (kind == "outcome" || kind == "closing") {
            const auto asked = open_.find(entry.text_of("exchange"));
            if (asked != open_.end()) {
                for (const MaterialAnswered& one : read_materials(entry)) {
                    count(asked->second, one);
                }
                open_.erase(asked);
            }
        }
    }
    [[nodiscard]] Savings finish() { return std::move(savings_); }

private:
    /// What came after the answer counts as if it had been in it.
    void follow(const Record& entry) {
        const auto followed = read_followed(entry);
        if (followed && followed->event == "answered" && !followed->case_number.empty()) {
            Entry call{.exchange = followed->exchange,
                       .at = followed->at,
                       .service = "matter:" + followed->matter,
                       .case_number = followed->case_number};
            count(call, followed->material);
        }
    }

    void count(const Entry& entry, const MaterialAnswered& one) {
        const bool found = is_found(one.outcome);
        if (entry.case_number.empty() || one.material.empty()) {
            ++savings_.unattributed;
            savings_.unattributed_found += found ? 1 : 0;
            return;
        }
        Exempted made{.case_number = entry.case_number,
                      .material = one.material,
                      .matter = matter_of(entry),
                      .department = before(one.source, '/'),
                      .month = entry.at.substr(0, 7),
                      .exchange = entry.exchange,
                      .saved = found};
        const auto [there, is_new] =
            places_.emplace(entry.case_number + '\n' + one.material, savings_.materials.size());
        if (is_new) {
            savings_.materials.push_back(std::move(made));
        } else if (found && !savings_.materials[there->second].saved) {
            savings_.materials[there->second] = std::move(made);
        }
    }

    Savings savings_;
    std::unordered_map<std::string, Entry> open_;          ///< by exchange
    std::unordered_map<std::string, std::size_t> places_;  ///< by case and material
};

}  // namespace

Result<Savings> count_savings(const std::string& evidence_folder) {
    Counting counting;
    const Status read = evidence::read_folder(evidence_folder, [&counting](const Record& entry) {
        counting.take(entry);
        return true;
    });
    return read ? Result<Savings>{counting.finish()} : fail(read.error());
}

std::map<std::string, SavedRow> add_up(const Savings& savings, SavedBy by) {
    std::map<std::string, SavedRow> rows;
    for (const Exempted& one : savings.materials) {
        SavedRow& row = rows[by == SavedBy::matter       ? one.matter
                             : by == SavedBy::department ? one.department
                                                         : one.month];
        ++row.due;
        row.saved += one.saved ? 1 : 0;
        if (one.saved && std::find(row.exchanges.begin(), row.exchanges.end(), one.exchange) == row.exchanges.end()) {
            row.exchanges.push_back(one.exchange);
        }
    }
    return rows;
}

}  // namespace datong::ledger
