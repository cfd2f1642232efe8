#include "examples/departments/legacy_text.h"
#include "examples/departments/systems.h"
#include "examples/departments/tiny_frame.h"

namespace datong::departments {
namespace {

constexpr std::size_t kHead = 20;  // 16 octets of ASCII, 4 of length in network order

std::string frame(std::string_view octets) {
    std::string out = "C522400000000000";
    for (const unsigned shift : {24U, 16U, 8U, 0U}) {
        out += static_cast<char>(octets.size() >> shift & 0xFFU);
    }
    return out.append(octets);
}

std::string loan_xml(const Town& town, std::size_t index) {
    const Person& person = town.persons[index];
    const Flat& flat = town.flats[index];
    const auto number = static_cast<std::int64_t>(index);
    const std::int64_t granted = flat.price_fen / 2;
    const int first = std::stoi(flat.registered.substr(0, 4));
    return "<LOAN>" +
           elements({{"JKHTBH", "GJJ" + flat.registered + fixed_number(number, 5)},
                     {"DKZH", "9999" + fixed_number(number + 800'000, 12)},
                     {"JKRXM", person.name},
                     {"JKRZJLX", "01"},
                     {"JKRZJH", index % 6 == 3 ? comparable_id(person.id) : person.id},
                     {"DKDBLX", index % 4 == 2 ? "03" : "01"},
                     {"DKHKFS", index % 2 == 0 ? "01" : "02"},
                     {"HTDKJE", yuan(granted)},
                     {"DKFFE", yuan(granted)},
                     {"DKFFRQ", flat.registered},
                     {"DKQS", "240"},
                     {"YDDQRQ", std::to_string(first + 20) + flat.registered.substr(4)},
                     {"JKHTLL", "0.0310000"},
                     {"DKYE", yuan(granted - granted / 240 * (number % 100))},
                     {"DKJQRQ", index % 20 == 19 ? dashed_day(flat.registered) : "99991231"},
                     {"LJYQQS", std::to_string(index % 12 == 11 ? 2 : 0)},
                     {"DKFXDJ", index % 12 == 11 ? "02" : "01"},
                     {"FWZL", flat.location},
                     {"FWJZMJ", yuan(flat.area_hundredths)},
                     {"FWZJ", yuan(flat.price_fen)},
                     {"DYWQZH", flat.certificate_no}}) +
           "</LOAN>";
}

std::string reply(std::string_view status, std::string_view code, std::string_view text, const std::string& loan) {
    return "<?xml version=\"1.0\" encoding=\"GBK\"?><MSG><HEAD>" +
           elements({{"TxStatus", std::string{status}},
                     {"RtnCode", std::string{code}},
                     {"RtnMessage", std::string{text}},
                     {"ReceiveDate", "20240630"},
                     {"ReceiveTime", "093000"}}) +
           "</HEAD><BODY>" + loan + "</BODY></MSG>";
}

std::string answer(const Town& town, std::string_view request, Trouble trouble) {
    const std::string xml = from_gb18030(request.substr(kHead));
    std::string told = reply("0", "00000", "成功", "");
    const auto found = find_person(town, element_text(xml, "JKRXM"), element_text(xml, "JKRZJH"));
    if (trouble == Trouble::token_expired) {
        told = reply("1", "2002", "未签到", "");
    } else if (element_text(xml, "TxCode") != "BDC903") {
        told = reply("1", "90001", "交易码不支持", "");
    } else if (!found) {
        told = reply("1", "10004", "无此借款人", "");
    } else {
        told = reply("0", "00000", "成功", loan_xml(town, told_instead(*found, trouble)));
    }
    return frame(trouble == Trouble::wrong_encoding ? told : to_gb18030(told));
}

}  // namespace

FrameHead settlement_head() {
    return {.octets = kHead, .whole = [](std::string_view head) -> std::optional<std::size_t> {
                std::size_t length = 0;
                for (const char c : head.substr(16)) {
                    length = length << 8U | static_cast<unsigned char>(c);
                }
                return head.substr(0, 6) == "C52240" ? std::optional{kHead + length} : std::nullopt;
            }};
}

FrameHandler settlement_server(const Town& town) {
    return [&town](std::string_view request, Trouble trouble) {
        return FrameTold{.octets = answer(town, request, trouble)};
    };
}

}  // namespace datong::departments
