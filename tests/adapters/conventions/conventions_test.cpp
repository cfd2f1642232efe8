#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "adapters/all.h"
#include "core/codec/json.h"
#include "tests/support/adapter_kit.h"

using namespace datong;
namespace fs = std::filesystem;

namespace {

const fs::path kRoot = DATONG_SOURCE_DIR;

std::string read(const fs::path& file) {
    std::ifstream stream{file, std::ios::binary};
    REQUIRE(stream.is_open());
    return {std::istreambuf_iterator<char>{stream}, std::istreambuf_iterator<char>{}};
}

/// The folders below adapters/ that hold a kind; `plugin` is the border that suppliers' kinds come by.
std::vector<std::string> folders() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator{kRoot / "adapters"}) {
        if (entry.is_directory() && entry.path().filename() != "plugin") {
            names.push_back(entry.path().filename().string());
        }
    }
    std::ranges::sort(names);
    return names;
}

adapter::Registry registry() {
    adapter::Registry made;
    adapters::add_all(made);
    return made;
}

bool has_heading(const std::string& text, const std::string& word) {
    const std::size_t at = text.find(word);
    return at != std::string::npos && text.rfind("\n#", at) != std::string::npos;
}

void check_helps(const std::vector<adapter::Setting>& settings) {
    std::set<std::string> names;
    for (const adapter::Setting& setting : settings) {
        CAPTURE(setting.name);
        CHECK(names.insert(setting.name).second);
        CHECK_FALSE(setting.help_en.empty());
        CHECK_FALSE(setting.help_zh.empty());
        const bool fits = setting.choices.empty() || setting.otherwise.empty() ||
                          std::ranges::find(setting.choices, setting.otherwise) != setting.choices.end();
        CHECK(fits);
        check_helps(setting.entry);
    }
}

}  // namespace

TEST_CASE("every adapter folder is a registered kind, and every kind has its folder", "[adapters][conventions]") {
    const adapter::Registry all = registry();
    std::vector<std::string> kinds;
    for (const adapter::Kind& kind : all.kinds()) {
        kinds.push_back(kind.name);
    }
    std::ranges::sort(kinds);
    CHECK(kinds == folders());
    CHECK(kinds.size() == 7);
}

TEST_CASE("every adapter folder has the same five files, a line in all.cpp, and tests", "[adapters][conventions]") {
    const std::string list = read(kRoot / "adapters/all.cpp");
    for (const std::string& name : folders()) {
        CAPTURE(name);
        for (const std::string& file : {std::string{"README.md"}, std::string{"sample.yaml"},
                                        std::string{"CMakeLists.txt"}, name + "_adapter.h", name + "_adapter.cpp"}) {
            CAPTURE(file);
            CHECK(fs::exists(kRoot / "adapters" / name / file));
        }
        CHECK(list.find("registry.add(" + name + "::kind());") != std::string::npos);
        CHECK(fs::exists(kRoot / "tests/adapters" / name / "CMakeLists.txt"));
    }
}

TEST_CASE("the host of suppliers' plug-ins has the same five files, and is no kind of its own",
          "[adapters][conventions]") {
    for (const char* file : {"README.md", "sample.yaml", "CMakeLists.txt", "plugin_adapter.h", "plugin_adapter.cpp"}) {
        CAPTURE(file);
        CHECK(fs::exists(kRoot / "adapters/plugin" / file));
    }
    const adapter::Registry all = registry();
    CHECK(all.find("plugin") == nullptr);
    CHECK(all.plugin_host() != nullptr);
    const auto sample = yaml::parse(read(kRoot / "adapters/plugin/sample.yaml"), "sample.yaml");
    REQUIRE(sample.has_value());
    CHECK(sample->entries.front().second.find("settings") != nullptr);
}

TEST_CASE("every adapter's README names its settings, status and security posture", "[adapters][conventions]") {
    const adapter::Registry all = registry();
    for (const adapter::Kind& kind : all.kinds()) {
        CAPTURE(kind.name);
        const std::string readme = read(kRoot / "adapters" / kind.name / "README.md");
        CHECK(has_heading(readme, "Settings"));
        CHECK(has_heading(readme, "Status and security posture"));
        CHECK(readme.find(kind.status == "stable" ? "Stable." : "Alpha.") != std::string::npos);
        for (const auto* list : {&kind.settings, &kind.operation_settings}) {
            for (const adapter::Setting& setting : *list) {
                CAPTURE(setting.name);
                CHECK(readme.find('`' + setting.name + '`') != std::string::npos);
            }
        }
    }
}

TEST_CASE("every setting says in both languages what it is, and the schema is JSON", "[adapters][conventions]") {
    const adapter::Registry all = registry();
    for (const adapter::Kind& kind : all.kinds()) {
        CAPTURE(kind.name);
        CHECK((kind.status == "stable" || kind.status == "alpha"));
        CHECK_FALSE(kind.version.empty());
        check_helps(kind.settings);
        check_helps(kind.operation_settings);
        const auto schema = codec::read_json(adapter::settings_schema(kind));
        REQUIRE(schema.has_value());
        CHECK(schema->find("properties")->members().size() == kind.settings.size() + 1);
    }
}

TEST_CASE("every sample.yaml parses and makes an adapter", "[adapters][conventions]") {
    const adapter::Registry all = registry();
    for (const std::string& name : folders()) {
        CAPTURE(name);
        const fs::path file = kRoot / "adapters" / name / "sample.yaml";
        const auto sample = yaml::parse(read(file), file.string());
        REQUIRE(sample.has_value());
        REQUIRE(sample->entries.size() == 1);
        const yaml::Node& source = sample->entries.front().second;
        CHECK(source.text_of("adapter") == name);
        const yaml::Node* settings = source.find("settings");
        REQUIRE(settings != nullptr);
        support::AdapterBench bench;
        Mistakes mistakes;
        CHECK(all.find(name)->make(*settings, bench.tools(), mistakes) != nullptr);
        for (const Mistake& mistake : mistakes) {
            FAIL_CHECK(to_line(mistake));
        }
    }
}

TEST_CASE("no adapter knows a department", "[adapters][conventions]") {
    // a protocol is code, a department is data
    const std::array words{"gjj", "bdc", "不动产", "公积金", "税务", "land-", "tax-"};
    for (const auto& entry : fs::recursive_directory_iterator{kRoot / "adapters"}) {
        const std::string extension = entry.path().extension().string();
        if (extension != ".cpp" && extension != ".h") {
            continue;
        }
        const std::string text = read(entry.path());
        CAPTURE(entry.path().filename().string());
        for (const char* word : words) {
            CAPTURE(word);
            CHECK(text.find(word) == std::string::npos);
        }
    }
}
