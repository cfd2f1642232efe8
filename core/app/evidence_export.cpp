#include <algorithm>
#include <iostream>

#include "core/app/commands.h"
#include "core/app/configuration.h"
#include "core/app/map_files.h"
#include "core/app/recall.h"
#include "core/catalogue/snapshot.h"
#include "core/container/archive.h"

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

/// How many answers about revocation a container holds.
std::ptrdiff_t answers_in(const std::string& octets) {
    const auto files = container::read_asic(octets);
    return !files ? 0 : std::count_if(files->begin(), files->end(), [](const auto& file) {
        return file.first.starts_with("revocation/") && (file.first.ends_with(".crl") || file.first.ends_with(".ocsp"));
    });
}

int export_one(const catalogue::Snapshot& snapshot, const container::AtHand& at_hand, const std::string& exchange,
               const std::string& file) {
    const auto entry = find_exchange(snapshot.gateway.evidence_folder, exchange);
    const auto octets = entry ? container_of(*entry, snapshot.gateway, snapshot.public_keys(true),
                                             std::chrono::system_clock::now(), Reader::gateway_operator, at_hand)
                              : fail(entry.error());
    if (!octets || !write_text(file, *octets)) {
        std::cerr << "未导出 nothing was written: " << (octets ? "can't write " + file : octets.error().detail())
                  << '\n';
        return kWanting;
    }
    std::cout << "已导出 written: " << file << '\n';
    if (const auto answers = answers_in(*octets); answers > 0) {
        std::cout << "  吊销答复 answers about revocation in it: " << answers << '\n';
    } else {
        std::cout << "  无吊销答复 no answer about revocation is in it: "
                  << (at_hand.answers.empty() ? "配置未给出 the configuration offers none"
                                              : "所给答复均未涉及其中证书 none at hand speaks of a certificate in it")
                  << '\n';
    }
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
        std::vector<std::string> unread;
        const container::AtHand at_hand = at_hand_for(snapshot, unread);
        for (const std::string& one : unread) {
            std::cerr << "未读到吊销答复 not read: " << one << '\n';
        }
        for (const std::string& exchange : options.exchanges) {
            code = std::max(code, export_one(snapshot, at_hand, exchange, file_of(options, exchange)));
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
