#include "core/access/rules.h"

#include <array>
#include <utility>

namespace datong::access {
namespace {

struct Row {
    Rule why;
    std::string_view code;
    int status;
    std::string_view title_zh;
    std::string_view title_en;
};

constexpr std::array kRows{
    Row{Rule::application_invalid, "application_invalid", 422, "申请有误", "The application has mistakes"},
    Row{Rule::application_unknown, "application_unknown", 404, "没有这份申请", "There is no such application"},
    Row{Rule::wrong_state, "wrong_state", 409, "申请目前的状态不允许此操作",
        "This does not go with the application's state"},
    Row{Rule::validity_over, "validity_over", 409, "申请的有效期已过, 须先补正",
        "What is applied for is over; it has to be changed first"},
    Row{Rule::applicant_approves, "applicant_approves", 403, "申请人不能审批自己的申请",
        "Who applied does not approve"},
    Row{Rule::approved_twice, "approved_twice", 403, "本账号已批准过, 须由另一人审批",
        "This account has approved already; another person has to"},
    Row{Rule::capacity_filled, "capacity_filled", 403, "该单位已批准, 尚待其他方审批",
        "Its side has approved already; the others have to"},
    Row{Rule::not_an_approver, "not_an_approver", 403, "只有数据所属部门和安全管理员可以审批",
        "Only a department whose data it is, and security, decide about it"},
    Row{Rule::accounts_off, "accounts_off", 409, "须先启用账号: admin.accounts: required",
        "Accounts are off, and nobody can be two persons: admin.accounts: required"},
    Row{Rule::digest_missing, "digest_missing", 400, "须写明所读文本的摘要: datong access show ID 会打印, 再用 --of",
        "Say which text was read: datong access show ID prints its sha256, for --of"},
    Row{Rule::changed_meanwhile, "changed_meanwhile", 409, "申请已被改动, 请重新阅读后再审批",
        "The application was changed since it was read; read it again"},
    Row{Rule::too_many, "too_many", 409, "申请或其经过过多", "Too many applications or steps"},
};

}  // namespace

tl::unexpected<accounts::Problem> refuse(Rule why, std::string detail) {
    const Row& row = kRows.at(static_cast<std::size_t>(why));
    return tl::unexpected{accounts::Problem{.code = row.code,
                                            .status = row.status,
                                            .title_zh = row.title_zh,
                                            .title_en = row.title_en,
                                            .detail = std::move(detail)}};
}

}  // namespace datong::access
