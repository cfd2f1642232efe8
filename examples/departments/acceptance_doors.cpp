#include "examples/departments/acceptance_doors.h"

#include <array>
#include <string_view>

#include "examples/departments/legacy_text.h"
#include "examples/departments/nontax_frame.h"

namespace datong::departments {
namespace {

using Word = Said::Word;
using Way = Said::Way;

constexpr std::string_view kDigest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr std::string_view kPage = "<html><body>系统升级中</body></html>";

/// One department's codes.
struct Codes {
    std::array<std::string_view, 6> words;   ///< in the order of Said::Word
    std::array<std::string_view, 5> states;  ///< for "0" to "4"

    [[nodiscard]] std::string of(Word word) const { return std::string{words.at(static_cast<std::size_t>(word))}; }
    [[nodiscard]] std::string of(const AcceptedCase& one) const {
        return std::string{states.at(static_cast<std::size_t>(one.state.front() - '0'))};
    }
};
constexpr Codes kLand{{"0", "404", "503", "E01", "E02", "E77"}, {"0", "1", "2", "3", "4"}};
constexpr Codes kTax{{"0", "1", "9", "E01", "E02", "E77"}, {"01", "02", "03", "04", "05"}};
constexpr Codes kFinance{{"00000", "18012", "2002", "18101", "18102", "18177"}, {"10", "20", "30", "40", "50"}};
// states of the national item table: 3 accepted, 5 not taken, 6 correction, 11 done
constexpr std::array<std::string_view, 5> kConstruction{"0", "3", "6", "11", "5"};
constexpr const char* kConstructionRefused = "5";

std::string_view message_of(Word word) {
    constexpr std::array<std::string_view, 6> kMessages{"成功",           "无此办件",   "系统忙，请稍后再试",
                                                        "办件编号不合规", "参数不完整", "?"};
    return kMessages.at(static_cast<std::size_t>(word));
}

bool is_done(const Said& said) {
    return said.about && said.about->state == "3";
}

/// What HTTP makes of what was said.
Told over_http(const Said& said, std::string content_type, std::string body) {
    switch (said.way) {
        case Way::reset:
            return {.status = kReset, .content_type = {}, .body = {}};
        case Way::hanging:
            return {.status = kHang, .content_type = {}, .body = {}};
        case Way::page:
            return {.status = 200, .content_type = "text/html", .body = std::string{kPage}};
        default:
            return {.status = said.way == Way::bus_timeout ? 504 : 200,
                    .content_type = std::move(content_type),
                    .body = std::move(body)};
    }
}

Told told_json(const Said& said, const std::string& data) {
    return over_http(
        said, Told{}.content_type,
        json_object(
            {{"code", json_quoted(kLand.of(said.word))}, {"msg", json_quoted(message_of(said.word))}, {"data", data}}));
}

std::string case_json(const AcceptedCase& one) {
    return json_object({{"bjbh", json_quoted(one.case_number)},
                        {"slh", json_quoted("SL-" + one.serial)},
                        {"zt", json_quoted(kLand.of(one))},
                        {"yy", one.reason.empty() ? "null" : json_quoted(one.reason)},
                        {"slsj", json_quoted("2026-11-20 09:30:00")},
                        {"zjhm", json_quoted(one.id_no)}});
}

std::string document_json(const AcceptedCase& one) {
    return json_texts({{"bjbh", one.case_number},
                       {"zjhm", one.id_no},
                       {"wsbh", "示例受理〔2026〕1号"},
                       {"wsmc", "准予登记通知书"},
                       {"fzrq", "20261120"},
                       {"wjzy", std::string{kDigest}}});
}

Told answer_form(AcceptanceDesk& desk, const std::string& name, std::string_view operation, const Asked& asked) {
    if (operation == "/result") {
        const auto cases = desk.cases(name);
        const auto found = cases.find(asked.value("bjbh"));
        const Said said = found == cases.end() ? Said{.word = Word::none} : Said{.about = found->second};
        return is_done(said) ? told_json(said, document_json(*said.about)) : told_json({.word = Word::none}, "null");
    }
    if (operation != "/push" && operation != "/find") {
        return {.status = 404, .content_type = "text/plain", .body = "no such interface"};
    }
    const Said said = operation == "/find" ? desk.find(name, asked.value("bjbh"))
                                           : desk.push(name, {.serial = asked.value("lsh"),
                                                              .case_number = asked.value("bjbh"),
                                                              .id_no = asked.value("zjhm")});
    return told_json(said, said.about ? case_json(*said.about) : "null");
}

std::string task_xml(const AcceptedCase& one) {
    return "<RW>" +
           elements({{"SJBH", one.case_number},
                     {"SLH", "SW" + one.serial},
                     {"RWZT", kTax.of(one)},
                     {"YY", one.reason},
                     {"SLSJ", "20261120093000"},
                     {"NSRSBH", one.id_no}}) +
           (one.state == "3" ? elements({{"WSBH", "示税受理〔2026〕1号"},
                                         {"WSMC", "税务事项办结通知书"},
                                         {"FZRQ", "2026-11-20"},
                                         {"WJZY", std::string{kDigest}}})
                             : std::string{}) +
           "</RW>";
}

Told answer_soap(AcceptanceDesk& desk, const Asked& asked) {
    const std::string xml = element_text(asked.body, "xml");
    const std::string number = element_text(xml, "SJBH");
    const std::string task = element_text(xml, "FWBM");
    if (task != "A001" && task != "A003") {
        return {.status = 404, .content_type = "text/plain", .body = "no such service"};
    }
    const Said said = task == "A003" ? desk.find("tax", number)
                                     : desk.push("tax", {.serial = element_text(xml, "LSH"),
                                                         .case_number = number,
                                                         .id_no = element_text(xml, "NSRSBH")});
    const std::string inner = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><TAXBIZML>" +
                              elements({{"FHM", kTax.of(said.word)}, {"FHXX", std::string{message_of(said.word)}}}) +
                              (said.about ? task_xml(*said.about) : std::string{}) + "</TAXBIZML>";
    return over_http(said, "text/xml;charset=UTF-8",
                     soap_envelope("<invokeTaskResponse>" + element("return", inner) + "</invokeTaskResponse>"));
}

std::string voucher_xml(const AcceptedCase& one) {
    return "<Case>" +
           elements({{"CaseCode", one.case_number},
                     {"AcceptCode", "CZ" + one.serial},
                     {"CaseStat", kFinance.of(one)},
                     {"Reason", one.reason},
                     {"AcceptTime", "20261120093000"},
                     {"PayerCode", one.id_no}}) +
           (one.state == "3" ? elements({{"DocNo", "示财缴〔2026〕1号"},
                                         {"DocName", "非税收入缴款通知书"},
                                         {"DocDate", "20261120"},
                                         {"DocDigest", std::string{kDigest}}})
                             : std::string{}) +
           "</Case>";
}

Said finance_said(AcceptanceDesk& desk, const std::string& xml) {
    const std::string number = element_text(xml, "CaseCode");
    return element_text(xml, "MsgNo") == "8802" ? desk.find("finance", number)
                                                : desk.push("finance", {.serial = element_text(xml, "SerialNo"),
                                                                        .case_number = number,
                                                                        .id_no = element_text(xml, "PayerCode")});
}

}  // namespace

Handler acceptance_systems(AcceptanceDesk& desk) {
    return [&desk](const Asked& asked, Trouble) -> Told {
        const auto slash = asked.path.find('/', 1);
        if (asked.path.empty() || slash == std::string::npos) {
            return {.status = 404, .content_type = "text/plain", .body = "no such interface"};
        }
        const std::string name = asked.path.substr(1, slash - 1);
        return name == "tax" ? answer_soap(desk, asked) : answer_form(desk, name, asked.path.substr(slash), asked);
    };
}

FrameHandler finance_cases(AcceptanceDesk& desk) {
    return [&desk](std::string_view request, Trouble) -> FrameTold {
        const auto xml = open_nontax(request);
        if (!xml) {
            return {.octets = nontax_answer("99999", "报文校验失败", "")};
        }
        const Said said = finance_said(desk, *xml);
        switch (said.way) {
            case Way::reset:
                return {.octets = {}, .instead = Trouble::reset};
            case Way::hanging:
                return {.octets = {}, .instead = Trouble::hang};
            case Way::page:
                return {.octets = std::string{kPage}};
            default:
                return {.octets = nontax_answer(kFinance.of(said.word), message_of(said.word),
                                                said.about ? voucher_xml(*said.about) : std::string{})};
        }
    };
}

std::optional<std::vector<std::string>> construction_receipt(const Said& said, const std::string& id_no) {
    if (said.way != Way::answered || said.word == Word::busy || said.word == Word::none) {
        return std::nullopt;
    }
    if (!said.about) {
        return std::vector<std::string>{
            "", said.word == Word::unlisted ? "77" : kConstructionRefused, "", "2026-11-20 09:30:00", id_no, "", "", "",
            ""};
    }
    const AcceptedCase& one = *said.about;
    const auto where_done = [&](std::string_view text) { return one.state == "3" ? std::string{text} : std::string{}; };
    return std::vector<std::string>{"ZJ" + one.serial,
                                    std::string{kConstruction.at(static_cast<std::size_t>(one.state.front() - '0'))},
                                    one.reason,
                                    "2026-11-20 09:30:00",
                                    one.id_no,
                                    where_done("示建许〔2026〕1号"),
                                    where_done("房屋交易审核意见书"),
                                    where_done("2026年11月20日"),
                                    where_done(kDigest)};
}

}  // namespace datong::departments
