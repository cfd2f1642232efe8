#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <iostream>

#include "core/app/commands.h"
#include "core/app/configuration.h"
#include "core/app/map_files.h"
#include "core/app/source_tools.h"
#include "core/async/run.h"
#include "core/base/text.h"
#include "core/catalogue/loading.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/exchange/fetch.h"
#include "core/sources/acceptance.h"

namespace datong::app {
namespace {

namespace fs = std::filesystem;
using record::Record;
using sources::Acceptance;
using sources::CaseResult;
using sources::MappingNames;

int usage(const std::string& text) {
    std::cerr << text << '\n';
    return kUsage;
}

/// Where `got` lacks or differs from what is expected, as JSON pointers: a value of a department never stands here.
void find_differences(const Record& wanted, const Record& got, const std::string& at, std::vector<std::string>& found) {
    if (wanted.is_object()) {
        for (const record::Member& member : wanted.members()) {
            const Record* there = got.find(member.name);
            find_differences(member.value, there != nullptr ? *there : Record{}, at + '/' + member.name, found);
        }
        return;
    }
    if (!(wanted == got)) {
        found.push_back(at.empty() ? "/" : at);
    }
}

/// One agreed case, read.
struct Case {
    std::string file;
    std::string digest;
    Record content;
    const catalogue::Service* service{};
};

/// Reads the cases of a folder; says what is wrong with the first bad one.
std::optional<std::vector<Case>> read_cases(const std::string& folder, const catalogue::Snapshot& snapshot,
                                            const std::string& source) {
    std::vector<Case> cases;
    std::vector<std::string> files;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator{folder, error}) {
        if (entry.path().extension() == ".json") {
            files.push_back(entry.path().string());
        }
    }
    std::ranges::sort(files);
    for (const std::string& file : files) {
        const auto text = read_text(file);
        auto content = text ? codec::read_json(*text) : fail(Fault::bad_request, "can't be read");
        const catalogue::Service* service = content ? snapshot.service(content->text_of("service")) : nullptr;
        const bool is_ours = service != nullptr && service->source && service->source->source() == source;
        const Record* expect = content ? content->find("expect") : nullptr;
        if (!is_ours || expect == nullptr || expect->text_of("outcome").empty() ||
            content->find("context") == nullptr) {
            usage(file + ": 用例应含 a case needs service (of " + source +
                  "), context and expect.outcome (found, not_found, or the code of a fault)");
            return std::nullopt;
        }
        cases.push_back(
            {fs::path{file}.filename().string(), to_hex(crypto::sha256(*text)), std::move(*content), service});
    }
    if (cases.empty()) {
        usage("没有用例 no cases (*.json) in " + folder);
        return std::nullopt;
    }
    return cases;
}

CaseResult run_case(const Case& one) {
    const SystemClock clock;
    const exchange::Tried tried =
        async::run_alone(exchange::try_service(*one.service, one.content, clock), exchange::Tried{});
    const Record& expect = *one.content.find("expect");
    CaseResult result{.name = one.content.text_of("name").empty() ? one.file : one.content.text_of("name"),
                      .file = one.file,
                      .file_digest = one.digest,
                      .service = one.service->name(),
                      .expected = expect.text_of("outcome"),
                      .outcome = tried.outcome.empty() ? "internal" : tried.outcome,
                      .differing = {},
                      .reply_digest = tried.reply_digest,
                      .took = tried.took};
    if (const Record* content = expect.find("content"); content != nullptr) {
        find_differences(*content, tried.content, "", result.differing);
    }
    return result;
}

std::vector<MappingNames> mappings_of(const std::vector<Case>& cases) {
    std::vector<MappingNames> all;
    const auto full = [](const mapping::Mapping& mapping) {
        return mapping.id() + '@' + mapping.version() + '#' + mapping.digest();
    };
    for (const Case& one : cases) {
        MappingNames names{.service = one.service->name(),
                           .request = full(*one.service->request),
                           .response = full(*one.service->response)};
        const auto same = [&](const MappingNames& known) { return known.service == names.service; };
        if (std::ranges::none_of(all, same)) {
            all.push_back(std::move(names));
        }
    }
    return all;
}

/// Which of a holder's keys that is; empty: none of them.
std::string id_of(const catalogue::NamedKey& holder, const crypto::SigningKey& key) {
    const auto is_it = [print = key.verifying_key().thumbprint()](const catalogue::NamedKey& one) {
        return one.key && one.key->verifying_key().thumbprint() == print;
    };
    const auto found = std::ranges::find_if(holder.others, is_it);
    return is_it(holder) ? holder.id : found != holder.others.end() ? found->id : std::string{};
}

/// The department's own key for its counter-signature; an empty optional where none was given. Says what is wrong.
bool read_department_key(const AcceptOptions& options, const catalogue::Department& department,
                         std::optional<crypto::SigningKey>& key) {
    if (options.key.empty()) {
        return true;
    }
    const auto pem = read_text(options.key);
    auto read = pem ? crypto::SigningKey::from_pem(*pem) : fail(Fault::bad_request, "can't be read");
    if (!read || id_of(department.key, *read).empty()) {
        usage("不是部门 " + department.id + " 的私钥 not the private key of department " + department.id + ": " +
              options.key);
        return false;
    }
    key = std::move(*read);
    return true;
}

enum class Written { whole, taken, failed };

/// Writes a file that is not there yet.
Written write_new(const std::string& path, const std::string& text) {
    std::FILE* file = std::fopen(path.c_str(), "wbx");
    if (file == nullptr) {
        return errno == EEXIST ? Written::taken : Written::failed;
    }
    const bool whole = std::fwrite(text.data(), 1, text.size(), file) == text.size();
    if (std::fclose(file) == 0 && whole) {
        return Written::whole;
    }
    std::error_code ignored;
    fs::remove(path, ignored);  // ours, and only half of it
    return Written::failed;
}

int write_record(const Acceptance& acceptance, const catalogue::Snapshot& snapshot, const AcceptOptions& options,
                 const catalogue::Department& department, const std::optional<crypto::SigningKey>& key) {
    const std::string payload = sources::to_json(acceptance);
    const catalogue::NamedKey& own = snapshot.gateway.key.at(std::chrono::system_clock::now());
    const auto ours = sources::sign_acceptance(payload, own.id, *own.key);
    const auto theirs =
        key ? sources::sign_acceptance(payload, id_of(department.key, *key), *key) : Result<std::string>{std::string{}};
    if (!ours || !theirs) {
        return usage("无法签名 can't sign the record");
    }
    std::string name = options.name;
    std::ranges::replace(name, '/', '-');
    std::string moment = acceptance.at.substr(0, 23);
    std::erase(moment, ':');
    std::error_code error;
    fs::create_directories(options.out, error);
    NamedTexts files{{".json", payload + '\n'}, {".gateway.jws", *ours + '\n'}};
    if (key) {
        files.emplace_back(".department.jws", *theirs + '\n');
    }
    files.emplace_back(".html", sources::to_page(acceptance));
    const bool written = write_new_set((fs::path{options.out} / (name + '-' + moment)).string(), files);
    return written && acceptance.passed() ? kGood : kWanting;
}

int accept(const AcceptOptions& options, const catalogue::Snapshot& snapshot) {
    const auto source = snapshot.sources.find(options.name);
    if (source == snapshot.sources.end()) {
        const auto meant = nearest(options.name, catalogue::ids_of(snapshot.sources));
        return usage("没有数据源 " + options.name + " no source " + options.name +
                     (meant ? "; try " + *meant : std::string{"; a name is DEPARTMENT/SOURCE"}));
    }
    const catalogue::Department& department =
        *snapshot.departments.find(options.name.substr(0, options.name.find('/')))->second;
    std::optional<crypto::SigningKey> key;
    const auto cases = read_cases(options.cases, snapshot, options.name);
    if (!cases || !read_department_key(options, department, key)) {
        return kUsage;
    }
    Acceptance acceptance{.gateway = snapshot.gateway.name,
                          .department = department.id,
                          .title = department.title,
                          .uscc = department.uscc,
                          .source = options.name,
                          .snapshot = snapshot.digest,
                          .by = options.by,
                          .at = to_rfc3339(std::chrono::system_clock::now()),
                          .mappings = mappings_of(*cases),
                          .cases = {}};
    for (const Case& one : *cases) {
        acceptance.cases.push_back(run_case(one));
        const CaseResult& result = acceptance.cases.back();
        std::cout << (result.passed() ? "通过 pass  " : "失败 FAIL  ") << result.file << "  " << result.name << "  "
                  << result.outcome << ", " << result.took.count() << " ms\n";
        if (result.outcome != result.expected) {
            std::cout << "    应为 expected: " << result.expected << '\n';
        }
        for (const std::string& pointer : result.differing) {
            std::cout << "    不同 differs: " << pointer << '\n';
        }
    }
    return write_record(acceptance, snapshot, options, department, key);
}

}  // namespace

bool write_new_set(const std::string& stem, const NamedTexts& files) {
    std::string base = stem;
    Written first = write_new(base + files.front().first, files.front().second);
    for (int number = 2; first == Written::taken; ++number) {
        base = stem + '-' + std::to_string(number);
        first = write_new(base + files.front().first, files.front().second);
    }
    std::cout << "验收单 the record:\n";
    for (const auto& [ending, text] : files) {
        const bool is_first = &ending == &files.front().first;
        if ((is_first ? first : write_new(base + ending, text)) != Written::whole) {
            std::cerr << "写不了 can't write " << base << ending << '\n';
            return false;
        }
        std::cout << "  " << base << ending << '\n';
    }
    return true;
}

int source_accept(const AcceptOptions& options) {
    int code = kGood;
    const Mistakes mistakes = with_configuration(
        options.config, [&](const catalogue::Snapshot& snapshot) { code = accept(options, snapshot); });
    print(mistakes);
    return has_errors(mistakes) ? kConfig : code;
}

}  // namespace datong::app
