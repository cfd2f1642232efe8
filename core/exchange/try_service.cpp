#include "core/base/ids.h"
#include "core/catalogue/predicate_check.h"
#include "core/exchange/fetch.h"

namespace datong::exchange {
namespace {

using record::Record;

Tried failed(const Error& why) {
    Tried tried;
    tried.outcome = row_of(why.fault()).code;
    tried.detail = why.detail();
    return tried;
}

Tried failed(Trouble why) {
    Tried tried = failed(why.error);
    tried.findings = std::move(why.findings);
    return tried;
}

/// Whom a question is about.
Result<const policy::Person*> person_of(const policy::Context& context, const Record& question) {
    const std::string said = question.text_of("about");
    const std::string role = said.empty() ? "subject" : said;
    const policy::Person* about = context.person(role);
    return about != nullptr ? Result<const policy::Person*>{about}
                            : fail(Fault::bad_request, "the question's context has no " + role);
}

/// What a reply became, once it came.
Tried judged(const catalogue::Service& service, const policy::Person& about, const adapter::Reply& reply,
             const mapping::Input& input) {
    auto content = record_from(*service.response, reply, input);
    if (!content) {
        return failed(std::move(content.error()));
    }
    Tried tried;
    tried.outcome = content->is_null() ? "not_found" : "found";
    if (!content->is_null() && !policy::speaks_of(*content, service.person, about)) {
        return failed(Error{Fault::person_mismatch, service.id});
    }
    tried.content = std::move(*content);
    return tried;
}

}  // namespace

boost::asio::awaitable<Tried> try_service(const catalogue::Service& service, const Record& question,
                                          const Clock& clock) {
    if (service.is_submit()) {
        co_return failed(Error{Fault::bad_request, "a service of kind submit has an effect: it is not tried"});
    }
    const Record* written = question.find("context");
    const auto context = policy::read_context(written != nullptr ? *written : Record{});
    if (!context) {
        co_return failed(context.error());
    }
    const auto about = person_of(*context, question);
    if (!about) {
        co_return failed(about.error());
    }
    const std::string errand_name = new_id(clock.now());
    const Record given = mapping_context(*context, **about, service, errand_name, clock.now());
    const Record* query = question.find("query");
    const Record empty = Record::object();
    if (const std::string wrong = catalogue::wrong_member(service, query != nullptr ? *query : empty); !wrong.empty()) {
        co_return failed(Error{Fault::bad_request, wrong});
    }
    mapping::Input input;
    input.tree = query != nullptr ? query : &empty;
    input.context = &given;
    input.now = clock.now();
    auto ask = ask_of(service, input);
    if (!ask) {
        co_return failed(std::move(ask.error()));
    }
    const auto began = std::chrono::steady_clock::now();
    adapter::Errand errand{.exchange = errand_name, .deadline = began + service.deadline, .once = true};
    auto reply = co_await service.source->ask(std::move(*ask), std::move(errand));
    const auto took = std::chrono::steady_clock::now() - began;
    Tried tried = reply ? judged(service, **about, *reply, input) : failed(reply.error());
    tried.took = std::chrono::duration_cast<std::chrono::milliseconds>(took);
    tried.reply_digest = reply ? digest_of(*reply) : std::string{};
    co_return tried;
}

}  // namespace datong::exchange
