#include <variant>

#include "examples/clients/cpp/command_line.h"
#include "examples/clients/cpp/run.h"

int main(int argc, char** argv) {
    const auto options = datong::client::read_command_line(argc, argv);
    if (const int* code = std::get_if<int>(&options)) {
        return *code;
    }
    return datong::client::run(std::get<datong::client::Options>(options), {});
}
