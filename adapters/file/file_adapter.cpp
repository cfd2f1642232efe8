#include "adapters/file/file_adapter.h"

#include <algorithm>
#include <utility>

#include "adapters/file/archive.h"
#include "adapters/file/drop_folder.h"
#include "adapters/file/file_settings.h"
#include "adapters/file/names.h"
#include "core/async/wait.h"

namespace datong::adapters::file {
namespace {

namespace asio = boost::asio;
using adapter::Ask;
using adapter::Errand;
using adapter::Reply;

constexpr std::chrono::seconds kLost{10};  ///< so long a server may be away while a reply is waited for

struct State {
    State(Rules rules, Places::Open open, const Clock& clock) : folder{std::move(rules), std::move(open), clock} {}

    DropFolder folder;
    Awaited awaited;
};

/// One call's request on its way. Unless nothing of it is left it is abandoned on the pool at the end,
/// also where the call is dropped in the middle.
class Request {
public:
    Request(std::shared_ptr<State> state, async::Pool& threads, Letter letter)
        : state_{std::move(state)}, threads_{threads}, letter_{std::move(letter)} {}
    Request(const Request&) = delete;
    Request& operator=(const Request&) = delete;
    ~Request() {
        if (over_) {
            state_->folder.forget(letter_);
            state_->awaited.remove(letter_.key());
            return;
        }
        auto end = [state = state_, letter = letter_]() -> async::Pool::Delivery {
            state->folder.abandon(letter);
            state->awaited.remove(letter.key());
            return {};
        };
        if (!threads_.post(std::move(end))) {
            state_->folder.forget(letter_);
            state_->awaited.remove(letter_.key());  // what is left of it goes with the next sweep
        }
    }
    /// Its reply was taken, or it was never laid down.
    void over() { over_ = true; }

private:
    std::shared_ptr<State> state_;
    async::Pool& threads_;
    Letter letter_;
    bool over_{};
};

class FileAdapter final : public adapter::Adapter {
public:
    FileAdapter(std::shared_ptr<State> state, FileSettings settings, std::shared_ptr<async::Pool> threads)
        : state_{std::move(state)}, settings_{std::move(settings)}, threads_{std::move(threads)} {}

    asio::awaitable<Result<Reply>> ask(Ask what, Errand errand) override {
        const auto found = settings_.operations.find(what.operation);
        if (found == settings_.operations.end()) {
            co_return fail(Fault::internal, "file has no operation " + what.operation);
        }
        const Operation& operation = found->second;
        auto letter = letter_for(operation, what, errand, settings_.names);
        if (!letter) {
            co_return fail(std::move(letter.error()));
        }
        if (!state_->awaited.add(letter->key())) {
            co_return fail(Fault::source_busy, "a call of that reply is waiting");
        }
        Request request{state_, *threads_, *letter};
        auto sent = co_await send(*letter, std::move(what.body), errand);
        if (!sent) {
            if (sent.error().fault() != Fault::department_timeout) {
                request.over();  // nothing of it lies there
            }
            co_return fail(std::move(sent.error()));
        }
        auto bytes = co_await wait_for(*letter, errand);
        if (!bytes) {
            co_return fail(std::move(bytes.error()));
        }
        request.over();
        Reply answer;
        answer.content_type = operation.content_type;
        answer.body = std::move(*bytes);
        if (operation.is_zip) {
            auto unpacked = unzip_one(answer.body, operation.entry, settings_.rules.max_reply);
            if (!unpacked) {
                co_return fail(std::move(unpacked.error()));
            }
            answer.body = std::move(*unpacked);
        }
        co_return answer;
    }

    asio::awaitable<Result<adapter::Contact>> probe(Errand errand) override {
        std::function<Status()> work = [state = state_, place = errand.place, deadline = errand.deadline] {
            return state->folder.check(deadline);
        };
        auto checked = co_await async::on_pool<void>(*threads_, std::move(work), errand.deadline);
        if (!checked) {
            co_return fail(std::move(checked.error()));
        }
        co_return adapter::Contact::authenticated;
    }

private:
    asio::awaitable<Status> send(Letter letter, std::string body, Errand errand) {
        std::function<Status()> work = [state = state_, place = errand.place, letter = std::move(letter),
                                        body = std::move(body), deadline = errand.deadline] {
            return state->folder.send(letter, body, deadline);
        };
        co_return co_await async::on_pool<void>(*threads_, std::move(work), errand.deadline);
    }

    /// A line that is lost while the reply is waited for is made anew: the request lies there already.
    asio::awaitable<Result<std::string>> wait_for(Letter letter, Errand errand) {
        using Found = std::optional<std::string>;
        const auto seen = std::make_shared<Sighting>();
        std::optional<Deadline> lost_since;
        while (std::chrono::steady_clock::now() < errand.deadline) {
            std::function<Result<Found>()> work = [state = state_, place = errand.place, letter, seen,
                                                   deadline = errand.deadline] {
                return state->folder.take(letter, *seen, deadline);
            };
            auto found = co_await async::on_pool<Found>(*threads_, std::move(work), errand.deadline);
            const auto now = std::chrono::steady_clock::now();
            const bool is_lost = settings_.server && !found && found.error().fault() == Fault::department_down;
            lost_since = is_lost ? lost_since.value_or(now) : std::optional<Deadline>{};
            if (!found && (!is_lost || now - *lost_since >= kLost || now >= errand.deadline)) {
                co_return fail(std::move(found.error()));
            }
            if (found && *found) {
                co_return std::move(**found);
            }
            co_await async::sleep_until(std::min(now + settings_.poll, errand.deadline));
        }
        co_return fail(Fault::department_timeout, "no reply file has come");
    }

    std::shared_ptr<State> state_;
    FileSettings settings_;
    std::shared_ptr<async::Pool> threads_;
};

Places::Open opening_of(const FileSettings& settings) {
    if (settings.server) {
        return [server = *settings.server](Deadline deadline) { return open_sftp_place(server, deadline); };
    }
    return [](Deadline) -> Result<std::unique_ptr<Place>> { return make_local_place(); };
}

std::unique_ptr<adapter::Adapter> make(const yaml::Node& node, const adapter::Tools& tools, Mistakes& mistakes) {
    Mistakes own;
    const adapter::Settings settings = adapter::read_settings(node, kind(), own);
    FileSettings made;
    if (!has_errors(own)) {
        made = read_file_settings(settings, tools, own);
    }
    mistakes.insert(mistakes.end(), own.begin(), own.end());
    if (has_errors(own)) {
        return nullptr;
    }
    auto state = std::make_shared<State>(made.rules, opening_of(made), tools.clock);
    return std::make_unique<FileAdapter>(std::move(state), std::move(made), tools.blocking);
}

}  // namespace

adapter::Kind kind() {
    return {.name = "file",
            .version = "1.1.0",
            .status = "stable",
            .settings = source_settings(),
            .operation_settings = operation_settings(),
            .make = make};
}

}  // namespace datong::adapters::file
