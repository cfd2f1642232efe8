#include <algorithm>

#include "core/mapping/tests_runner.h"

namespace datong::mapping {
namespace {

std::vector<yaml::Node> tests_in(const std::string& file, const ReadFile& read) {
    const auto text = read(file);
    const auto root = text ? yaml::parse(*text, file, true) : tl::unexpected<Mistakes>{Mistakes{}};
    const yaml::Node* tests = root ? root->find("tests") : nullptr;
    return tests == nullptr ? std::vector<yaml::Node>{} : tests->items;
}

}  // namespace

std::vector<PersonTest> run_person_tests(const Mapping& mapping, std::string_view path, const ReadFile& read) {
    std::vector<yaml::Node> about_persons;
    for (const std::string& file : {std::string{path}, companion_of(path)}) {
        for (yaml::Node& test : tests_in(file, read)) {
            if (test.find("expect_person") != nullptr) {
                about_persons.push_back(std::move(test));
            }
        }
    }
    std::vector<PersonTest> made;
    if (about_persons.empty()) {
        return made;
    }
    for (TestRun& run : run_tests(mapping, path, read, nullptr)) {
        const auto node = std::find_if(about_persons.begin(), about_persons.end(), [&](const yaml::Node& one) {
            return one.where.file == run.result.where.file && one.where.line == run.result.where.line;
        });
        if (node != about_persons.end() && run.output.outcome == Outcome::ok) {
            made.push_back({.name = run.result.name,
                            .where = run.result.where,
                            .speaks_of_them = node->text_of("expect_person") == "same",
                            .target = std::move(run.output.target),
                            .subject = yaml::to_record(*node->find("ctx")->find("subject"))});
        }
    }
    return made;
}

}  // namespace datong::mapping
