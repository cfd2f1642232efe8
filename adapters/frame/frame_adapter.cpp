#include "adapters/frame/frame_adapter.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <utility>

#include "adapters/frame/layout.h"
#include "adapters/frame/line.h"
#include "adapters/frame/session.h"
#include "core/adapter/reach.h"
#include "core/adapter/settings.h"
#include "core/base/text.h"
#include "core/outbound/keeper.h"
#include "core/telemetry/events.h"

namespace datong::adapters::frame {
namespace {

namespace asio = boost::asio;
using adapter::Ask;
using adapter::Errand;
using adapter::Reply;
using adapter::Setting;
using adapter::SettingKind;
using adapter::Settings;

struct Operation {
    std::map<std::string, std::string, std::less<>> values;  ///< of the request's fields
    std::string content_type;
};

/// Checked settings; never changed afterwards.
struct Plan {
    async::Resolver host;
    std::chrono::milliseconds connect{};
    std::size_t max_reply{};
    Secret key;
    Layout request;
    Layout reply;
    std::map<std::string, Operation, std::less<>> operations;
    std::unique_ptr<const Session> session;  ///< none: nobody signs in
};

/// What the mapping gave as fields, by name; a name that is no part of the request would vanish.
Result<std::map<std::string, std::string, std::less<>>> values_of(const Plan& plan, const Operation& operation,
                                                                  const record::Record& fields) {
    auto values = operation.values;
    const std::vector<std::string> names = plan.request.field_names();
    for (const record::Member& member : fields.members()) {
        if (std::ranges::find(names, member.name.view()) == names.end() || !member.value.is_scalar()) {
            return fail(Fault::request_invalid, "frame: the request has no part " + member.name + " for a scalar");
        }
        values[member.name.str()] = member.value.is_null() ? std::string{} : member.value.scalar();
    }
    return values;
}

using Values = std::map<std::string, std::string, std::less<>>;

class FrameAdapter final : public adapter::Adapter, private outbound::Lender {
public:
    FrameAdapter(Plan plan, const adapter::Tools& tools)
        : plan_{std::move(plan)}, clock_{tools.clock}, sink_{tools.sink}, keeper_{*this, tools.clock} {}

    asio::awaitable<Result<Reply>> ask(Ask what, Errand errand) override {
        const auto operation = plan_.operations.find(what.operation);
        if (operation == plan_.operations.end()) {
            co_return fail(Fault::internal, "frame: no operation " + what.operation);
        }
        const auto values = values_of(plan_, operation->second, what.fields);
        if (!values) {
            co_return fail(values.error());
        }
        Result<std::string> body;
        if (plan_.session == nullptr) {
            body = co_await ask_openly(*values, std::move(what.body), errand.deadline);
        } else {
            body = co_await ask_in_session(*values, std::move(what.body), errand);
        }
        if (!body) {
            co_return fail(std::move(body.error()));
        }
        Reply reply;
        reply.content_type = operation->second.content_type;
        reply.body = std::move(*body);
        co_return reply;
    }

    asio::awaitable<Result<adapter::Contact>> probe(Errand errand) override {
        auto reached = co_await adapter::reach(plan_.host, errand.deadline);
        if (!reached) {
            co_return fail(std::move(reached.error()));
        }
        if (plan_.session == nullptr) {
            co_return plan_.key.empty() ? adapter::Contact::anonymous : adapter::Contact::reachable;
        }
        const auto grant = co_await keeper_.get({}, errand.deadline);
        if (!grant) {
            co_return fail(grant.error());
        }
        co_return adapter::Contact{.step = adapter::Contact::Step::authenticated,
                                   .proof_zh = "签到已被接受, 工作密钥已取得",
                                   .proof_en = "the sign-in was taken, and brought its key"};
    }

    [[nodiscard]] std::vector<adapter::Warning> warnings() const override {
        return plan_.session == nullptr ? std::vector<adapter::Warning>{} : plan_.session->warnings();
    }

private:
    /// Signs in. One call does it for all.
    asio::awaitable<Result<outbound::Grant>> lend(std::string /*scope*/, outbound::GrantPtr /*last*/,
                                                  Deadline deadline) override {
        auto lent = co_await sign_in(deadline);
        emit(sink_, telemetry::SecretLent{.profile = "frame",
                                          .fault = lent ? std::string_view{} : row_of(lent.error().fault()).code});
        co_return lent;
    }

    asio::awaitable<Result<outbound::Grant>> sign_in(Deadline deadline) {
        const auto now = clock_.now();
        auto message = plan_.session->sign_in(std::to_string(to_unix_seconds(now)), now);
        if (!message) {
            co_return fail(std::move(message.error()));
        }
        Values values;
        for (const auto& [name, value] : plan_.session->values()) {
            values[name] = value.reveal();
        }
        const auto answer = co_await ask_openly(values, std::move(*message), deadline);
        if (!answer) {
            co_return fail(answer.error());
        }
        co_return plan_.session->grant_of(*answer, clock_.now());
    }

    asio::awaitable<Result<std::string>> ask_openly(Values values, std::string body, Deadline deadline) {
        auto answer = co_await exchange(values, std::move(body), plan_.key, deadline);
        if (!answer) {
            co_return answer;
        }
        co_return plan_.reply.body_of(*answer, plan_.key.reveal());
    }

    /// With the session's key; a key that the department does not know is fetched anew and the same question put once
    /// more, once. Never a submission: the word that the key is not known may come in the clear, where anybody on the
    /// way can say it of what was taken.
    asio::awaitable<Result<std::string>> ask_in_session(Values values, std::string body, Errand errand) {
        for (bool may_come_again = true;; may_come_again = false) {
            const auto grant = co_await keeper_.get({}, errand.deadline);
            if (!grant) {
                co_return fail(grant.error());
            }
            const Secret& key = (*grant)->secret;
            auto sealed = plan_.session->seal(body, key);
            if (!sealed) {
                co_return fail(std::move(sealed.error()));
            }
            const auto answer = co_await exchange(values, std::move(*sealed), mac_key(key), errand.deadline);
            if (!answer) {
                co_return answer;
            }
            auto opened = opened_answer(*answer, key);
            const bool is_expired = opened && plan_.session->is_expired(*opened);
            if (is_expired || !opened) {
                // what can't be read may be of another key: the next call signs in
                const bool may_help = keeper_.drop({}, *grant);
                if (is_expired && errand.once) {
                    co_return fail(Fault::department_invalid,
                                   "frame: the department says that it does not know the session's key; the question "
                                   "reached it and is not sent again");
                }
                if (is_expired && may_help && may_come_again) {
                    continue;
                }
            }
            co_return opened;
        }
    }

    [[nodiscard]] const Secret& mac_key(const Secret& key) const {
        return plan_.session->makes_macs() ? key : plan_.key;
    }

    /// Only the word that the key is not known may come in the clear.
    [[nodiscard]] Result<std::string> opened_answer(const std::string& answer, const Secret& key) const {
        const Session& session = *plan_.session;
        const bool is_enciphered = session.marks_enciphered(plan_.reply.field_of(answer, session.mark()));
        auto body = plan_.reply.body_of(answer, is_enciphered ? mac_key(key).reveal() : plan_.key.reveal());
        if (!body) {
            return body;
        }
        if (is_enciphered) {
            return session.open(*body, key);
        }
        return session.is_expired(*body) ? std::move(body)
                                         : fail(Fault::department_invalid, "frame: an answer in the clear");
    }

    /// @return the whole frame of the answer.
    asio::awaitable<Result<std::string>> exchange(Values values, std::string body, Secret key, Deadline deadline) {
        const auto value_of = [&values](const std::string& name) {
            const auto found = values.find(name);
            return found == values.end() ? nullptr : &found->second;
        };
        auto frame = plan_.request.write(value_of, body, key.reveal());
        if (!frame) {
            co_return frame;
        }
        co_return co_await carry(std::move(*frame), deadline);
    }

    asio::awaitable<Result<std::string>> carry(std::string frame, Deadline deadline) {
        const Deadline connect_until = std::chrono::steady_clock::now() + plan_.connect;
        auto line = co_await Line::open(plan_.host, connect_until, deadline);
        if (!line) {
            co_return fail(std::move(line.error()));
        }
        if (auto sent = co_await (*line)->send(std::move(frame)); !sent) {
            co_return fail(std::move(sent.error()));
        }
        co_return co_await receive(**line);
    }

    asio::awaitable<Result<std::string>> receive(Line& line) const {
        if (plan_.reply.head_size() == 0) {
            co_return co_await line.receive_all(plan_.max_reply);
        }
        auto head = co_await line.receive(plan_.reply.head_size());
        if (!head) {
            co_return head;
        }
        const auto size = plan_.reply.rest_size(*head);
        if (!size || *size > plan_.max_reply) {
            co_return size ? fail(Fault::department_invalid, "frame: longer than max_reply") : fail(size.error());
        }
        auto rest = co_await line.receive(*size);
        if (!rest) {
            co_return rest;
        }
        if (line.has_more()) {
            co_return fail(Fault::department_invalid, "frame: more octets than its length says");
        }
        co_return std::move(head->append(*rest));
    }

    Plan plan_;
    const Clock& clock_;
    telemetry::Sink& sink_;
    outbound::Keeper keeper_;
};

void read_operations(Plan& plan, const Settings& settings, Mistakes& mistakes) {
    const std::vector<std::string> names = plan.request.field_names();
    for (const auto& [name, entry] : settings.entries("operations")) {
        Operation operation{.content_type = entry.text("content_type")};
        for (const auto& [field, value] : entry.map("values")) {
            if (std::ranges::find(names, field) == names.end()) {
                mistakes.push_back(adapter::mistake_at(entry.where("values"), "request 中没有字段 " + field,
                                                       "request has no part of kind field called " + field,
                                                       nearest(field, names).value_or("")));
            }
            operation.values[field] = value.reveal();
        }
        plan.operations[name] = std::move(operation);
    }
}

void read_session(Plan& plan, const Settings& settings, Mistakes& mistakes) {
    const Settings* session = settings.group("session");
    if (session == nullptr) {
        return;
    }
    plan.session = Session::read(*session, mistakes);
    const auto check = [&](const Layout& layout, const std::string& name, const char* setting) {
        const std::vector<std::string> names = layout.field_names();
        if (!name.empty() && std::ranges::find(names, name) == names.end()) {
            mistakes.push_back(adapter::mistake_at(session->where(setting), "没有名为 " + name + " 的字段段",
                                                   "there is no part of kind field called " + name,
                                                   nearest(name, names).value_or("")));
        }
    };
    for (const auto& [name, value] : session->map("values")) {
        check(plan.request, name, "values");
    }
    check(plan.reply, session->text("mark"), "mark");
    if (session->flag("macs") && !(plan.request.has_mac() && plan.reply.has_mac())) {
        mistakes.push_back(adapter::mistake_at(session->where("macs"), "macs: true 而报文没有 kind: mac 的段",
                                               "macs: true, and the frames have no part of kind mac"));
    }
}

std::unique_ptr<adapter::Adapter> build(const Settings& settings, const adapter::Tools& tools, Mistakes& mistakes) {
    Plan plan{.host = {settings.text("host"), std::to_string(settings.whole("port")), tools.look_up},
              .connect = settings.milliseconds("connect_ms"),
              .max_reply = static_cast<std::size_t>(settings.whole("max_reply")),
              .key = settings.secret("mac_key")};
    plan.request = Layout::read(settings, "request", mistakes);
    plan.reply = settings.has("reply") ? Layout::read(settings, "reply", mistakes) : plan.request;
    if ((plan.request.has_mac() || plan.reply.has_mac()) && plan.key.empty()) {
        mistakes.push_back(adapter::mistake_at(settings.where("mac_key"), "有 kind: mac 的段时须给出 mac_key",
                                               "a part of kind mac needs mac_key", "mac_key: ${FINANCE_TOKEN}"));
    }
    read_operations(plan, settings, mistakes);
    read_session(plan, settings, mistakes);
    return std::make_unique<FrameAdapter>(std::move(plan), tools);
}

std::unique_ptr<adapter::Adapter> make(const yaml::Node& node, const adapter::Tools& tools, Mistakes& mistakes) {
    Mistakes own;
    const Settings settings = adapter::read_settings(node, kind(), own);
    std::unique_ptr<adapter::Adapter> made;
    if (!has_errors(own)) {
        made = build(settings, tools, own);
    }
    if (has_errors(own)) {
        made.reset();
    }
    mistakes.insert(mistakes.end(), own.begin(), own.end());
    return made;
}

std::vector<Setting> source_settings() {
    return {{.name = "host", .required = true, .help_en = "name or address", .help_zh = "主机名或地址"},
            {.name = "port",
             .kind = SettingKind::whole,
             .required = true,
             .help_en = "TCP port",
             .help_zh = "TCP 端口",
             .least = 1,
             .most = 65'535},
            {.name = "connect_ms",
             .kind = SettingKind::milliseconds,
             .otherwise = "3000",
             .help_en = "longest wait for the connection",
             .help_zh = "建立连接的最长等待",
             .least = 1,
             .most = 60'000},
            {.name = "max_reply",
             .kind = SettingKind::whole,
             .otherwise = "4194304",
             .help_en = "most octets of a reply",
             .help_zh = "答复的最大字节数",
             .least = 1,
             .most = 1 << 30},
            {.name = "mac_key", .secret = true, .help_en = "the key of mac parts", .help_zh = "校验值的密钥"},
            {.name = "request",
             .kind = SettingKind::map,
             .required = true,
             .help_en = "the parts of a request, in the order of the wire",
             .help_zh = "请求报文各段，按传输顺序",
             .entry = Layout::part_settings()},
            {.name = "reply",
             .kind = SettingKind::map,
             .help_en = "the parts of a reply; as the request's where it is not said",
             .help_zh = "答复报文各段；未写则同请求",
             .entry = Layout::part_settings()},
            {.name = "session",
             .kind = SettingKind::group,
             .help_en = "a sign-in that brings a key for the frames behind it",
             .help_zh = "签到：换取此后报文所用的工作密钥",
             .entry = Session::settings()}};
}

}  // namespace

adapter::Kind kind() {
    return {.name = "frame",
            .version = "1.0.0",
            .status = "alpha",
            .settings = source_settings(),
            .operation_settings = {{.name = "values",
                                    .kind = SettingKind::map,
                                    .help_en = "values of the request's fields",
                                    .help_zh = "请求各字段的值"},
                                   {.name = "content_type",
                                    .help_en = "what the mapping is told that the reply is",
                                    .help_zh = "告知映射的答复内容类型"}},
            .make = make};
}

}  // namespace datong::adapters::frame
