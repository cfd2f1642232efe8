#include <algorithm>

#include "core/base/text.h"
#include "core/catalogue/licence.h"
#include "core/catalogue/loading.h"
#include "core/catalogue/names.h"

namespace datong::catalogue {
namespace {

using codec::SettingsReader;

constexpr std::size_t kCode = 21;

/// The state's values, by what each says of the licence.
void read_state(Loading& loading, const yaml::Node* node, Licence& licence) {
    if (node == nullptr) {
        return;
    }
    SettingsReader reader{*node, loading.mistakes};
    licence.state = reader.text("field");
    licence.inactive = reader.texts("inactive");
    licence.suspended = reader.texts("suspended");
    licence.voided = reader.texts("voided");
    reader.finish();
}

void read_columns(Loading& loading, const yaml::Node* node, Licence& licence) {
    if (node != nullptr && !node->is_map()) {
        loading.mistake(*node, "C103", "columns 应为 名称: 字段指针 的映射", "columns must be a map of name to place",
                        "columns: {certNo: /certificateNumber}");
        return;
    }
    if (node != nullptr) {
        for (const yaml::Node::Entry& entry : node->entries) {
            licence.columns.emplace_back(entry.first.text, entry.second.text);
        }
    }
}

/// A place that the certificate can't have would make every answer look as if the department gave nothing.
void check_places(Loading& loading, const yaml::Node& node, const Licence& licence) {
    if (licence.service == nullptr || !licence.service->response) {
        return;
    }
    const yaml::Node& state = place_of(node, "state");
    std::vector<std::pair<std::string, const yaml::Node*>> places{{licence.identifier, &place_of(node, "identifier")},
                                                                  {licence.number, &place_of(node, "number")},
                                                                  {licence.file, &place_of(node, "file")},
                                                                  {licence.state, &place_of(state, "field")},
                                                                  {licence.valid_to, &place_of(node, "valid_to")}};
    for (const auto& [name, place] : licence.columns) {
        places.emplace_back(place, &place_of(place_of(node, "columns"), name));
    }
    for (const auto& [place, at] : places) {
        const policy::Predicate is_there{.field = place, .op = policy::Relation::exists, .value = {}};
        if (!place.empty() && !wrong_with(*licence.service, is_there).empty()) {
            loading.mistake(*at, "C203", "服务 " + licence.service->id + " 没有字段 " + place,
                            "service " + licence.service->id + " has no field " + place);
        }
    }
}

/// A state that no licence can have would call one good that is not.
void check_states(Loading& loading, const yaml::Node& node, const Licence& licence) {
    const bool is_known = licence.service != nullptr && licence.service->response && !licence.state.empty();
    const std::vector<std::string> codes =
        is_known ? codes_of(*licence.service, licence.state) : std::vector<std::string>{};
    const auto check = [&](const char* name, const std::vector<std::string>& values) {
        for (std::size_t i = 0; !codes.empty() && i < values.size(); ++i) {
            if (std::ranges::find(codes, values[i]) == codes.end()) {
                loading.mistake(
                    place_of(place_of(node, "state"), name, i), "C214", licence.state + " 没有代码 '" + values[i] + "'",
                    licence.state + " has no code '" + values[i] + "'", nearest(values[i], codes).value_or(""));
            }
        }
    };
    check("inactive", licence.inactive);
    check("suspended", licence.suspended);
    check("voided", licence.voided);
}

void load_licence(Loading& loading, const yaml::Node& node) {
    SettingsReader reader{node, loading.mistakes};
    Licence licence;
    licence.code = reader.text("code");
    licence.title = reader.text("title");
    const std::string service = reader.text("service");
    licence.holders = reader.texts("holders");
    licence.identifier = reader.text("identifier", "");
    licence.number = reader.text("number", "");
    licence.file = reader.text("file", "");
    licence.file_type = reader.one_of("file_type", {"pdf", "ofd"}, "pdf");
    read_state(loading, reader.node("state"), licence);
    licence.valid_to = reader.text("valid_to", "");
    read_columns(loading, reader.node("columns"), licence);
    reader.finish();
    if (licence.code.size() != kCode) {
        loading.mistake(node, "C103", "证照类型代码应为 21 位", "the code of a type of licences has 21 characters");
    }
    licence.service = loading.snapshot.service(service);
    if (licence.service == nullptr) {
        loading.unknown(place_of(node, "service"), "service", service, ids_of(loading.snapshot.services));
    }
    check_places(loading, node, licence);
    check_states(loading, node, licence);
    if (loading.snapshot.licence_of(service) != nullptr) {  // an answer is told by its service which type it is
        loading.mistake(node, "C202", "服务 " + service + " 已属于另一证照类型",
                        "service " + service + " answers for another type of licences already");
    }
    const std::string code = licence.code;
    if (!loading.snapshot.licences.emplace(code, std::move(licence)).second) {
        loading.mistake(node, "C202", "证照类型代码 " + code + " 重复", "licence code " + code + " stands twice");
    }
}

}  // namespace

void load_licences(Loading& loading) {
    const auto names = loading.list(loading.root);
    if (std::ranges::find(names, "licences.yaml") == names.end()) {
        return;
    }
    const auto document = loading.document(loading.root + "licences.yaml", "licences");
    if (!document) {
        return;
    }
    SettingsReader reader{*document, loading.mistakes};
    (void)reader.text("datong");
    const yaml::Node* list = reader.required_node("licences");
    reader.finish();
    if (list != nullptr && !list->is_list()) {
        loading.mistake(*list, "C103", "licences 应为列表", "licences must be a list");
        return;
    }
    for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
        load_licence(loading, list->items[i]);
    }
}

}  // namespace datong::catalogue
