#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/catalogue/model.h"

namespace datong::tests {

/// A service of config/ as far as its contract needs it, with a record that its mapping's own tests make.
struct DescribedService {
    std::unique_ptr<catalogue::Service> service;
    record::Record content;
};

/// All of config/services, in the order of their files.
[[nodiscard]] std::vector<DescribedService> described_services();

/// An answer as the gateway writes one (docs/answer.md).
[[nodiscard]] record::Record answer_of(const DescribedService& described);

/// A call with every member of the context.
[[nodiscard]] record::Record call_of(const catalogue::Service& service);

}  // namespace datong::tests
