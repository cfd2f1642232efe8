#include "core/app/map_files.h"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <sstream>
#include <system_error>

#include "core/base/moment.h"
#include "core/record/date.h"

namespace datong::app {

namespace fs = std::filesystem;

std::string why_not_there(const std::string& path) {
    std::error_code ec;
    if (fs::is_directory(path, ec)) {
        static_cast<void>(fs::directory_iterator{path, ec});
    }
    if (!ec && fs::exists(path, ec)) {
        return {};
    }
    return ec && ec != std::errc::no_such_file_or_directory
               ? "无法查看 can't be looked at (" + ec.message() + "): " + path
               : "没有这个文件或目录 no such file or folder: " + path;
}

std::optional<std::string> read_text(const std::string& path) {
    std::ostringstream text;
    if (path == "-") {
        text << std::cin.rdbuf();
        return std::move(text).str();
    }
    std::ifstream in{path, std::ios::binary};
    if (!in || fs::is_directory(path)) {
        return std::nullopt;
    }
    text << in.rdbuf();
    return std::move(text).str();
}

bool write_text(const std::string& path, const std::string& bytes) {
    const std::string draft = path + ".new";
    std::error_code failed;
    {
        std::ofstream out{draft, std::ios::binary | std::ios::trunc};
        out << bytes;
        out.close();
        if (!out) {
            fs::remove(draft, failed);
            return false;
        }
    }
    if (const fs::file_status before = fs::status(path, failed); fs::exists(before)) {
        fs::permissions(draft, before.permissions(), failed);
    }
    fs::rename(draft, path, failed);
    return !failed;
}

Located locate(const std::string& file, const std::string& mappings) {
    const fs::path whole = fs::absolute(file).lexically_normal();
    fs::path root = mappings.empty() ? whole.parent_path() : fs::absolute(mappings).lexically_normal();
    if (mappings.empty()) {
        for (fs::path above = whole.parent_path(); above.has_relative_path(); above = above.parent_path()) {
            if (above.filename() == "mappings") {
                root = above;
                break;
            }
        }
    }
    return {root, whole.lexically_relative(root).generic_string()};
}

mapping::ReadFile reader_below(const fs::path& root) {
    return [root](std::string_view below) { return read_text((root / std::string{below}).string()); };
}

std::vector<std::string> mapping_files(const std::string& path) {
    std::error_code ec;
    if (!fs::is_directory(path, ec)) {
        return {path};
    }
    std::vector<std::string> files;
    for (fs::recursive_directory_iterator entry{path, fs::directory_options::skip_permission_denied, ec};
         !ec && entry != fs::recursive_directory_iterator{}; entry.increment(ec)) {
        const std::string name = entry->path().string();
        const auto text = name.ends_with(".yaml") && !name.ends_with(".test.yaml") ? read_text(name) : std::nullopt;
        if (text && text->find("datong: mapping/v1") != std::string::npos) {
            files.push_back(name);
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

record::Record rows_of_sample(const record::Record& sample) {
    using record::Record;
    Record rows = Record::object();
    for (const record::Member& set : sample.members()) {
        Record list = Record::list();
        for (const Record& row : set.value.items()) {
            Record cells = Record::object();
            for (const record::Member& cell : row.members()) {
                cells.put(cell.name, cell.value.is_null() ? Record{} : Record::bytes(std::string{cell.value.scalar()}));
            }
            list.add(std::move(cells));
        }
        rows.put(set.name, std::move(list));
    }
    return rows;
}

std::optional<std::chrono::system_clock::time_point> moment(const std::string& at) {
    if (at.empty()) {
        return std::chrono::system_clock::now();
    }
    const auto civil = record::parse_rfc3339(at);
    if (!civil) {
        return std::nullopt;
    }
    constexpr std::int64_t kDay = 86'400;
    return exact_moment((record::days_since_epoch(civil->date) * kDay) + ((civil->hour - 8) * 3'600) +
                        (civil->minute * 60) + civil->second);
}

}  // namespace datong::app
