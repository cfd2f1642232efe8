#include "adapters/queue/queue_adapter.h"

#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "adapters/queue/connection.h"
#include "core/adapter/pattern.h"
#include "core/adapter/settings.h"
#include "core/async/wait.h"
#include "core/base/text.h"

namespace datong::adapters::queue {
namespace {

namespace asio = boost::asio;
using adapter::Ask;
using adapter::Contact;
using adapter::Errand;
using adapter::Pattern;
using adapter::Reply;
using adapter::Setting;
using adapter::SettingKind;
using adapter::Settings;

constexpr std::size_t kMostKept = 16;
constexpr std::size_t kMostShortText = 255;  ///< octets of a name in the protocol

struct Operation {
    std::string exchange;
    std::string routing_key;
    std::string content_type;
    bool persistent{};
    std::vector<std::pair<std::string, Pattern>> headers;
};

/// The connections of one source; each serves one call at a time. May be used from many threads; blocks.
class Connections {
public:
    explicit Connections(Broker broker) : broker_{std::move(broker)} {}

    Result<Reply> call(const Message& message, Deadline deadline, Line& line) {
        auto connection = take(deadline, line);
        if (!connection) {
            return fail(std::move(connection.error()));
        }
        auto reply = (*connection)->call(message, deadline);
        give_back(std::move(*connection));
        return reply;
    }

    Status probe(Deadline deadline, Line& line) {
        auto connection = take(deadline, line);
        if (!connection) {
            return fail(std::move(connection.error()));
        }
        give_back(std::move(*connection));
        return {};
    }

private:
    struct Kept {
        std::unique_ptr<Connection> connection;
        Deadline since;
    };

    /// A kept one is looked at first, so that a broker's restart costs no call. Nobody answers heartbeats on an idle
    /// one: before the broker misses the second it is given up. A call that nobody waits for takes none.
    Result<std::unique_ptr<Connection>> take(Deadline deadline, Line& line) {
        while (line.look()) {
            std::optional<Kept> kept = pop();
            if (!kept) {
                return Connection::open(broker_, line, deadline);
            }
            const bool is_fresh = std::chrono::steady_clock::now() - kept->since < broker_.heartbeat;
            if (is_fresh && kept->connection->is_there(line)) {
                return std::move(kept->connection);
            }
        }
        return fail(Fault::department_timeout, "the call was given up before it had a connection");
    }

    std::optional<Kept> pop() {
        const std::scoped_lock lock{mutex_};
        if (kept_.empty()) {
            return std::nullopt;
        }
        std::optional<Kept> last{std::move(kept_.back())};
        kept_.pop_back();
        return last;
    }

    void give_back(std::unique_ptr<Connection> connection) {
        if (!connection->let_go()) {
            return;
        }
        const std::scoped_lock lock{mutex_};
        if (kept_.size() < kMostKept) {
            kept_.push_back({std::move(connection), std::chrono::steady_clock::now()});
        }
    }

    Broker broker_;
    std::mutex mutex_;
    std::vector<Kept> kept_;
};

Result<Message> message_for(const Operation& operation, Ask what, const Errand& errand) {
    Message message{.exchange = operation.exchange,
                    .routing_key = operation.routing_key,
                    .content_type = operation.content_type.empty() ? what.content_type : operation.content_type,
                    .id = errand.exchange,
                    .persistent = operation.persistent,
                    .headers = {},
                    .body = std::move(what.body)};
    if (message.id.size() > kMostShortText || message.content_type.size() > kMostShortText) {
        return fail(Fault::request_invalid, "the exchange's id or the content type is too long for a message");
    }
    for (const auto& [name, pattern] : operation.headers) {
        auto value = pattern.fill([&](const std::string& field) -> Result<std::string> {
            if (field == "exchange") {
                return errand.exchange;
            }
            if (what.fields.find(field) == nullptr) {
                return fail(Fault::request_invalid, "field " + field + " is missing");
            }
            return what.fields.text_of(field);
        });
        if (!value) {
            return fail(std::move(value.error()));
        }
        message.headers.emplace_back(name, std::move(*value));
    }
    return message;
}

class QueueAdapter final : public adapter::Adapter {
public:
    QueueAdapter(Broker broker, std::map<std::string, Operation, std::less<>> operations,
                 std::shared_ptr<async::Pool> threads)
        : is_open_text_{broker.ca_file.empty() && broker.host != "127.0.0.1" && broker.host != "localhost"},
          connections_{std::make_shared<Connections>(std::move(broker))},
          operations_{std::move(operations)},
          threads_{std::move(threads)} {}

    asio::awaitable<Result<Reply>> ask(Ask what, Errand errand) override {
        const auto operation = operations_.find(what.operation);
        if (operation == operations_.end()) {
            co_return fail(Fault::internal, "queue has no operation " + what.operation);
        }
        auto message = message_for(operation->second, std::move(what), errand);
        if (!message) {
            co_return fail(std::move(message.error()));
        }
        const Deadline deadline = errand.deadline;
        const auto line = std::make_shared<Line>();
        std::function<Result<Reply>()> work = [connections = connections_, message = std::move(*message),
                                               place = std::move(errand.place), deadline,
                                               line] { return connections->call(message, deadline, *line); };
        const Watch watch{co_await asio::this_coro::executor, line};
        co_return co_await async::on_pool<Reply>(*threads_, std::move(work), deadline);
    }

    asio::awaitable<Result<Contact>> probe(Errand errand) override {
        const Deadline deadline = errand.deadline;
        const auto line = std::make_shared<Line>();
        std::function<Status()> work = [connections = connections_, place = errand.place, deadline, line] {
            return connections->probe(deadline, *line);
        };
        const Watch watch{co_await asio::this_coro::executor, line};
        auto reached = co_await async::on_pool<void>(*threads_, std::move(work), deadline);
        if (!reached) {
            co_return fail(std::move(reached.error()));
        }
        co_return Contact::authenticated;
    }

    [[nodiscard]] std::vector<adapter::Warning> warnings() const override {
        if (!is_open_text_) {
            return {};
        }
        return {{.text_zh = "未启用 TLS (ca): 口令与消息以明文传输",
                 .text_en = "no TLS (ca): password and messages go in the clear"}};
    }

private:
    bool is_open_text_;
    std::shared_ptr<Connections> connections_;
    std::map<std::string, Operation, std::less<>> operations_;
    std::shared_ptr<async::Pool> threads_;
};

Operation read_operation(const Settings& settings, Mistakes& mistakes) {
    Operation made{.exchange = settings.text("exchange"),
                   .routing_key = settings.text("routing_key"),
                   .content_type = settings.text("content_type"),
                   .persistent = settings.flag("persistent"),
                   .headers = {}};
    for (const std::string* name : {&made.exchange, &made.routing_key, &made.content_type}) {
        if (name->size() > kMostShortText) {
            mistakes.push_back(adapter::mistake_at(settings.where("routing_key"), "名称超过 255 字节",
                                                   "a name has more than 255 bytes"));
        }
    }
    for (const auto& [name, value] : settings.map("headers")) {
        auto pattern = Pattern::parse(value.reveal());
        if (!pattern || name.size() > kMostShortText) {
            mistakes.push_back(
                adapter::mistake_at(settings.where("headers"), "headers 的 " + name + " 占位符有误或过长",
                                    "headers: " + name + " has a broken place or is too long", "{FIELD}"));
            continue;
        }
        made.headers.emplace_back(name, std::move(*pattern));
    }
    return made;
}

Broker read_broker(const Settings& settings, const adapter::Tools& tools, Mistakes& mistakes) {
    const auto file = [&](std::string_view name) {
        // it is there, and a key is kept, said at start
        if (name == "client_key") {
            static_cast<void>(adapter::read_secret_file(settings, name, tools, mistakes));
        } else {
            static_cast<void>(adapter::read_named_file(settings, name, tools, mistakes));
        }
        const std::string& path = settings.text(name);
        return path.empty() ? path : adapter::resolve(tools, path);
    };
    Broker broker{.host = settings.text("host"),
                  .port = 0,
                  .vhost = settings.text("vhost"),
                  .user = settings.text("user"),
                  .password = settings.secret("password"),
                  .ca_file = file("ca"),
                  .chain_file = file("client_chain"),
                  .key_file = file("client_key"),
                  .connect = settings.milliseconds("connect_ms"),
                  .heartbeat = std::chrono::seconds{settings.whole("heartbeat_s")},
                  .max_reply = static_cast<std::size_t>(settings.whole("max_reply"))};
    broker.port = settings.has("port")     ? static_cast<int>(settings.whole("port"))
                  : broker.ca_file.empty() ? 5672
                                           : 5671;
    if (broker.chain_file.empty() != broker.key_file.empty() || (!broker.key_file.empty() && broker.ca_file.empty())) {
        mistakes.push_back(adapter::mistake_at(settings.where("client_key"),
                                               "client_chain 与 client_key 须同时给出, 且须有 ca",
                                               "client_chain and client_key go together, and need ca"));
    }
    return broker;
}

std::unique_ptr<adapter::Adapter> make(const yaml::Node& node, const adapter::Tools& tools, Mistakes& mistakes) {
    Mistakes own;
    const Settings settings = adapter::read_settings(node, kind(), own);
    std::unique_ptr<adapter::Adapter> made;
    if (!has_errors(own)) {
        Broker broker = read_broker(settings, tools, own);
        std::map<std::string, Operation, std::less<>> operations;
        for (const auto& [name, operation] : settings.entries("operations")) {
            operations[name] = read_operation(operation, own);
        }
        made = std::make_unique<QueueAdapter>(std::move(broker), std::move(operations), tools.blocking);
    }
    const bool is_good = !has_errors(own);
    mistakes.insert(mistakes.end(), own.begin(), own.end());
    return is_good ? std::move(made) : nullptr;
}

Setting text(std::string name, std::string otherwise, std::string help_en, std::string help_zh,
             SettingKind kind = SettingKind::text) {
    return {.name = std::move(name),
            .kind = kind,
            .otherwise = std::move(otherwise),
            .help_en = std::move(help_en),
            .help_zh = std::move(help_zh)};
}

Setting whole(std::string name, std::string otherwise, std::int64_t least, std::int64_t most, std::string help_en,
              std::string help_zh) {
    Setting made =
        text(std::move(name), std::move(otherwise), std::move(help_en), std::move(help_zh), SettingKind::whole);
    made.least = least;
    made.most = most;
    return made;
}

Setting required(Setting setting) {
    setting.required = true;
    return setting;
}

std::vector<Setting> source_settings() {
    Setting password = required(text("password", "", "to sign in with", "登录口令"));
    password.secret = true;
    Setting connect = whole("connect_ms", "3000", 1, 60'000, "to the broker", "连接消息服务器的时限");
    connect.kind = SettingKind::milliseconds;
    return {required(text("host", "", "the broker", "消息服务器")),
            whole("port", "", 1, 65'535, "5672, with ca 5671", "端口；默认 5672，有 ca 时 5671"),
            text("vhost", "/", "virtual host", "虚拟主机"),
            required(text("user", "", "to sign in as", "登录用户")),
            std::move(password),
            text("ca", "", "PEM file: what the broker's certificate must lead to; with it TLS is used",
                 "服务器证书的信任锚 PEM；有则启用 TLS", SettingKind::file),
            text("client_chain", "", "PEM file for mutual TLS", "双向 TLS 的客户端证书链", SettingKind::file),
            text("client_key", "", "PEM file for mutual TLS", "双向 TLS 的客户端私钥", SettingKind::file),
            std::move(connect),
            whole("heartbeat_s", "20", 2, 600, "seconds between signs of life", "心跳间隔（秒）"),
            whole("max_reply", "4194304", 1, 1 << 30, "most bytes of a reply", "答复的最大字节数")};
}

std::vector<Setting> operation_settings() {
    return {text("exchange", "", "the broker's exchange; empty: the default one, by the queue's name",
                 "交换机；空则为默认交换机，按队列名投递"),
            required(text("routing_key", "", "routing key, or the queue's name", "路由键或队列名")),
            text("content_type", "", "of the message; left out: as the mapping says", "消息内容类型；不写则按映射"),
            text("persistent", "false", "the broker keeps the message on disk", "消息落盘", SettingKind::flag),
            text("headers", "", "headers of the message, with {exchange} and {FIELD}",
                 "消息头，可用 {exchange} 与 {字段}", SettingKind::map)};
}

}  // namespace

adapter::Kind kind() {
    return {.name = "queue",
            .version = "1.0.0",
            .status = "stable",
            .settings = source_settings(),
            .operation_settings = operation_settings(),
            .make = make};
}

}  // namespace datong::adapters::queue
