#include <iostream>

#include "core/app/admin_client.h"
#include "core/app/source_tools.h"
#include "core/base/text.h"
#include "core/codec/json.h"

namespace datong::app {
namespace {

using record::Record;

constexpr std::string_view kWords[][3] = {{"open", "开放", "open"},
                                          {"closed", "部门暂停", "closed by the department"},
                                          {"resting", "熔断中", "resting after failures"},
                                          {"disabled", "插件被拒绝", "disabled: its plug-in was refused"},
                                          {"new_field", "新字段", "new field"},
                                          {"gone", "字段消失", "field is gone"},
                                          {"new_code", "新代码", "new code"},
                                          {"new_type", "类型变化", "new type"},
                                          {"null_rate", "空值率变化", "empty more or less often"}};

std::string in_words(const std::string& word) {
    for (const auto& row : kWords) {
        if (row[0] == word) {
            return std::string{row[1]} + ' ' + std::string{row[2]};
        }
    }
    return word;
}

void show(const Record& source) {
    std::cout << source.text_of("source") << "  " << source.text_of("title") << "\n  "
              << in_words(source.text_of("state"));
    if (source.find("why") != nullptr) {
        std::cout << " (" << source.text_of("why") << ')';
    }
    if (source.find("until") != nullptr) {
        std::cout << ", 至 until " << source.text_of("until");
    }
    std::cout << "\n  在途 in flight " << source.text_of("in_flight") << '/' << source.text_of("allowed")
              << " (约定 agreed " << source.text_of("agreed") << "), 排队 waiting " << source.text_of("waiting")
              << ", 今日调用 calls today " << source.text_of("calls_today");
    if (source.find("daily") != nullptr) {
        std::cout << '/' << source.text_of("daily");
    }
    std::cout << '\n';
    if (const Record* order = source.find("last_order"); order != nullptr) {
        std::cout << "  最近指令 last order: " << order->text_of("order") << ' ' << order->text_of("at");
        if (order->find("until") != nullptr) {
            std::cout << ", 至 until " << order->text_of("until");
        }
        std::cout << '\n';
    }
}

int unknown(const std::string& name, const std::vector<std::string>& known) {
    const auto meant = nearest(name, known);
    std::cerr << "没有数据源 " << name << " no source " << name
              << (meant ? "; try " + *meant : std::string{"; a name is DEPARTMENT/SOURCE"}) << '\n';
    return kUsage;
}

std::vector<std::string> names_of(const Record& sources) {
    std::vector<std::string> names;
    for (const Record& one : sources.items()) {
        names.push_back(one.text_of("source"));
    }
    return names;
}

void show_changes(const Record& operation) {
    std::cout << operation.text_of("source") << ' ' << operation.text_of("operation") << "  ("
              << operation.text_of("mapping") << ", 已看 replies " << operation.text_of("replies") << ")\n";
    for (const Record& change : operation.find("changes")->items()) {
        std::cout << "  " << in_words(change.text_of("kind")) << "  " << change.text_of("path");
        if (const std::string detail = change.text_of("detail"); !detail.empty()) {
            std::cout << "  " << detail;
        }
        std::cout << "  自 since " << change.text_of("since") << ", " << change.text_of("times") << "x\n";
    }
}

}  // namespace

int source_list(const SourceOptions& options) {
    int code = kGood;
    const Record all = read_admin(options.config, "/v1/sources", code);
    const Record* sources = all.find("sources");
    if (sources == nullptr) {
        return code;
    }
    if (options.json) {
        std::cout << codec::write_json_for_people(all) << '\n';
        return code;
    }
    if (sources->items().empty()) {
        std::cout << "还没有数据源 no sources yet: datong init department --help\n";
    }
    bool found = options.name.empty();
    for (const Record& one : sources->items()) {
        if (options.name.empty() || one.text_of("source") == options.name) {
            show(one);
            found = true;
        }
    }
    return found ? code : unknown(options.name, names_of(*sources));
}

int source_drift(const SourceOptions& options) {
    int code = kGood;
    const Record sources = read_admin(options.config, "/v1/sources", code);
    if (sources.find("sources") == nullptr) {
        return code;
    }
    const auto names = names_of(*sources.find("sources"));
    if (!options.name.empty() && std::find(names.begin(), names.end(), options.name) == names.end()) {
        return unknown(options.name, names);
    }
    const Record all = read_admin(options.config, "/v1/drift", code);
    if (all.find("operations") == nullptr) {
        return code;
    }
    if (options.json) {
        std::cout << codec::write_json_for_people(all) << '\n';
        return code;
    }
    std::size_t changed = 0;
    std::size_t looked_at = 0;
    for (const Record& operation : all.find("operations")->items()) {
        if (!options.name.empty() && operation.text_of("source") != options.name) {
            continue;
        }
        ++looked_at;
        changed += operation.find("changes")->items().size();
        show_changes(operation);
    }
    if (looked_at == 0) {
        std::cout << "还没有看到答复 no replies were looked at yet\n";
    } else if (changed == 0) {
        std::cout << "没有漂移 no drift\n";
    }
    return changed == 0 ? kGood : kWanting;
}

}  // namespace datong::app
