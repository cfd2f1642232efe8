#include <iostream>
#include <variant>

#include "examples/clients/cpp/command_line.h"
#include "examples/clients/cpp/run.h"

int main(int argc, char** argv) {
    const auto options = datong::client::read_command_line(argc, argv);
    const int* said = std::get_if<int>(&options);
    const int code = said != nullptr ? *said : datong::client::run(std::get<datong::client::Options>(options), {});
    std::cout.flush();
    if (!std::cout) {  // half an answer must not pass for one
        std::cerr << "标准输出写不进去 standard output can't be written: what stands there is not whole\n";
        return code == 0 ? 1 : code;
    }
    return code;
}
