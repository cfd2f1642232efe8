#include "examples/departments/drop_folder.h"
#include "examples/departments/legacy_text.h"
#include "examples/departments/systems.h"

namespace datong::departments {
namespace {

constexpr std::string_view kColumns =
    "姓名,身份证号,残疾人证号,残疾类别,残疾等级,监护人,监护人电话,首次发证日期,换证日期,有效期至,发证机关,证件状态,"
    "家庭住址";

/// The last field of the second line of a CSV, or the one before it.
std::string field_of(std::string_view csv, std::size_t which) {
    const std::size_t line = csv.find('\n');
    std::string_view rest = line == std::string_view::npos ? std::string_view{} : csv.substr(line + 1);
    rest = rest.substr(0, rest.find_first_of("\r\n"));
    for (; which > 0; --which) {
        rest.remove_prefix(std::min(rest.size(), std::min(rest.find(','), rest.size() - 1) + 1));
    }
    return std::string{rest.substr(0, rest.find(','))};
}

std::string card_line(const Town& town, std::size_t index, Trouble trouble) {
    const Person& person = town.persons[index];
    const std::string kind = std::to_string(index % 7 + 1);
    const std::string level = std::to_string(index % 4 + 1);
    std::string line = person.name + ',' + person.id + ',' + person.id + kind + level + ',' + kind + ',' + level + ',' +
                       town.persons[spouse_of(index)].name + ',' + town.persons[spouse_of(index)].phone + ',' +
                       unpadded_day("20150603", "/", "/") + ',' + "2023/6/3,20330602,\"示例市残疾人联合会\",有效,";
    if (trouble != Trouble::malformed) {
        line += '"' + town.flats[index].location + "\"";
        return line + "\r\n";
    }
    return line.substr(0, line.rfind(',', line.size() - 2)) + "\r\n";  // two columns short
}

std::string answer(const Town& town, const std::string& request, Trouble trouble) {
    const std::string csv = from_gb18030(request);
    std::string out{kColumns};
    out += "\r\n";
    if (const auto found = find_person(town, field_of(csv, 0), field_of(csv, 1))) {
        out += card_line(town, told_instead(*found, trouble), trouble);
    }
    return trouble == Trouble::wrong_encoding ? out : to_gb18030(out);
}

}  // namespace

DropOffice disabled_federation(const Town& town) {
    // names of files in GBK too: 残疾人证_查询_NUMBER.csv brings 残疾人证_结果_NUMBER.csv
    return {.reply_name = [](const std::string& name) -> std::optional<std::string> {
                const std::string ask = to_gb18030("残疾人证_查询_");
                if (!name.starts_with(ask)) {
                    return std::nullopt;
                }
                return to_gb18030("残疾人证_结果_") + name.substr(ask.size());
            },
            .answer = [&town](const std::string& request, Trouble trouble) { return answer(town, request, trouble); }};
}

}  // namespace datong::departments
