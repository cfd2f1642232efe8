// What a request of family A asks for.
#include <algorithm>

#include "core/platforms/licence_a_answer.h"

namespace datong::platforms {
namespace {

using catalogue::Licence;
using record::Record;

/// The identifier in what a QR code says: alone, or in an address around it.
std::string identifier_in(std::string_view text) {
    const auto at = text.find("1.2.156.3005.2.");
    const std::string_view rest = at == std::string_view::npos ? std::string_view{} : text.substr(at);
    const auto end =
        std::ranges::find_if(rest, [](char c) { return c != '.' && (c < '0' || c > '9') && (c < 'A' || c > 'Z'); });
    return std::string{rest.begin(), end};
}

}  // namespace

std::string member_of(const Record& data, std::string_view name) {
    const Record* member = data.find(name);
    return member != nullptr ? std::string{member->scalar()} : std::string{};
}

std::string asked_identifier(const Record& data, LicenceAsk ask) {
    if (ask == LicenceAsk::by_qr_code) {
        return identifier_in(member_of(data, "qrcode"));
    }
    const std::string one = member_of(data, "certIdentifier");
    return one.empty() ? member_of(data, "certificateIdentifier") : one;
}

Result<Record> predicates_of(const Licence& licence, const Record& data, std::string_view today) {
    Record list = Record::list();
    const auto add = [&list](const std::string& field, std::string_view op, Record value) {
        Record one = Record::object();
        one.put("field", Record::text(field));
        one.put("operator", Record::text(op));
        one.put("value", std::move(value));
        list.add(std::move(one));
    };
    const Record* shown = data.find("certData");
    for (const record::Member& member : shown != nullptr ? shown->members() : Record::Object{}) {
        const auto column =
            std::ranges::find(licence.columns, member.name.str(), &std::pair<std::string, std::string>::first);
        const bool is_holder = member.name.view() == "holder" || member.name.view() == "holderCode" ||
                               member.name.view() == "holderTypeCode";  // the person of the context
        if (column == licence.columns.end() && !is_holder) {
            return fail(Fault::bad_request, "certData has a member that this type of licences has no column for");
        }
        if (is_holder && data.find(member.name) != nullptr &&
            member_of(data, member.name.view()) != member.value.scalar()) {
            return fail(Fault::bad_request, "certData names another holder than data does");
        }
        if (column != licence.columns.end()) {
            add(column->second, "equals", member.value);
        }
    }
    if (list.items().empty()) {
        return fail(Fault::bad_request, std::string{kNoNumber});
    }
    for (const auto* values : {&licence.voided, &licence.suspended, &licence.inactive}) {
        for (const std::string& value : *values) {
            add(licence.state, "not_equals", Record::text(value));
        }
    }
    if (!licence.valid_to.empty()) {
        add(licence.valid_to, "at_least", Record::text(today));
    }
    return list;
}

}  // namespace datong::platforms
