#include "core/policy/context.h"

#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/steps/identifiers.h"

namespace datong::policy {
namespace {

using record::Record;

constexpr std::size_t kMaxCode = 64;
constexpr std::size_t kMaxText =
    200;  // characters of any one member; 用途说明 is at most 200 in the national interfaces

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// With full-width characters as ASCII, and in place of all others a blank.
std::string half_width(std::string_view text) {
    std::string made;
    for (const char32_t c : to_code_points(text)) {
        const char32_t half = c >= U'\uFF01' && c <= U'\uFF5E' ? c - 0xFEE0 : c;
        made += half < 0x80 ? static_cast<char>(half) : ' ';
    }
    return made;
}

/// Whether a row of digits in a text, neither preceded nor followed by another, is what `is_meant` looks for.
/// @param is_meant  takes what stands before the row (or a blank), the row, and all behind it.
template <class Meant>
bool holds_row(std::string_view text, Meant is_meant) {
    for (std::size_t begin = 0; begin < text.size(); ++begin) {
        std::size_t end = begin;
        while (end < text.size() && is_digit(text[end])) {
            ++end;
        }
        if (end > begin &&
            is_meant(begin > 0 ? text[begin - 1] : ' ', text.substr(begin, end - begin), text.substr(end))) {
            return true;
        }
        begin = end;
    }
    return false;
}

/// Whether the number of a resident stands in a text: 18 characters with a date of birth and the right check character.
bool holds_resident_id(std::string_view text) {
    constexpr std::size_t kDigits = 17;
    return holds_row(text, [](char, std::string_view row, std::string_view rest) {
        std::string id{row};
        const bool has_x = id.size() == kDigits && !rest.empty() && (rest[0] == 'X' || rest[0] == 'x');
        if (has_x && (rest.size() == 1 || !(is_digit(rest[1]) || is_letter(rest[1])))) {
            id += 'X';
        }
        if (steps::resident_id_mistake(id, false)) {
            return false;
        }
        const auto born = steps::resident_id_birthdate(id);
        return born && born->year >= 1900 && born->year < 2100;  // else it is a number of another kind
    });
}

/// Whether a mobile telephone number stands in a text, alone: no part of a code.
bool holds_mobile(std::string_view text) {
    constexpr std::size_t kDigits = 11;
    return holds_row(text, [](char before, std::string_view row, std::string_view rest) {
        return row.size() == kDigits && row[0] == '1' && row[1] >= '3' && !is_letter(before) &&
               (rest.empty() || !is_letter(rest[0]));
    });
}

/// Gathers the members of one object, remembering the first thing wrong.
class Reader {
public:
    Reader(const Record& object, std::string pointer) : object_{object}, pointer_{std::move(pointer)} {
        if (!object.is_object()) {
            refuse("", "must be an object");
        }
    }

    std::string text(std::string_view name) {
        const Record* value = take(name);
        if (value == nullptr || value->is_null()) {
            return {};
        }
        const std::string_view said = value->scalar();
        const bool has_control = std::any_of(said.begin(), said.end(),
                                             [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
        if (!value->is_text() || has_control || count_chars(said) > kMaxText) {
            refuse(name, "must be a text of at most 200 characters without control characters");
            return {};
        }
        return std::string{value->scalar()};
    }

    /// A code: letters, digits and . _ / -; what is kept in the evidence for good has no room for more.
    std::string code(std::string_view name) {
        std::string value = text(name);
        const bool plain = value.size() <= kMaxCode && std::all_of(value.begin(), value.end(), [](char c) {
                               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                      std::string_view{"._/-"}.find(c) != std::string_view::npos;
                           });
        if (!plain) {
            refuse(name, "must be at most 64 letters, digits and . _ / -");
        }
        return value;
    }

    /// For what stands in the evidence for good, where nobody's number may: no erasure reaches it.
    void refuse_persons(std::string_view name, std::string_view value, bool mobiles) {
        const std::string text = half_width(value);
        if (holds_resident_id(text) || (mobiles && holds_mobile(text))) {
            refuse(name, "must not hold the number of a person: it stands in the evidence for good");
        }
    }

    std::string required(std::string_view name) {
        std::string value = text(name);
        if (value.empty()) {
            refuse(name, "is required");
        }
        return value;
    }

    const Record* take(std::string_view name) {
        known_.emplace_back(name);
        return object_.find(name);
    }

    void refuse(std::string_view name, std::string_view why) {
        if (!error_) {
            error_ = pointer_ + (name.empty() ? "" : "/") + std::string{name} + ' ' + std::string{why};
        }
    }

    void refuse(std::string whole) {
        if (!error_) {
            error_ = std::move(whole);
        }
    }

    std::optional<std::string> finish() {
        for (const record::Member& member : object_.members()) {
            if (std::find(known_.begin(), known_.end(), member.name) == known_.end()) {
                const auto meant = nearest(member.name, known_);
                // a name that is not near any of ours may be anything, so it is not repeated
                refuse("", meant ? "has an unknown member; did you mean '" + *meant + "'?" : "has an unknown member");
            }
        }
        return error_;
    }

    [[nodiscard]] const std::string& pointer() const { return pointer_; }

private:
    const Record& object_;
    std::string pointer_;
    std::vector<std::string> known_;
    std::optional<std::string> error_;
};

std::optional<Person> read_person(Reader& parent, std::string_view role, std::string* authority) {
    const Record* value = parent.take(role);
    if (value == nullptr || value->is_null()) {
        return std::nullopt;
    }
    Reader reader{*value, parent.pointer() + '/' + std::string{role}};
    Person person;
    person.name = Personal{reader.required("name")};
    person.id_no = Personal{reader.required("id_no")};
    person.id_type = reader.text("id_type");
    if (person.id_type.empty()) {
        person.id_type = "111";
    }
    if (authority != nullptr) {
        *authority = reader.text("authority");
    }
    if (auto error = reader.finish()) {
        parent.refuse(std::move(*error));
    }
    return person;
}

bool is_division(std::string_view code) {
    return code.size() >= 6 && code.size() <= 12 && to_whole_number(code).has_value();
}

Operator read_operator(Reader& parent) {
    Operator who;
    const Record* value = parent.take("operator");
    if (value == nullptr) {
        parent.refuse("operator", "is required");
        return who;
    }
    Reader reader{*value, parent.pointer() + "/operator"};
    who.account = reader.code("account");
    if (who.account.empty()) {
        reader.refuse("account", "is required");
    }
    reader.refuse_persons("account", who.account, false);
    who.organisation = reader.text("organisation");
    who.name = Personal{reader.text("name")};
    who.division = reader.required("division");
    if (!who.division.empty() && !is_division(who.division)) {
        reader.refuse("division", "must be 6 to 12 digits (GB/T 2260)");
    }
    if (auto error = reader.finish()) {
        parent.refuse(std::move(*error));
    }
    return who;
}

Record to_record(const Person& person) {
    Record record = Record::object();
    record.put("id_type", Record::text(person.id_type));
    record.put("id_no", Record::text(person.id_no.reveal()));
    record.put("name", Record::text(person.name.reveal()));
    return record;
}

}  // namespace

const Person* Context::person(std::string_view role) const {
    const std::optional<Person>* found = role == "subject"     ? &subject
                                         : role == "applicant" ? &applicant
                                         : role == "agent"     ? &agent
                                                               : nullptr;
    return found != nullptr && found->has_value() ? &**found : nullptr;
}

Result<Context> read_context(const Record& object) {
    Reader reader{object, "/context"};
    Context context;
    context.matter = reader.code("matter");
    context.case_number = reader.code("case_number");
    context.material = reader.code("material");
    reader.refuse_persons("material", context.material, false);
    context.purpose = reader.code("purpose");
    if (context.purpose.empty()) {
        reader.refuse("purpose", "is required");
    }
    context.legal_basis = reader.text("legal_basis");
    reader.refuse_persons("legal_basis", context.legal_basis, true);
    context.subject = read_person(reader, "subject", nullptr);
    context.applicant = read_person(reader, "applicant", nullptr);
    context.agent = read_person(reader, "agent", &context.agent_authority);
    context.who = read_operator(reader);
    context.channel = reader.text("channel");
    context.consent = reader.text("consent");
    context.idempotency_key = reader.code("idempotency_key");
    if (const Record* facts = reader.take("facts"); facts != nullptr) {
        if (!facts->is_object()) {
            reader.refuse("facts", "must be an object");
        }
        context.facts = *facts;
    }
    if (!context.subject && !context.applicant && !context.agent) {
        reader.refuse("subject", "is required: one of subject, applicant and agent at least");
    }
    if (auto error = reader.finish()) {
        return fail(Fault::bad_request, std::move(*error));
    }
    return context;
}

Record to_record(const Context& context, const Person& about) {
    Record record = Record::object();
    record.put("subject", to_record(about));
    for (const std::string_view role : {"applicant", "agent"}) {
        if (const Person* person = context.person(role); person != nullptr) {
            record.put(std::string{role}, to_record(*person));
        }
    }
    Record who = Record::object();
    who.put("account", Record::text(context.who.account));
    who.put("organisation", Record::text(context.who.organisation));
    who.put("division", Record::text(context.who.division));
    who.put("name", Record::text(context.who.name.reveal()));
    record.put("operator", std::move(who));
    Record purpose = Record::object();
    purpose.put("code", Record::text(context.purpose));
    record.put("purpose", std::move(purpose));
    record.put("legal_basis", Record::text(context.legal_basis));
    record.put("case_number", Record::text(context.case_number));
    record.put("matter", Record::text(context.matter));
    record.put("channel", Record::text(context.channel));
    record.put("consent", Record::text(context.consent));
    return record;
}

}  // namespace datong::policy
