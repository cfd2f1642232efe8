#include "examples/departments/legacy_text.h"
#include "examples/departments/nontax_frame.h"
#include "examples/departments/systems.h"

namespace datong::departments {
namespace {

std::string voucher_xml(const Town& town, std::size_t index) {
    const Person& person = town.persons[index];
    const Flat& flat = town.flats[index];
    return "<Voucher>" +
           elements({{"AdmDivCode", flat.division},
                     {"PayCode", pay_code_of(index)},
                     {"BillDate", flat.registered},
                     {"ChgAgenCode", "018001"},
                     {"ChgAgenName", "示例市不动产登记中心"},
                     {"PayerName", person.name},
                     {"PayerCode", person.id},
                     {"Amt", "80.00"},
                     {"PayInfo", "103044550|不动产登记费|件|1|80.00#"},
                     {"RecAcctName", "示例市财政局非税收入专户"},
                     {"RecAcct", "9999000012345678"},
                     {"RecBank", "示例银行"},
                     {"PayStats", index % 5 == 4 ? "0" : "1"},
                     {"PayDate", index % 5 == 4 ? "" : flat.registered + "112233"}}) +
           "</Voucher>";
}

std::string voucher_body(const std::string& voucher) {
    return element("VoucherCount", voucher.empty() ? "0" : "1") + "<VoucherBody>" +
           (voucher.empty() ? "" : element("Voucher", voucher)) + "</VoucherBody>";
}

std::string answer(const Town& town, std::string_view request, Trouble trouble) {
    const bool to_gbk = trouble != Trouble::wrong_encoding;
    const auto told = [&](std::string_view result, std::string_view text, const std::string& voucher) {
        return nontax_answer(result, text, voucher_body(voucher), to_gbk);
    };
    const auto xml = open_nontax(request);
    if (!xml) {
        return told("99999", "报文校验失败", "");
    }
    if (trouble == Trouble::token_expired) {
        return told("2002", "未签到", "");
    }
    const std::string voucher = from_gb18030(from_base64(element_text(*xml, "Voucher")));
    const std::string code = element_text(voucher, "PayCode");
    for (std::size_t i = 0; i < kHouseholds; ++i) {
        if (pay_code_of(i) == code) {
            const std::string found = voucher_xml(town, told_instead(i, trouble));
            return told("00000", "成功", to_base64(to_gbk ? to_gb18030(found) : found));
        }
    }
    return told("18012", "缴款码不存在", "");
}

}  // namespace

FrameHandler nontax_server(const Town& town) {
    return [&town](std::string_view request, Trouble trouble) {
        return FrameTold{.octets = answer(town, request, trouble)};
    };
}

}  // namespace datong::departments
