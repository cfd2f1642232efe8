#include "examples/departments/households.h"

#include <algorithm>

#include "examples/departments/ids.h"

namespace datong::departments {
namespace {

constexpr std::string_view kCertificateType = "11100000MB03271699001";
constexpr std::string_view kRegistrationCentre = "11999901MB0000019U";

std::vector<Holder> holders_of(std::size_t index) {
    if (index % 7 == 3) {
        const std::size_t next = (index + 1) % kHouseholds;
        return {{.is_company = false, .index = index, .percent = 50},
                {.is_company = false, .index = next, .percent = 30},
                {.is_company = true, .index = index, .percent = 20}};
    }
    if (index % 5 == 2) {
        return {{.is_company = false, .index = index, .percent = 0},
                {.is_company = false, .index = (index + 2) % kHouseholds, .percent = 0}};
    }
    return {{.is_company = false, .index = index, .percent = 0}};
}

std::string month_of(std::int64_t year, std::int64_t month) {
    return digits(year, 4) + digits(month, 2);
}

TaxItem item(std::string code, const std::string& month, std::int64_t basis_fen, int rate_of_10000) {
    return {.code = std::move(code),
            .from = month + "01",
            .to = month + "28",
            .basis_fen = basis_fen,
            .rate_of_10000 = rate_of_10000,
            .paid_fen = basis_fen * rate_of_10000 / 10'000,
            .paid_on = month + "20"};
}

TaxFile tax_file(std::size_t serial, std::string taxpayer, std::string name, const std::string& month) {
    const std::string authority = "1" + std::string{kDivisions[serial % kDivisions.size()]} + "0000";
    return {.voucher = "3" + authority.substr(1, 5) + month.substr(2) + digits(static_cast<std::int64_t>(serial), 8),
            .taxpayer = std::move(taxpayer),
            .name = std::move(name),
            .issued = month + "25",
            .authority = authority,
            .arrears = serial % 11 == 5,
            .items = {}};
}

}  // namespace

void settle_flats(Town& town, Chance& chance) {
    for (std::size_t i = 0; i < kHouseholds; ++i) {
        const auto number = static_cast<std::int64_t>(i);
        Flat flat;
        flat.division = std::string{kDivisions[i % kDivisions.size()]};
        flat.unit_no = flat.division + "001001GB" + digits(number / 40 + 1, 5) + "F" + digits(number / 10 + 1, 4) +
                       digits(number % 10 + 1, 4);
        flat.registered = day_between(2012, 2024, chance);
        flat.certificate_no =
            "藏（" + flat.registered.substr(0, 4) + "）示例市不动产权第" + digits(number + 1, 7) + "号";
        flat.certificate_id =
            i % 4 == 0 ? "" : certificate_id(kCertificateType, kRegistrationCentre, digits(20240000001 + number, 11));
        flat.location = "示例市示范区示例路" + digits(number / 10 + 1, 1) + "号" + digits(number % 10 + 1, 1) +
                        "栋2单元" + digits(number % 6 + 1, 1) + "01室";
        flat.area_hundredths = static_cast<int>(chance.below(12'000)) + 4'000;
        flat.use = i % 9 == 8 ? "30" : i % 2 == 0 ? "10" : "11";
        flat.floor = static_cast<int>(i % 6) + 1;
        flat.price_fen = (static_cast<std::int64_t>(chance.below(3'000)) + 2'000) * 100'000;
        flat.land_from = "20050601";
        flat.land_to = i % 10 == 4 ? "99991231" : "20750531";
        flat.holders = holders_of(i);
        flat.ownership = flat.holders.size() == 3 ? "2" : flat.holders.size() == 2 ? "1" : "0";
        flat.state = "1";
        flat.mortgaged = i % 6 == 5;
        flat.seized = i % 31 == 30;
        town.flats.push_back(std::move(flat));
    }
}

void settle_taxes(Town& town, Chance& chance) {
    for (std::size_t i = 0; i < kHouseholds; ++i) {
        const std::string month = town.flats[i].registered.substr(0, 6);
        TaxFile file = tax_file(i, town.persons[i].id, town.persons[i].name, month);
        file.items = {item("10119", month, town.flats[i].price_fen, 300),
                      item("10111", month, town.flats[i].price_fen, 5)};
        town.taxes.push_back(std::move(file));
    }
    for (std::size_t i = 0; i < kHouseholds; ++i) {
        const std::string month = month_of(2023, static_cast<std::int64_t>(chance.below(12)) + 1);
        TaxFile file = tax_file(kHouseholds + i, town.companies[i].uscc, town.companies[i].name, month);
        const auto sales = (static_cast<std::int64_t>(chance.below(900)) + 1) * 1'000'000;
        file.items = {item("10101", month, sales, 1300), item("10104", month, sales / 5, 2500)};
        town.taxes.push_back(std::move(file));
    }
}

void settle_accounts(Town& town, Chance& chance) {
    for (std::size_t i = 0; i < kHouseholds; ++i) {
        FundAccount account;
        account.number = "9999" + digits(static_cast<std::int64_t>(i) + 100, 8);
        account.person = i;
        account.stored_id = i % 6 == 3 ? short_resident_id(town.persons[i].id) : town.persons[i].id;
        account.employer = (i * 7 + 3) % kHouseholds;
        account.state = i % 17 == 16 ? "02" : "01";
        account.opened = day_between(2009, 2018, chance);
        account.paid_through = account.state == "02" ? "202203" : "202406";
        account.base_fen = (static_cast<std::int64_t>(chance.below(150)) + 30) * 10'000;
        account.percent = static_cast<int>(chance.below(8)) + 5;
        account.balance_fen = static_cast<std::int64_t>(chance.below(30'000'000)) + 5;
        town.accounts.push_back(std::move(account));
    }
}

void settle_cases(Town& town, Chance& chance) {
    for (std::size_t i = 0; i < kHouseholds; ++i) {
        const bool transfer = i % 3 != 2;
        const bool open = i % 5 != 4;
        Case one;
        one.number = "999901-2024-" + digits(static_cast<std::int64_t>(i) + 1, 6);
        one.matter = transfer ? "BDC-0200" : "BDC-0300";
        one.state = open ? (i % 2 == 0 ? "3" : "8") : (i % 2 == 0 ? "11" : "15");
        one.accepted = "2024-0" + digits(static_cast<std::int64_t>(chance.below(6)) + 1, 1) + "-1" +
                       digits(static_cast<std::int64_t>(chance.below(9)), 1) + " 09:30:00";
        if (transfer) {
            // the buyer is from the other half of the town; companies 0, 10, 20 ... are estate agencies
            one.persons = {{.role = "2", .is_company = false, .index = i},
                           {.role = "1", .is_company = false, .index = (i + kHouseholds / 2) % kHouseholds},
                           {.role = "3", .is_company = true, .index = (i / 10 * 10 + 10) % kHouseholds}};
        } else {
            one.persons = {{.role = "2", .is_company = false, .index = i}};
        }
        town.cases.push_back(std::move(one));
    }
}

}  // namespace datong::departments
