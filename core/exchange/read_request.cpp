#include <algorithm>
#include <array>
#include <string_view>

#include "core/codec/json.h"
#include "core/exchange/call.h"

namespace datong::exchange {
namespace {

using record::Record;

/// The members of every object by name: what two spellings of one request have in common.
void sort_members(Record& at) {
    if (at.is_object()) {
        auto& members = at.members_to_edit();
        std::sort(members.begin(), members.end(),
                  [](const record::Member& one, const record::Member& other) { return one.name < other.name; });
        for (record::Member& member : members) {
            sort_members(member.value);
        }
    } else if (at.is_list()) {
        for (Record& item : at.items_to_edit()) {
            sort_members(item);
        }
    }
}

std::string in_one_spelling(Record body) {
    sort_members(body);
    return codec::write_json(body);
}

Status check_members(const Record& body) {
    if (!body.is_object()) {
        return fail(Fault::bad_request, "the body must be a JSON object with context and query");
    }
    constexpr std::array<std::string_view, 7> kMembers{"context", "query", "about", "verify",
                                                       "subset",  "mode",  "files"};
    for (const record::Member& member : body.members()) {
        if (std::find(kMembers.begin(), kMembers.end(), std::string_view{member.name}) == kMembers.end()) {
            return fail(Fault::bad_request,
                        "the body holds context, query, about, verify, subset, mode and files only");
        }
    }
    return {};
}

Status read_verify(const Record* verify, Request& request) {
    if (verify == nullptr) {
        return {};
    }
    auto predicates = policy::read_predicates(*verify, "/verify");
    if (!predicates) {
        return fail(std::move(predicates.error()));
    }
    if (request.kind == Request::Kind::matter) {
        return fail(Fault::bad_request, "a matter's predicates stand in the matter");
    }
    request.verify = std::move(*predicates);
    return {};
}

Status read_subset(const Record* subset, Request& request) {
    if (subset == nullptr) {
        return {};
    }
    if (!subset->is_text() || subset->scalar().empty() || request.kind == Request::Kind::matter) {
        return fail(Fault::bad_request, "/subset is the name of one of the service's, and of a service only");
    }
    if (!request.verify.empty()) {
        return fail(Fault::bad_request, "/subset and /verify: a subset says itself what is asked");
    }
    request.subset = subset->scalar();
    return {};
}

Status read_query(Record* query, Request& request) {
    if (query == nullptr) {
        return {};
    }
    if (request.kind == Request::Kind::matter) {
        return fail(Fault::bad_request, "a matter has no query; put /context/facts");
    }
    if (!query->is_object()) {
        return fail(Fault::bad_request, "/query must be an object");
    }
    request.query = std::move(*query);
    return {};
}

Status read_about(const Record* about, Request& request) {
    if (about == nullptr) {
        return {};
    }
    if (!about->is_text() || request.kind == Request::Kind::matter) {
        return fail(Fault::bad_request, "/about is subject, applicant or agent, and of a service only");
    }
    request.about = about->scalar();
    return {};
}

Status read_mode(const Record* mode, Request& request) {
    if (mode == nullptr) {
        return {};
    }
    const std::string_view said = mode->is_text() ? mode->scalar() : std::string_view{};
    if (request.kind != Request::Kind::matter || (said != "all_or_nothing" && said != "as_available")) {
        return fail(Fault::bad_request, "/mode is all_or_nothing or as_available, and of a matter only");
    }
    request.all_or_nothing = said == "all_or_nothing";
    return {};
}

Status read_files(const Record* files, Request& request) {
    if (files == nullptr) {
        return {};
    }
    if (!files->is_text() || files->scalar() != "url") {
        return fail(Fault::bad_request, "/files is url: all files by their addresses");
    }
    request.files = files::Wanted::by_address;
    return {};
}

Status name_matter(Request& request) {
    if (request.kind != Request::Kind::matter) {
        return {};
    }
    std::string& named = request.context.matter;
    named = named.empty() ? request.name : named;
    return named == request.name ? Status{} : fail(Fault::bad_request, "/context/matter is not the matter of the path");
}

}  // namespace

Result<Request> read_request(Request::Kind kind, std::string name, Record body) {
    if (auto members = check_members(body); !members) {
        return fail(std::move(members.error()));
    }
    const Record* context = body.find("context");
    if (context == nullptr) {
        return fail(Fault::bad_request, "/context is required");
    }
    auto read = policy::read_context(*context);
    if (!read) {
        return fail(std::move(read.error()));
    }
    Request request{.kind = kind, .name = std::move(name), .context = std::move(*read), .query = Record::object()};
    request.fingerprint_text = in_one_spelling(body);
    for (auto done :
         {read_verify(body.find("verify"), request), read_subset(body.find("subset"), request),
          read_query(body.find("query"), request), read_about(body.find("about"), request),
          read_mode(body.find("mode"), request), read_files(body.find("files"), request), name_matter(request)}) {
        if (!done) {
            return fail(std::move(done.error()));
        }
    }
    return request;
}

}  // namespace datong::exchange
