#include "core/catalogue/administration.h"

#include "core/catalogue/loading.h"

namespace datong::catalogue {
namespace {

using codec::SettingsReader;

void read_lock(const yaml::Node& node, accounts::Limits& limits, Mistakes& mistakes) {
    SettingsReader reader{node, mistakes};
    limits.failures = static_cast<int>(reader.whole("failures", 1, 100, limits.failures));
    limits.locked = std::chrono::minutes{reader.whole("minutes", 1, 10'080, 30)};
    limits.attempts_a_minute = static_cast<int>(reader.whole("attempts_a_minute", 1, 10'000, limits.attempts_a_minute));
    reader.finish();
}

void read_sessions(const yaml::Node& node, accounts::Limits& limits, Mistakes& mistakes) {
    SettingsReader reader{node, mistakes};
    limits.idle = std::chrono::seconds{reader.whole("idle_s", 1, 86'400, limits.idle.count())};
    limits.whole = std::chrono::seconds{reader.whole("whole_s", 1, 604'800, limits.whole.count())};
    limits.sessions = static_cast<std::size_t>(reader.whole("at_once", 1, 100, 3));
    reader.finish();
}

}  // namespace

Administration read_administration(SettingsReader& admin, Mistakes& mistakes) {
    Administration read;
    read.has_accounts = admin.one_of("accounts", {"required", "off"}, "off") == "required";
    if (const yaml::Node* lock = admin.node("lock"); lock != nullptr) {
        read_lock(*lock, read.limits, mistakes);
    }
    if (const yaml::Node* sessions = admin.node("sessions"); sessions != nullptr) {
        read_sessions(*sessions, read.limits, mistakes);
    }
    return read;
}

tl::expected<Administration, Mistakes> load_administration(const std::string& gateway_file, const Files& files) {
    Mistakes mistakes;
    const auto text = files.read(gateway_file);
    auto node = yaml::parse(text.value_or(""), gateway_file);
    if (!node) {
        return tl::unexpected{std::move(node.error())};
    }
    expand(*node, files, mistakes);
    const yaml::Node* admin = node->find("admin");
    if (admin == nullptr) {
        return Administration{};
    }
    SettingsReader reader{*admin, mistakes};  // never finished: the listener's members are read elsewhere
    Administration read = read_administration(reader, mistakes);
    return has_errors(mistakes) ? tl::expected<Administration, Mistakes>{tl::unexpected{std::move(mistakes)}} : read;
}

}  // namespace datong::catalogue
