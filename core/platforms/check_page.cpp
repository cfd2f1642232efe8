#include "core/platforms/check_page.h"

#include <algorithm>
#include <array>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/crypto/digest.h"

namespace datong::platforms {
namespace {

using record::Record;

constexpr std::string_view kStyle = R"(
@page{size:A4;margin:18mm}
*{box-sizing:border-box}
body{margin:0;background:#f3f4f6;color:#1c2430;font:16px/1.6 "Noto Sans CJK SC","Source Han Sans SC","Microsoft YaHei",sans-serif}
main{max-width:46rem;margin:2rem auto;padding:2rem 2.4rem;background:#fff;border:1px solid #d5d9e0;border-top:6px solid #9b1c1c}
h1{margin:0 0 .2rem;font-size:1.5rem}
.en{color:#5a6575;font-size:.86em}
header p{margin:0 0 1.2rem}
label{display:block;margin:1rem 0 .3rem;font-weight:600}
input{width:100%;padding:.6rem .7rem;border:1px solid #8b95a5;border-radius:3px;font:1.05rem/1.4 "Noto Sans Mono CJK SC","DejaVu Sans Mono",monospace}
button{margin-top:1.4rem;padding:.6rem 2rem;border:0;border-radius:3px;background:#9b1c1c;color:#fff;font:inherit;font-weight:600}
.note{padding:.7rem .9rem;border-left:4px solid #9b1c1c;background:#fdf2f2}
.verdict{margin:1.2rem 0;padding:.8rem 1rem;border:2px solid #1d6b3f;color:#1d6b3f;font-size:1.2rem;font-weight:700}
.verdict.no,.verdict.over{border-color:#9a5b00;color:#9a5b00}
.verdict .en{color:inherit;font-weight:400}
table{width:100%;border-collapse:collapse}
th,td{padding:.45rem .5rem;border-bottom:1px solid #e3e6eb;text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{width:13.5rem;font-weight:600}
th .en,label .en{font-weight:400}
th .en{display:block;line-height:1.3}
td.code{font-family:"DejaVu Sans Mono",monospace;font-size:.86em}
footer{margin-top:1.4rem;color:#5a6575;font-size:.86em}
@media print{body{background:#fff;font-size:11pt}main{margin:0;border:0;max-width:none;padding:0}a{display:none}}
)";

std::string page(std::string_view title, std::string_view inside) {
    std::string html =
        "<!DOCTYPE html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>";
    html.append(title).append("</title><style>").append(kStyle).append("</style></head><body><main>\n");
    html.append(inside).append("</main></body></html>\n");
    return html;
}

std::string both(std::string_view zh, std::string_view en) {
    return escaped(zh) + " <span class=\"en\" lang=\"en\">" + escaped(en) + "</span>";
}

std::string heading(std::string_view gateway) {
    return "<header><h1>共享查验结果</h1><p class=\"en\">" + escaped(gateway) +
           " · <span lang=\"en\">Sharing result check</span></p></header>\n";
}

struct Word {
    std::string_view code;
    std::string_view zh;
    std::string_view en;
};
constexpr std::array kOutcomes{
    Word{"found", "查有记录", "a record was found"}, Word{"not_found", "查无记录", "no such record"},
    Word{"match", "核验一致", "what was asked is so"}, Word{"mismatch", "核验不一致", "what was asked is not so"}};

std::string outcome_of(const Record& shown) {
    const auto word = std::ranges::find(kOutcomes, shown.text_of("outcome"), &Word::code);
    return word == kOutcomes.end() ? escaped(shown.text_of("outcome")) : both(word->zh, word->en);
}

std::string listed(const Record* list) {
    std::string all;
    for (const Record& one : list != nullptr ? list->items() : Record::List{}) {
        all.append(all.empty() ? "" : "、").append(one.scalar());
    }
    return all;
}

std::string row(std::string_view zh, std::string_view en, std::string_view value, bool is_code = false) {
    return "<tr><th scope=\"row\">" + both(zh, en) + "</th><td" + (is_code ? " class=\"code\"" : "") + ">" +
           escaped(value.empty() ? "—" : value) + "</td></tr>\n";
}

/// A moment as people write it: to the second, by +08:00.
std::string moment(std::string_view rfc3339) {
    constexpr std::size_t kDate = 10;
    constexpr std::size_t kSecond = 19;
    return rfc3339.size() < kSecond ? std::string{rfc3339}
                                    : std::string{rfc3339.substr(0, kDate)} + ' ' +
                                          std::string{rfc3339.substr(kDate + 1, kSecond - kDate - 1)};
}

std::string verdict_of(const Record& shown, std::string_view today) {
    if (shown.text_of("valid_until") < today) {
        return "<p class=\"verdict over\">" + both("真实，但已过可用期限", "genuine, but its time is over") + "</p>\n";
    }
    const std::string outcome = shown.text_of("outcome");
    const bool is_no = outcome == "not_found" || outcome == "mismatch";
    return std::string{"<p class=\"verdict"} + (is_no ? " no" : "") + "\">真实有效：" + outcome_of(shown) + "</p>\n";
}

}  // namespace

std::string escaped(std::string_view text) {
    std::string html;
    for (const char c : text) {
        switch (c) {
            case '&':
                html += "&amp;";
                break;
            case '<':
                html += "&lt;";
                break;
            case '>':
                html += "&gt;";
                break;
            case '"':
                html += "&quot;";
                break;
            case '\'':
                html += "&#39;";
                break;
            default:
                html += c;
        }
    }
    return html;
}

std::string check_form(std::string_view gateway, std::string_view note) {
    std::string inside = heading(gateway);
    if (!note.empty()) {
        inside.append("<p class=\"note\" role=\"alert\">").append(note).append("</p>\n");
    }
    inside +=
        "<form method=\"post\" action=\"/check\" autocomplete=\"off\">\n"
        "<label for=\"exchange\">交换编号 <span class=\"en\" lang=\"en\">exchange id</span></label>"
        "<input id=\"exchange\" name=\"exchange\" required maxlength=\"36\" "
        "placeholder=\"01a200c9-f381-7000-8000-000000000000\">\n"
        "<label for=\"code\">一次性查验码 <span class=\"en\" lang=\"en\">one-time code</span></label>"
        "<input id=\"code\" name=\"code\" required maxlength=\"20\" placeholder=\"7K4M-9QWX-2BTD\">\n"
        "<button type=\"submit\">查验 Check</button>\n</form>\n"
        "<footer>查验码只能用一次。本页不显示任何人员信息。<br><span lang=\"en\">A code is good once. No personal data "
        "is "
        "shown here.</span></footer>\n";
    return page("共享查验结果", inside);
}

std::string result_page(const Record& shown, std::chrono::system_clock::time_point now) {
    constexpr std::size_t kDate = 10;
    const std::string at = to_rfc3339(now);
    std::string inside = heading(shown.text_of("gateway")) + verdict_of(shown, at.substr(0, kDate)) + "<table>\n";
    inside += row("共享服务", "service", shown.text_of("service") + " " + shown.text_of("service_en"));
    inside += row("签发方", "issuer", shown.text_of("issuer"));
    inside += row("签发方统一社会信用代码", "issuer's code", shown.text_of("uscc"), true);
    inside += row("截至", "as of", moment(shown.text_of("as_of")));
    inside += row("查询范围：登记簿", "registers", listed(shown.find("registers")));
    inside += row("查询范围：区划", "divisions", listed(shown.find("divisions")), true);
    inside += row("提供给", "given to", shown.text_of("consumer"));
    inside += row("只用于事项", "for this matter only", shown.text_of("matter"));
    inside += row("只用于办件", "for this case only", shown.text_of("case_number"), true);
    inside += row("用途代码", "purpose", shown.text_of("purpose"), true);
    inside += row("可用至", "may be used until", shown.text_of("valid_until"));
    inside += row("交换编号", "exchange", shown.text_of("exchange"), true);
    inside += row("证明文件摘要", "SHA-256 of the certificate", shown.text_of("certificate_sha256"), true);
    inside +=
        "</table>\n<footer>查验时间 " + escaped(moment(at)) +
        "。本次查验后查验码失效。结果由上列部门签发，内容以调用方所存答复为准；本页不显示人员信息。<br>"
        "<span lang=\"en\">Checked at the time above; the code is used up. The content is in the consumer's answer, "
        "which the issuer signed.</span></footer>\n";
    return page("共享查验结果", inside);
}

std::string refused_page(std::string_view gateway, const sharing::Book::Checked& checked) {
    if (checked.finding == sharing::Book::Finding::used) {
        const std::string at = moment(to_rfc3339(checked.used));
        return check_form(gateway,
                          "该查验码已于 " + at +
                              " 使用过，不再显示结果；如非本人查验，请联系提供该结果的部门。<br>"
                              "<span lang=\"en\">This code was used at that time. If it was not you, tell who gave "
                              "you the result.</span>");
    }
    if (checked.finding == sharing::Book::Finding::over) {
        return check_form(
            gateway,
            "该查验码已过期；请持有结果的部门重新查询。<br><span lang=\"en\">The code's time is over: have the "
            "service asked anew.</span>");
    }
    return check_form(
        gateway,
        "没有与此编号和查验码相符的结果；请核对后再试。<br><span lang=\"en\">No result has this id and code: "
        "check both and try again.</span>");
}

std::string content_security_policy() {
    return "default-src 'none'; style-src 'sha256-" + to_base64(crypto::sha256(kStyle)) +
           "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
}

}  // namespace datong::platforms
