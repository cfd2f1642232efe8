#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/app/child.h"
#include "core/base/result.h"

namespace datong::bench {

/// The gateway that is measured, in a folder of its own.
struct Bench {
    std::string folder;
    std::string url{};
    std::string body{};         ///< of a call about the sample's company
    std::string matter_body{};  ///< the same, of a call for a matter
    int pid{};
};

[[nodiscard]] std::string read_file(const std::string& path);

/// A call about the demo's person, to the land registry.
[[nodiscard]] std::string land_body();

/// Makes the folder anew, with the project's own configuration, the departments that are asked here and no others, and
/// keys: whoever adds a department changes nothing that is measured.
/// @param sample  what the market's registry answers.
[[nodiscard]] Status prepare(Bench& bench, const std::string& sample);
/// Puts as many departments of the project beside those of prepare(), each with one source of its own of the market
/// registry's form, and a service and matters over them: matter `hall-N` asks four of them for the sample's
/// company, N and those after it in a circle.
/// @param urls   of the departments' systems; at most 16.
/// @param limits  of every source, as in a department's file.
/// @param rest_of_service  lines of every service after `record_time`.
void add_departments(const Bench& bench, const std::vector<std::string>& urls, const std::string& limits,
                     const std::string& rest_of_service, const std::string& matter_deadline);
/// The department with the N-th of these URLs; its service is `hall-ID`, and so is its source.
[[nodiscard]] std::string added_department(std::size_t n);
/// Puts text in place of the first of its kind in a file below the folder.
void replace_in(const Bench& bench, const std::string& file, const std::string& from, const std::string& to);
/// Starts the gateway; `bench` says then where it is.
/// @param market, land  URLs of the two registries.
[[nodiscard]] Result<app::Child> start_gateway(Bench& bench, const std::string& market,
                                               const std::string& land = "http://127.0.0.1:9");

}  // namespace datong::bench
