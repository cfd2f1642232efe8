#include <algorithm>
#include <utility>

#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "core/exchange/admit.h"
#include "core/exchange/case_check.h"
#include "core/exchange/entries.h"
#include "core/exchange/fan_out.h"
#include "core/exchange/fetch.h"
#include "core/exchange/issue.h"
#include "core/exchange/problem.h"
#include "core/exchange/submit.h"
#include "core/telemetry/events.h"

// What stands between a call's intent and its outcome: the case, the use of its consent, the departments.
namespace datong::exchange {
namespace {

namespace asio = boost::asio;

/// A service's answer out of its one certificate.
Answer answer_of(const Visit& visit, Certificate certificate) {
    constexpr int kAccepted = 202;
    Answer answer;
    answer.outcome = certificate.outcome;
    answer.reply_digests = std::move(certificate.reply_digests);
    if (!certificate.jws.empty()) {
        answer.certificate_digests.push_back(to_hex(crypto::sha256(certificate.jws)));
    }
    if (is_open(answer.outcome)) {
        answer.status = kAccepted;
        answer.location = status_path(visit);
    }
    answer.body = std::move(certificate.envelope);
    answer.files = std::move(certificate.files);
    return answer;
}

bool goes_by_consent(const Admitted& admitted) {
    return std::any_of(admitted.tickets.begin(), admitted.tickets.end(),
                       [](const Ticket& ticket) { return ticket.by_consent; });
}

/// What a department said under a consent that holds no more: it is not told, and that it was asked is recorded.
Attempt<Certificate> withheld(const Certificate& found, Error why) {
    Trouble trouble{std::move(why)};
    trouble.reply = found.reply_digests.empty() ? std::string{} : found.reply_digests.back();
    return tl::unexpected<Trouble>{std::move(trouble)};
}

/// What is left of a call after its intent is durable: the case, the use of its consent, then the departments.
asio::awaitable<Answer> ask_departments(std::shared_ptr<const Visit> visit, Admitted admitted, Means means) {
    if (is_lookup(visit->request.kind)) {
        co_return co_await look_up(visit, means);
    }
    const auto limit =
        admitted.matter != nullptr ? admitted.matter->deadline : admitted.tickets.front().service->deadline;
    const Deadline deadline = visit->arrived + limit;
    if (admitted.case_required && may_send(*visit)) {
        auto checked = co_await check_case(visit, means, deadline);
        if (!checked) {
            const Trouble trouble{std::move(checked.error())};
            co_return problem_answer(trouble, visit->exchange);
        }
    }
    const bool is_by_consent = may_send(*visit) && goes_by_consent(admitted);
    auto taken = co_await take_use(visit, is_by_consent, means.consents);
    if (!taken && admitted.matter == nullptr) {
        const Trouble trouble{std::move(taken.error())};
        co_return problem_answer(trouble, visit->answer_id());
    }
    if (!taken) {
        withhold_by_consent(admitted.tickets, taken.error());
    }
    if (admitted.matter != nullptr) {
        co_return co_await fetch_matter(visit, admitted.matter, std::move(admitted.tickets), means, deadline);
    }
    const catalogue::Service& asked = *admitted.tickets.front().service;
    auto certificate = co_await fetch(visit, std::move(admitted.tickets.front()), means, deadline);
    if (certificate && is_by_consent && !visit->submitted) {  // what was sent is told whatever came after it
        auto holds = co_await look_again_at_consent(visit, means.clock.now(), means.consents);
        certificate = holds ? std::move(certificate) : withheld(*certificate, std::move(holds.error()));
    }
    note_told(*visit, is_by_consent, certificate);
    auto material = answered(asked, visit->request.context.material, certificate);
    if (!certificate) {
        Answer answer = problem_answer(certificate.error(), visit->answer_id());
        if (!certificate.error().reply.empty()) {
            answer.reply_digests.push_back(reply_of(visit->request.name, certificate.error()));
        }
        answer.materials.push_back(std::move(material));
        co_return answer;
    }
    Answer answer = answer_of(*visit, std::move(*certificate));
    answer.materials.push_back(std::move(material));
    co_return answer;
}

}  // namespace

bool may_send(const Visit& visit) {
    if (!visit.submitted) {
        return true;
    }
    const auto& parts = visit.submitted->parts;
    return !visit.submitted->is_status && std::any_of(parts.begin(), parts.end(), [](const store::Part& part) {
        return part.stage == store::Stage::reserved;
    });
}

asio::awaitable<Answer> ask(std::shared_ptr<const Visit> visit, Admitted admitted, Means means) {
    try {
        co_return co_await ask_departments(visit, std::move(admitted), means);
    } catch (const std::exception&) {
        emit(means.sink, telemetry::HandlerThrew{.exception = "std::exception", .method = "exchange"});
    }
    const Trouble trouble{Error{Fault::internal, "an exception"}};
    co_return problem_answer(trouble, visit->exchange);
}

}  // namespace datong::exchange
