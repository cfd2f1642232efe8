#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "core/app/commands.h"
#include "core/app/map_files.h"
#include "core/app/source_tools.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/catalogue/loading.h"
#include "core/drafts/department.h"

namespace datong::app {
namespace {

namespace fs = std::filesystem;
using drafts::DepartmentDraft;
using drafts::DepartmentWish;
using drafts::DraftFile;

int usage(const std::string& text) {
    std::cerr << text << '\n';
    return kUsage;
}

/// Where the files of one gateway stand.
struct Places {
    fs::path config;
    fs::path mappings;
    fs::path keys;
    std::string division;
    bool test_division{};
};

std::optional<Places> places_of(const std::string& gateway_file) {
    const auto text = read_text(gateway_file);
    const auto node = yaml::parse(text.value_or(""), gateway_file);
    if (!text || !node) {
        usage("无法读取 can't read " + gateway_file + "; 用 --config 指明 name it with --config");
        return std::nullopt;
    }
    const fs::path root = fs::path{gateway_file}.parent_path();
    const std::string mappings = node->text_of("mappings");
    const char* keys = std::getenv("DATONG_KEYS");
    return Places{.config = root.empty() ? fs::path{"."} : root,
                  .mappings = (root / (mappings.empty() ? "../mappings" : mappings)).lexically_normal(),
                  .keys = keys != nullptr ? fs::path{keys} : root / "keys",
                  .division = node->text_of("division"),
                  .test_division = node->text_of("test_division") == "true"};
}

/// A new file, never over another; private ones for their owner only.
bool write_new(const fs::path& path, const std::string& text, unsigned mode) {
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (file < 0) {
        return false;
    }
    std::string_view rest = text;
    while (!rest.empty()) {
        const ssize_t written = ::write(file, rest.data(), rest.size());
        if (written <= 0) {
            break;
        }
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
    const bool closed = ::close(file) == 0;
    return closed && rest.empty();
}

/// Files that are written together: where one fails, those before it go again.
class Together {
public:
    ~Together() {
        std::error_code ignored;
        for (const fs::path& path : written_) {
            fs::remove(path, ignored);
        }
    }
    Together() = default;
    Together(const Together&) = delete;
    Together& operator=(const Together&) = delete;

    [[nodiscard]] bool write(const fs::path& path, const std::string& text, unsigned mode = 0644) {
        const bool was_there = fs::exists(path);
        const bool good = !was_there && write_new(path, text, mode);
        if (!was_there) {
            written_.push_back(path);
        }
        if (!good) {
            std::cerr << "写不了 can't write " << path.string() << (was_there ? ": 已存在 it is there already" : "")
                      << '\n';
        }
        return good;
    }
    void keep() { written_.clear(); }

private:
    std::vector<fs::path> written_;
};

/// Paths that are taken already, all of them.
std::vector<std::string> taken(const Places& places, const DepartmentDraft& draft) {
    std::vector<std::string> there;
    const auto look = [&there](const fs::path& root, const std::vector<DraftFile>& files) {
        for (const DraftFile& file : files) {
            if (fs::exists(root / file.path)) {
                there.push_back((root / file.path).string());
            }
        }
    };
    look(places.config, draft.config);
    look(places.mappings, draft.mappings);
    return there;
}

bool write_keys(const Places& places, const std::string& name, Together& together) {
    const fs::path secret = places.keys / (name + ".key.pem");
    if (fs::exists(secret)) {
        return true;  // its owner's own
    }
    const auto key = crypto::SigningKey::generate(crypto::Algorithm::ecdsa_p256_sha256);
    const auto pem = key ? key->to_pem() : fail(key.error());
    const auto pub = key ? key->public_pem() : fail(key.error());
    return pem && pub && together.write(secret, pem->reveal(), 0600) &&
           together.write(places.keys / (name + ".pub.pem"), *pub);
}

bool write_all(const Places& places, const DepartmentDraft& draft) {
    Together together;
    for (const DraftFile& file : draft.config) {
        if (!together.write(places.config / file.path, file.text)) {
            return false;
        }
    }
    for (const DraftFile& file : draft.mappings) {
        if (!together.write(places.mappings / file.path, file.text)) {
            return false;
        }
    }
    const bool good =
        std::ranges::all_of(draft.keys, [&](const std::string& name) { return write_keys(places, name, together); });
    if (good) {
        together.keep();
    }
    return good;
}

void say_what_next(const Places& places, const DepartmentDraft& draft, const DepartmentWish& wish,
                   const std::string& config) {
    std::cout << "已写出 written:\n";
    for (const DraftFile& file : draft.config) {
        std::cout << "  " << (places.config / file.path).string() << '\n';
    }
    for (const DraftFile& file : draft.mappings) {
        std::cout << "  " << (places.mappings / file.path).string() << '\n';
    }
    for (const std::string& key : draft.keys) {
        std::cout << "  " << (places.keys / (key + ".key.pem")).string() << "  (不入库 keep out of Git)\n";
    }
    if (!draft.remarks.empty()) {
        std::cout << "请留意 please look at:\n";
    }
    for (const drafts::Remark& remark : draft.remarks) {
        std::cout << "  " << remark.zh << "\n    " << remark.en << '\n';
    }
    const std::string test = places.test_division ? " --test-division" : "";
    const std::string source = wish.id + "/main";
    std::cout << "接下来 next:\n"
              << "  1. 改来源的地址, 核对模式里的密级和代码 put the source's address, check classes and codes: "
              << (places.config / ("departments/" + wish.id + ".yaml")).string() << '\n'
              << "  2. datong check --config " << config << "\n     datong map test "
              << (places.mappings / wish.id).string() << " --coverage" << test << '\n'
              << "  3. datong source check " << source << " --config " << config << '\n'
              << "  4. datong source accept " << source << " --cases "
              << (places.config / ("joint-tests/" + wish.id)).string() << " --by 姓名 --config " << config << '\n'
              << "  5. datong reload --config " << config
              << "   运行中的网关换用新配置 the running gateway takes it\n"
                 "     datong-call ... --key "
              << (places.keys / "sandbox.key.pem").string() << " --keyid sandbox-1 service " << wish.service
              << " --body " << (places.config / ("samples/" + wish.service + ".json")).string() << '\n';
}

std::string day_of(std::chrono::system_clock::time_point time) {
    return to_rfc3339(time).substr(0, 10);
}

/// What the options say, checked. @return nullopt when it was said what is wrong.
std::optional<DepartmentWish> wish_of(const InitOptions& options, const Places& places) {
    DepartmentWish wish{.id = options.name,
                        .title = options.title.empty() ? options.name : options.title,
                        .adapter = options.adapter,
                        .operation = options.operation,
                        .service = options.service.empty() ? options.name + "-record" : options.service,
                        .division = places.division.size() >= 6 ? places.division : "999900",
                        .sample = {},
                        .items = {},
                        .take = options.take,
                        .person_id = options.person_id,
                        .person_name = options.person_name,
                        .from = day_of(std::chrono::system_clock::now()),
                        .to = day_of(std::chrono::system_clock::now() + std::chrono::days{365}),
                        .has_sandbox_consumer = fs::exists(places.config / "consumers/sandbox.yaml")};
    if (!catalogue::is_id(wish.id) || !catalogue::is_id(wish.service)) {
        usage("名称只能用小写字母、数字和连字符 a name is [a-z][a-z0-9-]*: " + wish.id + ", " + wish.service);
        return std::nullopt;
    }
    const auto is_word = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
    };
    if (wish.operation.empty() || !std::ranges::all_of(wish.operation, is_word)) {
        usage("--operation 只能用字母、数字和下划线 an operation is letters, digits and '_'");
        return std::nullopt;
    }
    const auto& adapters = drafts::drafted_adapters();
    if (std::ranges::find(adapters, wish.adapter) == adapters.end()) {
        const auto meant = nearest(wish.adapter, adapters);
        usage("没有这种适配器的骨架 no skeleton for adapter " + wish.adapter + (meant ? "; try " + *meant : "") +
              "\n  rest, soap, sql, exchange_table, file, frame, queue"
              "\n  供应商的插件: 先按 docs/adapter-guide.md 装好并钉住, 再以 --adapter sql 起草, 把 source "
              "换成插件的设置\n"
              "  a supplier's plug-in: install and pin it as docs/adapter-guide.md says, draft with --adapter sql, and "
              "put "
              "the plug-in's settings into the source");
        return std::nullopt;
    }
    return wish;
}

/// How to mend a file in GBK, as Excel and WPS write them here; empty for UTF-8.
std::string charset_advice(const std::string& bytes) {
    return is_utf8(bytes)
               ? ""
               : "\n  文件不是 UTF-8：另存为 UTF-8（Excel、WPS 中选 \"CSV UTF-8\"），或 iconv -f gb18030 -t utf-8 | "
                 "it is not UTF-8: save it as UTF-8, or convert it with iconv";
}

/// Reads what the department gave into the wish. @return false when it was said what is wrong.
bool read_given(const InitOptions& options, DepartmentWish& wish) {
    if (!options.items.empty()) {
        const auto bytes = read_text(options.items);
        auto items = bytes ? drafts::read_item_file(*bytes) : fail(Fault::bad_request, "can't be read");
        if (!items) {
            usage("数据项对照表不可用 the table of items " + options.items + ": " + items.error().detail() +
                  charset_advice(bytes.value_or("")));
            return false;
        }
        wish.items = std::move(*items);
    }
    if (!options.sample.empty()) {
        const auto bytes = read_text(options.sample);
        if (!bytes) {
            usage("样例无法读取 can't read the sample " + options.sample);
            return false;
        }
        if (bytes->find_first_not_of(" \t\r\n") == std::string::npos) {
            usage("样例文件是空的 the sample is empty: " + options.sample);
            return false;
        }
        wish.sample = *bytes;
    }
    if (wish.sample.empty() && wish.items.empty()) {
        usage("需要样例或数据项对照表 it takes --sample FILE or --items FILE");
        return false;
    }
    return true;
}

}  // namespace

int init_department(const InitOptions& options) {
    const auto places = places_of(options.config);
    if (!places) {
        return kConfig;
    }
    auto wish = wish_of(options, *places);
    if (!wish || !read_given(options, *wish)) {
        return kUsage;
    }
    const auto draft = drafts::draft_department(*wish);
    if (!draft) {
        return usage(draft.error().detail() + charset_advice(wish->sample));
    }
    if (const auto there = taken(*places, *draft); !there.empty()) {
        std::cerr << "已存在, 什么都没有写 these are there already, nothing was written:\n";
        for (const std::string& path : there) {
            std::cerr << "  " << path << '\n';
        }
        return kWanting;
    }
    if (!write_all(*places, *draft)) {
        return kWanting;
    }
    say_what_next(*places, *draft, *wish, options.config);
    return kGood;
}

}  // namespace datong::app
