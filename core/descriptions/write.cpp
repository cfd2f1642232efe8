#include "core/descriptions/write.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/descriptions/write_mapping.h"
#include "core/mapping/mapping.h"
#include "core/workbench/yaml_text.h"

namespace datong::descriptions {
namespace {

std::string from_line(const DraftOptions& options) {
    return "# 由 " + one_line(options.description) + " 起草 drafted from it\n";
}

std::string header_lines(const Operation& operation) {
    std::string out;
    for (const Shape& header : operation.headers) {
        out += "      " + scalar(header.name) + ": {uri: " + workbench::double_quoted(header.label) + ", values: {";
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
        return out + "action: " + workbench::double_quoted(operation.action) + ", version: \"" + operation.version +
               "\"}\n";
    }
    out += "method: " + operation.method + ", path: " + workbench::double_quoted(operation.path);
    if (!operation.query.empty() && operation.method != "GET" && operation.method != "DELETE") {
        out += ", query: [";
        for (const std::string& name : operation.query) {
            out += (name == operation.query.front() ? "" : ", ") + scalar(name);
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
    out += "    url: " + workbench::double_quoted(described.url.empty() ? "http://127.0.0.1" : described.url) + '\n';
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
    return from_line(options) + "datong: service/v1\nid: " + names.id + "\nversion: 0.1.0\ntitle: " + scalar(title) +
           "\ntitle_en: " + scalar(operation.name) + "\nkind: query\ndepartment: " + options.department +
           "\nsource: " + options.source + "\noperation: " + scalar(operation.name) + '\n' +
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
    draft.files.push_back(
        {"sources/" + options.department + '.' + options.source + ".yaml", source_text(described, options)});
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
        draft.files.push_back({"config/services/" + id + ".yaml", service_text(operation, names, options)});
        prove(draft.files, drafted.request, drafted.gaps);
        prove(draft.files, drafted.response, drafted.gaps);
        draft.operations.push_back(std::move(drafted));
    }
    return draft;
}

}  // namespace datong::descriptions
