#include "examples/departments/drop_folder.h"
#include "examples/departments/legacy_text.h"
#include "examples/departments/systems.h"

namespace datong::departments {
namespace {

/// One record of 120 octets and its line end; columns are of the widths that README.md lists.
std::string record(std::string columns) {
    return fixed_column(std::move(columns), 120) + "\r\n";
}

std::string head(const TaxFile& file, Trouble trouble) {
    const std::string name = trouble == Trouble::wrong_encoding ? file.name : to_gb18030(file.name);
    return record('H' + fixed_column(file.voucher, 20) + fixed_column(file.taxpayer, 20) + fixed_column(name, 60) +
                  file.issued + file.authority);
}

std::string trailer(std::size_t count, std::int64_t total_fen, char flag) {
    return record('T' + fixed_number(static_cast<std::int64_t>(count), 6) + fixed_number(total_fen, 15) + flag);
}

std::string reply_of(const TaxFile& file, Trouble trouble) {
    std::string out = head(file, trouble);
    std::int64_t total = 0;
    for (const TaxItem& item : file.items) {
        std::string line = 'D' + item.code + item.from + item.to + fixed_number(item.basis_fen, 15) +
                           fixed_number(item.rate_of_10000, 6) + fixed_number(item.paid_fen, 15) + item.paid_on;
        out += trouble == Trouble::malformed ? line + "\r\n" : record(std::move(line));
        total += item.paid_fen;
    }
    return out + trailer(file.items.size(), total, file.arrears ? 'Y' : 'N');
}

/// H repeats what was asked, the flag of T is 'X': no such taxpayer.
std::string unknown_taxpayer(const std::string& id, const std::string& name, const std::string& today) {
    return record('H' + fixed_column("", 20) + fixed_column(id, 20) + fixed_column(to_gb18030(name), 60) + today +
                  "19999010000") +
           trailer(0, 0, 'X');
}

std::string answer_to(const Town& town, const std::string& request, Trouble trouble) {
    const std::string id = element_text(request, "SBH");
    const std::string name = element_text(request, "MC");
    for (std::size_t i = 0; i < town.taxes.size(); ++i) {
        const TaxFile& file = town.taxes[i];
        if (comparable_id(file.taxpayer) == comparable_id(id) && comparable_name(file.name) == comparable_name(name)) {
            const std::size_t told = trouble == Trouble::wrong_person ? (i + 1) % town.taxes.size() : i;
            return reply_of(town.taxes[told], trouble);
        }
    }
    return unknown_taxpayer(id, name, "20240630");
}

}  // namespace

DropOffice tax_office(const Town& town) {
    return {
        .reply_name = [](const std::string& name) -> std::optional<std::string> {
            constexpr std::string_view kRequest = ".req";
            if (!name.ends_with(kRequest)) {
                return std::nullopt;
            }
            return name.substr(0, name.size() - kRequest.size()) + ".dat";
        },
        .answer = [&town](const std::string& request, Trouble trouble) { return answer_to(town, request, trouble); }};
}

}  // namespace datong::departments
