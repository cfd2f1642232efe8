#include <algorithm>
#include <functional>
#include <utility>

#include "core/async/pool.h"
#include "core/async/wait.h"
#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "core/exchange/fetch.h"
#include "core/exchange/gateway.h"
#include "core/files/place.h"

namespace datong::exchange {
namespace {

namespace asio = boost::asio;
using files::Delivery;
using files::Rule;
using files::Wanted;
using files::Way;
using record::Record;

constexpr std::size_t kMostFiles = 20;  ///< of one record
constexpr std::size_t kTokenOctets = 16;

Delivery delivery_of(Wanted wanted, const Rule& rule, std::size_t octets) {
    switch (wanted) {
        case Wanted::whole:
            return Delivery::inlined;
        case Wanted::apart:
            return Delivery::apart;
        case Wanted::by_address:
            return Delivery::address;
        case Wanted::as_fits:
            break;
    }
    return octets <= rule.inline_most ? Delivery::inlined : Delivery::address;
}

std::size_t base64_length(std::size_t octets) {
    return (octets + 2) / 3 * 4;
}

/// What a file needs room for before it is there: as it is, or as Base64 in the answer.
std::size_t room_for(Wanted wanted, const Rule& rule, const Record& leaf) {
    const std::size_t most = rule.way == Way::base64 ? files::octets_of_base64(leaf.scalar()) : rule.most;
    const std::size_t inlined = wanted == Wanted::whole ? most : std::min(most, rule.inline_most);
    return std::max(most, base64_length(inlined));
}

/// When an address ends: with its time, or with the last day of the grant that shows the file.
std::chrono::system_clock::time_point end_of_address(const Visit& visit, const policy::Grant& grant) {
    constexpr std::chrono::hours kOffset{8};  // civil days are those of +08:00
    const std::chrono::system_clock::time_point day_after{
        std::chrono::hours{24} * (record::days_since_epoch(grant.valid_to) + 1) - kOffset};
    return std::min(visit.at + visit.snapshot->gateway.files.keep, day_after);
}

/// What is wrong with a file, as a trouble that names its place: what the caller can't be told of the department's
/// record it is told of its file, by a rule of ours. @param blame  department_invalid, or whose else it is.
tl::unexpected<Trouble> trouble_of(files::Wrong wrong, std::string_view at, Fault blame = Fault::department_invalid) {
    const files::WrongRow& row = files::row_of(wrong);
    const std::string place{at};
    mapping::Finding finding;
    finding.path = place;
    finding.rule = row.rule;
    finding.text_zh = row.text_zh;
    finding.text_en = row.text_en;
    return tl::unexpected<Trouble>{Trouble{Error{blame, place + ": " + std::string{row.rule}}, {std::move(finding)}}};
}

/// What the source said of a file: two of its faults are about the file, all others as they are.
tl::unexpected<Trouble> trouble_of(Error why, const Rule& rule) {
    switch (why.fault()) {
        case Fault::not_permitted:
            return trouble_of(files::Wrong::address, rule.at);
        case Fault::body_too_large:
            return trouble_of(files::Wrong::too_large, rule.at);
        default:
            return tl::unexpected<Trouble>{Trouble{std::move(why).within(rule.at)}};
    }
}

Attempt<std::string> decoded(const Record& leaf, const Rule& rule) {
    auto octets = from_base64(leaf.scalar());
    return octets ? Attempt<std::string>{std::move(*octets)} : trouble_of(files::Wrong::not_base64, rule.at);
}

/// The part that the record names "cid:ID", which stands for one file only.
Attempt<std::string> part_of(const Record& leaf, std::vector<adapter::Part>& parts, const Rule& rule) {
    constexpr std::string_view kScheme = "cid:";
    const std::string_view name = leaf.scalar();
    const auto found = std::find_if(parts.begin(), parts.end(), [&](const adapter::Part& part) {
        return name.starts_with(kScheme) && part.id == name.substr(kScheme.size());
    });
    if (found == parts.end()) {
        return trouble_of(files::Wrong::no_such_part, rule.at);
    }
    std::string octets = std::move(found->octets);
    parts.erase(found);
    return octets;
}

/// What a department sent beside its reply, for the evidence.
void note_sent(const Visit& visit, const catalogue::Service& service, const files::File& file, Replied& replied) {
    const std::string name = service.source->source() + ':' + to_hex(file.sha256);
    if (service.bodies.value_or(visit.snapshot->gateway.bodies) != vault::Policy::none) {
        adapter::Reply sent;
        sent.body = *file.octets;
        keep_reply(visit, service, name, sent);
    }
    replied.more.push_back(name);
}

/// Everything about the one file that is being taken.
struct Taking {
    std::shared_ptr<const Visit> visit;
    const Ticket* ticket{};
    const Rule* rule{};
    files::Place place;
};

/// To digest a large file takes longer than a loop may be held.
asio::awaitable<Attempt<files::File>> judged(std::shared_ptr<const std::string> octets, Rule rule, Record content,
                                             Means means, Deadline deadline) {
    using Verdict = files::Judged<files::File>;
    constexpr std::size_t kLarge = std::size_t{1} << 20;
    Result<Verdict> verdict = Verdict{tl::unexpected{files::Wrong::media_type}};
    if (octets->size() < kLarge) {
        verdict = files::judge(std::move(octets), rule, content);
    } else {
        const std::function<Result<Verdict>()> work = [octets, rule, content] {
            return Result<Verdict>{files::judge(octets, rule, content)};
        };
        verdict = co_await async::on_pool<Verdict>(*means.threads.files, work, deadline);
    }
    if (!verdict) {
        co_return tl::unexpected<Trouble>{Trouble{std::move(verdict.error())}};
    }
    if (!*verdict) {
        co_return trouble_of(verdict->error(), rule.at);
    }
    co_return std::move(**verdict);
}

/// What comes after the answer is told when nobody knows: an address would be over by then.
Wanted wanted_of(const Visit& visit) {
    const bool comes_later = visit.late->is_over || !visit.first.empty();
    return comes_later ? Wanted::whole : visit.request.files;
}

/// How the caller gets a file, and what stands in its place until then.
files::Given given(const Taking& taking, files::File file, const files::Kept::Room& room) {
    const Visit& visit = *taking.visit;
    const std::size_t length = file.octets->size();
    files::Given made{.path = taking.place.pointer,
                      .file = std::move(file),
                      .how = delivery_of(wanted_of(visit), *taking.rule, length),
                      .length = length,
                      .grant = taking.ticket->grant->id,
                      .service = taking.ticket->service->id,
                      .consent = taking.ticket->by_consent ? visit.consent->id : std::string{}};
    if (made.how == Delivery::inlined) {
        *taking.place.leaf = Record::text(to_base64(*made.file.octets));
        made.file.octets.reset();
        room.shrink_to(base64_length(length));
        made.room = room.share();
        return made;
    }
    room.shrink_to(length);
    made.token = "file-" + to_base64url(crypto::random_bytes(kTokenOctets));
    made.number = made.how == Delivery::address ? (*visit.addresses)++ : 0;
    made.until = end_of_address(visit, *taking.ticket->grant);
    *taking.place.leaf = Record::text(made.token);
    return made;
}

asio::awaitable<Attempt<std::string>> octets_of(Taking taking, std::vector<adapter::Part>* parts, Deadline deadline) {
    const Record& leaf = *taking.place.leaf;
    const Rule& rule = *taking.rule;
    if (rule.way == Way::base64) {
        co_return decoded(leaf, rule);
    }
    if (rule.way == Way::part) {
        co_return part_of(leaf, *parts, rule);
    }
    adapter::Ask ask;
    ask.file = leaf.scalar();
    ask.most = rule.most;
    const adapter::Errand errand{.exchange = errand_name(*taking.visit, *taking.ticket), .deadline = deadline};
    auto reply = co_await taking.ticket->service->source->ask(std::move(ask), errand);
    if (!reply) {
        co_return trouble_of(std::move(reply.error()), rule);
    }
    co_return std::move(reply->body);
}

void count(const Means& means, const Ticket& ticket, Delivery how) {
    const std::string_view given = how == Delivery::inlined ? "inline" : how == Delivery::address ? "url" : "mtom";
    means.sink.count("datong_exchange_files_total", {{"service", ticket.service->id}, {"given", given}});
}

}  // namespace

namespace {

/// The file at one place of the record.
asio::awaitable<Attempt<files::Given>> take_file(Taking taking, const Record* content,
                                                 std::vector<adapter::Part>* parts, Replied* replied, Means means,
                                                 Deadline deadline) {
    const Rule& rule = *taking.rule;
    const Visit& visit = *taking.visit;
    if (!taking.place.leaf->is_text()) {
        co_return trouble_of(files::Wrong::not_text, rule.at);
    }
    // of a slow department it may turn out on the way that its answer comes later
    const Wanted wanted = taking.ticket->service->slow ? Wanted::whole : wanted_of(visit);
    const auto room = means.files.hold(visit.claim.key->consumer->id, room_for(wanted, rule, *taking.place.leaf),
                                       visit.snapshot->gateway.files.most);
    if (!room) {
        co_return trouble_of(files::Wrong::no_room, rule.at, Fault::unavailable);
    }
    auto octets = co_await octets_of(taking, parts, deadline);
    if (!octets) {
        co_return tl::unexpected<Trouble>{std::move(octets.error())};
    }
    if (octets->size() > rule.most) {
        co_return trouble_of(files::Wrong::too_large, rule.at);
    }
    auto file = co_await judged(room->take(std::move(*octets)), rule, *content, means, deadline);
    if (!file) {
        co_return tl::unexpected<Trouble>{std::move(file.error())};
    }
    if (rule.way != Way::base64) {
        note_sent(visit, *taking.ticket->service, *file, *replied);
    }
    co_return given(taking, std::move(*file), *room);
}

}  // namespace

asio::awaitable<Attempt<std::monostate>> take_files(std::shared_ptr<const Visit> visit, const Ticket* ticket,
                                                    Record* content, std::vector<adapter::Part> parts, Replied* replied,
                                                    Means means, Deadline deadline) {
    for (const Rule& rule : ticket->service->files) {
        for (files::Place& place : files::find_places(*content, rule.at)) {
            if (place.leaf->is_null()) {
                continue;
            }
            if (replied->files.size() == kMostFiles) {
                co_return trouble_of(files::Wrong::too_many, rule.at);
            }
            const Taking taking{.visit = visit, .ticket = ticket, .rule = &rule, .place = place};
            auto taken = co_await take_file(taking, content, &parts, replied, means, deadline);
            if (!taken) {
                co_return tl::unexpected<Trouble>{std::move(taken.error())};
            }
            count(means, *ticket, taken->how);
            replied->files.push_back(std::move(*taken));
        }
    }
    co_return std::monostate{};
}

}  // namespace datong::exchange
