#include "core/items/links.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace datong::items {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kFolds{
    {{" ", ""}, {"\t", ""}, {"　", ""}, {"《", ""}, {"》", ""}, {"（", "("}, {"）", ")"}, {"\r", ""}}};

std::string text_of(const Row& row, std::string_view column) {
    const auto found = row.columns.find(column);
    return found == row.columns.end() ? std::string{} : found->second;
}

std::string without_remark(std::string name) {
    const auto open = name.rfind('(');
    if (name.ends_with(')') && open != std::string::npos && open > 0) {
        name.resize(open);
    }
    return name;
}

Standing standing_of(const Material& material, const Link* link, const std::function<bool(std::string_view)>& has) {
    if (link != nullptr) {
        return link->service.empty() ? Standing::no_service
               : has(link->service)  ? Standing::linked
                                     : Standing::unknown_service;
    }
    return material.source == "10" ? Standing::own : material.source == "20" ? Standing::not_linked : Standing::other;
}

}  // namespace

std::string folded(std::string_view name) {
    std::string text{name};
    for (const auto& [from, to] : kFolds) {
        for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
            text.replace(at, from.size(), to);
        }
    }
    return without_remark(std::move(text));
}

Links read_links(const std::vector<Row>& rows, std::vector<Broken>& broken) {
    Links links;
    for (const Row& row : rows) {
        const std::string name = folded(text_of(row, "clmc"));
        if (name.empty()) {
            broken.push_back({row.where, "clmc (材料名称) 为空", "clmc, the material's name, is empty"});
            continue;
        }
        Link link{.licence_code = text_of(row, "dzzzdm"),
                  .licence_name = text_of(row, "dzzzmc"),
                  .service = text_of(row, "service")};
        const auto known = links.find(name);
        if (known != links.end() && known->second.service != link.service) {
            broken.push_back(
                {row.where, "同一材料对应两个服务: " + known->second.service + ", " + link.service,
                 "the same material is tied to two services: " + known->second.service + ", " + link.service});
            continue;
        }
        links.insert_or_assign(name, std::move(link));
    }
    return links;
}

std::string_view name_of(Standing standing) {
    constexpr std::array<std::string_view, 6> kNames{"linked",     "no_service", "unknown_service",
                                                     "not_linked", "own",        "other"};
    return kNames.at(static_cast<std::size_t>(standing));
}

std::vector<LinkedMaterial> link(const Library& library, const Links& links,
                                 const std::function<bool(std::string_view)>& has_service) {
    std::map<std::string, LinkedMaterial, std::less<>> by_name;
    for (const auto& [code, item] : library) {
        for (const Material& material : item.materials) {
            const std::string name = folded(material.name);
            const auto found = links.find(name);
            const Link* tied = found == links.end() ? nullptr : &found->second;
            // One name may be the applicant's own for one item and issued for another: they stand apart.
            const Standing standing = standing_of(material, tied, has_service);
            LinkedMaterial& one = by_name[name + '\n' + std::string{name_of(standing)}];
            if (one.items == 0) {
                one = {.name = material.name,
                       .standing = standing,
                       .service = tied != nullptr ? tied->service : std::string{},
                       .explain = material.source_explain};
            }
            ++one.items;
            one.needed += material.need == "1" ? 1 : 0;
        }
    }
    std::vector<LinkedMaterial> all;
    for (auto& [name, one] : by_name) {
        all.push_back(std::move(one));
    }
    std::sort(all.begin(), all.end(), [](const LinkedMaterial& one, const LinkedMaterial& other) {
        return std::tie(other.items, one.name, one.standing) < std::tie(one.items, other.name, other.standing);
    });
    return all;
}

}  // namespace datong::items
