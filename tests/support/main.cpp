// The only place that compiles Catch2's main (21 s).
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
