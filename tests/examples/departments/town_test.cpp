#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "examples/departments/ids.h"
#include "examples/departments/legacy_text.h"
#include "examples/departments/people.h"
#include "tests/support/catch.h"

using namespace datong::departments;

namespace {

// The checks are written a second time here, in another way than the generator's: a polynomial in
// Horner's form for ISO 7064, logarithm tables nowhere.

/// ISO 7064 MOD 11-2: the value of all 18 characters as a polynomial in 2 is 1 modulo 11.
bool is_resident_id(const std::string& id) {
    int remainder = 0;
    for (std::size_t i = 0; i < id.size(); ++i) {
        const int value = id[i] == 'X' && i == 17 ? 10 : id[i] - '0';
        if (value < 0 || value > 10) {
            return false;
        }
        remainder = (remainder * 2 + value) % 11;
    }
    return id.size() == 18 && remainder == 1;
}

/// GB 32100: the weighted sum with the check character is 0 modulo 31; positions 9 to 17 are a
/// GB 11714 code, whose weighted sum is 0 modulo 11.
bool is_credit_code(const std::string& code) {
    static const std::string kAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    static const int kOuter[] = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
    static const int kInner[] = {3, 7, 9, 10, 5, 8, 4, 2};
    if (code.size() != 18 || code.find_first_not_of(kAlphabet) != std::string::npos) {
        return false;
    }
    std::size_t outer = kAlphabet.find(code[17]);
    for (std::size_t i = 0; i < 17; ++i) {
        outer += static_cast<std::size_t>(kOuter[i]) * kAlphabet.find(code[i]);
    }
    int inner = code[16] == 'X' ? 10 : code[16] - '0';
    for (std::size_t i = 0; i < 8; ++i) {
        const char c = code[8 + i];
        inner += kInner[i] * (c <= '9' ? c - '0' : c - 'A' + 10);
    }
    return outer % 31 == 0 && inner % 11 == 0;
}

bool is_date(const std::string& day) {
    const int month = std::stoi(day.substr(4, 2));
    const int number = std::stoi(day.substr(6, 2));
    return day.size() == 8 && month >= 1 && month <= 12 && number >= 1 && number <= 31;
}

}  // namespace

TEST_CASE("the town is as large as it says and the same every time", "[departments]") {
    const Town town = make_town();

    CHECK(town.persons.size() == 240);
    CHECK(town.companies.size() == 220);
    CHECK(town.flats.size() == 220);
    CHECK(town.taxes.size() == 440);
    CHECK(town.accounts.size() == 220);
    CHECK(town.cases.size() == 220);
    const Town again = make_town();
    for (std::size_t i = 0; i < town.persons.size(); ++i) {
        CHECK(again.persons[i].name == town.persons[i].name);
        CHECK(again.persons[i].id == town.persons[i].id);
    }
    CHECK(town.persons[1].id == "999902195310130065");  // the same on every machine
}

TEST_CASE("the checks of this test tell good ids from bad ones", "[departments]") {
    CHECK(is_resident_id("11010519491231002X"));
    CHECK_FALSE(is_resident_id("110105194912310021"));
    CHECK(is_credit_code("91350100M000100Y43"));
    CHECK_FALSE(is_credit_code("91350100M000100Y4Z"));
}

TEST_CASE("every id of the town is valid, of the reserved division and given once", "[departments]") {
    const Town town = make_town();
    std::set<std::string> seen;
    for (const Person& person : town.persons) {
        CAPTURE(person.id);
        CHECK(is_resident_id(person.id));
        CHECK(person.id.substr(0, 4) == "9999");
        CHECK(person.id.substr(6, 8) == person.birth);
        CHECK(person.birth.substr(0, 2) == "19");
        CHECK(is_date(person.birth));
        CHECK(seen.insert(person.id).second);
    }
    for (const Company& company : town.companies) {
        CAPTURE(company.uscc);
        CHECK(is_credit_code(company.uscc));
        CHECK(company.uscc.substr(0, 6) == "919999");
        CHECK(seen.insert(company.uscc).second);
        CHECK(seen.insert(company.name).second);
    }
    for (const Flat& flat : town.flats) {
        CAPTURE(flat.unit_no);
        CHECK(flat.unit_no.size() == 28);
        CHECK(flat.unit_no.substr(0, 6) == flat.division);
        CHECK(flat.unit_no[19] == 'F');
        CHECK(seen.insert(flat.unit_no).second);
        CHECK(is_date(flat.registered));
    }
    for (const TaxFile& file : town.taxes) {
        CHECK(file.voucher.size() == 18);
        CHECK(file.authority.size() == 11);
        CHECK(seen.insert(file.voucher).second);
    }
    CHECK(credit_code("11", "999901", "MB000001") == "11999901MB0000019U");
    CHECK(certificate_id("11100000MB03271699022", "11999901MB0000019U", "20240000001") ==
          "1.2.156.3005.2.11100000MB03271699022.11999901MB0000019U.20240000001.001.R");
}

TEST_CASE("the same person owns the flat, pays the tax, saves in the fund and represents the company",
          "[departments]") {
    const Town town = make_town();
    for (std::size_t i = 0; i < kHouseholds; ++i) {
        CAPTURE(i);
        const Person& person = town.persons[i];
        const Flat& flat = town.flats[i];
        CHECK_FALSE(flat.holders.front().is_company);
        CHECK(flat.holders.front().index == i);
        CHECK(town.taxes[i].taxpayer == person.id);
        CHECK(town.taxes[i].name == person.name);
        CHECK(town.taxes[i].items.front().basis_fen == flat.price_fen);
        CHECK(town.taxes[kHouseholds + i].taxpayer == town.companies[i].uscc);
        const std::string& stored = town.accounts[i].stored_id;
        CHECK(town.accounts[i].person == i);
        CHECK((stored == person.id || stored == person.id.substr(0, 6) + person.id.substr(8, 9)));
        CHECK(town.companies[i].legal_person == i);
        CHECK(town.cases[i].persons.front().index == i);
        CHECK(town.cases[i].persons.front().role == "2");
    }
}

TEST_CASE("amounts add up: shares to 100 percent, deed tax to three percent of the price", "[departments]") {
    const Town town = make_town();
    for (const Flat& flat : town.flats) {
        int percent = 0;
        for (const Holder& holder : flat.holders) {
            percent += holder.percent;
        }
        CHECK(percent == (flat.ownership == "2" ? 100 : 0));
        CHECK(flat.holders.size() == (flat.ownership == "0" ? 1U : flat.ownership == "1" ? 2U : 3U));
    }
    for (std::size_t i = 0; i < kHouseholds; ++i) {
        CHECK(town.taxes[i].items[0].paid_fen * 100 == town.flats[i].price_fen * 3);
        CHECK(town.taxes[i].items[1].paid_fen * 2000 == town.flats[i].price_fen);
    }
}

TEST_CASE("names are of every kind that breaks old systems", "[departments]") {
    const Town town = make_town();
    std::map<std::string, int> kinds;
    for (const Person& person : town.persons) {
        const std::string octets = to_gb18030(person.name);
        CHECK(from_gb18030(octets) == person.name);
        CHECK(octets.size() <= 60);  // else the tax file would cut it
        kinds["dotted"] += person.name.find("\u00B7") != std::string::npos ? 1 : 0;
        kinds["tibetan script"] += person.name.compare(0, 2, "\xE0\xBD") == 0 ? 1 : 0;
        const auto beyond = [](char c) { return (static_cast<unsigned char>(c) & 0xF8U) == 0xF0U; };
        kinds["beyond the BMP"] += std::any_of(person.name.begin(), person.name.end(), beyond) ? 1 : 0;
        kinds["60 octets"] += octets.size() == 60 ? 1 : 0;
    }
    for (const Company& company : town.companies) {
        kinds["60 octets"] += to_gb18030(company.name).size() == 60 ? 1 : 0;
    }
    for (const FundAccount& account : town.accounts) {
        kinds["15 digits"] += account.stored_id.size() == 15 ? 1 : 0;
    }
    CHECK(kinds["dotted"] >= 30);
    CHECK(kinds["tibetan script"] >= 10);
    CHECK(kinds["beyond the BMP"] >= 10);
    CHECK(kinds["60 octets"] == 2);
    CHECK(kinds["15 digits"] >= 30);
}

TEST_CASE("the demo's household has everything and an open case", "[departments]") {
    const Town town = make_town();
    const Demo demo = demo_person();

    CHECK(demo.tax.taxpayer == demo.person.id);
    CHECK_FALSE(demo.tax.arrears);
    CHECK(demo.account.state == "01");
    CHECK(demo.flat.state == "1");
    CHECK_FALSE(demo.flat.seized);
    CHECK(town.persons[demo.company.legal_person].id == demo.person.id);
    CHECK(demo.agency.state == "1");
    const auto found = std::find_if(town.cases.begin(), town.cases.end(),
                                    [&](const Case& one) { return one.number == demo.case_number; });
    REQUIRE(found != town.cases.end());
    CHECK(found->matter == "BDC-0200");
    CHECK((found->state == "3" || found->state == "8"));
    REQUIRE(found->persons.size() == 3);
    CHECK(town.persons[found->persons[0].index].id == demo.person.id);
    CHECK(town.persons[found->persons[1].index].id == demo.buyer.id);
    CHECK(town.companies[found->persons[2].index].uscc == demo.agency.uscc);
}

TEST_CASE("the list for searching logs has every name and number, short ids too", "[departments]") {
    const Town town = make_town();
    const auto all = every_name_and_number(town);
    const auto has = [&](const std::string& text) { return std::find(all.begin(), all.end(), text) != all.end(); };

    CHECK(all.size() == 4 * 240 + 2 * 220 + 4 * 220 + 220);  // companies, stalls and children, accounts
    for (const Person& person : town.persons) {
        CHECK((has(person.name) && has(person.id) && has(short_resident_id(person.id)) && has(person.phone)));
    }
    CHECK(std::none_of(all.begin(), all.end(), [](const std::string& text) { return text.empty(); }));
}
