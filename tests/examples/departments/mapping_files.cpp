#include "tests/examples/departments/mapping_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/catch.h"

namespace datong::departments::test {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = fs::path{DATONG_SOURCE_DIR} / "mappings";

}  // namespace

mapping::ReadFile mapping_files() {
    return [](std::string_view path) -> std::optional<std::string> {
        std::ifstream in{kRoot / path, std::ios::binary};
        if (!in) {
            return std::nullopt;
        }
        std::ostringstream text;
        text << in.rdbuf();
        return text.str();
    };
}

std::vector<std::string> all_mappings() {
    std::vector<std::string> paths;
    for (const auto& entry : fs::recursive_directory_iterator{kRoot}) {
        const std::string path = fs::relative(entry.path(), kRoot).generic_string();
        const bool is_mapping =
            !path.starts_with("schemas/") && !path.ends_with(".test.yaml") && path != "masking.yaml";
        if (entry.path().extension() == ".yaml" && is_mapping) {
            paths.push_back(path);
        }
    }
    std::sort(paths.begin(), paths.end());
    return paths;
}

std::shared_ptr<const mapping::Mapping> compiled(std::string_view path) {
    const mapping::Compiled made = mapping::compile(path, mapping_files(), {.test_division = true});
    for (const Mistake& mistake : made.mistakes) {
        UNSCOPED_INFO(to_line(mistake));
    }
    REQUIRE(made.mapping != nullptr);
    return made.mapping;
}

std::string findings_of(const mapping::Output& output) {
    std::string text{name_of(output.outcome)};
    for (const auto* findings : {&output.errors, &output.warnings}) {
        for (const mapping::Finding& finding : *findings) {
            text += "\n" + finding.path + " " + finding.rule + " " + finding.source + " " + finding.text_en;
        }
    }
    return text;
}

record::Record context_about(const std::string& name, const std::string& id_type, const std::string& id_no,
                             const std::string& department_uscc) {
    using record::Record;
    Record subject = Record::object();
    subject.put("name", Record::text(name));
    subject.put("id_type", Record::text(id_type));
    subject.put("id_no", Record::text(id_no));
    Record purpose = Record::object();
    purpose.put("code", Record::text("existing-home-transfer"));
    Record department = Record::object();
    department.put("uscc", Record::text(department_uscc));
    Record context = Record::object();
    context.put("subject", std::move(subject));
    context.put("purpose", std::move(purpose));
    context.put("department", std::move(department));
    context.put("exchange", Record::text("EX-" + id_no));
    context.put("now", Record::text("2026-07-01T10:00:00+08:00"));
    return context;
}

}  // namespace datong::departments::test
