#include <algorithm>

#include "examples/departments/ids.h"
#include "examples/departments/legacy_text.h"
#include "examples/departments/systems.h"

namespace datong::departments {
namespace {

Told soap_fault(std::string_view code, std::string_view text) {
    return {.status = 500,
            .content_type = "text/xml;charset=UTF-8",
            .body = soap_envelope("<soap:Fault>" + element("faultcode", code) + element("faultstring", text) +
                                  "</soap:Fault>")};
}

/// The inner document declares GBK although it travels as UTF-8 text.
Told reply(std::string_view operation, std::string_view code, std::string_view message, const std::string& data) {
    const std::string inner = "<?xml version=\"1.0\" encoding=\"GBK\"?><RESPONSE><HEAD>" + element("CODE", code) +
                              element("MSG", message) + "</HEAD>" + data + "</RESPONSE>";
    return {.status = 200,
            .content_type = "text/xml;charset=UTF-8",
            .body = soap_envelope("<ns:" + std::string{operation} +
                                  "Response xmlns:ns=\"http://ws.land.gov/\"><return><![CDATA[" + inner +
                                  "]]></return></ns:" + std::string{operation} + "Response>")};
}

/// Dates stand as the clerk's program of that year wrote them.
std::string date_as_written(const std::string& day, std::size_t style) {
    const std::string year = day.substr(0, 4);
    const std::string month = day.substr(4, 2);
    const std::string number = day.substr(6, 2);
    switch (style % 4) {
        case 0:
            return year + '-' + month + '-' + number;
        case 1:
            return year + '/' + std::to_string(std::stoi(month)) + '/' + std::to_string(std::stoi(number));
        case 2:
            return day;
        default:
            return year + '-' + month + '-' + number + " 00:00:00";
    }
}

std::string unit_as_written(const std::string& unit, std::size_t style) {
    return style % 3 != 0
               ? unit
               : unit.substr(0, 6) + ' ' + unit.substr(6, 6) + ' ' + unit.substr(12, 7) + ' ' + unit.substr(19);
}

std::string with_wide_digits(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c >= '0' && c <= '9') {
            out += "\xEF\xBC";
            out += static_cast<char>(0x90 + (c - '0'));  // U+FF10 to U+FF19
        } else {
            out += c;
        }
    }
    return out;
}

std::string id_as_written(const Person& person, std::size_t style) {
    if (style % 8 == 4) {
        return short_resident_id(person.id);
    }
    std::string id = person.id;
    std::transform(id.begin(), id.end(), id.begin(), [](char c) { return c == 'X' ? 'x' : c; });
    return id;
}

std::string name_as_written(const std::string& name, std::size_t style) {
    constexpr std::string_view kDot = "\u00B7";
    std::string out = name;
    for (std::size_t at = out.find(kDot); style % 2 == 1 && at != std::string::npos; at = out.find(kDot, at)) {
        out.replace(at, kDot.size(), "\u2022");
    }
    return out;
}

std::string holder_xml(const Town& town, const Holder& holder) {
    std::string out = "<QLR>";
    if (holder.is_company) {
        const Company& company = town.companies[holder.index];
        out += element("QLRMC", company.name) + element("ZJZL", holder.index % 2 == 0 ? "7" : "8") +
               element("ZJH", company.uscc);
    } else {
        const Person& person = town.persons[holder.index];
        out += element("QLRMC", name_as_written(person.name, holder.index)) + element("ZJZL", "1") +
               element("ZJH", id_as_written(person, holder.index));
    }
    out += element("QLBL", holder.percent == 0 ? "" : std::to_string(holder.percent) + "%");
    out += element("DH", holder.is_company ? "无" : town.persons[holder.index].phone);
    return out + "</QLR>";
}

std::string flat_xml(const Town& town, std::size_t index) {
    const Flat& flat = town.flats[index];
    std::string out = "<DATA><BDCQ>";
    out += element("YWH", flat.registered + fixed_number(static_cast<std::int64_t>(index), 4));
    out += element("BDCDYH", unit_as_written(flat.unit_no, index)) + element("BDCQZH", flat.certificate_no);
    out += element("QXDM", flat.division) + element("QLLX", "4");
    out += element("ZL", index % 5 == 0 ? with_wide_digits(flat.location) + " " : flat.location);
    out += element("JZMJ", yuan(flat.area_hundredths)) + element("GHYT", flat.use);
    out += element("SZC", std::to_string(flat.floor)) + element("JYJG", ten_thousand_yuan(flat.price_fen));
    out += element("TDSYQSSJ", flat.land_from) + element("TDSYJSSJ", flat.land_to);
    out += element("GYFS", flat.ownership) + element("QSZT", flat.state);
    out += element("DYZT", flat.mortgaged ? "1" : "0") + element("CFZT", flat.seized ? "1" : "0");
    out += element("DJJG", "示例市不动产登记中心") + element("DJSJ", date_as_written(flat.registered, index));
    out += element("DZZZBS", flat.certificate_id) + element("FJ", "/") + "<QLRS>";
    for (const Holder& holder : flat.holders) {
        out += holder_xml(town, holder);
    }
    return out + "</QLRS></BDCQ></DATA>";
}

bool is_holder(const Town& town, const Holder& holder, const std::string& id, const std::string& name) {
    const std::string& own_id = holder.is_company ? town.companies[holder.index].uscc : town.persons[holder.index].id;
    const std::string& own_name =
        holder.is_company ? town.companies[holder.index].name : town.persons[holder.index].name;
    return comparable_id(own_id) == comparable_id(id) && comparable_name(own_name) == comparable_name(name);
}

struct Wanted {
    std::string division;
    std::string unit_no;
    std::string name;
    std::string id;
};

/// The flat that the person heads, or else one that they share in; the number of flats when none fits.
std::size_t find_flat(const Town& town, const Wanted& wanted) {
    std::size_t shared = town.flats.size();
    for (std::size_t i = 0; i < town.flats.size(); ++i) {
        const Flat& flat = town.flats[i];
        if (flat.division != wanted.division || (!wanted.unit_no.empty() && flat.unit_no != wanted.unit_no)) {
            continue;
        }
        if (is_holder(town, flat.holders.front(), wanted.id, wanted.name)) {
            return i;
        }
        const auto holds = [&](const Holder& holder) { return is_holder(town, holder, wanted.id, wanted.name); };
        if (shared == town.flats.size() && std::any_of(flat.holders.begin(), flat.holders.end(), holds)) {
            shared = i;
        }
    }
    return shared;
}

/// As the national report has them: each row an element named by its table, its columns attributes, "/" for nothing.
std::string encumbrance_xml(const Town& town, std::size_t index) {
    const Flat& flat = town.flats[index];
    const auto number = static_cast<std::int64_t>(index);
    const std::string unit = flat.unit_no;
    const std::string owner = town.persons[flat.holders.front().index].name;
    std::string out = "<DATA><BDCDY" +
                      attributes({{"BDCDYH", unit},
                                  {"QXDM", flat.division},
                                  {"ZL", flat.location},
                                  {"BDCQZH", flat.certificate_no},
                                  {"QLRMC", owner},
                                  {"ZJH", id_as_written(town.persons[flat.holders.front().index], index)}}) +
                      "/>";
    if (flat.mortgaged || index % 6 == 1) {
        const std::string from = flat.registered;
        out += "<QLF_QL_DYAQ" +
               attributes(
                   {{"YSDM", "6002030100"},
                    {"BDCDYH", unit},
                    {"YWH", from + fixed_number(number, 4)},
                    {"DYBDCLX", "2"},
                    {"DYR", owner},
                    {"DYQR", "示例银行股份有限公司示例市分行"},
                    {"DJLX", "100"},
                    {"DYFS", index % 12 == 11 ? "2" : "1"},
                    {"BDBZZQSE", ten_thousand_yuan(flat.price_fen / 2)},
                    {"ZGZQSE", index % 12 == 11 ? ten_thousand_yuan(flat.price_fen * 6 / 10) : "/"},
                    {"ZWLXQSSJ", from},
                    {"ZWLXJSSJ", std::to_string(std::stoi(from.substr(0, 4)) + 20) + from.substr(4)},
                    {"BDCDJZMH", "藏（" + from.substr(0, 4) + "）示例市不动产证明第" + fixed_number(number, 7) + "号"},
                    {"DYQSW", "1"},
                    {"DJSJ", date_as_written(from, index)},
                    {"ZXSJ", "/"},
                    {"QSZT", "1"}}) +
               "/>";
    }
    if (flat.seized || index % 31 == 1) {
        out += "<QLF_QL_CFDJ" +
               attributes({{"YSDM", "6002040300"},
                           {"BDCDYH", unit},
                           {"YWH", "CF" + fixed_number(number, 8)},
                           {"CFJG", "示例市示范区人民法院"},
                           {"CFLX", index % 62 == 61 ? "2" : "1"},
                           {"CFWJ", "执行裁定书"},
                           {"CFWH", "（2024）示9901执" + std::to_string(index + 1) + "号"},
                           {"CFQSSJ", "20240108"},
                           {"CFJSSJ", "20270107"},
                           {"CFFW", "全部"},
                           {"DJSJ", "2024-01-08"},
                           {"JFDJSJ", flat.seized ? "/" : "2024-03-01"},
                           {"QSZT", flat.seized ? "1" : "2"}}) +
               "/>";
    }
    return out + "</DATA>";
}

Told answer(const Town& town, const std::string& operation, const std::string& xml, Trouble trouble) {
    if (trouble == Trouble::token_expired) {
        return reply(operation, "2002", "令牌已失效", "");
    }
    const Wanted wanted{.division = element_text(xml, "QXDM"),
                        .unit_no = element_text(xml, "BDCDYH"),
                        .name = element_text(xml, "QLRMC"),
                        .id = element_text(xml, "ZJH")};
    if (wanted.id.empty() || wanted.name.empty() || element_text(xml, "CXMDDM").empty()) {
        return reply(operation, "9001", "查询条件不完整", "");
    }
    const std::size_t found = find_flat(town, wanted);
    if (found == town.flats.size()) {
        return reply(operation, "1001", "无记录", "");
    }
    const std::size_t told = told_instead(found, trouble);
    return reply(operation, "0000", "成功",
                 operation == "getBdcInfo" ? flat_xml(town, told) : encumbrance_xml(town, told));
}

}  // namespace

Handler land_registry(const Town& town) {
    return [&town](const Asked& asked, Trouble trouble) -> Told {
        if (asked.method != "POST" || asked.path != "/services/BdcService") {
            return {.status = 404, .content_type = "text/plain", .body = "no such service"};
        }
        const std::string xml = element_text(asked.body, "arg0");
        for (const char* operation : {"getBdcInfo", "getBdcState"}) {
            if (!xml.empty() && !element_text(asked.body, operation).empty()) {
                return answer(town, operation, xml, trouble);
            }
        }
        return soap_fault("soap:Client", "找不到操作或参数");
    };
}

}  // namespace datong::departments
