#include <chrono>
#include <filesystem>
#include <iostream>
#include <thread>

#include "core/app/commands.h"
#include "core/app/configuration.h"
#include "core/app/map_files.h"
#include "core/app/recall.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/evidence/files.h"
#include "core/policy/persons.h"
#include "core/vault/shelf.h"

namespace datong::app {
namespace {

using ledger::Entry;
using ledger::Index;
using record::Record;

int say(const Error& why) {
    std::cerr << "无法查询存证 can't look into the evidence: " << why.detail() << '\n';
    return kWanting;
}

/// The names that a person has in the evidence; nullopt when the file does not say whom, or they can't be found.
std::optional<std::vector<std::string>> names_in(const std::string& file, const catalogue::Gateway& gateway) {
    const auto text = read_text(file);
    const auto person = text ? codec::read_json(*text) : fail(Fault::bad_request, "");
    const std::string id = person ? person->text_of("id_no") : std::string{};
    if (id.empty()) {
        std::cerr
            << R"(--subject 应为 {"id_no": "..."} 的 JSON 文件, 或 - 表示标准输入 --subject must be a JSON file of )"
               R"({"id_no": "..."}, or - for standard input)"
            << '\n';
        return std::nullopt;
    }
    const std::string own = to_hex(crypto::hmac_sha256(gateway.subject_key.reveal(), policy::normal_id(id)));
    const auto shelf = vault::Shelf::open(vault::Shelf::file_of(gateway.evidence_folder));
    auto names = shelf ? (*shelf)->names_of(own, gateway.subject_key) : fail(shelf.error());
    if (!names) {
        std::cerr << names.error().detail() << '\n';
        return std::nullopt;
    }
    return std::move(*names);
}

void show_row(const Entry& entry) {
    std::cout << entry.at << "  " << entry.exchange << "  " << (entry.outcome.empty() ? "-" : entry.outcome) << "  "
              << (entry.consumer.empty() ? "-" : entry.consumer) << "  "
              << (entry.service.empty() ? "-" : entry.service) << "  "
              << (entry.case_number.empty() ? "-" : entry.case_number) << '\n';
}

int show_page(const ledger::Page& page, bool as_json) {
    if (as_json) {
        Record all = Record::object();
        Record entries = Record::list();
        for (const Entry& entry : page.entries) {
            entries.add(to_record(entry));
        }
        all.put("exchanges", std::move(entries));
        if (!page.next.empty()) {
            all.put("next", Record::text(page.next));
        }
        std::cout << codec::write_json_for_people(all) << '\n';
        return kGood;
    }
    if (page.entries.empty()) {
        std::cout << "没有符合条件的交换 no exchange fits; without conditions all are listed: datong evidence list\n";
        return kGood;
    }
    std::cout << "时间 at  交换编号 exchange  结果 outcome  调用方 consumer  服务 service  办件号 case\n";
    for (const Entry& entry : page.entries) {
        show_row(entry);
    }
    if (!page.next.empty()) {
        std::cout << "下一页 next page: --after " << page.next << '\n';
    }
    return kGood;
}

/// What stands beside the chain for an exchange: names and policy, never content. A shelf that can't be read is not an
/// empty one.
Result<Record> bodies_of(const std::string& folder, const std::string& exchange) {
    Record list = Record::list();
    const std::string file = vault::Shelf::file_of(folder);
    std::error_code ec;
    if (!std::filesystem::exists(file, ec) && !ec) {
        return list;
    }
    const auto shelf = vault::Shelf::open(file);
    const auto bodies = shelf ? (*shelf)->find(exchange) : fail(shelf.error());
    if (!bodies) {
        return fail(bodies.error());
    }
    for (const vault::Body& body : *bodies) {
        Record one = Record::object();
        one.put("name", Record::text(body.name));
        one.put("policy", Record::text(std::string{vault::name_of(body.policy)}));
        one.put("octets", Record::integer(static_cast<long long>(body.octets.size())));
        list.add(std::move(one));
    }
    return list;
}

int show_entry(const Entry& entry, const Record& bodies, bool as_json) {
    Record made = to_record(entry);
    made.put("bodies", bodies);
    if (as_json) {
        std::cout << codec::write_json_for_people(made) << '\n';
        return kGood;
    }
    for (const record::Member& member : made.members()) {
        std::cout << member.name.view() << ": "
                  << (member.value.is_scalar() ? std::string{member.value.scalar()} : codec::write_json(member.value))
                  << '\n';
    }
    return kGood;
}

/// Runs `use` with the configuration; prints what is wrong with it instead.
int with_gateway(const std::string& config, const std::function<int(const catalogue::Gateway&)>& use) {
    int code = kGood;
    const Mistakes mistakes =
        with_configuration(config, [&](const catalogue::Snapshot& snapshot) { code = use(snapshot.gateway); });
    if (has_errors(mistakes)) {
        print(mistakes);
        return kConfig;
    }
    return code;
}

}  // namespace

int evidence_list(const EvidenceListOptions& options) {
    if (!options.actor.empty() || !options.act.empty() || !options.target.empty()) {
        std::cerr << "--actor、--act、--target 只用于 only go with --kind administration\n";
        return kUsage;
    }
    return with_gateway(options.config, [&options](const catalogue::Gateway& gateway) {
        ledger::Wanted wanted = options.wanted;
        if (!options.subject.empty()) {
            auto names = names_in(options.subject, gateway);
            if (!names) {
                return kUsage;
            }
            wanted.persons = std::move(*names);
        }
        const auto index = open_index(gateway.evidence_folder);
        const auto page = index ? (*index)->list(wanted) : fail(index.error());
        return page ? show_page(*page, options.json) : say(page.error());
    });
}

int evidence_show(const EvidenceOptions& options) {
    return with_gateway(options.config, [&options](const catalogue::Gateway& gateway) {
        const auto entry = find_exchange(gateway.evidence_folder, options.exchange);
        const auto bodies = entry ? bodies_of(gateway.evidence_folder, options.exchange) : fail(entry.error());
        return bodies ? show_entry(*entry, *bodies, options.json) : say(bodies.error());
    });
}

int evidence_reindex(const EvidenceOptions& options) {
    return with_gateway(options.config, [](const catalogue::Gateway& gateway) {
        // its last records may not be durable yet: an index made of them would be ahead of the log after a power
        // failure
        if (evidence::FolderLock::is_taken(gateway.evidence_folder)) {
            return say(Error{Fault::unavailable, "a gateway writes there, and keeps the index itself: end it first"});
        }
        const std::string file = Index::file_of(gateway.evidence_folder);
        const auto gone = Index::put_aside(file);  // whatever stands there, nothing of it is needed
        auto index = gone ? Index::open(file) : fail(gone.error());
        const auto taken = index ? (*index)->feed(gateway.evidence_folder) : fail(index.error());
        if (!taken) {
            return say(taken.error());
        }
        std::error_code kept;  // what was there before is no loss, and no trouble where it stays
        std::filesystem::remove(file + ".damaged", kept);
        std::cout << "索引已按存证链重建 the index was made anew from the chain: " << *taken << " records\n";
        return kGood;
    });
}

}  // namespace datong::app
