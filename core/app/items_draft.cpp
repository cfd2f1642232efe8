#include <filesystem>
#include <iostream>

#include "core/app/commands.h"
#include "core/app/configuration.h"
#include "core/app/map_files.h"
#include "core/base/text.h"
#include "core/codec/json.h"
#include "core/items/links.h"
#include "core/items/rows.h"
#include "core/items/shelf.h"

// A matter drafted from an item of the platform's library: a beginning, for whoever knows the matter to go on with.
namespace datong::app {
namespace {

namespace fs = std::filesystem;
using catalogue::Service;
using record::Record;

/// A text as YAML's double-quoted scalar, which JSON's strings are.
std::string quoted(const std::string& text) {
    return codec::write_json(Record::text(text));
}

/// What a service's question must hold beside the person: member and its title.
std::vector<std::pair<std::string, std::string>> wanted_by(const Service& service) {
    std::vector<std::pair<std::string, std::string>> wanted;
    const Record* required = service.request ? service.request->source_schema().find("required") : nullptr;
    if (required == nullptr || !required->is_list()) {
        return wanted;
    }
    const Record* properties = service.request->source_schema().find("properties");
    for (const Record& name : required->items()) {
        const std::string member{name.scalar()};
        const Record* property = properties != nullptr ? properties->find(member) : nullptr;
        const std::string label = property != nullptr ? property->text_of("x-label") : std::string{};
        wanted.emplace_back(member, label.empty() ? member : label);
    }
    return wanted;
}

std::string necessity_of(const items::Material& material) {
    constexpr const char* kUsualTerm = "10";
    return material.need == "2"   ? "    necessity: not_needed\n"
           : material.need == "3" ? std::string{"    necessity: may_follow\n    follow_days: "} + kUsualTerm + '\n'
                                  : std::string{};
}

/// The service that the table names for a material; nullptr: none, or one that can't be asked for a record.
const Service* service_for(const items::Material& material, const items::Links& links,
                           const catalogue::Snapshot& snapshot) {
    const auto link = links.find(items::folded(material.name));
    const Service* service = link != links.end() ? snapshot.service(link->second.service) : nullptr;
    return service != nullptr && service->kind == "query" ? service : nullptr;
}

std::string requirement_of(const items::Material& material, const Service* service, const std::string& id) {
    std::string out = "  - id: " + id + "\n    title: " + quoted(material.name) + '\n' + necessity_of(material);
    if (service == nullptr) {
        return out + "    no_match: true" +
               (material.source_explain.empty() ? "" : "                 # " + material.source_explain) + '\n';
    }
    out += "    any_of:\n      - all_of:\n          - {material: " + id + ", title: " + quoted(material.name) +
           ", service: " + service->id + ", about: subject";
    std::string query;
    for (const auto& [member, label] : wanted_by(*service)) {
        query += (query.empty() ? "" : ", ") + member + ": $.facts." + member;
    }
    return out + (query.empty() ? "" : ", query: {" + query + "}") + "}\n";
}

std::string questions_of(const std::map<std::string, std::string>& facts) {
    std::string out = facts.empty() ? "" : "questions:\n";
    for (const auto& [fact, title] : facts) {
        out += "  - {fact: " + fact + ", title: " + quoted(title) + "}\n";
    }
    return out;
}

std::string draft_of(const items::Item& item, const items::Links& links, const catalogue::Snapshot& snapshot,
                     const MatterDraftOptions& options) {
    constexpr std::size_t kEnd = 13;  // of the code: the item's own part
    const std::string tail = ascii_lower(item.code.substr(item.code.size() - std::min(kEnd, item.code.size())));
    const std::string id = options.id.empty() ? "item-" + tail : options.id;
    std::map<std::string, std::string> facts;
    std::string requirements;
    for (std::size_t i = 0; i < item.materials.size(); ++i) {
        const Service* service = service_for(item.materials[i], links, snapshot);
        requirements += requirement_of(item.materials[i], service, "material-" + std::to_string(i + 1));
        for (const auto& [member, label] : service != nullptr ? wanted_by(*service) : decltype(wanted_by(*service)){}) {
            facts.emplace(member, label);
        }
    }
    return "datong: matter/v1\nid: " + id + "\nversion: 0.1.0\ntitle: " + quoted(item.name) +
           "\npurpose: " + (options.purpose.empty() ? id : options.purpose) + "\nitem: " + quoted(item.code) + '\n' +
           questions_of(facts) + "requirements:" + (requirements.empty() ? " []" : "") + "\n" + requirements;
}

Result<items::Item> find_item(const std::string& folder, const std::string& code) {
    const items::Shelf shelf{folder};
    const auto editions = shelf.editions();
    if (!editions || editions->empty()) {
        return editions ? fail(Fault::bad_request, "nothing was imported yet: datong items import")
                        : fail(editions.error());
    }
    const auto library = shelf.read(static_cast<int>(editions->size()));
    if (!library) {
        return fail(library.error());
    }
    const auto found = library->lower_bound(code);
    if (found == library->end() || !found->first.starts_with(code)) {
        return fail(Fault::bad_request, "没有事项 no item begins with " + code);
    }
    return found->second;
}

}  // namespace

int items_draft(const MatterDraftOptions& options) {
    int code = kGood;
    const Mistakes mistakes = with_configuration(options.config, [&](const catalogue::Snapshot& snapshot) {
        const std::string folder =
            options.folder.empty()
                ? (fs::path{snapshot.gateway.store_file}.lexically_normal().parent_path() / "items").string()
                : options.folder;
        const std::string table = options.links.empty()
                                      ? (fs::path{options.config}.parent_path() / "items/material-links.csv").string()
                                      : options.links;
        std::vector<items::Broken> broken;
        const auto item = find_item(folder, options.code);
        const auto text = read_text(table);
        const auto rows =
            text ? items::read_rows(*text, table, broken) : fail(Fault::bad_request, table + ": can't be read");
        if (!item || !rows) {
            std::cerr << (!item ? item.error().detail() : rows.error().detail()) << '\n';
            code = kWanting;
            return;
        }
        if (item->materials.empty()) {
            std::cerr << "该事项没有材料, 无需事项文件 the item asks for no material: it needs no matter\n";
            code = kWanting;
            return;
        }
        std::cout << draft_of(*item, items::read_links(*rows, broken), snapshot, options);
    });
    if (has_errors(mistakes)) {
        print(mistakes);
        return kConfig;
    }
    return code;
}

}  // namespace datong::app
