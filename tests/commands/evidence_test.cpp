#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <set>

#include "core/codec/json.h"
#include "core/store/applications.h"
#include "examples/departments/questions.h"
#include "tests/commands/asked.h"
#include "tests/commands/serving.h"
#include "tests/support/catch.h"
#include "tests/support/end_segment.h"

using namespace datong;
using namespace datong::commands;
using record::Record;

TEST_CASE("evidence list, show and reindex say what there is, also when there is nothing", "[commands][ledger]") {
    const Asked asked;
    const auto all = asked.list();
    CHECK(asked.list({"--service", "tax-clearance"}).size() == 1);
    CHECK(asked.list({"--outcome", "not_permitted"}).size() == 1);
    CHECK(asked.list({"--case", departments::demo_person().case_number}).size() == 1);
    std::ofstream{asked.installation.path("subject.json")} << R"({"id_no": ")" << departments::demo_person().person.id
                                                           << R"("})";
    const auto theirs = asked.list({"--subject", asked.installation.path("subject.json")});
    CHECK(theirs.size() >= 2);
    CHECK(theirs.size() < all.size());

    const Ran none = asked.evidence({"list", "--case", "none"});
    CHECK(none.code == 0);
    CHECK_THAT(none.out, ContainsSubstring("no exchange fits"));
    const Ran table = asked.evidence({"list", "--most", "2"});
    CHECK_THAT(table.out, ContainsSubstring("交换编号 exchange") && ContainsSubstring("next page: --after "));
    CHECK(asked.evidence({"list", "--subject", asked.installation.path("nowhere")}).code == 2);

    const std::string id = all.front().text_of("exchange");
    const Ran show = asked.evidence({"show", id});
    CHECK(show.code == 0);
    CHECK_THAT(show.out, ContainsSubstring(id) && ContainsSubstring("bodies: "));
    CHECK(show.out.find(departments::demo_person().person.name) == std::string::npos);
    // a shelf that can't be read is not an empty one
    const std::string shelf = asked.installation.path("evidence/bodies/bodies.db");
    const std::string whole = asked.installation.read("evidence/bodies/bodies.db");
    std::ofstream{shelf, std::ios::binary} << std::string(whole.size(), 'x');
    const Ran unread = asked.evidence({"show", id});
    CHECK(unread.code == 1);
    CHECK(unread.out.empty());
    std::ofstream{shelf, std::ios::binary} << whole;
    CHECK(asked.evidence({"show", "00000000-0000-0000-0000-000000000000"}).code == 1);
    CHECK(asked.evidence({"export", "../x"}).code == 2);

    const Ran again = asked.evidence({"reindex"});
    CHECK(again.code == 0);
    CHECK_THAT(again.out, ContainsSubstring("made anew"));
    CHECK(asked.list() == all);

    // a damaged one is worth no more than none
    const std::string index = asked.installation.path("evidence/index/index.db");
    std::ofstream{index, std::ios::binary} << std::string(20'000, 'x');
    const Ran mended = asked.evidence({"reindex"});
    CAPTURE(mended.err);
    CHECK(mended.code == 0);
    CHECK(asked.list() == all);
    CHECK_FALSE(std::filesystem::exists(index + ".damaged"));
    std::ofstream{index, std::ios::binary} << std::string(20'000, 'x');
    {
        Serving serving{asked.installation};
        CHECK(serving.call().code == 0);
        CHECK(serving.end() == 0);
    }
    CHECK(asked.list().size() == all.size() + 1);
    CHECK(std::filesystem::exists(index + ".damaged"));

    const Ran saved = datong::commands::datong({"stats", "saved", asked.installation.path("evidence")});
    CHECK(saved.code == 0);
    CHECK_THAT(saved.out, ContainsSubstring("unattributed"));
    const Ran json =
        datong::commands::datong({"stats", "saved", asked.installation.path("evidence"), "--by", "month", "--json"});
    CHECK(codec::read_json(json.out)->text_of("unattributed") != "0");
    CHECK(datong::commands::datong({"stats", "saved", asked.installation.path("nowhere")}).code == 1);
}

TEST_CASE("evidence list compares moments, whatever offset they are written with", "[commands][ledger]") {
    const Asked asked;
    const auto all = asked.list();
    REQUIRE(all.size() > 2);
    const std::string at = all[all.size() / 2].text_of("at");  // 2026-11-30T23:23:30.123+08:00
    const auto from = std::ranges::count_if(all, [&](const Record& one) { return one.text_of("at") >= at; });
    const auto until = std::ranges::count_if(all, [&](const Record& one) { return one.text_of("at") < at; });
    REQUIRE(from < std::ssize(all));
    REQUIRE(until > 0);
    std::string zulu = at_offset(at, 0);
    zulu.replace(zulu.find('+'), 6, "Z");
    for (const std::string& moment : {at, at_offset(at, 0), zulu, at_offset(at, 9)}) {
        CAPTURE(moment);
        CHECK(std::ssize(asked.list({"--from", moment})) == from);
        CHECK(std::ssize(asked.list({"--until", moment})) == until);
    }
    const std::string year = at.substr(0, 4);
    for (const std::string& begin : {year, at.substr(0, 7), at.substr(0, 10)}) {
        CAPTURE(begin);
        CHECK(asked.list({"--from", begin}) == all);
        CHECK(asked.list({"--until", begin}).empty());
    }
    for (const std::string& slip : {year + "-13", year + "/11/30", year + "1130", year + "年11月", at.substr(0, 19),
                                    year + "-11-30 23:23:30", std::string{"yesterday"}}) {
        CAPTURE(slip);
        for (const char* option : {"--from", "--until"}) {
            for (const char* kind : {"exchange", "administration"}) {
                const Ran ran = asked.evidence({"list", "--kind", kind, option, slip});
                CHECK(ran.code == 2);
                CHECK(ran.out.empty());
                CHECK_THAT(ran.err, ContainsSubstring(option) && ContainsSubstring("应为年、月、日或时刻"));
            }
        }
    }
}

TEST_CASE("old segments move into an archive beside the running gateway, and all is proven and found over both",
          "[commands][keeping]") {
    Installation installation;
    installation.replace("config/gateway.yaml", "evidence:\n", "evidence:\n  bodies: kept\n");
    const auto evidence = [&](std::vector<std::string> words) {
        words.insert(words.begin(), "evidence");
        words.insert(words.end(), {"--config", installation.config()});
        return datong::commands::datong(words, installation.environment);
    };
    const auto verify = [&](const std::string& folder) {
        return datong::commands::datong({"verify", folder, "--keys", installation.path("keys/trust.jwks")});
    };
    for (int run = 0; run < 2; ++run) {
        Serving serving{installation};
        REQUIRE(serving.call().code == 0);
        REQUIRE(serving.end() == 0);
        // a second segment, as after 256 MB: the folder's last one ends where the next begins
        if (run == 0) {
            REQUIRE(support::end_segment(installation.path("evidence")));
        }
    }
    Serving serving{installation};
    REQUIRE(serving.call().code == 0);
    const std::string archive = installation.path("archive");
    CHECK(evidence({"archive", "--to", archive}).code == 2);
    CHECK(evidence({"archive", "--to", "relative", "--older-than", "1"}).code == 2);
    const Ran none = evidence({"archive", "--to", archive, "--older-than", "1"});
    CHECK(none.code == 0);
    CHECK_THAT(none.out, ContainsSubstring("nothing to archive"));
    const Ran moved = evidence({"archive", "--to", archive, "--before", "2100-01-01T00:00:00+08:00"});
    CAPTURE(moved.out, moved.err);
    CHECK(moved.code == 0);
    CHECK_THAT(moved.out, ContainsSubstring("archived: 1 segments, records 1 to "));
    CHECK(std::filesystem::exists(archive + "/chain.json"));
    CHECK_FALSE(std::filesystem::exists(installation.path("evidence/000000000001.dlog")));
    CHECK(serving.call().code == 0);
    const Ran beside = evidence({"reindex"});
    CHECK(beside.code == 1);
    CHECK_THAT(beside.err, ContainsSubstring("a gateway writes there"));
    REQUIRE(serving.end() == 0);

    CHECK_THAT(verify(installation.path("evidence")).out, ContainsSubstring(" 4 exchanges"));
    CHECK(verify(installation.path("evidence")).code == 0);
    CHECK(verify(archive).code == 0);  // it begins with the first record, so it stands on its own
    const auto before = codec::read_json(evidence({"list", "--json"}).out);
    CHECK(evidence({"reindex"}).code == 0);
    CHECK(codec::read_json(evidence({"list", "--json"}).out).value() == before.value());
    const auto& all = before->find("exchanges")->items();
    REQUIRE(all.size() == 4);
    CHECK(evidence({"export", all.front().text_of("exchange"), "-o", installation.path("one.asice")}).code == 0);
    CHECK(verify(installation.path("one.asice")).code == 0);
    // without the archive it says what is missing
    std::filesystem::rename(archive, archive + ".away");
    CHECK_THAT(verify(installation.path("evidence")).out, ContainsSubstring("segment_missing"));
}

namespace {

/// SQLite files below a folder, but for what is made anew of the evidence.
std::set<std::string> databases_in(const std::string& folder) {
    std::set<std::string> found;
    for (const char* part : {"evidence", "state"}) {
        for (const auto& entry : std::filesystem::recursive_directory_iterator{folder + '/' + part}) {
            std::string head(15, '\0');
            std::ifstream{entry.path(), std::ios::binary}.read(head.data(), 15);
            const std::string name = std::filesystem::relative(entry.path(), folder).string();
            if (head == "SQLite format 3" && !name.starts_with("evidence/index/")) {
                found.insert(name);
            }
        }
    }
    return found;
}

}  // namespace

TEST_CASE("every store of a node is in its backup, applications and the numbers of their rolls too",
          "[commands][keeping][security]") {
    Installation installation;
    installation.replace("config/gateway.yaml", "evidence:\n", "evidence:\n  bodies: kept\n");
    Serving serving{installation};
    REQUIRE(serving.call().code == 0);
    const auto stores = databases_in(installation.path(""));
    CHECK(stores.contains("state/datong.db.access"));
    {
        const auto applications = store::Applications::open(installation.path("state/datong.db.access"));
        REQUIRE(applications);
        REQUIRE((*applications)->keep({.id = "a-2026-0001", .sealed = "octets"}));
        REQUIRE((*applications)->next_roll());
    }
    const Ran made = datong::commands::datong(
        {"backup", "create", installation.path("backup"), "--config", installation.config()}, installation.environment);
    CAPTURE(made.out, made.err);
    REQUIRE(made.code == 0);
    REQUIRE(serving.end() == 0);
    const Ran restored =
        datong::commands::datong({"backup", "restore", installation.path("backup"), "--to",
                                  installation.path("restored"), "--keys", installation.path("keys/trust.jwks")});
    CAPTURE(restored.out, restored.err);
    REQUIRE(restored.code == 0);
    CHECK(databases_in(installation.path("restored")) == stores);
    const auto applications = store::Applications::open(installation.path("restored/state/datong.db.access"));
    REQUIRE(applications);
    CHECK((*applications)->find("a-2026-0001").value());
    CHECK((*applications)->last_roll().value() == 1);
}

TEST_CASE("a backup of a running node is proven complete, and restored into an empty folder with every exchange",
          "[commands][keeping][security]") {
    Installation installation;
    installation.replace("config/gateway.yaml", "evidence:\n", "evidence:\n  bodies: kept\n");
    const auto backup = [&](std::vector<std::string> words) {
        words.insert(words.begin(), "backup");
        return datong::commands::datong(words, installation.environment);
    };
    const std::string folder = installation.path("backup");
    const std::string keys = installation.path("keys/trust.jwks");
    Serving serving{installation};
    REQUIRE(serving.call().code == 0);
    REQUIRE(serving.call().code == 0);
    const Ran made = backup({"create", folder, "--config", installation.config()});
    CAPTURE(made.out, made.err);
    REQUIRE(made.code == 0);
    CHECK(backup({"create", folder, "--config", installation.config()}).code == 2);
    REQUIRE(serving.call().code == 0);
    REQUIRE(serving.end() == 0);

    const Ran restored = backup({"restore", folder, "--to", installation.path("restored"), "--keys", keys});
    CAPTURE(restored.out, restored.err);
    REQUIRE(restored.code == 0);
    CHECK(backup({"restore", folder, "--to", installation.path("restored"), "--keys", keys}).code == 2);
    const Ran verified = datong::commands::datong({"verify", installation.path("restored/evidence"), "--keys", keys});
    CHECK(verified.code == 0);
    CHECK_THAT(verified.out, ContainsSubstring(" 2 exchanges"));
    // the restored node serves on, with its bodies
    installation.environment["DATONG_EVIDENCE"] = installation.path("restored/evidence");
    {
        Serving again{installation};
        CHECK(again.call().code == 0);
        CHECK(again.end() == 0);
    }
    const auto list =
        codec::read_json(datong::commands::datong({"evidence", "list", "--json", "--config", installation.config()},
                                                  installation.environment)
                             .out);
    REQUIRE(list);
    REQUIRE(list->find("exchanges")->items().size() == 3);
    for (const Record& one : list->find("exchanges")->items()) {
        const std::string file = installation.path("one.asice");
        CHECK(datong::commands::datong(
                  {"evidence", "export", one.text_of("exchange"), "-o", file, "--config", installation.config()},
                  installation.environment)
                  .code == 0);
        const Ran ran = datong::commands::datong({"verify", file, "--keys", keys});
        CHECK(ran.code == 0);
        CHECK_THAT(ran.out, ContainsSubstring("answer/body.json"));
    }

    // a damaged log gets no backup that would be called complete
    installation.environment["DATONG_EVIDENCE"] = installation.path("evidence");
    const std::string segment = "evidence/000000000001.dlog";
    const std::string log = installation.read(segment);
    {
        std::string damaged = log;
        damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 1);
        std::ofstream{installation.path(segment), std::ios::binary} << damaged;
        const Ran refused = backup({"create", installation.path("of-damage"), "--config", installation.config()});
        CHECK(refused.code == 1);
        CHECK_THAT(refused.err, ContainsSubstring("is damaged"));
        std::ofstream{installation.path(segment), std::ios::binary} << log;
    }

    // every file missing, altered or added shows
    const auto try_restore = [&] {
        std::filesystem::remove_all(installation.path("again"));
        return backup({"restore", folder, "--to", installation.path("again"), "--keys", keys}).code;
    };
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{folder}) {
        if (entry.is_regular_file()) {
            files.push_back(entry.path());
        }
    }
    REQUIRE(files.size() >= 4);
    for (const auto& file : files) {
        CAPTURE(file.string());
        std::filesystem::rename(file, folder + ".away");
        CHECK(try_restore() == 1);
        std::filesystem::copy_file(folder + ".away", file);
        std::fstream{file, std::ios::in | std::ios::out | std::ios::binary}.seekp(40) << 'X';
        CHECK(try_restore() == 1);
        std::filesystem::remove(file);
        std::filesystem::rename(folder + ".away", file);
    }
    std::ofstream{folder + "/evidence/000000009999.dlog"} << "extra";
    CHECK(try_restore() == 1);
    std::filesystem::remove(folder + "/evidence/000000009999.dlog");
    CHECK(try_restore() == 0);
}
