#include "core/accounts/problem.h"

#include <array>
#include <utility>

namespace datong::accounts {
namespace {

struct Row {
    Refused why;
    std::string_view code;
    int status;
    std::string_view title_zh;
    std::string_view title_en;
};

constexpr std::array kRows{
    Row{Refused::not_signed_in, "not_signed_in", 401, "请先登录: datong login", "Sign in first: datong login"},
    Row{Refused::session_over, "session_over", 401, "会话已结束, 请重新登录: datong login",
        "The session is over; sign in again: datong login"},
    Row{Refused::sign_in_refused, "sign_in_refused", 401, "账号、口令或动态口令不正确",
        "Account, password or second factor is not right"},
    Row{Refused::account_locked, "account_locked", 403, "账号已锁定, 请稍后再试或由安全管理员解锁",
        "The account is locked; wait, or have a security administrator unlock it"},
    Row{Refused::too_many_attempts, "too_many_attempts", 429, "此地址登录过于频繁, 请稍后再试",
        "Too many attempts from this address; try again later"},
    Row{Refused::password_to_change, "password_to_change", 403, "请先修改初始口令: datong account password",
        "Change the first password before anything else: datong account password"},
    Row{Refused::role_missing, "role_missing", 403, "本账号的角色无权执行此操作",
        "This account's role may not do this"},
    Row{Refused::roles_unknown, "roles_unknown", 422, "没有这个角色", "There is no such role"},
    Row{Refused::roles_conflict, "roles_conflict", 422, "三员角色互斥, 不能同属一个账号",
        "These roles restrain each other and can't be held by one account"},
    Row{Refused::own_account, "own_account", 403, "不能变更自己的账号, 请由另一名安全管理员办理",
        "Nobody changes what they themselves may do; ask another security administrator"},
    Row{Refused::other_organisation, "other_organisation", 403, "不属于本账号所在的单位",
        "It belongs to another organisation"},
    Row{Refused::outside_territory, "outside_territory", 403, "不在本账号的区划内",
        "It lies outside this account's territory"},
    Row{Refused::reason_missing, "reason_missing", 400, "须写明理由: --reason", "Say why: --reason"},
    Row{Refused::reason_unfit, "reason_unfit", 422, "理由过长或含有个人号码",
        "The reason is too long, or holds what may be a person's number"},
    Row{Refused::account_unknown, "account_unknown", 404, "没有这个账号", "There is no such account"},
    Row{Refused::account_exists, "account_exists", 409, "账号已存在", "There is such an account already"},
    Row{Refused::account_changed, "account_changed", 409, "账号刚被他人变更, 请重试",
        "Somebody changed the account meanwhile; look again, then repeat"},
    Row{Refused::account_unfit, "account_unfit", 422, "账号资料不合规", "Something of the account is not acceptable"},
    Row{Refused::password_unfit, "password_unfit", 422, "口令不合规", "The password is not acceptable"},
    Row{Refused::x509_unfit, "x509_unfit", 422, "客户端证书不可用", "The client certificate can't be used"},
    Row{Refused::second_person_needed, "second_person_needed", 403,
        "同一人不能既给口令又给动态口令, 请由另一名安全管理员办理, 或由本人先更换另一项",
        "One person gives nobody both factors: have another security administrator do it, or the owner renew the other "
        "one first"},
    Row{Refused::others_can_help, "others_can_help", 409, "还有其他安全管理员, 请由其办理",
        "There is another security administrator, who can renew it"},
};

const Row& row_of(Refused why) {
    return kRows.at(static_cast<std::size_t>(why));
}

}  // namespace

Problem problem_of(Refused why, std::string detail) {
    const Row& row = row_of(why);
    return {.code = row.code,
            .status = row.status,
            .title_zh = row.title_zh,
            .title_en = row.title_en,
            .detail = std::move(detail)};
}

tl::unexpected<Problem> refuse(Refused why, std::string detail, std::string_view recorded) {
    Problem problem = problem_of(why, std::move(detail));
    problem.recorded = recorded;
    return tl::unexpected{std::move(problem)};
}

Problem problem_of(const Error& why) {
    const FaultRow& row = datong::row_of(why.fault());
    return {.code = row.code,
            .status = row.status,
            .title_zh = row.title_zh,
            .title_en = row.title_en,
            .detail = why.detail(),
            .retry_after = why.retry_after()};
}

}  // namespace datong::accounts
