#include "examples/departments/people.h"

#include <array>
#include <cstdio>
#include <string_view>

#include "examples/departments/households.h"
#include "examples/departments/ids.h"
#include "examples/departments/legacy_text.h"

namespace datong::departments {
namespace {

template <std::size_t N>
std::string pick(const std::array<std::string_view, N>& from, Chance& chance) {
    return std::string{from[chance.below(N)]};
}

constexpr std::array<std::string_view, 24> kSurnames{"赵", "钱", "孙", "李", "周", "吴",   "郑",   "王",
                                                     "冯", "陈", "褚", "卫", "蒋", "沈",   "韩",   "杨",
                                                     "朱", "秦", "许", "何", "吕", "欧阳", "司马", "上官"};
// a given name begins with one of these, so that nobody real is met
constexpr std::array<std::string_view, 6> kGivenFirst{"示", "例", "拟", "样", "试", "仿"};
constexpr std::array<std::string_view, 20> kGivenLast{"云", "山", "河", "湖", "松", "竹", "梅", "兰", "石", "泉",
                                                      "雪", "岚", "禾", "苗", "舟", "桥", "灯", "砚", "笺", "砖"};
constexpr std::array<std::string_view, 10> kTibetan{"扎西", "次仁", "卓玛", "多吉", "央宗",
                                                    "白玛", "格桑", "旺堆", "拉姆", "平措"};
// no Tibetan name has these: again so that nobody real is met
constexpr std::array<std::string_view, 5> kTibetanLast{"示例", "样措", "拟吉", "试珠", "仿桑"};
constexpr std::array<std::string_view, 6> kTibetanScript{"བཀྲ་ཤིས", "ཚེ་རིང", "སྒྲོལ་མ", "རྡོ་རྗེ", "པད་མ", "བསྐལ་བཟང"};
// U+3400 to U+2CEB0: two and four octets in GB 18030
constexpr std::array<std::string_view, 8> kRare{"\U00020000", "\U00020BB7", "\U000214F0", "\U0002CC56",
                                                "\U00023CB7", "\u4DAE",     "\u36C3",     "\U00029F7E"};
// exactly 60 octets in GBK: the whole width of a taxpayer's name
constexpr std::string_view kLongName = "示例阿依古丽仿拟买买提样例木江·仿拟吐尔逊试例那孜样例古扎丽";

std::string person_name(std::size_t index, Chance& chance) {
    const std::string surname = pick(kSurnames, chance);
    const std::string first = pick(kGivenFirst, chance);
    const std::string last = pick(kGivenLast, chance);
    const std::string one = pick(kTibetan, chance);
    const std::string two = pick(kTibetanLast, chance);
    if (index == 5) {
        return std::string{kLongName};
    }
    switch (index % 11) {
        case 3:
            return one + "\u00B7" + two;
        case 6:
            return one + two;
        case 7:
            return surname + first + std::string{kRare[index / 11 % kRare.size()]};
        case 9:
            return index % 2 == 0 ? std::string{kTibetanScript[index / 11 % kTibetanScript.size()]}
                                  : one + "\u00B7" + two + "\u00B7" + last;
        default:
            return surname + first + last;
    }
}

Person make_person(std::size_t index, Chance& chance) {
    Person person;
    person.name = person_name(index, chance);
    person.birth = day_between(1945, 1996, chance);
    const std::string division = std::string{kDivisions[index % kDivisions.size()]};
    // odd for men, even for women; below 996: those marked centenarians in 15-digit ids
    const auto sequence = static_cast<std::int64_t>(index) * 4 % 980 + (index % 2 == 0 ? 1 : 2);
    person.id = resident_id(division + person.birth + digits(sequence, 3));
    // 10x is assigned to no mobile operator
    person.phone = "10" + digits(static_cast<std::int64_t>(chance.below(1'000'000'000)), 9);
    return person;
}

constexpr std::array<std::string_view, 10> kTrades{"房地产经纪", "建筑工程", "商贸", "农牧业发展", "信息技术",
                                                   "餐饮管理",   "物业服务", "运输", "文化传播",   "医疗器械"};

Company make_company(std::size_t index, Chance& chance) {
    Company company;
    const std::string mark = pick(kGivenLast, chance) + pick(kGivenLast, chance);
    const std::string trade{kTrades[index % kTrades.size()]};
    // the number in the name keeps names apart; the long one fills 60 octets of GBK
    company.name = index == 9 ? "示例市样例第十九试验示范产业投资建设运营管理集团股份有限公司"
                              : "示例市" + mark + digits(static_cast<std::int64_t>(index), 3) + trade + "有限公司";
    const std::string organisation = "MA" + digits(static_cast<std::int64_t>(index) * 37 + 60001, 6);
    company.uscc = credit_code("91", kDivisions[index % kDivisions.size()], organisation);
    company.legal_person = index;
    company.type = index % 4 == 0 ? "1130" : index % 4 == 1 ? "1151" : index % 4 == 2 ? "1110" : "1153";
    company.state = index % 13 == 12 ? "4" : index % 29 == 28 ? "2" : "1";
    company.established = day_between(1999, 2021, chance);
    company.address = "示例市示范区样例路" + digits(static_cast<std::int64_t>(chance.below(400)) + 1, 1) + "号";
    company.capital_fen = (static_cast<std::int64_t>(chance.below(9000)) + 10) * 1'000'000;
    return company;
}

}  // namespace

std::size_t Chance::below(std::size_t bound) {
    // splitmix64: the same on every machine, unlike the standard library's distributions
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return static_cast<std::size_t>((z ^ (z >> 31U)) % bound);
}

std::string digits(std::int64_t value, int width) {
    std::array<char, 32> text{};
    const int size = std::snprintf(text.data(), text.size(), "%0*lld", width, static_cast<long long>(value));
    return std::string{text.data(), static_cast<std::size_t>(size)};
}

std::string day_between(int first_year, int last_year, Chance& chance) {
    const std::size_t years = static_cast<std::size_t>(last_year - first_year) + 1;
    const auto year = first_year + static_cast<std::int64_t>(chance.below(years));
    const auto month = static_cast<std::int64_t>(chance.below(12)) + 1;
    return digits(year, 4) + digits(month, 2) + digits(static_cast<std::int64_t>(chance.below(28)) + 1, 2);
}

std::optional<std::size_t> find_person(const Town& town, std::string_view name, std::string_view id) {
    for (std::size_t i = 0; i < kHouseholds; ++i) {
        if (comparable_id(town.persons[i].id) == comparable_id(id) &&
            comparable_name(town.persons[i].name) == comparable_name(name)) {
            return i;
        }
    }
    return std::nullopt;
}

std::optional<std::size_t> find_company(const Town& town, std::string_view name, std::string_view uscc) {
    for (std::size_t i = 0; i < kHouseholds; ++i) {
        if (town.companies[i].uscc == uscc && town.companies[i].name == name) {
            return i;
        }
    }
    return std::nullopt;
}

Company stall_of(const Town& town, std::size_t index) {
    const auto number = static_cast<std::int64_t>(index);
    Company stall = town.companies[index];
    stall.name = "示例市示范区样例" + digits(number, 3) + "号小吃店";
    stall.uscc = credit_code("92", kDivisions[index % kDivisions.size()], "MA" + digits(number * 41 + 10001, 6));
    stall.type = "9500";
    stall.capital_fen = (number % 20 + 1) * 1'000'000;
    return stall;
}

Person child_of(const Town& town, std::size_t index) {
    const std::size_t couple = index / 2;
    const Person& father = town.persons[couple * 2];
    Person child;
    child.name = "例" + std::string{kGivenLast[couple % kGivenLast.size()]} +
                 std::string{kGivenLast[(couple * 7 + 3) % kGivenLast.size()]};
    child.birth = digits(2011 + static_cast<std::int64_t>(couple) % 12, 4) + father.birth.substr(4);
    child.id =
        resident_id(father.id.substr(0, 6) + child.birth + digits(static_cast<std::int64_t>(couple) * 4 % 980 + 1, 3));
    return child;
}

std::string project_code_of(std::size_t index) {
    return "2401-" + std::string{kDivisions[index % kDivisions.size()]} + "-04-01-" +
           digits(100'003 + static_cast<std::int64_t>(index) * 37, 6);
}

std::string pay_code_of(std::size_t index) {
    return "99990124" + digits(static_cast<std::int64_t>(index) * 7 + 100'000, 12);
}

std::string birth_code_of(std::size_t index) {
    return "Z999901" + digits(static_cast<std::int64_t>(index) / 2 + 1, 6);
}

Town make_town() {
    Chance chance{999901};
    Town town;
    for (std::size_t i = 0; i < kHouseholds + kStrangers; ++i) {
        town.persons.push_back(make_person(i, chance));
    }
    for (std::size_t i = 0; i < kHouseholds; ++i) {
        town.companies.push_back(make_company(i, chance));
    }
    settle_flats(town, chance);
    settle_taxes(town, chance);
    settle_accounts(town, chance);
    settle_cases(town, chance);
    return town;
}

std::vector<std::string> every_name_and_number(const Town& town) {
    std::vector<std::string> all;
    for (const Person& person : town.persons) {
        all.insert(all.end(), {person.name, person.id, short_resident_id(person.id), person.phone});
    }
    for (const Company& company : town.companies) {
        all.insert(all.end(), {company.name, company.uscc});
    }
    for (std::size_t i = 0; i < kHouseholds; ++i) {
        const Company stall = stall_of(town, i);
        const Person child = child_of(town, i);
        all.insert(all.end(), {stall.name, stall.uscc, child.name, child.id});
    }
    for (const FundAccount& account : town.accounts) {
        all.push_back(account.number);
    }
    return all;
}

Demo demo_person() {
    const Town town = make_town();
    const Case& open = town.cases[kDemoHousehold];
    Demo demo;
    demo.person = town.persons[kDemoHousehold];
    demo.company = town.companies[kDemoHousehold];
    for (const CasePerson& person : open.persons) {
        if (person.is_company) {
            demo.agency = town.companies[person.index];
        } else if (person.role == "1") {
            demo.buyer = town.persons[person.index];
        }
    }
    demo.flat = town.flats[kDemoHousehold];
    demo.tax = town.taxes[kDemoHousehold];
    demo.account = town.accounts[kDemoHousehold];
    demo.case_number = open.number;
    return demo;
}

}  // namespace datong::departments
