#include "adapters/file/file_adapter.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "adapters/file/drop_folder.h"
#include "core/adapter/pattern.h"
#include "core/adapter/settings.h"
#include "core/async/wait.h"
#include "core/base/text.h"
#include "core/charset/charset.h"

namespace datong::adapters::file {
namespace {

namespace asio = boost::asio;
using adapter::Ask;
using adapter::Errand;
using adapter::Pattern;
using adapter::Reply;
using adapter::Setting;
using adapter::SettingKind;
using adapter::Settings;

constexpr std::size_t kMostNameBytes = 200;  // of the 255 that a file system takes, with room for ".tmp"

struct Operation {
    Pattern request;
    Pattern reply;
    std::string content_type;
};

using Operations = std::map<std::string, Operation, std::less<>>;

/// A field's part of a name: no separator, no control character, nothing that hides the file.
bool is_plain(std::string_view part) {
    const auto is_bad = [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '/' || c == '\\' || c == ':' || c == '*' ||
               c == '?' || c == '"' || c == '<' || c == '>' || c == '|';
    };
    return !part.empty() && is_utf8(part) && std::ranges::none_of(part, is_bad) &&
           part.find("..") == std::string_view::npos;
}

bool is_file_name(std::string_view name) {
    return !name.empty() && name.front() != '.' && name.find('/') == std::string_view::npos &&
           !ascii_lower(name).ends_with(".tmp") && name.size() <= kMostNameBytes;
}

/// @return the name in the folder's charset; Fault::request_invalid, naming the field only.
Result<std::string> name_for(const Pattern& pattern, const Ask& what, const Errand& errand, charset::Charset charset) {
    const auto value_of = [&](const std::string& name) -> Result<std::string> {
        const std::string value = name == "exchange" ? errand.exchange : what.fields.text_of(name);
        if (!is_plain(value)) {
            return fail(Fault::request_invalid, "field " + name + " can't stand in a file name");
        }
        return value;
    };
    auto name = pattern.fill(value_of);
    if (!name) {
        return fail(std::move(name.error()));
    }
    auto encoded = charset::encode(*name, charset);
    if (!encoded || !is_file_name(*encoded)) {
        return fail(Fault::request_invalid, "the fields make no file name");
    }
    return std::move(*encoded);
}

/// Reply names that calls wait for: two calls of one name would read each other's reply.
class Names {
public:
    [[nodiscard]] bool add(const std::string& name) {
        const std::scoped_lock lock{mutex_};
        return names_.insert(name).second;
    }
    void remove(const std::string& name) {
        const std::scoped_lock lock{mutex_};
        names_.erase(name);
    }

private:
    std::mutex mutex_;
    std::set<std::string> names_;
};

struct State {
    State(Folders folders, std::chrono::milliseconds settle, std::size_t max_reply)
        : folder{std::move(folders), settle, max_reply} {}

    DropFolder folder;
    Names waiting;
};

/// One call's request on its way. Unless nothing of it is left it is abandoned on the pool at the end,
/// also where the call is dropped in the middle.
class Request {
public:
    Request(std::shared_ptr<State> state, async::Pool& threads, std::string name, std::string reply)
        : state_{std::move(state)}, threads_{threads}, name_{std::move(name)}, reply_{std::move(reply)} {}
    Request(const Request&) = delete;
    Request& operator=(const Request&) = delete;
    ~Request() {
        if (over_) {
            state_->waiting.remove(reply_);
            return;
        }
        auto end = [state = state_, name = std::move(name_), reply = reply_]() -> async::Pool::Delivery {
            state->folder.abandon(name, reply);
            state->waiting.remove(reply);
            return {};
        };
        if (!threads_.post(std::move(end))) {
            state_->waiting.remove(reply_);  // what is left of it goes with the next sweep
        }
    }
    /// Its reply was taken, or it was never laid down.
    void over() { over_ = true; }

private:
    std::shared_ptr<State> state_;
    async::Pool& threads_;
    std::string name_;
    std::string reply_;
    bool over_{};
};

class FileAdapter final : public adapter::Adapter {
public:
    FileAdapter(std::shared_ptr<State> state, Operations operations, charset::Charset charset,
                std::chrono::milliseconds poll, std::shared_ptr<async::Pool> threads)
        : state_{std::move(state)},
          operations_{std::move(operations)},
          charset_{charset},
          poll_{poll},
          threads_{std::move(threads)} {}

    asio::awaitable<Result<Reply>> ask(Ask what, Errand errand) override {
        const auto operation = operations_.find(what.operation);
        if (operation == operations_.end()) {
            co_return fail(Fault::internal, "file has no operation " + what.operation);
        }
        auto name = name_for(operation->second.request, what, errand, charset_);
        auto reply = name_for(operation->second.reply, what, errand, charset_);
        if (!name || !reply) {
            co_return fail(std::move(name ? reply.error() : name.error()));
        }
        if (!state_->waiting.add(*reply)) {
            co_return fail(Fault::source_busy, "a call of that reply name is waiting");
        }
        Request request{state_, *threads_, *name, *reply};
        auto sent = co_await send(*name, *reply, std::move(what.body), errand);
        if (!sent) {
            if (sent.error().fault() != Fault::department_timeout) {
                request.over();
            }
            co_return fail(std::move(sent.error()));
        }
        auto bytes = co_await wait_for(*reply, errand);
        if (!bytes) {
            co_return fail(std::move(bytes.error()));
        }
        request.over();
        Reply answer;
        answer.content_type = operation->second.content_type;
        answer.body = std::move(*bytes);
        co_return answer;
    }

    asio::awaitable<Result<adapter::Contact>> probe(Errand errand) override {
        std::function<Status()> work = [state = state_, place = errand.place] {
            state->folder.sweep();
            return state->folder.check();
        };
        auto checked = co_await async::on_pool<void>(*threads_, std::move(work), errand.deadline);
        if (!checked) {
            co_return fail(std::move(checked.error()));
        }
        co_return adapter::Contact::authenticated;
    }

private:
    asio::awaitable<Status> send(std::string name, std::string reply, std::string body, Errand errand) {
        std::function<Status()> work = [state = state_, place = errand.place, name = std::move(name),
                                        reply = std::move(reply), body = std::move(body), deadline = errand.deadline] {
            return state->folder.send(name, reply, body, deadline);
        };
        co_return co_await async::on_pool<void>(*threads_, std::move(work), errand.deadline);
    }

    asio::awaitable<Result<std::string>> wait_for(std::string reply, Errand errand) {
        using Found = std::optional<std::string>;
        const auto seen = std::make_shared<Sighting>();
        while (std::chrono::steady_clock::now() < errand.deadline) {
            std::function<Result<Found>()> work = [state = state_, place = errand.place, reply, seen] {
                return state->folder.take(reply, *seen);
            };
            auto found = co_await async::on_pool<Found>(*threads_, std::move(work), errand.deadline);
            if (!found) {
                co_return fail(std::move(found.error()));
            }
            if (*found) {
                co_return std::move(**found);
            }
            co_await async::sleep_until(std::min(std::chrono::steady_clock::now() + poll_, errand.deadline));
        }
        co_return fail(Fault::department_timeout, "no reply file has come");
    }

    std::shared_ptr<State> state_;
    Operations operations_;
    charset::Charset charset_;
    std::chrono::milliseconds poll_;
    std::shared_ptr<async::Pool> threads_;
};

Pattern read_pattern(const Settings& settings, std::string_view setting, Mistakes& mistakes) {
    auto pattern = Pattern::parse(settings.text(setting));
    const std::string name{setting};
    if (!pattern) {
        mistakes.push_back(adapter::mistake_at(settings.where(setting), name + " 的占位符有误",
                                               name + ": " + pattern.error().detail()));
        return {};
    }
    if (pattern->names().empty() || settings.text(setting).find('/') != std::string::npos) {
        mistakes.push_back(adapter::mistake_at(settings.where(setting), name + " 应为含占位符的文件名",
                                               name + " must be a file name with a place such as {exchange}",
                                               "REQ_{exchange}.xml"));
    }
    return std::move(*pattern);
}

std::unique_ptr<adapter::Adapter> build(const Settings& settings, const adapter::Tools& tools, Mistakes& mistakes) {
    Operations operations;
    for (const auto& [name, operation] : settings.entries("operations")) {
        operations[name] = {.request = read_pattern(operation, "request", mistakes),
                            .reply = read_pattern(operation, "reply", mistakes),
                            .content_type = operation.text("content_type")};
    }
    const auto charset = charset::by_name(settings.text("name_charset"));
    const auto folder = [&](std::string_view name) {
        const std::string& path = settings.text(name);
        return path.empty() ? path : adapter::resolve(tools, path);
    };
    Folders folders{.out = folder("out"), .in = folder("in"), .done = folder("done"), .late = folder("late")};
    auto state = std::make_shared<State>(std::move(folders), settings.milliseconds("settle_ms"),
                                         static_cast<std::size_t>(settings.whole("max_reply")));
    return std::make_unique<FileAdapter>(std::move(state), std::move(operations),
                                         charset.value_or(charset::Charset::utf_8), settings.milliseconds("poll_ms"),
                                         tools.blocking);
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

Setting folder_setting(std::string name, bool required, std::string help_en, std::string help_zh) {
    return {.name = std::move(name),
            .kind = SettingKind::folder,
            .required = required,
            .help_en = std::move(help_en),
            .help_zh = std::move(help_zh)};
}

std::vector<Setting> source_settings() {
    return {folder_setting("out", true, "where requests are laid down", "请求文件所在文件夹"),
            folder_setting("in", true, "where replies come", "答复文件所在文件夹"),
            folder_setting("done", false, "where replies go that were read; empty: removed", "已读答复移入；空则删除"),
            folder_setting("late", false, "where replies go that came too late; empty: removed",
                           "迟到的答复移入；空则删除"),
            {.name = "name_charset",
             .otherwise = "utf-8",
             .help_en = "of file names",
             .help_zh = "文件名的字符集",
             .choices = {"utf-8", "gb18030", "gbk"}},
            {.name = "poll_ms",
             .kind = SettingKind::milliseconds,
             .otherwise = "200",
             .help_en = "how often the reply is looked for",
             .help_zh = "查找答复的间隔",
             .least = 10,
             .most = 60'000},
            {.name = "settle_ms",
             .kind = SettingKind::milliseconds,
             .otherwise = "300",
             .help_en = "how long a reply must not have changed; 0 where the department renames a finished file",
             .help_zh = "答复文件须静止多久；对方写完再改名时可为 0",
             .least = 0,
             .most = 60'000},
            {.name = "max_reply",
             .kind = SettingKind::whole,
             .otherwise = "33554432",
             .help_en = "most bytes of a reply",
             .help_zh = "答复的最大字节数",
             .least = 1,
             .most = 1 << 30}};
}

}  // namespace

adapter::Kind kind() {
    return {.name = "file",
            .version = "1.0.0",
            .status = "stable",
            .settings = source_settings(),
            .operation_settings = {{.name = "request",
                                    .required = true,
                                    .help_en = "the request's file name, with {exchange} and {FIELD}",
                                    .help_zh = "请求文件名，可用 {exchange} 与 {字段}"},
                                   {.name = "reply",
                                    .required = true,
                                    .help_en = "the reply's file name, with {exchange} and {FIELD}",
                                    .help_zh = "答复文件名，可用 {exchange} 与 {字段}"},
                                   {.name = "content_type",
                                    .help_en = "what the mapping is told that the reply is",
                                    .help_zh = "告知映射的答复内容类型"}},
            .make = make};
}

}  // namespace datong::adapters::file
