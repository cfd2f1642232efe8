#pragma once

#include <fstream>
#include <string>
#include <vector>

#include "core/codec/json.h"
#include "examples/departments/questions.h"
#include "tests/commands/asking.h"
#include "tests/commands/serving.h"
#include "tests/support/catch.h"

namespace datong::commands {

/// A run of the demo city: every service asked, its bodies kept, its records sealed; ended when this is made.
class Asked {
public:
    Asked() {
        installation.replace("config/gateway.yaml", "evidence:\n", "evidence:\n  bodies: kept\n");
        grant_without_case(installation);
        installation.environment["DATONG_SEAL_S"] = "1";
        Serving serving{installation};
        for (const departments::Question& question : departments::questions_found()) {
            CAPTURE(question.service);
            const Ran ran = ask(installation, serving, question);
            CAPTURE(ran.out, ran.err);
            REQUIRE(ran.code == 0);
        }
        REQUIRE(serving.call().code == 0);
        std::ofstream{installation.path("none.json"), std::ios::binary}
            << ask_body({.service = "tax-clearance", .about = {"无此人", "111", "999901199001010017"}});
        CHECK(serving.call_with({"service", "no-such-service", "--body", installation.path("none.json")}).code == 1);
        REQUIRE(serving.end() == 0);
    }
    [[nodiscard]] Ran evidence(std::vector<std::string> words) const {
        words.insert(words.begin(), "evidence");
        words.insert(words.end(), {"--config", installation.config()});
        return datong::commands::datong(words, installation.environment);
    }
    [[nodiscard]] std::vector<record::Record> list(std::vector<std::string> words = {}) const {
        words.insert(words.begin(), {"list", "--json", "--most", "1000"});
        const Ran ran = evidence(words);
        CAPTURE(ran.out, ran.err);
        REQUIRE(ran.code == 0);
        return codec::read_json(ran.out)->find("exchanges")->items();
    }
    Installation installation;
};

}  // namespace datong::commands
