#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/catalogue/names.h"
#include "core/mapping/engine.h"

namespace datong::catalogue {
namespace {

using mapping::SelectOp;

/// Whether a member of a query is called like a division (行政区划), or said to be one.
bool is_called_division(const mapping::Shape& member) {
    constexpr std::array<std::string_view, 8> kNames{"division", "region", "district", "county",
                                                     "xzqh",     "qxdm",   "dqbm",     "qhdm"};
    constexpr std::array<std::string_view, 3> kLabels{"区划", "区县", "行政区"};
    const std::string name = ascii_lower(member.name);
    const auto in = [](std::string_view text) {
        return [text](std::string_view word) { return text.find(word) != std::string_view::npos; };
    };
    return std::ranges::any_of(kNames, in(name)) || std::ranges::any_of(kLabels, in(member.label));
}

bool reads(const SelectOp& select, const std::string& member) {
    const auto begins = [&member](const mapping::Path& path) {
        return !path.segments.empty() && path.segments.front().name.view() == member;
    };
    const bool by_path =
        select.kind != mapping::ast::Select::Kind::from_ctx && std::ranges::any_of(select.paths, begins);
    const bool by_expression = select.expr && select.sources.find(member) != std::string::npos;
    return by_path || by_expression ||
           std::ranges::any_of(select.cases, [&member](const auto& one) { return reads(one.select, member); });
}

/// Whether the request mapping takes what it sends, or a part of it, from that member.
bool sends(const mapping::Mapping::Program& request, const std::string& member) {
    const auto takes = [&member](const auto& one) { return reads(one.select, member); };
    return std::ranges::any_of(request.fields, takes) || std::ranges::any_of(request.lets, takes);
}

}  // namespace

void check_searched(Loading& loading, const yaml::Node& service_node, const Service& service) {
    const yaml::Node* at = service_node.find("request");
    if (at == nullptr || service.is_submit() || !service.request || !service.request->program().has_source_shape ||
        service_node.find("searched_division") != nullptr) {
        return;
    }
    const mapping::Mapping::Program& request = service.request->program();
    for (const mapping::Shape& member : request.source_shape.members) {
        if (is_called_division(member) && sends(request, member.name)) {
            loading.mistakes.push_back(
                {at->where, "C253", Severity::warning,
                 "查询的 '" + member.name +
                     "' 送往部门, 服务却未写 searched_division: 答复会说查了登记簿的全部区划, "
                     "授权的区划也管不住所查的区划",
                 "the query's '" + member.name +
                     "' is sent to the department, and the service has no searched_division: "
                     "its answers say that all divisions of its registers were searched, and no grant's territory "
                     "bounds them",
                 "searched_division: " + member.name + ", or none where it chooses no division to search"});
        }
    }
}

void check_divided(Loading& loading, const yaml::Node& service_node, const Service& service) {
    if (service.searched_division.empty() || service.department == nullptr) {
        return;
    }
    for (const std::string& name : service.registers) {
        const auto& registers = service.department->registers;
        if (const auto found = registers.find(name); found != registers.end() && found->second.divisions.empty()) {
            loading.mistake(place_of(service_node, "searched_division"), "C102",
                            "登记簿 " + name + " 未写 divisions: 查询无从选择其中的区划",
                            "register " + name + " has no divisions: a query can choose none of them",
                            "divisions of register " + name);
        }
    }
}

}  // namespace datong::catalogue
