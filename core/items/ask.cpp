#include "core/items/ask.h"

#include "core/async/run.h"
#include "core/base/ids.h"

namespace datong::items {

using record::Record;

Result<std::vector<Row>> ask_rows(adapter::Guard& source, const std::string& operation, std::vector<Broken>& broken) {
    adapter::Errand errand{.exchange = new_id(std::chrono::system_clock::now()),
                           .deadline = Deadline::clock::now() + source.limits().call};
    const Result<adapter::Reply> broke = fail(Fault::internal, "an exception");
    auto reply =
        async::run_alone(source.ask({.operation = operation, .fields = Record::object()}, std::move(errand)), broke);
    if (!reply) {
        return fail(std::move(reply.error()).within(operation));
    }
    if (!reply->rows.is_object() || reply->rows.members().size() != 1) {
        return fail(Fault::bad_request, operation + ": the source answers no rows; it must be of a database");
    }
    return rows_of(reply->rows.members().front().value, operation, broken);
}

}  // namespace datong::items
