#pragma once

// Catch2 2 (Debian 12) has one header, Catch2 3 (Ubuntu 24.04) many.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Matchers::ContainsSubstring;
#else
#include <catch2/catch.hpp>
inline auto ContainsSubstring(const std::string& part) {
    return Catch::Contains(part);
}
#endif
