#include "core/evidence/verify.h"

#include <fstream>
#include <iostream>
#include <sstream>

#include "core/app/commands.h"
#include "core/codec/json.h"

namespace datong::app {

int verify(const std::string& folder, const std::string& keys) {
    std::ifstream in{keys, std::ios::binary};
    std::ostringstream text;
    text << in.rdbuf();
    const auto jwks = codec::read_json(text.str());
    if (!in || !jwks || jwks->find("keys") == nullptr) {
        std::cerr << "无法读取公钥文件 " << keys << " can't read a JWKS (public keys) from " << keys << '\n';
        return kUsage;
    }
    const auto verdict = evidence::verify_folder(folder, *jwks);
    if (!verdict) {
        std::cerr << "无法读取存证目录 can't read the evidence: " << verdict.error().detail() << '\n';
        return kWanting;
    }
    if (!verdict->valid) {
        std::cout << "evidence: BROKEN 存证不完整\n  file " << verdict->file << ", record " << verdict->number
                  << (verdict->exchange.empty() ? "" : ", exchange " + verdict->exchange) << "\n  " << verdict->reason
                  << ": " << verdict->text_zh << " | " << verdict->text_en << '\n';
        return kWanting;
    }
    std::cout << "evidence: valid 存证有效\n  " << verdict->records << " records, " << verdict->exchanges
              << " exchanges, " << verdict->refusals << " refusals, " << verdict->open << " without an outcome, "
              << verdict->signatures << " signatures checked\n  head " << verdict->last_hash << '\n';
    return kGood;
}

}  // namespace datong::app
