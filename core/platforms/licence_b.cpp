#include "core/platforms/licence_b.h"

#include <algorithm>
#include <array>
#include <optional>

#include "core/base/text.h"
#include "core/codec/form.h"
#include "core/codec/json.h"
#include "core/crypto/digest.h"
#include "core/doors/platform_call.h"
#include "core/exchange/admit.h"
#include "core/platforms/access_token.h"
#include "core/platforms/licence_record.h"

namespace datong::platforms {
namespace {

using catalogue::Licence;
using catalogue::Protocol;
using record::Record;

enum class Step { auth, get, archive };

struct Path {
    std::string_view path;
    Step step{};
};
constexpr std::array kPaths{
    Path{"/license-app/v1/license/auth", Step::auth}, Path{"/license-app/v1/license/get_license", Step::get},
    Path{"/license/get_license", Step::get}, Path{"/license-app/v1/license/archive", Step::archive},
    Path{"/license/archive", Step::archive}};

std::optional<Step> step_of(std::string_view path) {
    const auto found = std::ranges::find(kPaths, path, &Path::path);
    return found == kPaths.end() ? std::nullopt : std::optional{found->step};
}

/// The parameters of the URL, of which only these two may stand there, each once.
struct Parameters {
    std::string access_token;
    std::string auth_code;
};

Result<Parameters> parameters_of(const codec::HttpMessage& http) {
    const std::string_view query = http.query();
    const auto form = codec::read_form(query.substr(std::min<std::size_t>(query.size(), 1)));
    if (!form) {
        return fail(form.error());
    }
    Parameters read;
    for (const codec::FormField& field : *form) {
        std::string* into = field.name == "access_token" ? &read.access_token
                            : field.name == "auth_code"  ? &read.auth_code
                                                         : nullptr;
        if (into == nullptr || !into->empty()) {
            return fail(Fault::bad_request, "the URL holds access_token and auth_code only: no personal data");
        }
        *into = field.value;
    }
    constexpr std::string_view kScheme = "bearer ";
    const std::string line = http.field("authorization").value_or("");
    if (read.access_token.empty() && ascii_lower(line).starts_with(kScheme)) {
        read.access_token = line.substr(kScheme.size());
    }
    return read;
}

Status check_form(const codec::HttpMessage& http, Step step, const Parameters& said,
                  const catalogue::Snapshot& snapshot) {
    if (said.access_token.empty()) {
        return fail(Fault::not_signed, "needs access_token");
    }
    if (step == Step::auth && doors::media_type_of(http) != "application/json") {
        return fail(Fault::unsupported_media, "content-type must be application/json");
    }
    if (step == Step::auth ? !said.auth_code.empty() : said.auth_code.empty() || !http.body.empty()) {
        return fail(Fault::bad_request, "auth has a body, get_license and archive an auth_code");
    }
    return doors::check_authority(http, snapshot.gateway.listen);
}

/// What the list of `auth` and the answer to a code say alike. Source: china-exchange facts, LicenseDTO.
Record licence_of(const Licence& licence, const Record& content, const policy::Person& holder) {
    Record data = Record::object();
    data.put("license_code", Record::text(text_at(content, licence.identifier)));
    data.put("license_item_code", Record::text(licence.code));
    data.put("name", Record::text(licence.title));
    data.put("id_code", Record::text(text_at(content, licence.number)));
    data.put("holder_name", Record::text(holder.name.reveal()));
    data.put("holder_identity_type", Record::text(holder.id_type));
    data.put("holder_identity_num", Record::text(holder.id_no.reveal()));
    data.put("issue_org_name", Record::text(licence.service->department->title));
    data.put("issue_org_code", Record::text(licence.service->department->uscc));
    data.put("expiry_date", Record::text(text_at(content, licence.valid_to)));
    return data;
}

Record status_of(int code, std::string_view text) {
    Record status = Record::object();
    status.put("code", Record::integer(code));
    status.put("text", Record::text(text));
    return status;
}

const catalogue::Material* find_material(const catalogue::Matter& matter, std::string_view id) {
    for (const catalogue::Requirement& requirement : matter.requirements) {
        for (const auto& list : requirement.any_of) {
            const auto found = std::ranges::find(list, id, &catalogue::Material::id);
            if (found != list.end()) {
                return &*found;
            }
        }
    }
    return nullptr;
}

/// {context, query, about}: the call of the material's service that a code stands for.
Record native_of(const exchange::Visit& visit, const catalogue::Material& material) {
    const auto whole = codec::read_json(visit.request.fingerprint_text);
    const Record* context = whole ? whole->find("context") : nullptr;
    Record native = Record::object();
    native.put("context", context != nullptr ? *context : Record::object());
    native.put("query", exchange::query_of(visit.request.context, material));
    native.put("about", Record::text(material.about));
    return native;
}

/// What was found by a matter, as codes and a list that goes with them.
struct Granted {
    Record codes = Record::list();
    Record list = Record::list();
};

void add_material(Granted& granted, const Record& written, const exchange::Visit& visit,
                  const catalogue::Matter& matter, HeldCalls& held) {
    const catalogue::Material* material = find_material(matter, written.text_of("material"));
    const Record* content = written.find_path({"answer", "content"});
    const Licence* licence = material != nullptr ? visit.snapshot->licence_of(material->service->id) : nullptr;
    const policy::Person* holder = material != nullptr ? visit.request.context.person(material->about) : nullptr;
    if (written.text_of("outcome") != "found" || content == nullptr || licence == nullptr || holder == nullptr) {
        return;
    }
    const std::string code = held.keep({.consumer = visit.claim.key->consumer->id,
                                        .service = material->service->id,
                                        .native = native_of(visit, *material)},
                                       visit.claim.key->consumer->door->hold);
    Record data = licence_of(*licence, *content, *holder);
    data.put("auth_code", Record::text(code));
    granted.codes.add(Record::text(code));
    granted.list.add(std::move(data));
}

/// What became of each material: outcomes and titles, no content.
Record summary_of(Record native) {
    for (Record& requirement : native.find("requirements")->items_to_edit()) {
        Record* materials = requirement.find("materials");
        for (Record& material : materials->items_to_edit()) {
            std::erase_if(material.members_to_edit(),
                          [](const record::Member& member) { return member.name.view() == "answer"; });
        }
    }
    return native;
}

std::size_t number_of(const Record& body, std::string_view name, std::size_t otherwise) {
    const Record* value = body.find(name);
    return value != nullptr ? to_whole_number(value->scalar()).value_or(otherwise) : otherwise;
}

/// One page of a list. @param index  from 1.
Record page_of(const Record& list, std::size_t size, std::size_t index) {
    Record page = Record::list();
    for (std::size_t i = 0; i < list.items().size(); ++i) {
        if (size > 0 && i / size + 1 == index) {
            page.add(list.items()[i]);
        }
    }
    return page;
}

std::string granted_answer(exchange::Answer& whole, Record native, const exchange::Visit& visit, HeldCalls& held) {
    const catalogue::Matter& matter = *visit.snapshot->matter(visit.request.name);
    whole.tells_codes = false;  // no content yet
    Granted granted;
    for (const Record& requirement : native.find("requirements")->items()) {
        for (const Record& written : requirement.find("materials")->items()) {
            add_material(granted, written, visit, matter, held);
        }
    }
    constexpr std::size_t kAll = 100;
    const auto body = codec::read_json(visit.http.body);
    const std::size_t size = number_of(*body, "page_size", kAll);
    const std::size_t index = number_of(*body, "page_index", 1);
    Record answer = Record::object();
    answer.put("status", status_of(200, ""));
    answer.put("auth_codes", page_of(granted.codes, size, index));
    answer.put("data", page_of(granted.list, size, index));
    answer.put("total_count", Record::integer(static_cast<long long>(granted.list.items().size())));
    answer.put("datong", summary_of(std::move(native)));
    return codec::write_json(answer);
}

std::string licence_answer(const Record& native, const exchange::Visit& visit, Step step, const Licence& licence) {
    Record answer = Record::object();
    const Record* content = native.find("content");
    const Record* file = content != nullptr ? place_of(*content, licence.file) : nullptr;
    if (content == nullptr || (step == Step::archive && file == nullptr)) {
        answer.put("status", status_of(404, content == nullptr ? "未找到匹配的证照" : "该证照没有文件"));
        answer.put("datong", native);
        return codec::write_json(answer);
    }
    answer.put("status", status_of(200, ""));
    Record data = licence_of(licence, *content, *visit.request.context.person(visit.request.about));
    Record proof = native;
    if (step == Step::archive) {
        Record inner = Record::object();
        inner.put("file_name", Record::text(licence.title + '.' + licence.file_type));
        inner.put("file_data", *file);
        data.put("data", std::move(inner));
        std::erase_if(proof.members_to_edit(), [](const record::Member& one) { return one.name.view() == "content"; });
    } else {
        data.put("data_fields", Record::text(codec::write_json(without_file(licence, *content))));
        *proof.find("content") = without_file(licence, *content);
    }
    answer.put("data", std::move(data));
    answer.put("datong", std::move(proof));
    return codec::write_json(answer);
}

std::string refused_answer(const exchange::Answer& answer, Record problem) {
    Record body = Record::object();
    body.put("status", status_of(answer.status, problem.text_of("title")));
    body.put("datong", std::move(problem));
    return codec::write_json(body);
}

std::string answer_text(exchange::Answer& answer, const exchange::Visit& visit, Step step, HeldCalls& held) {
    auto native = codec::read_json(answer.body);
    const Licence* licence = visit.snapshot->licence_of(visit.request.name);
    if (answer.is_problem || !native || (step != Step::auth && licence == nullptr)) {
        return refused_answer(answer, native ? std::move(*native) : Record{});
    }
    return step == Step::auth ? granted_answer(answer, std::move(*native), visit, held)
                              : licence_answer(*native, visit, step, *licence);
}

}  // namespace

Result<exchange::Claim> LicenceBDialect::prove(const codec::HttpMessage& http, const policy::Peer& peer,
                                               const catalogue::Snapshot& snapshot) const {
    const Step step = step_of(http.path()).value_or(Step::auth);
    const auto said = parameters_of(http);
    if (!said) {
        return fail(said.error());
    }
    if (auto good = check_form(http, step, *said, snapshot); !good) {
        return fail(std::move(good.error()));
    }
    const auto now = clock_.now();
    const auto door = caller_by_token(snapshot, Protocol::licence_b, said->access_token, now);
    if (!door) {
        return fail(door.error());
    }
    std::string base = "licence-b " + std::string{http.path()};
    if (step != Step::auth) {
        base += ' ' + to_hex(crypto::sha256(said->auth_code));
    }
    return doors::claim_by_proof(http, snapshot, {.door = *door, .peer = &peer},
                                 {.base = base, .mac = {}, .made = now, .is_timed_here = true}, now);
}

Result<exchange::Request> LicenceBDialect::read(const exchange::Visit& visit) const {
    const Step step = step_of(visit.http.path()).value_or(Step::auth);
    const catalogue::Consumer& consumer = *visit.claim.key->consumer;
    if (step != Step::auth) {
        const auto said = parameters_of(visit.http);
        // used up for this step under whichever of its paths, and beyond the memory of the replay guard
        const auto known =
            said ? held_.use(said->auth_code, consumer.id, step == Step::get ? "get" : "archive") : std::nullopt;
        if (!known) {
            return fail(Fault::bad_request,
                        "an auth_code that was not given to you, was used before, or is over: call auth again");
        }
        auto request = exchange::read_request(exchange::Request::Kind::service, known->service, known->native);
        if (request) {
            request->is_mapped = true;
            judge_licences(*request, visit);
        }
        return request;
    }
    auto body = codec::read_json(visit.http.body);
    if (!body) {
        return fail(std::move(body.error()));
    }
    auto native = doors::native_body(visit, *consumer.door->inbound, std::move(*body));
    if (!native) {
        return fail(std::move(native.error()));
    }
    const Record* matter = native->find_path({"context", "matter"});
    const std::string name{matter != nullptr ? matter->scalar() : std::string_view{}};
    if (visit.snapshot->matter(name) == nullptr || visit.snapshot->matter(name)->submits) {
        return fail(Fault::not_permitted, "service_item_code is no matter here");
    }
    std::erase_if(native->members_to_edit(), [](const record::Member& one) { return one.name.view() != "context"; });
    auto request = exchange::read_request(exchange::Request::Kind::matter, name, std::move(*native));
    if (request) {
        judge_licences(*request, visit);
    }
    return request;
}

Result<exchange::Sealed> LicenceBDialect::write(exchange::Answer& answer, const exchange::Visit& visit,
                                                bool signed_too) const {
    const Step step = step_of(visit.http.path()).value_or(Step::auth);
    std::string body = answer_text(answer, visit, step, held_);
    exchange::Sealed sealed = doors::sealed_json(answer, std::move(body));
    if (!signed_too) {
        return sealed;
    }
    auto seen = doors::sign_answer(sealed.http, visit, {});
    if (!seen) {
        return fail(std::move(seen.error()));
    }
    sealed.seen = std::move(*seen);
    return sealed;
}

bool LicenceBDoor::owns(std::string_view path) const {
    return step_of(path).has_value();
}

Status LicenceBDoor::judge_head(const codec::HttpMessage& head) const {
    const auto said = parameters_of(head);
    return judge_length(head, said && !said->access_token.empty());
}

boost::asio::awaitable<codec::HttpMessage> LicenceBDoor::handle(codec::HttpMessage http, policy::Peer peer,
                                                                Deadline arrived) const {
    const std::string_view allowed = step_of(http.path()) == Step::auth ? "POST" : "GET";
    if (http.method != allowed) {
        co_return doors::wrong_method(allowed);
    }
    co_return co_await gateway_.answer(&dialect_, std::move(http), std::move(peer), arrived);
}

}  // namespace datong::platforms
