#include "tests/journeys/licence_caller.h"

#include <stdexcept>

namespace datong::journeys {
namespace {

using record::Record;

std::string door(const std::string& protocol) {
    return "door:\n  protocol: " + protocol + "\n  access_id: " + kLicenceCaller + "\n  inbound: doors/" + protocol +
           ".inbound.yaml\n";
}

Record window() {
    return object({{"account", "window-07"}, {"division_code", departments::demo_person().flat.division}});
}

Record about_seller(const std::string& type, const std::string& cause) {
    const departments::Demo demo = departments::demo_person();
    Record data = object({{"holder", demo.person.name},
                          {"holderCode", demo.person.id},
                          {"holderTypeCode", "111"},
                          {"certTypeCode", type},
                          {"useCause", cause},
                          {"itemCode", "existing-home-transfer"},
                          {"projectNo", demo.case_number},
                          {"divisionCode", demo.flat.division}});
    data.put("operator", window());
    return data;
}

}  // namespace

std::string door_a() {
    return door("licence-a");
}

std::string door_b() {
    return door("licence-b");
}

GatewayUnderTest::Options with_uses(GatewayUnderTest::Options options) {
    options.change = [before = options.change](const std::string& config) {
        before(config);
        const std::string table = config + "/../mappings/tables/doors/use-cause.csv";
        write_text(table, read_file(table) + "免提交,no-resubmission,免提交,y,,\n");
    };
    return options;
}

GatewayUnderTest::Options with_change(GatewayUnderTest::Options options, std::string file, std::string from,
                                      std::string to) {
    options.change = [before = options.change, file = std::move(file), from = std::move(from),
                      to = std::move(to)](const std::string& config) {
        before(config);
        std::string text = read_file(config + '/' + file);
        const auto at = text.find(from);
        if (at == std::string::npos) {
            throw std::runtime_error{file + " does not hold what a test changes"};
        }
        write_text(config + '/' + file, text.replace(at, from.size(), to));
    };
    return options;
}

Record object(const std::vector<std::pair<std::string, std::string>>& members) {
    Record made = Record::object();
    for (const auto& [name, value] : members) {
        made.put(name, Record::text(value));
    }
    return made;
}

Record land() {
    return about_seller(kLandType, "存量房转移登记");
}

Record receipt() {
    return about_seller(kReceiptType, "免提交");
}

Record with_head(const std::string& token, Record data, const std::string& id) {
    Record body = Record::object();
    body.put("head", object({{"accessId", id}, {"accessToken", token}, {"requestId", now_ms()}}));
    body.put("data", std::move(data));
    return body;
}

Record matter_of_seller(const std::string& request_id) {
    const departments::Demo demo = departments::demo_person();
    Record asked = object({{"holder_name", demo.person.name},
                           {"identity_number", demo.person.id},
                           {"applicant_name", demo.buyer.name},
                           {"applicant_number", demo.buyer.id},
                           {"agent_name", demo.agency.name},
                           {"agent_type", "001"},
                           {"agent_number", demo.agency.uscc},
                           {"service_item_code", "existing-home-transfer"},
                           {"service_item_name", "存量房转移登记"},
                           {"biz_num", demo.case_number},
                           {"division_code", demo.flat.division},
                           {"request_id", request_id}});
    asked.put("operator", window());
    return asked;
}

std::string status_of(const codec::HttpMessage& answer) {
    const Record said = json_of(answer);
    const Record* status = said.find_path({"head", "status"});
    return status != nullptr ? std::string{status->scalar()} : std::string{};
}

}  // namespace datong::journeys
