#include "adapters/plugin/plugin_adapter.h"

#include <ctime>
#include <utility>

#include "adapters/plugin/answer.h"
#include "adapters/plugin/library.h"
#include "core/async/wait.h"
#include "core/codec/json.h"
#include "core/telemetry/events.h"

namespace datong::adapters::plugin {
namespace {

namespace asio = boost::asio;
using adapter::Ask;
using adapter::Contact;
using adapter::Errand;
using adapter::Reply;
using record::Record;

datong_bytes bytes_of(std::string_view text) {
    return {.data = text.data(), .size = text.size()};
}

/// As plug-ins read it: steady_clock is CLOCK_MONOTONIC here, which begins with the machine.
std::uint64_t to_milliseconds(Deadline deadline) {
    const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(deadline.time_since_epoch()).count();
    return since > 0 ? static_cast<std::uint64_t>(since) : 0;
}

/// One opened instance; closed when the last call that uses it has ended, even one that was given up.
class Instance {
public:
    [[nodiscard]] static Result<std::shared_ptr<const Instance>> open(std::shared_ptr<const Library> library,
                                                                      const std::string& settings_json) {
        Answer answer{0};
        const datong_answer border = answer.border();
        void* made = nullptr;
        if (library->api->open(bytes_of(settings_json), &border, &made) != 0) {
            return fail(Fault::unavailable,
                        "can't be opened: " + (answer.why().empty() ? std::string{"no reason given"} : answer.why()));
        }
        return std::make_shared<const Instance>(std::move(library), made);
    }
    Instance(std::shared_ptr<const Library> library, void* made) : library_{std::move(library)}, made_{made} {}
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;
    ~Instance() { library_->api->close(made_); }

    [[nodiscard]] Result<Reply> ask(const Ask& what, const std::vector<datong_field>& fields, const Errand& errand,
                                    std::size_t max_answer) const {
        Answer answer{max_answer};
        const datong_answer border = answer.border();
        const datong_ask question{.struct_size = sizeof(datong_ask),
                                  .operation = bytes_of(what.operation),
                                  .exchange = bytes_of(errand.exchange),
                                  .body = bytes_of(what.body),
                                  .content_type = bytes_of(what.content_type),
                                  .fields = fields.data(),
                                  .field_count = fields.size(),
                                  .deadline_ms = to_milliseconds(errand.deadline)};
        const int outcome = library_->api->ask(made_, &question, &border);
        return answer.finish(outcome);
    }
    [[nodiscard]] Status probe(Deadline deadline) const {
        Answer answer{0};
        const datong_answer border = answer.border();
        return answer.finish_without_reply(library_->api->probe(made_, to_milliseconds(deadline), &border));
    }

private:
    std::shared_ptr<const Library> library_;
    void* made_;
};

/// The question's fields, pointing into it.
Result<std::vector<datong_field>> fields_of(const Ask& what) {
    std::vector<datong_field> fields;
    for (const record::Member& member : what.fields.members()) {
        std::uint32_t kind = DATONG_TEXT;
        switch (member.value.kind()) {
            case Record::Kind::null:
                kind = DATONG_NULL;
                break;
            case Record::Kind::number:
                kind = DATONG_NUMBER;
                break;
            case Record::Kind::bytes:
                kind = DATONG_RAW;
                break;
            case Record::Kind::boolean:
            case Record::Kind::text:
                break;
            case Record::Kind::object:
            case Record::Kind::list:
                return fail(Fault::request_invalid, "field " + member.name + " is no single value");
        }
        fields.push_back(
            {.name = bytes_of(member.name), .value = bytes_of(member.value.scalar()), .kind = kind, .reserved = 0});
    }
    return fields;
}

class PluginAdapter final : public adapter::Adapter {
public:
    PluginAdapter(std::shared_ptr<const Instance> instance, std::size_t max_answer,
                  std::shared_ptr<async::Pool> threads)
        : instance_{std::move(instance)}, max_answer_{max_answer}, threads_{std::move(threads)} {}

    asio::awaitable<Result<Reply>> ask(Ask what, Errand errand) override {
        const Deadline deadline = errand.deadline;
        std::function<Result<Reply>()> work = [instance = instance_, what = std::move(what), errand = std::move(errand),
                                               most = max_answer_]() -> Result<Reply> {
            const auto fields = fields_of(what);
            if (!fields) {
                return fail(fields.error());
            }
            return instance->ask(what, *fields, errand, most);
        };
        co_return co_await async::on_pool<Reply>(*threads_, std::move(work), deadline);
    }

    asio::awaitable<Result<Contact>> probe(Errand errand) override {
        const Deadline deadline = errand.deadline;
        std::function<Result<Contact>()> work = [instance = instance_,
                                                 errand = std::move(errand)]() -> Result<Contact> {
            auto reached = instance->probe(errand.deadline);
            if (!reached) {
                return fail(std::move(reached.error()));
            }
            return Contact::reachable;
        };
        co_return co_await async::on_pool<Contact>(*threads_, std::move(work), deadline);
    }

private:
    std::shared_ptr<const Instance> instance_;
    std::size_t max_answer_;
    std::shared_ptr<async::Pool> threads_;
};

/// Stands in the place of a plug-in that was refused: its sources answer nobody, all others do.
class Refused final : public adapter::Adapter {
public:
    explicit Refused(std::string why) : why_{std::move(why)} {}

    asio::awaitable<Result<Reply>> ask(Ask /*what*/, Errand /*errand*/) override {
        co_return fail(Fault::unavailable, "plug-in refused: " + why_);
    }
    asio::awaitable<Result<Contact>> probe(Errand /*errand*/) override {
        co_return fail(Fault::unavailable, "plug-in refused: " + why_);
    }
    [[nodiscard]] std::string disabled() const override { return why_; }

private:
    std::string why_;
};

std::unique_ptr<adapter::Adapter> refused(const adapter::PluginPin& pin, const std::string& why, const Position& where,
                                          const adapter::Tools& tools, Mistakes& mistakes) {
    telemetry::emit(tools.sink, telemetry::PluginRefused{.kind = pin.kind, .file = pin.file, .why = why});
    mistakes.push_back({where, "C230", Severity::warning, "插件被拒绝, 该数据源停用: " + why,
                        "the plug-in was refused, and this source answers nobody: " + why, ""});
    return std::make_unique<Refused>(why);
}

std::unique_ptr<adapter::Adapter> make(Libraries& libraries, const yaml::Node& node, const adapter::Tools& tools,
                                       Mistakes& mistakes) {
    const adapter::PluginPin& pin = *tools.pin;
    auto library = libraries.load(pin);
    if (!library) {
        return refused(pin, library.error().detail(), node.where, tools, mistakes);
    }
    Mistakes own;
    const Record settings = (*library)->schema.check(node, own);
    mistakes.insert(mistakes.end(), own.begin(), own.end());
    if (has_errors(own)) {
        return nullptr;
    }
    auto instance = Instance::open(*library, codec::write_json(settings));
    if (!instance) {
        return refused(pin, pin.file + ' ' + instance.error().detail(), node.where, tools, mistakes);
    }
    return std::make_unique<PluginAdapter>(std::move(*instance), pin.max_answer, tools.blocking);
}

}  // namespace

adapter::Kind host() {
    auto libraries = std::make_shared<Libraries>();
    return {.name = "plugin",
            .version = "1.0.0",
            .status = "stable",
            .settings = {},
            .operation_settings = {},
            .make = [libraries](const yaml::Node& node, const adapter::Tools& tools, Mistakes& mistakes) {
                return make(*libraries, node, tools, mistakes);
            }};
}

}  // namespace datong::adapters::plugin
