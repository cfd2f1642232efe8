#include "examples/departments/questions.h"

#include "examples/departments/households.h"
#include "examples/departments/ids.h"

namespace datong::departments {
namespace {

using Query = std::vector<std::pair<std::string, std::string>>;

/// Whom and what the questions are about.
struct Known {
    Subject person;
    Subject company;
    Subject stall;
    Subject child;
    std::string division;
    std::string operator_name;  ///< of the stall
    std::string birth_code;
    std::string pay_code;
    std::string item_code;
};

std::vector<Question> all_about(const Known& who, Bus bus) {
    const Query home{{"divisionCode", who.division}};
    std::vector<Question> all{
        {"realestate-certificate", System::land, who.person, home},
        {"realestate-encumbrance", System::land, who.person, home},
        {"tax-clearance", System::tax, who.person, {}},
        {"deed-tax-receipt", System::tax_interface, who.person, {}},
        {"fund-deposit-certificate", System::fund, who.person, {}},
        {"fund-loan", System::fund_settlement, who.person, {}},
        {"business-licence", System::market, who.company, {}},
        {"individual-business", System::provincial, who.stall, {{"operatorName", who.operator_name}}},
        {"insurance-participation", System::social, who.person, {}},
        {"pension", System::social, who.person, {}},
        {"marriage-record", System::civil, who.person, {}},
        {"subsistence-allowance", System::civil, who.person, {}},
        {"medical-insurance", System::medical, who.person, {}},
        {"birth-certificate", System::health, who.person, {{"birthCode", who.birth_code}}},
        {"disability-certificate", System::disabled, who.person, {}},
        {"talent-certificate", System::talent, who.person, {}},
        {"presale-contract", System::construction, who.person, {}},
        {"construction-permit", System::construction_exchange, who.company, {}},
        {"planning-permit", System::planning, who.company, {}},
        {"investment-project", System::ndrc, who.company, {}},
        {"discharge-permit", System::environment, who.company, {}},
        {"nontax-payment", System::finance, who.person, {{"payCode", who.pay_code}}},
        {"utility-account", System::utilities, who.person, {}},
        {"trade-operator", System::commerce, who.company, {}},
        {"penalty-record", System::enforcement, who.company, {}},
        {"administrative-filing", System::filing, who.company, {}},
        {"gas-account", System::gas, who.person, {}},
        {"item-guide", System::items, who.person, {{"itemCode", who.item_code}}}};
    if (bus == Bus::present) {
        all.push_back({"vaccination-record", System::health_bus, who.child, {}});
    }
    return all;
}

}  // namespace

std::vector<Question> questions_about(const Town& town, std::size_t household, Bus bus) {
    const Person child = child_of(town, household);
    const Person& person = town.persons[household];
    const Company& company = town.companies[household];
    const Company stall = stall_of(town, household);
    return all_about({.person = {person.name, "111", person.id},
                      .company = {company.name, "001", company.uscc},
                      .stall = {stall.name, "001", stall.uscc},
                      .child = {child.name, "111", child.id},
                      .division = town.flats[household].division,
                      .operator_name = person.name,
                      .birth_code = birth_code_of(household),
                      .pay_code = pay_code_of(household),
                      .item_code = kTransferItem},
                     bus);
}

std::vector<Question> questions_found(Bus bus) {
    return questions_about(make_town(), kDemoHousehold, bus);
}

std::vector<Question> questions_not_found(const Town& town, Bus bus) {
    const Person& stranger = town.persons.back();
    const Subject company{"示例市没有的公司", "001", credit_code("91", kDivisions[0], "MA999999")};
    return all_about({.person = {stranger.name, "111", stranger.id},
                      .company = company,
                      .stall = {"示例市没有的小吃店", "001", credit_code("92", kDivisions[0], "MA999998")},
                      .child = {stranger.name, "111", stranger.id},
                      .division = std::string{kDivisions[0]},
                      .operator_name = stranger.name,
                      .birth_code = "Z999901999999",
                      .pay_code = "99990124999999999999",
                      .item_code = "11999901MB0000019U4000715009000"},
                     bus);
}

}  // namespace datong::departments
