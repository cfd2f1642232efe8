#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

#include <cstdlib>

namespace datong::support {

/// A folder of its own for one test, removed with all in it at the end.
class ScratchFolder {
public:
    ScratchFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "datong-test-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data()) == nullptr ? std::string{} : pattern;
    }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    ~ScratchFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + '/' + name; }
    [[nodiscard]] std::string make(const std::string& name) const {
        std::filesystem::create_directories(*this / name);
        return *this / name;
    }
    void write(const std::string& name, const std::string& bytes) const {
        std::ofstream{*this / name, std::ios::binary} << bytes;
    }
    [[nodiscard]] std::string read(const std::string& name) const {
        std::ifstream file{*this / name, std::ios::binary};
        return {std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
    }
    [[nodiscard]] bool has(const std::string& name) const { return std::filesystem::exists(*this / name); }

private:
    std::string path_;
};

}  // namespace datong::support
