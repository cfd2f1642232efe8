#include "core/catalogue/loading.h"
#include "core/record/date.h"

namespace datong::catalogue {
namespace {

using codec::SettingsReader;

bool is_date(const std::string& text) {
    return record::parse_iso_date(text).has_value();
}

/// One entry of `retired`.
void load_retired(Loading& loading, const yaml::Node& node, const std::string& owner) {
    SettingsReader reader{node, loading.mistakes};
    const std::string id = reader.text("id");
    const std::string file = reader.text("file");
    const std::string from = reader.text("from", "");
    const std::string to = reader.text("to");
    reader.finish();
    if ((!from.empty() && !is_date(from)) || (!to.empty() && !is_date(to)) || (!from.empty() && from > to)) {
        loading.mistake(node, "C103", "from、to 应为先后两个日期, 如 2025-01-01",
                        "from and to must be dates such as 2025-01-01, one not after the other");
        return;
    }
    auto key = loading.public_key(node, file);
    if (key && !to.empty()) {
        loading.snapshot.retired_keys.push_back(
            {.id = id, .owner = owner, .key = std::move(*key), .from = from, .to = to});
    }
}

}  // namespace

std::optional<crypto::VerifyingKey> Loading::public_key(const yaml::Node& node, const std::string& written) {
    const auto pem = written.empty() ? std::nullopt : file(written, node);
    if (!pem) {
        return std::nullopt;
    }
    auto key = crypto::VerifyingKey::from_pem(*pem);
    if (!key) {
        mistake(node, "C204", "公钥不可用: " + written, "this key can't be used: " + written, key.error().detail());
        return std::nullopt;
    }
    return std::move(*key);
}

void Loading::retired_keys(const yaml::Node* list, const std::string& owner) {
    if (list == nullptr) {
        return;
    }
    if (!list->is_list()) {
        mistake(*list, "C103", "retired 应为列表", "retired must be a list",
                "retired: [{id: ..., file: ..., to: ...}]");
    }
    for (const yaml::Node& one : list->items) {
        load_retired(*this, one, owner);
    }
}

}  // namespace datong::catalogue
