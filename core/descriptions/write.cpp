#include "core/descriptions/write.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/descriptions/write_mapping.h"
#include "core/mapping/mapping.h"
#include "core/workbench/yaml_text.h"

namespace datong::descriptions {
namespace {

const Gap& variable_gap() {
    static const Gap gap{
        "描述里有环境变量的写法 (美元号加花括号), 草稿按普通文本 $${ 写出, 不取环境变量; 请核对部门是否真要这样的文本",
        "the description writes a variable of the environment (a dollar sign and a brace); it stands here as the text "
        "$${, which names none: does the department mean such a text?"};
    return gap;
}

/// A value of the configuration (keys are no values): what the description wrote as ${NAME} stays text, or the gateway
/// would send the department what the environment keeps for another.
std::string quoted_value(std::string_view text) {
    return workbench::double_quoted(workbench::without_variables(text));
}

std::string plain_value(std::string_view text) {
    return scalar(workbench::without_variables(text));
}

/// The same file; above it, that something in it is no variable.
std::string remarked(std::string file) {
    return (file.find("${") == std::string::npos ? "" : to_fill(variable_gap())) + file;
}

std::string from_line(const DraftOptions& options) {
    return "# 由 " + one_line(options.description) + " 起草 drafted from it\n";
}

std::string header_lines(const Operation& operation) {
    std::string out;
    for (const Shape& header : operation.headers) {
        out += "      " + scalar(header.name) + ": {uri: " + quoted_value(header.label) + ", values: {";
        for (const Shape& value : header.members) {
            out += (&value == &header.members.front() ? "" : ", ") + scalar(value.name) + ": \"\"";
        }
        out += "}}\n";
    }
    return out;
}

std::string operation_line(const Operation& operation, bool is_soap) {
    std::string out = "      " + scalar(operation.name) + ": {";
    if (is_soap) {
        return out + "action: " + quoted_value(operation.action) + ", version: \"" + operation.version + "\"}\n";
    }
    out += "method: " + operation.method + ", path: " + quoted_value(operation.path);
    if (!operation.query.empty() && operation.method != "GET" && operation.method != "DELETE") {
        out += ", query: [";
        for (const std::string& name : operation.query) {
            out += (name == operation.query.front() ? "" : ", ") + plain_value(name);
        }
        out += ']';
    }
    return out + (operation.method == "GET" ? "}\n" : ", safe: false}\n");
}

std::string source_text(const Interface& described, const DraftOptions& options) {
    const bool https = described.url.starts_with("https://");
    std::string out = from_line(options) + "# 放到 config/departments/" + options.department +
                      ".yaml 的 sources: 之下 put this below `sources:` there\n" + options.source +
                      ":\n  adapter: " + (described.is_soap ? "soap" : "rest") + "\n  settings:\n";
    if (described.url.empty()) {
        out += to_fill({"描述没有地址", "the description has no address"}, "    ");
    }
    out += "    url: " + quoted_value(described.url.empty() ? "http://127.0.0.1" : described.url) + '\n';
    if (https) {
        out += to_fill({"https 要写信任的根证书", "https wants the certificates to trust"}, "    ") + "    ca: keys/" +
               options.department + "-ca.pem\n";
    }
    std::string headers;
    for (const Operation& operation : described.operations) {
        const std::string lines = header_lines(operation);
        headers += headers.find(lines) == std::string::npos ? lines : "";
    }
    if (!headers.empty()) {
        out += to_fill({"SOAP 头里要的值", "the values that the SOAP header wants"}, "    ") + "    soap_headers:\n" +
               headers;
    }
    out += "    operations:\n";
    std::set<std::string> said;  // an overloaded operation comes several times
    for (const Operation& operation : described.operations) {
        out += said.insert(operation.name).second ? operation_line(operation, described.is_soap) : "";
    }
    return out + "  limits: {in_flight: 4, call_ms: 5000}\n";
}

std::string service_text(const Operation& operation, const Names& names, const DraftOptions& options) {
    const std::string title = operation.label.empty() ? operation.name : operation.label;
    return from_line(options) + "datong: service/v1\nid: " + names.id +
           "\nversion: 0.1.0\ntitle: " + plain_value(title) + "\ntitle_en: " + plain_value(operation.name) +
           "\nkind: query\ndepartment: " + options.department + "\nsource: " + options.source +
           "\noperation: " + plain_value(operation.name) + '\n' +
           to_fill({"答复出自哪个登记簿 (部门文件的 registers)",
                    "which register of the department's file the answer speaks of"}) +
           "registers: [TO-FILL-IN]\nrequest: " + names.mapping(".request.yaml") +
           "\nresponse: " + names.mapping(".yaml") + '\n' +
           to_fill({"答复中证件号和姓名的位置, 用来核对是不是所问的人",
                    "where the answer has the person's number and name: they must be who was asked about"}) +
           "person: {id: /TO-FILL-IN, name: /TO-FILL-IN}\ndeadline_ms: 6000\n";
}

/// What `datong map check` would say of a drafted mapping.
void prove(const std::vector<DraftFile>& files, const std::string& path, std::vector<Gap>& gaps) {
    const auto read = [&files](std::string_view name) -> std::optional<std::string> {
        const auto found = std::ranges::find(files, "mappings/" + std::string{name}, &DraftFile::path);
        return found == files.end() ? std::nullopt : std::optional{found->text};
    };
    const auto compiled = mapping::compile(path, read, {.test_division = false});
    for (const Mistake& one : compiled.mistakes) {
        if (one.severity == Severity::error) {
            gaps.push_back({"datong map check: " + to_line(one), "datong map check: " + to_line(one)});
        }
    }
}

}  // namespace

std::string id_of(std::string_view name) {
    std::string out;
    bool was_small = false;
    for (const char c : name) {
        const bool small = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        const bool large = c >= 'A' && c <= 'Z';
        if (large) {
            out += was_small ? "-" : "";
            out += static_cast<char>(c - 'A' + 'a');
        } else if (small) {
            out += c;
        } else if (!out.empty() && out.back() != '-') {
            out += '-';
        }
        was_small = small;
    }
    while (out.ends_with('-')) {
        out.pop_back();
    }
    const std::size_t first = out.find_first_not_of("0123456789-");
    return first == std::string::npos ? std::string{} : out.substr(first);
}

Draft write_draft(const Interface& described, const DraftOptions& options) {
    Draft draft;
    const std::string source = remarked(source_text(described, options));
    draft.files.push_back({"sources/" + options.department + '.' + options.source + ".yaml", source});
    std::map<std::string, int> taken;
    for (const Operation& operation : described.operations) {
        std::string id = id_of(operation.name);
        id = id.empty() ? "operation" : id;
        if (const int times = ++taken[id]; times > 1) {
            id += '-' + std::to_string(times);
        }
        const Names names{options.department, id};
        DraftedOperation drafted{operation.name, names.mapping(".yaml"), names.mapping(".request.yaml"),
                                 operation.gaps};
        write_mappings(operation, described.is_soap, names, draft.files, drafted.gaps);
        const std::string service = remarked(service_text(operation, names, options));
        draft.files.push_back({"config/services/" + id + ".yaml", service});
        if ((source + service).find("${") != std::string::npos) {
            drafted.gaps.push_back(variable_gap());
        }
        prove(draft.files, drafted.request, drafted.gaps);
        prove(draft.files, drafted.response, drafted.gaps);
        draft.operations.push_back(std::move(drafted));
    }
    return draft;
}

}  // namespace datong::descriptions
