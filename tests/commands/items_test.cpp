#include <filesystem>
#include <fstream>

#include "core/codec/json.h"
#include "tests/commands/serving.h"
#include "tests/support/catch.h"

using namespace datong::commands;
using datong::record::Record;

namespace {

Ran items(const Installation& installation, std::vector<std::string> words) {
    words.insert(words.begin(), "items");
    words.insert(words.end(), {"--config", installation.config()});
    return datong::commands::datong(words, installation.environment);
}

Ran coverage(const Installation& installation, const std::vector<std::string>& more) {
    std::vector<std::string> words{"matter", "coverage", "--config", installation.config()};
    words.insert(words.end(), more.begin(), more.end());
    return datong::commands::datong(words, installation.environment);
}

}  // namespace

TEST_CASE("the platform's tables are imported from its database, and the materials linked to services",
          "[commands][items]") {
    const Installation installation;
    const Ran none = items(installation, {"list"});
    CHECK(none.code == 0);
    CHECK_THAT(none.out, ContainsSubstring("nothing was imported yet"));
    CHECK(items(installation, {"links"}).code == 1);

    const Ran first = items(installation, {"import", "--source", "items/item-library"});
    CAPTURE(first.out, first.err);
    CHECK(first.code == 0);
    CHECK_THAT(first.out, ContainsSubstring("edition 1: "));
    const Ran again = items(installation, {"import", "--source", "items/item-library"});
    CHECK_THAT(again.out, ContainsSubstring("the same as edition 1"));

    const Ran shown = items(installation, {"show", "11999901MB0000019U4000715001000"});
    CAPTURE(shown.out, shown.err);
    CHECK(shown.code == 0);
    CHECK_THAT(shown.out, ContainsSubstring("契税完税凭证") && ContainsSubstring("may follow"));

    const Ran links = items(installation, {"links"});
    CAPTURE(links.out, links.err);
    CHECK(links.code == 0);
    CHECK_THAT(links.out, ContainsSubstring("契税完税凭证  -> deed-tax-receipt"));
    const auto as_json = datong::codec::read_json(items(installation, {"links", "--json"}).out);
    REQUIRE(as_json.has_value());
    CHECK(as_json->find("by_standing")->find("linked") != nullptr);
}

TEST_CASE("files with a broken line are imported without it, and what changed is told", "[commands][items]") {
    const Installation installation;
    const std::string tasks = installation.path("tasks.csv");
    const std::string materials = installation.path("materials.csv");
    std::ofstream{tasks} << "task_code,task_name,task_version\n11999901MB0000019U4000715001000,转移登记,1\n";
    const std::string head = "material_name,is_need,source_type,task_code\n";
    std::ofstream{materials} << head << "申请书,1,10,11999901MB0000019U4000715001000\n"
                             << "完税证明,7,20,11999901MB0000019U4000715001000\n";
    const Ran broken = items(installation, {"import", "--tasks", tasks, "--materials", materials});
    CAPTURE(broken.out, broken.err);
    CHECK(broken.code == 1);
    CHECK_THAT(broken.out, ContainsSubstring("materials.csv:3") && ContainsSubstring("is_need must be 1, 2 or 3"));
    CHECK_THAT(broken.out, ContainsSubstring("edition 1: 1 ") && ContainsSubstring("1 份材料 materials, 1 "));
    CHECK(items(installation, {"diff"}).code == 2);  // there is nothing to compare with

    std::ofstream{materials} << head << "申请书,3,10,11999901MB0000019U4000715001000\n"
                             << "完税证明,1,20,11999901MB0000019U4000715001000\n";
    CHECK(items(installation, {"import", "--tasks", tasks, "--materials", materials}).code == 0);
    const Ran changed = items(installation, {"diff"});
    CHECK(changed.code == 1);
    CHECK_THAT(changed.out, ContainsSubstring("+ 完税证明") && ContainsSubstring("申请书: need 1 -> 3"));
}

TEST_CASE("what is no import says what to do", "[commands][items]") {
    const Installation installation;
    CHECK(items(installation, {"import"}).code == 2);
    const Ran source = items(installation, {"import", "--source", "items/item-libary"});
    CHECK(source.code == 1);
    CHECK_THAT(source.err, ContainsSubstring("try items/item-library"));
    const Ran missing = items(installation, {"import", "--tasks", "/nowhere.csv", "--materials", "/nowhere.csv"});
    CHECK(missing.code == 1);
    CHECK_THAT(missing.err, ContainsSubstring("/nowhere.csv"));
    const Ran operation = items(installation, {"import", "--source", "fund/fund-front"});
    CHECK(operation.code == 1);
}

TEST_CASE("stopping a department changes what of a matter needs no paper", "[commands][matters]") {
    const Installation installation;
    const Ran all = coverage(installation, {"--consumer", "one-window"});
    CAPTURE(all.out, all.err);
    CHECK(all.code == 0);
    CHECK_THAT(all.out, ContainsSubstring("existing-home-transfer@1.1.0  免提交 shared 4/4"));
    CHECK_THAT(coverage(installation, {"--consumer", "portal", "existing-home-transfer"}).out,
               ContainsSubstring("shared 0/4"));
    CHECK(coverage(installation, {"--consumer", "one-windo"}).code == 2);
    CHECK(coverage(installation, {"--consumer", "one-window", "home"}).code == 2);
    auto environment = installation.environment;
    environment["DATONG_ADMIN_PORT"] = "1";
    CHECK(datong::commands::datong(
              {"matter", "coverage", "--config", installation.config(), "--consumer", "one-window", "--live"},
              environment)
              .code == 1);  // nobody answers

    const Serving serving{installation};
    environment["DATONG_ADMIN_PORT"] = serving.admin_port();
    const auto live = [&] {
        return datong::commands::datong({"matter", "coverage", "--config", installation.config(), "--consumer",
                                         "one-window", "--live", "existing-home-transfer"},
                                        environment);
    };
    CHECK_THAT(live().out, ContainsSubstring("shared 4/4"));
    const Ran paused =
        datong::commands::datong({"source", "pause", "tax/tax-front", "--key", installation.path("keys/tax.key.pem"),
                                  "--config", installation.config()},
                                 environment);
    CAPTURE(paused.out, paused.err);
    REQUIRE(paused.code == 0);
    const Ran without = live();
    CAPTURE(without.out, without.err);
    CHECK_THAT(without.out, ContainsSubstring("shared 3/4") && ContainsSubstring("部门暂停 stopped  转让方税费已清"));
}
