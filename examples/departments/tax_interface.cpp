#include "examples/departments/legacy_text.h"
#include "examples/departments/systems.h"

namespace datong::departments {
namespace {

constexpr std::size_t kPdfOctets = 1'200'000;

Told reply(std::string_view code, std::string_view message, const std::string& body) {
    const std::string xml = "<resws>" +
                            elements({{"tran_id", "CSSNJ.WS.FCJY.A020"}, {"channel_id", "BDC"}, {"tran_seq", "0"}}) +
                            "<rtn_msg>" + elements({{"Code", std::string{code}}, {"Message", std::string{message}}}) +
                            "</rtn_msg>" + element("body", body) + "</resws>";
    return {.content_type = "text/xml;charset=UTF-8",
            .body = soap_envelope("<ns:invokeTaskResponse xmlns:ns=\"http://ws.tax.example/\"><ns:return>" +
                                  xml_escaped(xml) + "</ns:return></ns:invokeTaskResponse>")};
}

std::string taxbizml(std::string_view code, std::string_view message, const std::string& rest) {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><TAXBIZML>" +
           elements({{"FHM", std::string{code}}, {"FHXX", std::string{message}}}) + rest + "</TAXBIZML>";
}

/// A scanned voucher: the head of a PDF and octets that look like one, over a megabyte.
std::string scan_of(const Flat& flat) {
    std::string pdf = "%PDF-1.4\n% 契税完税凭证 " + flat.unit_no + "\n";
    std::uint32_t state = 1;
    while (pdf.size() < kPdfOctets) {
        state = state * 1'664'525U + 1'013'904'223U;
        pdf += static_cast<char>(state >> 24U);
    }
    return pdf + "\n%%EOF\n";
}

std::string receipt_xml(const Town& town, std::size_t index) {
    const Flat& flat = town.flats[index];
    const TaxFile& file = town.taxes[index];
    const std::int64_t due = flat.price_fen * 3 / 100;
    const std::int64_t less = index % 4 == 1 ? due / 3 : 0;
    const std::string fields =
        elements({{"SJBH", "SJ" + flat.registered + fixed_number(static_cast<std::int64_t>(index), 4)},
                  {"HTBH", "YS" + flat.registered.substr(0, 4) + fixed_number(static_cast<std::int64_t>(index), 6)},
                  {"SWJGDM", file.authority},
                  {"NSRSBH", town.persons[index].id},
                  {"NSRMC", town.persons[index].name},
                  {"SQRLB", "1"},
                  {"SPHM", file.voucher},
                  {"TDFWDZ", flat.location},
                  {"HDJSJG", yuan(flat.price_fen) + "00"},
                  {"YNSEHJ", yuan(due) + "00"},
                  {"JMSEHJ", yuan(less) + "00"},
                  {"SJYZHJ", yuan(due - less) + "00"},
                  {"WSZT", file.arrears ? "0" : "1"},
                  {"YHJKRKZT", file.arrears ? "0" : "1"},
                  {"JKRKSJ", file.arrears ? "" : file.issued + "101500"},
                  // a reason in GBK, percent-encoded inside UTF-8 XML
                  {"JMYY", less == 0 ? "" : percent_encoded(to_gb18030("首套住房减半征收"))}});
    // JSON with a PDF in Base64, put into the XML as it is
    return "<QSXX>" + fields + "</QSXX><QSWSFJXXLIST><FJLX>1001</FJLX><FJID>" + file.voucher +
           "</FJID><WJSJ>{\"YXWJ\":\"" + to_base64(scan_of(flat)) + "\"}</WJSJ></QSWSFJXXLIST>";
}

}  // namespace

Handler tax_interface(const Town& town) {
    return [&town](const Asked& asked, Trouble trouble) -> Told {
        if (asked.method != "POST" || asked.path != "/services/TaskService") {
            return {.status = 404, .content_type = "text/plain", .body = "no such service"};
        }
        if (trouble == Trouble::token_expired) {
            return reply("2002", "渠道令牌失效", "");
        }
        const std::string xml = element_text(asked.body, "xml");
        const auto found = find_person(town, element_text(xml, "NSRMC"), element_text(xml, "NSRSBH"));
        if (!found) {
            return reply("1", "成功", taxbizml("1", "没有契税申报信息", ""));
        }
        return reply("1", "成功", taxbizml("0", "", receipt_xml(town, told_instead(*found, trouble))));
    };
}

}  // namespace datong::departments
