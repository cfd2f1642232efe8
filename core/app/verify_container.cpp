#include <algorithm>
#include <iostream>

#include "core/app/commands.h"
#include "core/container/check.h"

namespace datong::app {
namespace {

using container::Checked;

/// What stands in the container, for a terminal: no text of an altered file may draw a verdict of its own.
std::string shown(std::string text) {
    std::replace_if(text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return text;
}

void say_facts(const Checked& checked) {
    std::cout << "  交换 exchange " << shown(checked.exchange) << ", " << shown(checked.at) << "\n  调用方 consumer "
              << shown(checked.consumer) << ", 服务 service " << shown(checked.service) << ", 结果 outcome "
              << shown(checked.outcome) << '\n';
}

int say_broken(const Checked& checked) {
    std::cout << "container: BROKEN 容器无效\n";
    for (const container::Finding& one : checked.findings) {
        std::cout << "  " << shown(one.file) << (one.field.empty() ? "" : " " + shown(one.field)) << "\n    "
                  << one.code << ": " << one.text_zh << " | " << one.text_en << '\n';
    }
    return kWanting;
}

int say_good(const Checked& checked) {
    std::cout << (checked.is_open ? "container: OPEN 尚无结果: 只证明有此请求 no outcome: it proves the request alone\n"
                                  : "container: valid 容器有效\n");
    say_facts(checked);
    for (const container::FileProof& one : checked.proofs) {
        std::cout << "  " << shown(one.file) << "\n    " << one.text_zh << " | " << one.text_en << '\n';
    }
    if (!checked.is_sealed) {
        std::cout
            << "  尚无封签: 稍后重新导出即含封签 no seal covers it yet: export it again later for one that does\n";
    }
    return checked.is_open ? kWanting : kGood;
}

}  // namespace

int verify_container(const std::string& octets, const record::Record& jwks,
                     const std::vector<std::string>& stamp_anchors) {
    std::vector<seals::StampTrust> stamps;
    if (!stamp_anchors.empty()) {
        stamps.push_back({.anchors = stamp_anchors});
    }
    const auto checked = container::check_container(octets, jwks, stamps);
    if (!checked) {
        std::cout << "container: BROKEN 容器无法读取\n  " << shown(checked.error().detail()) << '\n';
        return kWanting;
    }
    return checked->is_good() ? say_good(*checked) : say_broken(*checked);
}

}  // namespace datong::app
