#include <filesystem>
#include <fstream>
#include <iostream>

#include "core/app/commands.h"
#include "core/app/map_files.h"
#include "core/app/source_tools.h"
#include "core/descriptions/openapi.h"
#include "core/descriptions/write.h"
#include "core/descriptions/wsdl.h"

namespace datong::app {
namespace {

namespace fs = std::filesystem;

/// At most one octet more than may be read, so that the reader says what is too large.
Result<std::string> read_bounded(const fs::path& path) {
    std::error_code ec;
    std::ifstream file{path, std::ios::binary};
    if (!fs::is_regular_file(path, ec) || !file) {
        return fail(Fault::bad_request, "no such file");
    }
    std::string bytes(descriptions::kMostBytes + 1, '\0');
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(file.gcount()));
    return bytes;
}

/// Reads what stands beside a file, or what has the URL's origin.
descriptions::ReadNear reader_of(const ImportDescriptionOptions& options) {
    if (!options.url.empty()) {
        return
            [ca = options.ca](const std::string& name) { return fetch_document(name, ca, descriptions::kMostBytes); };
    }
    return [folder = fs::path{options.file}.parent_path()](const std::string& name) {
        return read_bounded(folder / name);
    };
}

std::string name_of(const ImportDescriptionOptions& options) {
    return options.url.empty() ? fs::path{options.file}.filename().string() : options.url;
}

/// What is there already; then nothing is written.
std::vector<std::string> in_the_way(const descriptions::Draft& made, const fs::path& out) {
    std::vector<std::string> there;
    std::error_code ec;
    for (const descriptions::DraftFile& file : made.files) {
        if (fs::exists(out / file.path, ec)) {
            there.push_back((out / file.path).string());
        }
    }
    return there;
}

/// All or nothing: what was written of a draft that can't be finished goes again.
bool write_all(const descriptions::Draft& made, const fs::path& out) {
    std::vector<fs::path> written;
    for (const descriptions::DraftFile& file : made.files) {
        const fs::path path = out / file.path;
        std::error_code ec;
        fs::create_directories(path.parent_path(), ec);
        if (ec || !write_text(path.string(), file.text)) {
            std::cerr << "无法写入 can't write " << path.string() << '\n';
            for (const fs::path& one : written) {
                fs::remove(one, ec);
            }
            return false;
        }
        written.push_back(path);
    }
    return true;
}

void say(const descriptions::Draft& made, const fs::path& out) {
    for (const descriptions::DraftFile& file : made.files) {
        std::cout << "写出 wrote  " << (out / file.path).string() << '\n';
    }
    for (const descriptions::DraftedOperation& operation : made.operations) {
        std::cout << "\n操作 operation  " << descriptions::one_line(operation.name) << '\n';
        for (const descriptions::Gap& gap : operation.gaps) {
            std::cout << "  待填 " << descriptions::one_line(gap.text_zh, descriptions::kMostOfAGap) << '\n';
            if (gap.text_en != gap.text_zh) {
                std::cout << "       " << descriptions::one_line(gap.text_en, descriptions::kMostOfAGap) << '\n';
            }
        }
    }
    if (!made.operations.empty()) {
        std::cout << "\n下一步 next\n  datong map check " << (out / "mappings" / made.operations[0].response).string()
                  << '\n';
    }
}

int finish(const descriptions::Interface& described, const ImportDescriptionOptions& options) {
    const descriptions::Draft made = descriptions::write_draft(
        described, {.department = options.department, .source = options.source, .description = name_of(options)});
    if (const auto there = in_the_way(made, options.out); !there.empty()) {
        std::cerr << "已存在, 未写出任何文件 these are there already; nothing was written:\n";
        for (const std::string& path : there) {
            std::cerr << "  " << path << '\n';
        }
        std::cerr << "换一个 --out, 或先移走 choose another --out, or move them away\n";
        return kWanting;
    }
    if (!write_all(made, options.out)) {
        return kWanting;
    }
    say(made, options.out);
    return kGood;
}

int finish(const tl::expected<descriptions::Interface, Mistakes>& described, const ImportDescriptionOptions& options) {
    if (!described) {
        print(described.error());
        return kWanting;
    }
    return finish(*described, options);
}

descriptions::Choice choice_of(const ImportDescriptionOptions& options) {
    return {.service = options.service, .port = options.port, .operation = options.operation};
}

}  // namespace

int import_wsdl(const ImportDescriptionOptions& options) {
    return finish(descriptions::read_wsdl(name_of(options), reader_of(options), choice_of(options)), options);
}

int import_openapi(const ImportDescriptionOptions& options) {
    const auto text = reader_of(options)(name_of(options));
    if (!text) {
        print(Mistakes{descriptions::mistake(name_of(options), "I103", "文件无法读取",
                                             "can't be read: " + text.error().detail())});
        return kWanting;
    }
    return finish(descriptions::read_openapi(name_of(options), *text, choice_of(options)), options);
}

}  // namespace datong::app
