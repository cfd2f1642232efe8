#include "core/catalogue/loading.h"

#include <algorithm>

#include "core/catalogue/granting.h"
#include "core/steps/identifiers.h"

namespace datong::catalogue {
namespace {

using codec::SettingsReader;

constexpr std::size_t kMostThreads = 64;  ///< of one source

std::vector<adapter::QuietHours> read_quiet(SettingsReader& reader, const yaml::Node& node) {
    std::vector<adapter::QuietHours> all;
    for (const std::string& text : reader.texts("quiet")) {
        const auto hours = adapter::QuietHours::parse(text);
        if (!hours) {
            reader.mistake(*node.find("quiet"), "C103", "quiet 应为 时:分-时:分", "quiet must be hh:mm-hh:mm",
                           "quiet: [\"22:00-06:30\"]");
        }
        all.push_back(hours.value_or(adapter::QuietHours{}));
    }
    return all;
}

adapter::Limits read_limits(Loading& loading, const yaml::Node* node) {
    adapter::Limits limits;
    if (node == nullptr) {
        return limits;
    }
    SettingsReader reader{*node, loading.mistakes};
    limits.in_flight = static_cast<std::size_t>(reader.whole("in_flight", 1, 10'000, 4));
    limits.wait = reader.milliseconds("wait_ms", limits.wait);
    limits.waiting = static_cast<std::size_t>(reader.whole("waiting", 0, 10'000, 64));
    limits.call = reader.milliseconds("call_ms", limits.call);
    limits.fair = reader.milliseconds("fair_ms", limits.fair);
    limits.breaker_failures = static_cast<int>(reader.whole("breaker_failures", 1, 10'000, 5));
    limits.breaker_rest = reader.milliseconds("breaker_rest_ms", limits.breaker_rest);
    limits.retries = static_cast<int>(reader.whole("retries", 0, 5, 0));
    limits.off = reader.flag("off", false);
    limits.quiet = read_quiet(reader, *node);
    limits.daily = static_cast<std::uint64_t>(reader.whole("daily", 0, 1'000'000'000, 0));
    reader.finish();
    return limits;
}

/// The operations that say `safe: false`; the adapter's own list has checked that it is a flag.
std::set<std::string, std::less<>> unsafe_operations(const yaml::Node& settings) {
    std::set<std::string, std::less<>> names;
    const yaml::Node* operations = settings.find("operations");
    for (const auto& [name, one] : operations == nullptr ? std::vector<yaml::Node::Entry>{} : operations->entries) {
        if (one.text_of("safe") == "false") {
            names.insert(name.text);
        }
    }
    return names;
}

/// Whether an entry says what its operation is, and not only that it must be asked once.
bool is_told(const yaml::Node::Entry& operation) {
    const auto& members = operation.second.entries;
    return std::ranges::any_of(members, [](const auto& one) { return one.first.text != "safe"; });
}

/// For services that name one of them. A built-in kind has no others; a plug-in may know its own, and list of these
/// only those that are not safe.
void note_operations(Loading& loading, const std::string& source, const yaml::Node& settings, bool is_plugin) {
    const yaml::Node* operations = settings.find("operations");
    if (operations == nullptr || !operations->is_map() ||
        (is_plugin && std::ranges::none_of(operations->entries, is_told))) {
        return;
    }
    std::vector<std::string>& names = loading.operations[source];
    for (const auto& entry : operations->entries) {
        names.push_back(entry.first.text);
    }
}

void load_source(Loading& loading, const std::string& name, const yaml::Node& node) {
    SettingsReader reader{node, loading.mistakes};
    const std::string kind = reader.text("adapter");
    const yaml::Node* settings = reader.required_node("settings");
    adapter::Limits limits = read_limits(loading, reader.node("limits"));
    reader.finish();
    if (kind.empty() || settings == nullptr) {
        return;
    }
    const auto pin = loading.snapshot.gateway.plugins.find(kind);
    const bool is_plugin = pin != loading.snapshot.gateway.plugins.end();
    const adapter::Registry& adapters = loading.with.adapters;
    const adapter::Kind* found = is_plugin ? adapters.plugin_host() : adapters.find(kind);
    if (found == nullptr) {
        std::vector<std::string> names = ids_of(loading.snapshot.gateway.plugins);
        for (const adapter::Kind& one : loading.with.adapters.kinds()) {
            names.push_back(one.name);
        }
        loading.unknown(place_of(node, "adapter"), "adapter", kind, names);
        return;
    }
    note_operations(loading, name, *settings, is_plugin);
    const adapter::Tools& outer = loading.with.tools;
    const adapter::Tools tools{
        .blocking = loading.with.pools.make({.threads = std::min(limits.in_flight, kMostThreads)}),
        .clock = outer.clock,
        .sink = outer.sink,
        .folder = loading.root,
        .pin = is_plugin ? &pin->second : nullptr,
        .in_flight = limits.in_flight,
        .judge_server = outer.judge_server};
    auto made = found->make(*settings, tools, loading.mistakes);
    if (made) {
        limits.unsafe = unsafe_operations(*settings);
        loading.snapshot.sources[name] = std::make_shared<adapter::Guard>(
            name, std::move(made), limits, loading.with.states.of(name), loading.with.tools);
    }
}

/// It stands in what the department signs; of ours a typo would be taken for the department's.
std::string read_uscc(Loading& loading, SettingsReader& reader) {
    std::string uscc = reader.text("uscc");
    const auto wrong = uscc.empty() ? std::nullopt : steps::uscc_mistake(uscc);
    if (wrong) {
        loading.mistake(*reader.node("uscc"), "C103", "uscc: " + wrong->text_zh, "uscc: " + wrong->text_en);
    }
    return uscc;
}

void load_registers(Loading& loading, const yaml::Node* node, Department& department) {
    if (node == nullptr) {
        return;
    }
    for (const auto& [key, value] : node->entries) {
        SettingsReader reader{value, loading.mistakes};
        Register one{.id = key.text, .title = reader.text("title", key.text), .divisions = reader.texts("divisions")};
        if (const yaml::Node* list = value.find("divisions"); list != nullptr) {
            check_divisions(*list, one.divisions, loading.mistakes);
        }
        reader.finish();
        department.registers[one.id] = std::move(one);
    }
}

void load_department(Loading& loading, const yaml::Node& node) {
    SettingsReader reader{node, loading.mistakes};
    (void)reader.text("datong");
    auto department = std::make_unique<Department>();
    department->id = reader.text("id");
    department->called = read_title(loading, reader);
    department->title = department->called.text;
    department->title_en = reader.text("title_en", department->title);
    department->called.others.emplace("en", department->title_en);
    department->uscc = read_uscc(loading, reader);
    if (const yaml::Node* key = reader.required_node("key"); key != nullptr) {
        department->key = loading.signing_key(*key, "department:" + department->id).value_or(NamedKey{});
    }
    loading.retired_keys(reader.node("retired"), "department:" + department->id);
    load_registers(loading, reader.node("registers"), *department);
    const yaml::Node* sources = reader.node("sources");
    reader.finish();
    if (!is_id(department->id)) {
        loading.mistake(node, "C103", "id 只能用小写字母、数字和连字符", "an id is [a-z][a-z0-9-]*");
        return;
    }
    if (loading.snapshot.departments.contains(department->id)) {
        loading.mistake(node, "C202", "部门 " + department->id + " 重复定义",
                        "department " + department->id + " is defined twice");
        return;
    }
    if (sources != nullptr) {
        for (const auto& [name, value] : sources->entries) {
            load_source(loading, department->id + '/' + name.text, value);
        }
    }
    const std::string id = department->id;
    loading.snapshot.departments[id] = std::move(department);
}

}  // namespace

void load_departments(Loading& loading) {
    for (const std::string& name : loading.list(loading.root + "departments")) {
        if (const auto node = loading.document(loading.root + "departments/" + name, "department")) {
            load_department(loading, *node);
        }
    }
}

}  // namespace datong::catalogue
