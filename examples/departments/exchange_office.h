#pragma once

#include <filesystem>
#include <stop_token>
#include <thread>

#include "examples/departments/acceptance.h"
#include "examples/departments/faults.h"
#include "examples/departments/front_tables.h"
#include "examples/departments/people.h"

namespace datong::departments {

/// 住建 behind a front-end exchange database (前置库): whoever asks leaves a row, and the bureau's daemon leaves rows
/// in the answer table; neither side ever calls the other. Nothing of an answer is updated: what was corrected stands
/// there as invalid, with its reason, before the row that holds. Cases that are pushed to the bureau come and are
/// answered in the same way, and a new state of one is a new row.
class ExchangeOffice {
public:
    /// Makes the file, and runs until it is destroyed.
    ExchangeOffice(const Town& town, Faults& faults, AcceptanceDesk& desk, std::filesystem::path file);
    ExchangeOffice(const ExchangeOffice&) = delete;
    ExchangeOffice& operator=(const ExchangeOffice&) = delete;
    ~ExchangeOffice() = default;

private:
    void run(const std::stop_token& stop);

    const Town& town_;
    Faults& faults_;
    AcceptanceDesk& desk_;
    FrontTables tables_;
    std::jthread daemon_;
};

}  // namespace datong::departments
