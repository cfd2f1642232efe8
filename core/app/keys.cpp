#include <iostream>

#include "core/app/commands.h"
#include "core/app/configuration.h"
#include "core/codec/json.h"

namespace datong::app {

int keys(const std::string& config) {
    const Mistakes mistakes = with_configuration(config, [](const catalogue::Snapshot& snapshot) {
        std::cout << codec::write_json(snapshot.public_keys(true)) << '\n';
    });
    print(mistakes);
    return has_errors(mistakes) ? kConfig : kGood;
}

}  // namespace datong::app
