#pragma once

#include <string>
#include <utility>
#include <vector>

#include "examples/departments/faults.h"
#include "examples/departments/people.h"

namespace datong::departments {

/// Someone or something that a service can be asked about.
struct Subject {
    std::string name;
    std::string id_type;  ///< "111" a person, "001" an organisation
    std::string id_no;
};

/// One question to one service of the project's own configuration, as a platform would ask it.
struct Question {
    std::string service;
    System system{};  ///< which answers it
    Subject about;
    std::vector<std::pair<std::string, std::string>> query;
};

/// Whether a message broker runs beside the city; without one what stands behind a bus is not there.
enum class Bus { absent, present };

/// One for each service, about a household's person, company, stall and codes.
[[nodiscard]] std::vector<Question> questions_about(const Town& town, std::size_t household, Bus bus = Bus::absent);

/// About the demo's household: every record is there.
[[nodiscard]] std::vector<Question> questions_found(Bus bus = Bus::absent);

/// The same about persons, organisations and codes that no department knows.
[[nodiscard]] std::vector<Question> questions_not_found(const Town& town, Bus bus = Bus::absent);

}  // namespace datong::departments
