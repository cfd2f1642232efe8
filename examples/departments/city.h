#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "examples/departments/acceptance.h"
#include "examples/departments/bus_desk.h"
#include "examples/departments/faults.h"
#include "examples/departments/people.h"
#include "examples/departments/platforms.h"
#include "examples/departments/settlement_centre.h"

namespace datong::departments {

struct CityOptions {
    std::filesystem::path folder;    ///< files and database go below it; made when it is not there
    std::optional<Broker> broker{};  ///< for the systems behind a bus; none: they are not there
};

/// The whole simulated city: every system runs from construction to destruction, on loopback ports of
/// the system's choice and threads of its own. May be used from many threads.
class City {
public:
    /// Throws std::exception when the folder can't be written or no port be had.
    explicit City(const CityOptions& options);
    ~City();
    City(const City&) = delete;
    City& operator=(const City&) = delete;

    [[nodiscard]] std::string land_url() const;              ///< http://127.0.0.1:PORT/services/BdcService
    [[nodiscard]] std::filesystem::path tax_folder() const;  ///< holds req/ and rep/
    [[nodiscard]] std::filesystem::path fund_database() const;
    [[nodiscard]] std::string market_url() const;   ///< http://127.0.0.1:PORT
    [[nodiscard]] std::string cases_url() const;    ///< http://127.0.0.1:PORT
    [[nodiscard]] std::string control_url() const;  ///< http://127.0.0.1:PORT; README.md, "Switches"

    /// Where a system is reached: http://127.0.0.1:PORT, host:port, a folder or a database file.
    [[nodiscard]] std::string where(System system) const;

    /// What config/ reads from the environment: DATONG_LAND_URL, DATONG_TAX_FOLDER ...
    [[nodiscard]] std::map<std::string, std::string> environment() const;

    [[nodiscard]] std::string acceptance_url() const;  ///< http://127.0.0.1:PORT; below it /land/push and others

    [[nodiscard]] Faults& faults() noexcept;
    [[nodiscard]] AcceptanceDesk& acceptance() noexcept;
    [[nodiscard]] ProvincialCentre& provincial() noexcept;
    [[nodiscard]] SettlementCentre& settlement() noexcept;
    [[nodiscard]] const Town& town() const noexcept;

private:
    struct Running;
    std::unique_ptr<Running> running_;
};

}  // namespace datong::departments
