#include <set>

#include "core/catalogue/loading.h"
#include "core/catalogue/names.h"

namespace datong::catalogue {
namespace {

using codec::SettingsReader;

std::optional<Material> read_material(Loading& loading, const yaml::Node& node) {
    SettingsReader reader{node, loading.mistakes};
    Material material;
    material.id = reader.text("material");
    material.title = reader.text("title", material.id);
    const std::string service = reader.text("service");
    material.about = reader.one_of("about", {"subject", "applicant", "agent"}, "subject");
    const yaml::Node* query = reader.node("query");
    reader.finish();
    material.service = loading.snapshot.service(service);
    if (material.service == nullptr) {
        loading.unknown(node, "service", service, ids_of(loading.snapshot.services));
        return std::nullopt;
    }
    if (query != nullptr) {
        for (const auto& [key, value] : query->entries) {
            material.query.emplace_back(key.text, value.text);
        }
        check_names(loading, *query, material);
    }
    return material;
}

std::vector<Material> read_list(Loading& loading, const yaml::Node& node) {
    SettingsReader reader{node, loading.mistakes};
    const yaml::Node* all_of = reader.required_node("all_of");
    reader.finish();
    std::vector<Material> list;
    if (all_of != nullptr) {
        for (const yaml::Node& item : all_of->items) {
            if (auto material = read_material(loading, item)) {
                list.push_back(std::move(*material));
            }
        }
        if (all_of->items.empty()) {
            loading.mistake(*all_of, "C102", "all_of 不能为空", "all_of must name at least one material");
        }
    }
    return list;
}

Requirement read_requirement(Loading& loading, const yaml::Node& node) {
    SettingsReader reader{node, loading.mistakes};
    Requirement requirement;
    requirement.id = reader.text("id");
    requirement.title = reader.text("title", requirement.id);
    requirement.no_match = reader.flag("no_match", false);
    const yaml::Node* any_of = reader.node("any_of");
    reader.finish();
    if (any_of != nullptr) {
        for (const yaml::Node& list : any_of->items) {
            requirement.any_of.push_back(read_list(loading, list));
        }
    }
    if (requirement.any_of.empty() != requirement.no_match) {
        loading.mistake(node, "C213", "any_of 与 no_match: true 必须且只能写一个",
                        "write any_of with lists of materials, or no_match: true, and not both");
    }
    return requirement;
}

void check_ids(Loading& loading, const yaml::Node& node, const Matter& matter) {
    std::set<std::string> seen;
    for (const Requirement& requirement : matter.requirements) {
        if (!seen.insert(requirement.id).second) {
            loading.mistake(node, "C202", "条件 " + requirement.id + " 重复",
                            "requirement " + requirement.id + " stands twice");
        }
    }
}

void load_matter(Loading& loading, const yaml::Node& node) {
    SettingsReader reader{node, loading.mistakes};
    (void)reader.text("datong");
    auto matter = std::make_unique<Matter>();
    matter->id = reader.text("id");
    matter->version = reader.text("version");
    matter->title = reader.text("title");
    matter->purpose = reader.text("purpose");
    matter->deadline = reader.milliseconds("deadline_ms", matter->deadline);
    const yaml::Node* requirements = reader.required_node("requirements");
    reader.finish();
    if (requirements != nullptr) {
        for (const yaml::Node& item : requirements->items) {
            matter->requirements.push_back(read_requirement(loading, item));
        }
    }
    check_ids(loading, node, *matter);
    if (!is_id(matter->id) || loading.snapshot.matters.contains(matter->id)) {
        loading.mistake(node, "C202", "事项 id 不合规或重复", "a matter id is [a-z][a-z0-9-]* and stands once");
        return;
    }
    const std::string id = matter->id;
    loading.snapshot.matters[id] = std::move(matter);
}

}  // namespace

void load_matters(Loading& loading) {
    for (const std::string& name : loading.with.files.list(loading.root + "matters")) {
        if (const auto node = loading.document(loading.root + "matters/" + name, "matter")) {
            load_matter(loading, *node);
        }
    }
}

}  // namespace datong::catalogue
