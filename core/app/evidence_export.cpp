#include <algorithm>
#include <iostream>

#include "core/app/commands.h"
#include "core/app/configuration.h"
#include "core/app/map_files.h"
#include "core/app/recall.h"
#include "core/catalogue/snapshot.h"

namespace datong::app {

namespace {

bool is_exchange(const std::string& id) {
    const auto fits = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == '-'; };
    return !id.empty() && std::all_of(id.begin(), id.end(), fits);
}

/// Where the container of an exchange goes.
std::string file_of(const ContainerOptions& options, const std::string& exchange) {
    const bool is_file = options.exchanges.size() == 1 && !options.out.empty();
    return is_file ? options.out : (options.out.empty() ? "" : options.out + '/') + exchange + ".asice";
}

int export_one(const catalogue::Snapshot& snapshot, const std::string& exchange, const std::string& file) {
    const auto entry = find_exchange(snapshot.gateway.evidence_folder, exchange);
    const auto octets =
        entry ? container_of(*entry, snapshot.gateway, snapshot.public_keys(true), std::chrono::system_clock::now(),
                             Reader::gateway_operator, at_hand_for(*entry, snapshot, nullptr))
              : fail(entry.error());
    if (!octets || !write_text(file, *octets)) {
        std::cerr << "未导出 nothing was written: " << (octets ? "can't write " + file : octets.error().detail())
                  << '\n';
        return kWanting;
    }
    std::cout << "已导出 written: " << file << '\n';
    return kGood;
}

}  // namespace

int evidence_export(const ContainerOptions& options) {
    if (!std::all_of(options.exchanges.begin(), options.exchanges.end(), is_exchange)) {
        std::cerr << "不是交换编号 not the id of an exchange: datong evidence list shows them\n";
        return kUsage;
    }
    int code = kGood;
    const Mistakes mistakes = with_configuration(options.config, [&](const catalogue::Snapshot& snapshot) {
        for (const std::string& exchange : options.exchanges) {
            code = std::max(code, export_one(snapshot, exchange, file_of(options, exchange)));
        }
    });
    if (has_errors(mistakes)) {
        print(mistakes);
        return kConfig;
    }
    if (code == kGood) {
        std::cout << "  验证 prove it: datong verify FILE --keys trusted.jwks (无需 datong 的验证 without datong: "
                     "docs/verify-by-hand.md)\n";
    }
    return code;
}

}  // namespace datong::app
