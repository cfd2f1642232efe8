#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <thread>

#include "examples/departments/faults.h"
#include "examples/departments/people.h"
#include "examples/departments/tiny_http.h"

namespace datong::departments {

// Four departments and the case register, each as such systems are met (README.md). `town` must
// outlive what is made here.

/// Land (不动产): SOAP 1.1 rpc, `String getBdcInfo(String xml)`.
[[nodiscard]] Handler land_registry(const Town& town);

/// Market registration (市场主体登记): REST, `Qyxxcx(entname, uniscid, authcode)`.
[[nodiscard]] Handler market_registry(const Town& town);

/// The case register (办件库): REST, a case by its number.
[[nodiscard]] Handler case_register(const Town& town);

/// Tax (税务): reads request files from FOLDER/req, writes fixed-width replies to FOLDER/rep (前置机).
class TaxOffice {
public:
    TaxOffice(const Town& town, Faults& faults, std::filesystem::path folder);
    ~TaxOffice();  ///< ends its thread
    TaxOffice(const TaxOffice&) = delete;
    TaxOffice& operator=(const TaxOffice&) = delete;

private:
    void watch(const std::stop_token& stop);
    void look();
    void serve(const std::filesystem::path& request);

    struct Late {
        std::chrono::steady_clock::time_point due;
        std::string name;
        std::string content;
    };

    const Town& town_;
    Faults& faults_;
    std::filesystem::path folder_;
    std::vector<Late> late_;
    std::jthread thread_;
};

/// Housing fund (公积金): a front-end exchange database (前置库), one SQLite file built anew at start.
class FundTables {
public:
    FundTables(const Town& town, Faults& faults, const std::filesystem::path& file);
    ~FundTables();
    FundTables(const FundTables&) = delete;
    FundTables& operator=(const FundTables&) = delete;

private:
    struct Database;

    void follow_switch();
    void take_away();
    void hold_tables(const std::stop_token& stop, Setting setting);

    const Town& town_;
    Faults& faults_;
    std::filesystem::path file_;
    std::unique_ptr<Database> database_;  ///< none while it is down
    std::mutex mutex_;                    ///< one switch at a time
    std::jthread holder_;                 ///< while it runs the database is its own
};

}  // namespace datong::departments
