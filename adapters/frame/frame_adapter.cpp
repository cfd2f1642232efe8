#include "adapters/frame/frame_adapter.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <utility>

#include "adapters/frame/layout.h"
#include "adapters/frame/line.h"
#include "core/adapter/reach.h"
#include "core/adapter/settings.h"
#include "core/base/text.h"

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
    std::string host;
    std::string port;
    std::chrono::milliseconds connect{};
    std::size_t max_reply{};
    Secret key;
    Layout request;
    Layout reply;
    std::map<std::string, Operation, std::less<>> operations;
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

class FrameAdapter final : public adapter::Adapter {
public:
    explicit FrameAdapter(Plan plan) : plan_{std::move(plan)} {}

    asio::awaitable<Result<Reply>> ask(Ask what, Errand errand) override {
        const auto operation = plan_.operations.find(what.operation);
        if (operation == plan_.operations.end()) {
            co_return fail(Fault::internal, "frame: no operation " + what.operation);
        }
        const auto values = values_of(plan_, operation->second, what.fields);
        if (!values) {
            co_return fail(values.error());
        }
        const auto value_of = [&values](const std::string& name) {
            const auto found = values->find(name);
            return found == values->end() ? nullptr : &found->second;
        };
        auto frame = plan_.request.write(value_of, what.body, plan_.key.reveal());
        if (!frame) {
            co_return fail(std::move(frame.error()));
        }
        auto body = co_await exchange(std::move(*frame), errand.deadline);
        if (!body) {
            co_return fail(std::move(body.error()));
        }
        Reply reply;
        reply.content_type = operation->second.content_type;
        reply.body = std::move(*body);
        co_return reply;
    }

    asio::awaitable<Result<adapter::Contact>> probe(Errand errand) override {
        auto reached = co_await adapter::reach(plan_.host, plan_.port, errand.deadline);
        if (!reached) {
            co_return fail(std::move(reached.error()));
        }
        co_return adapter::Contact::reachable;
    }

private:
    asio::awaitable<Result<std::string>> exchange(std::string frame, Deadline deadline) {
        const Deadline connect_until = std::chrono::steady_clock::now() + plan_.connect;
        auto line = co_await Line::open(plan_.host, plan_.port, connect_until, deadline);
        if (!line) {
            co_return fail(std::move(line.error()));
        }
        if (auto sent = co_await (*line)->send(std::move(frame)); !sent) {
            co_return fail(std::move(sent.error()));
        }
        auto answer = co_await receive(**line);
        if (!answer) {
            co_return fail(std::move(answer.error()));
        }
        co_return plan_.reply.body_of(*answer, plan_.key.reveal());
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

std::unique_ptr<adapter::Adapter> build(const Settings& settings, Mistakes& mistakes) {
    Plan plan{.host = settings.text("host"),
              .port = std::to_string(settings.whole("port")),
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
    return std::make_unique<FrameAdapter>(std::move(plan));
}

std::unique_ptr<adapter::Adapter> make(const yaml::Node& node, const adapter::Tools& /*tools*/, Mistakes& mistakes) {
    Mistakes own;
    const Settings settings = adapter::read_settings(node, kind(), own);
    std::unique_ptr<adapter::Adapter> made;
    if (!has_errors(own)) {
        made = build(settings, own);
    }
    if (has_errors(own)) {
        made.reset();
    }
    mistakes.insert(mistakes.end(), own.begin(), own.end());
    return made;
}

std::vector<Setting> part_settings() {
    return {{.name = "kind",
             .required = true,
             .help_en = "what the part is",
             .help_zh = "该段的种类",
             .choices = {"constant", "field", "length", "body", "mac"}},
            {.name = "text",
             .help_en = "a constant's octets, or a field's value by itself",
             .help_zh = "常量，或字段的缺省值"},
            {.name = "hex", .help_en = "a constant's octets in hexadecimal", .help_zh = "十六进制写出的常量"},
            {.name = "size",
             .kind = SettingKind::whole,
             .otherwise = "0",
             .help_en = "octets of a field or length",
             .help_zh = "字段或长度段的字节数",
             .least = 0,
             .most = 4096},
            {.name = "pad",
             .help_en = "how a field (blanks_right) or a length in digits (zeros_left) is filled up",
             .help_zh = "填充方式：字段默认右补空格，长度默认左补零",
             .choices = {"zeros_left", "blanks_left", "blanks_right"}},
            {.name = "form",
             .otherwise = "digits",
             .help_en = "how a length is written",
             .help_zh = "长度的写法：数字、大端、小端",
             .choices = {"digits", "big_endian", "little_endian"}},
            {.name = "covers",
             .kind = SettingKind::list,
             .help_en = "the parts that a length counts (all behind it) or a mac covers (the body), or all",
             .help_zh = "长度计入的段（默认其后全部）或校验值覆盖的段（默认 body），或 all"},
            {.name = "algorithm",
             .otherwise = "hmac_sha256",
             .help_en = "of a mac",
             .help_zh = "校验算法",
             .choices = {"hmac_sha256", "sha256_key_first", "sha256_key_last"}},
            {.name = "letters",
             .otherwise = "lower",
             .help_en = "how a mac is written; read in either case",
             .help_zh = "校验值的大小写；读取时不分",
             .choices = {"lower", "upper"}}};
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
             .entry = part_settings()},
            {.name = "reply",
             .kind = SettingKind::map,
             .help_en = "the parts of a reply; as the request's where it is not said",
             .help_zh = "答复报文各段；未写则同请求",
             .entry = part_settings()}};
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
