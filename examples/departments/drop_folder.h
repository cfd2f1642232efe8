#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "examples/departments/faults.h"

namespace datong::departments {

/// What a department does with dropped files.
struct DropOffice {
    /// The reply's name by the request's; nullopt: not one of its requests. Octets, in the department's charset.
    std::function<std::optional<std::string>(const std::string& request_name)> reply_name{};
    /// Plays wrong_person, wrong_encoding, malformed and empty_body itself.
    std::function<std::string(const std::string& request, Trouble)> answer{};
};

/// A front-end machine (前置机): reads request files from FOLDER/req, writes replies to FOLDER/rep, on a thread
/// of its own.
class DropFolder {
public:
    DropFolder(Faults& faults, System system, std::filesystem::path folder, DropOffice office);
    ~DropFolder();  ///< ends its thread
    DropFolder(const DropFolder&) = delete;
    DropFolder& operator=(const DropFolder&) = delete;

private:
    void watch(const std::stop_token& stop);
    void look();
    void serve(const std::filesystem::path& request, const std::string& reply_name);

    struct Late {
        std::chrono::steady_clock::time_point due;
        std::string name;
        std::string content;
    };

    Faults& faults_;
    System system_;
    std::filesystem::path folder_;
    DropOffice office_;
    std::vector<Late> late_;
    std::jthread thread_;
};

}  // namespace datong::departments
