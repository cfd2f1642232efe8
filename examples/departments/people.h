#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace datong::departments {

/// Someone who does not exist. Ids are of the reserved division 9999xx with valid check characters.
struct Person {
    std::string name;   ///< Han, Tibetan with separator dots, Tibetan script, or with rare characters; UTF-8
    std::string id;     ///< 18 characters (GB 11643), upper case; even numbers are men, odd ones women
    std::string birth;  ///< yyyymmdd, in the years 19xx
    std::string phone;
};

struct Company {
    std::string name;
    std::string uscc;            ///< GB 32100
    std::size_t legal_person{};  ///< index into Town::persons
    std::string type;            ///< ENTTYPE: "1130"
    std::string state;           ///< REGSTATE: "1"
    std::string established;     ///< yyyymmdd
    std::string address;
    std::int64_t capital_fen{};
};

/// A flat's holder: exactly one of person and company counts, by `is_company`.
struct Holder {
    bool is_company{};
    std::size_t index{};
    int percent{};  ///< of the shares where GYFS is "2", else 0
};

struct Flat {
    std::string unit_no;         ///< 28 characters (GB/T 37346)
    std::string certificate_no;  ///< 藏(2023)示例市不动产权第0000001号
    std::string certificate_id;  ///< GB/T 36904; empty for old paper certificates
    std::string division;        ///< 6 digits
    std::string location;
    int area_hundredths{};  ///< of a square metre
    std::string use;        ///< GHYT
    int floor{};
    std::int64_t price_fen{};  ///< whole multiples of 100 yuan
    std::string land_from;     ///< yyyymmdd
    std::string land_to;       ///< yyyymmdd; "99991231": without end
    std::string ownership;     ///< GYFS: 0 sole, 1 joint, 2 by shares
    std::string state;         ///< QSZT: 1 current
    bool mortgaged{};
    bool seized{};
    std::string registered;       ///< yyyymmdd
    std::vector<Holder> holders;  ///< the first is the person of the same index
};

struct TaxItem {
    std::string code;  ///< ZSXM: "10119"
    std::string from;  ///< yyyymmdd
    std::string to;
    std::int64_t basis_fen{};
    int rate_of_10000{};
    std::int64_t paid_fen{};
    std::string paid_on;
};

struct TaxFile {
    std::string voucher;   ///< PZHM, 18 digits
    std::string taxpayer;  ///< resident id or credit code, 18 characters
    std::string name;
    std::string issued;     ///< yyyymmdd
    std::string authority;  ///< SWJG, 11 digits
    bool arrears{};
    std::vector<TaxItem> items;
};

struct FundAccount {
    std::string number;  ///< GRZH, 12 digits
    std::size_t person{};
    std::string stored_id;     ///< 18 characters, or the 15 of an account opened before 1999's standard reached it
    std::size_t employer{};    ///< index into Town::companies
    std::string state;         ///< GRZHZT: 01 normal, 02 sealed
    std::string opened;        ///< yyyymmdd
    std::string paid_through;  ///< yyyymm
    std::int64_t base_fen{};
    int percent{};  ///< of each side
    std::int64_t balance_fen{};
};

struct CasePerson {
    std::string role;  ///< "1" applicant, "2" holder of the right (subject), "3" agent
    bool is_company{};
    std::size_t index{};
};

struct Case {
    std::string number;
    std::string matter;    ///< legacy item code: "BDC-0200"
    std::string state;     ///< 3 and 8 open; 11, 12 done; 15 withdrawn
    std::string accepted;  ///< yyyy-MM-dd HH:mm:ss
    std::vector<CasePerson> persons;
};

inline constexpr std::size_t kHouseholds =
    220;  ///< persons, companies, flats, tax files and accounts that belong together
inline constexpr std::size_t kStrangers = 20;  ///< persons that no department knows

/// The synthetic city: person i owns flat i, pays taxes[i], saves in accounts[i], legally represents
/// companies[i] and is the subject of cases[i], for every i below kHouseholds.
struct Town {
    std::vector<Person> persons;
    std::vector<Company> companies;
    std::vector<Flat> flats;
    std::vector<TaxFile> taxes;  ///< of the persons, then of the companies
    std::vector<FundAccount> accounts;
    std::vector<Case> cases;
};

/// Who of the households has that id and that name; none for strangers and for nobody.
[[nodiscard]] std::optional<std::size_t> find_person(const Town& town, std::string_view name, std::string_view id);
[[nodiscard]] std::optional<std::size_t> find_company(const Town& town, std::string_view name, std::string_view uscc);

// What every household has besides, derived from its number: the same for all departments.

/// The stall that person i runs (个体工商户); `legal_person` is i.
[[nodiscard]] Company stall_of(const Town& town, std::size_t index);
/// Persons are married in pairs; even numbers are men, odd ones women.
[[nodiscard]] constexpr std::size_t spouse_of(std::size_t index) {
    return index % 2 == 0 ? index + 1 : index - 1;
}
/// The child of a couple, born after 2010.
[[nodiscard]] Person child_of(const Town& town, std::size_t index);
/// The investment project (GB/T 40058: 24 characters) of company i.
[[nodiscard]] std::string project_code_of(std::size_t index);
/// The payment code (缴款码) of household i's registration fee.
[[nodiscard]] std::string pay_code_of(std::size_t index);
/// The number of the birth certificate of a couple's child.
[[nodiscard]] std::string birth_code_of(std::size_t index);

/// The implementation code (实施编码) of the transfer of existing homes.
inline constexpr const char* kTransferItem = "11999901MB0000019U4000715001000";

/// The same city for every call on every machine.
[[nodiscard]] Town make_town();

/// Names, ids and credit codes of everybody, and the 15-digit ids: nothing of it may stand in a log.
[[nodiscard]] std::vector<std::string> every_name_and_number(const Town& town);

inline constexpr std::size_t kDemoHousehold = 1;  ///< sole holder, no arrears, normal account

/// One household that has everything, with an open case for existing-home-transfer: `person` sells
/// `flat` to `buyer`, and `agency` acts for them.
struct Demo {
    Person person;
    Person buyer;
    Company company;  ///< that `person` legally represents
    Company agency;
    Flat flat;
    TaxFile tax;
    FundAccount account;
    std::string case_number;
};
[[nodiscard]] Demo demo_person();

}  // namespace datong::departments
