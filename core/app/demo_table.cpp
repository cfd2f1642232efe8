#include "core/app/demo_calls.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <tuple>

#include "core/yaml/node.h"

namespace datong::app {
namespace {

namespace fs = std::filesystem;

Result<yaml::Node> read_yaml(const fs::path& file) {
    std::ifstream in{file, std::ios::binary};
    std::ostringstream text;
    text << in.rdbuf();
    auto node = yaml::parse(text.str(), file.string());
    if (!in || !node) {
        return fail(Fault::unavailable, "can't read " + file.string());
    }
    return std::move(*node);
}

/// Fills in what the department's file says of a row's source.
Status complete(SystemRow& row, const fs::path& folder) {
    const auto department = read_yaml(folder / "departments" / (row.department + ".yaml"));
    if (!department) {
        return fail(department.error());
    }
    row.title = department->text_of("title");
    const yaml::Node* sources = department->find("sources");
    const yaml::Node* source = sources != nullptr ? sources->find(row.source) : nullptr;
    if (source == nullptr) {
        return fail(Fault::unavailable, "department " + row.department + " has no source " + row.source);
    }
    row.adapter = source->text_of("adapter");
    return {};
}

/// Whether a character takes two columns of a terminal: Han, kana, full-width and the brackets around them.
bool is_wide(char32_t c) {
    return (c >= 0x2E80 && c <= 0xA4CF) || (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFF00 && c <= 0xFF60) || c >= 0x20000;
}

}  // namespace

Result<std::vector<SystemRow>> systems_of(const std::string& config_folder) {
    std::vector<SystemRow> rows;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator{fs::path{config_folder} / "services", error}) {
        if (entry.path().extension() != ".yaml") {
            continue;
        }
        const auto service = read_yaml(entry.path());
        if (!service) {
            return fail(service.error());
        }
        SystemRow row{.department = service->text_of("department"),
                      .title = {},
                      .source = service->text_of("source"),
                      .adapter = {},
                      .service = service->text_of("id"),
                      .service_title = service->text_of("title")};
        if (auto known = complete(row, config_folder); !known) {
            return fail(known.error());
        }
        rows.push_back(std::move(row));
    }
    std::sort(rows.begin(), rows.end(), [](const SystemRow& a, const SystemRow& b) {
        return std::tie(a.department, a.service) < std::tie(b.department, b.service);
    });
    return rows;
}

std::string in_columns(std::string text, std::size_t columns) {
    std::size_t taken = 0;
    for (std::size_t at = 0; at < text.size();) {
        const auto lead = static_cast<unsigned char>(text[at]);
        const std::size_t octets = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        char32_t c = octets == 1 ? lead : lead & (0xFFU >> (octets + 1));
        for (std::size_t i = 1; i < octets && at + i < text.size(); ++i) {
            c = c << 6U | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
        }
        taken += is_wide(c) ? 2 : 1;
        at += octets;
    }
    return text.append(columns > taken ? columns - taken : 0, ' ');
}

}  // namespace datong::app
