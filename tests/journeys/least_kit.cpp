#include "tests/journeys/least_kit.h"

#include <algorithm>
#include <stdexcept>

#include "examples/departments/ids.h"
#include "examples/departments/people.h"
#include "examples/departments/questions.h"

namespace datong::journeys {

using record::Record;

namespace {

Record with_purpose(Record body) {
    body.find("context")->put("purpose", Record::text(kLeastPurpose));
    return body;
}

}  // namespace

void give_least(const std::string& config, const std::string& id, const std::string& services,
                const std::string& terms) {
    write_text(config + "/grants/" + id + ".yaml",
               "datong: grant/v1\nid: " + id + "\nconsumer: one-window\nservices: [" + services + "]\n" + terms +
                   "\npurposes: [least]\nlegal_basis: 最小必要\n"
                   "territory: [\"9999\"]\n"
                   "valid_from: 2026-01-01\nvalid_to: 2027-12-31\n");
}

Record least_body(const std::string& service, std::size_t household) {
    for (const departments::Question& one : departments::questions_about(departments::make_town(), household)) {
        if (one.service == service) {
            return with_purpose(body_of(one));
        }
    }
    throw std::runtime_error{"no question for " + service};
}

Record least_body(const std::string& service) {
    for (const departments::Question& one : departments::questions_found()) {
        if (one.service == service) {
            return with_purpose(body_of(one));
        }
    }
    throw std::runtime_error{"no question for " + service};
}

Record stranger_body(const std::string& service, int number) {
    Record body = least_body(service);
    Record& subject = *body.find("context")->find("subject");
    const std::string serial = std::to_string(1'000 + number).substr(1);
    subject.put("id_no", Record::text(departments::resident_id("99990119700101" + serial)));
    return body;
}

std::size_t household_of_holders(std::size_t holders) {
    const departments::Town town = departments::make_town();
    const auto found = std::find_if(town.flats.begin(), town.flats.end(), [holders](const departments::Flat& flat) {
        return flat.holders.size() == holders;
    });
    if (found == town.flats.end()) {
        throw std::runtime_error{"no home has so many holders"};
    }
    return static_cast<std::size_t>(found - town.flats.begin());
}

std::string names_of(const Record* object) {
    std::string names;
    for (const record::Member& member : object != nullptr ? object->members() : Record::Object{}) {
        names.append(names.empty() ? "" : " ").append(member.name.view());
    }
    return names;
}

std::string code_of(const codec::HttpMessage& answer) {
    return json_of(answer).text_of("code");
}

std::string mistakes_of(std::function<void(const std::string&)> change) {
    try {
        const GatewayUnderTest gateway{{.change = std::move(change)}};
    } catch (const std::exception& error) {
        return error.what();
    }
    return {};
}

}  // namespace datong::journeys
