#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "core/catalogue/loading.h"
#include "core/catalogue/names.h"
#include "core/catalogue/predicate_check.h"

namespace datong::catalogue {
namespace {

using codec::SettingsReader;

/// A promise is judged on what the certificate shows.
void check_promise(Loading& loading, const yaml::Node& node, const Material& material) {
    for (const policy::Predicate& one : material.promise) {
        if (const std::string wrong = wrong_with(*material.service, one); !wrong.empty()) {
            loading.mistake(node, "C103", "promise 有误: " + one.field, "promise: " + one.field + ": " + wrong);
        }
    }
    if (!material.verify.empty()) {
        loading.mistake(node, "C213", "材料写 promise 或 verify, 不同时写",
                        "a material has a promise or verify, not both: what is asked by predicates shows no record");
    }
}

std::optional<Material> read_material(Loading& loading, const yaml::Node& node) {
    SettingsReader reader{node, loading.mistakes};
    Material material;
    material.id = reader.text("material");
    material.title = read_title(loading, reader, material.id);
    const std::string service = reader.text("service");
    material.about = reader.one_of("about", {"subject", "applicant", "agent"}, "subject");
    const yaml::Node* query = reader.node("query");
    const yaml::Node* verify = reader.node("verify");
    const yaml::Node* promise = reader.node("promise");
    const std::string subset = reader.text("subset", "");
    material.fields = reader.texts("fields");
    reader.finish();
    material.service = loading.snapshot.service(service);
    if (material.service == nullptr) {
        loading.unknown(place_of(node, "service"), "service", service, ids_of(loading.snapshot.services));
        return std::nullopt;
    }
    if (query != nullptr) {
        for (const auto& [key, value] : query->entries) {
            material.query.emplace_back(key.text, value.text);
        }
        check_names(loading, *query, material);
    }
    if (verify != nullptr) {
        material.verify = read_verify(loading, *verify);
    }
    check_predicates(loading, node, material);
    if (promise != nullptr) {
        material.promise = read_verify(loading, *promise);
        check_promise(loading, *promise, material);
    }
    read_least(loading, node, material, subset);
    return material;
}

std::vector<Material> read_list(Loading& loading, const yaml::Node& node) {
    SettingsReader reader{node, loading.mistakes};
    const yaml::Node* all_of = node.find("all_of");
    const std::vector<yaml::Node>& items = reader.required_list("all_of");
    reader.finish();
    std::vector<Material> list;
    for (const yaml::Node& item : items) {
        if (auto material = read_material(loading, item)) {
            list.push_back(std::move(*material));
        }
    }
    if (all_of != nullptr && all_of->is_list() && items.empty()) {
        loading.mistake(*all_of, "C102", "all_of 不能为空", "all_of must name at least one material");
    }
    return list;
}

/// Working days that may pass until what may follow has to be there.
constexpr int kMostFollowDays = 365;

void read_necessity(Loading& loading, const yaml::Node& node, SettingsReader& reader, Requirement& requirement) {
    const std::string said = reader.one_of("necessity", {"needed", "not_needed", "may_follow"}, "needed");
    requirement.necessity = said == "may_follow"   ? Necessity::may_follow
                            : said == "not_needed" ? Necessity::not_needed
                                                   : Necessity::needed;
    requirement.follow_days = static_cast<int>(reader.whole("follow_days", 1, kMostFollowDays, 0));
    if ((said == "may_follow") != (requirement.follow_days > 0)) {
        loading.mistake(node, "C213", "necessity: may_follow 须同时写明 follow_days (工作日), 其他情形不写",
                        "necessity: may_follow needs follow_days (working days), and nothing else has it",
                        "necessity: may_follow\nfollow_days: 10");
    }
}

Condition read_condition(Loading& loading, const yaml::Node& node) {
    SettingsReader reader{node, loading.mistakes};
    Condition condition{.fact = reader.text("fact"), .any_of = reader.texts("any_of")};
    reader.finish();
    if (condition.any_of.empty()) {
        loading.mistake(node, "C102", "when 须有 any_of", "when needs any_of: the values for which it applies",
                        "when: {fact: hasLoan, any_of: [\"yes\"]}");
    }
    return condition;
}

Question read_question(Loading& loading, const yaml::Node& node) {
    SettingsReader reader{node, loading.mistakes};
    Question question{.fact = reader.text("fact"), .title = read_title(loading, reader), .choices = {}};
    for (const yaml::Node& item : reader.list("choices")) {
        SettingsReader one{item, loading.mistakes};
        std::string value = one.text("value");
        question.choices.emplace_back(std::move(value), read_title(loading, one));
        one.finish();
    }
    reader.finish();
    return question;
}

bool has_choice(const Question& question, const std::string& value) {
    return question.choices.empty() || std::any_of(question.choices.begin(), question.choices.end(),
                                                   [&value](const auto& choice) { return choice.first == value; });
}

/// A condition on a fact that nobody asks for could never be met by a clerk who does not know it; one on a value that
/// is no choice could never be met at all.
void check_conditions(Loading& loading, const yaml::Node& node, const Matter& matter) {
    for (const Requirement& requirement : matter.requirements) {
        if (!requirement.when) {
            continue;
        }
        const Question* question = matter.question(requirement.when->fact);
        if (question == nullptr) {
            loading.mistake(
                node, "C213", "条件 " + requirement.id + " 依据的事实没有对应的 questions: " + requirement.when->fact,
                "requirement " + requirement.id + " depends on a fact that no question asks: " + requirement.when->fact,
                "questions: [{fact: " + requirement.when->fact + ", title: ...}]");
            continue;
        }
        for (const std::string& value : requirement.when->any_of) {
            if (!has_choice(*question, value)) {
                loading.mistake(node, "C213", "条件 " + requirement.id + " 的取值不在选项中: " + value,
                                "requirement " + requirement.id + ": the question has no such choice: " + value);
            }
        }
    }
}

Requirement read_requirement(Loading& loading, const yaml::Node& node) {
    SettingsReader reader{node, loading.mistakes};
    Requirement requirement;
    requirement.id = reader.text("id");
    requirement.title = read_title(loading, reader, requirement.id);
    read_necessity(loading, node, reader, requirement);
    if (const yaml::Node* when = reader.node("when"); when != nullptr) {
        requirement.when = read_condition(loading, *when);
    }
    requirement.no_match = reader.flag("no_match", false);
    const std::vector<yaml::Node>& any_of = reader.list("any_of");
    reader.finish();
    for (const yaml::Node& list : any_of) {
        requirement.any_of.push_back(read_list(loading, list));
    }
    if (requirement.any_of.empty() != requirement.no_match) {
        loading.mistake(node, "C213", "any_of 与 no_match: true 必须且只能写一个",
                        "write any_of with lists of materials, or no_match: true, and not both");
    }
    return requirement;
}

void check_ids(Loading& loading, const yaml::Node& node, const Matter& matter) {
    std::set<std::string> seen;
    for (const Requirement& requirement : matter.requirements) {
        if (!seen.insert(requirement.id).second) {
            loading.mistake(node, "C202", "条件 " + requirement.id + " 重复",
                            "requirement " + requirement.id + " stands twice");
        }
    }
}

bool is_same_predicate(const policy::Predicate& one, const policy::Predicate& other) {
    return one.field == other.field && one.op == other.op && one.value == other.value;
}

/// Whether two materials are one question: neither its title nor the order in which it is written makes it another.
bool is_same(const Material& one, const Material& other) {
    const auto same = [](const auto& these, const auto& those, auto is_equal) {
        return std::is_permutation(these.begin(), these.end(), those.begin(), those.end(), is_equal);
    };
    return one.service == other.service && one.about == other.about && one.fields == other.fields &&
           one.subset == other.subset && same(one.query, other.query, std::equal_to<>{}) &&
           same(one.verify, other.verify, is_same_predicate) && same(one.promise, other.promise, is_same_predicate);
}

/// One material is one question: of one service about one person, within one requirement, in whatever lists. What comes
/// after the answer is known by the material's id alone.
void check_materials(Loading& loading, const yaml::Node& node, const Matter& matter) {
    std::map<std::string, std::pair<const Requirement*, const Material*>> seen;
    for (const Requirement& requirement : matter.requirements) {
        for (const auto& list : requirement.any_of) {
            for (const Material& material : list) {
                const auto& [in, first] = seen.emplace(material.id, std::pair{&requirement, &material}).first->second;
                if (in != &requirement || !is_same(*first, material)) {
                    loading.mistake(
                        node, "C202", "材料 " + material.id + " 指两件不同的材料, 须改用不同的名称",
                        "material " + material.id + " names two different ones: give them ids of their own");
                }
            }
        }
    }
}

/// A promise is one about what follows, and is judged when the gateway asks for it again.
void check_promises(Loading& loading, const yaml::Node& node, const Matter& matter) {
    for (const Requirement& requirement : matter.requirements) {
        const bool is_followed = requirement.necessity == Necessity::may_follow && matter.follow_up;
        const bool has_promise =
            std::any_of(requirement.any_of.begin(), requirement.any_of.end(), [](const auto& list) {
                return std::any_of(list.begin(), list.end(),
                                   [](const Material& material) { return !material.promise.empty(); });
            });
        if (has_promise && !is_followed) {
            loading.mistake(node, "C213",
                            "条件 " + requirement.id + " 的 promise 须有 necessity: may_follow 与事项的 follow_up",
                            "the promise of requirement " + requirement.id +
                                " needs necessity: may_follow, and follow_up of the matter",
                            "follow_up: {ask_again_s: 86400}");
        }
    }
}

/// A matter gathers materials or submits a case: not both, and nothing is submitted a second time because a list was
/// not satisfied.
void check_submits(Loading& loading, const yaml::Node& node, Matter& matter) {
    std::size_t submits = 0;
    std::size_t materials = 0;
    std::set<std::string> ids;
    for (const Requirement& requirement : matter.requirements) {
        for (const auto& list : requirement.any_of) {
            for (const Material& material : list) {
                ++materials;
                submits += material.service->is_submit() ? 1 : 0;
                if (material.service->is_submit() &&
                    (requirement.any_of.size() > 1 || !ids.insert(material.id).second)) {
                    loading.mistake(node, "C213", "提交类材料 " + material.id + " 只能在一个列表中出现一次",
                                    "material " + material.id + " is a submission: it stands once, in the only list");
                }
            }
        }
    }
    matter.submits = submits > 0;
    const bool is_plain =
        matter.questions.empty() &&
        std::all_of(matter.requirements.begin(), matter.requirements.end(), [](const Requirement& requirement) {
            return !requirement.when && requirement.necessity == Necessity::needed;
        });
    if (matter.submits && !is_plain) {
        loading.mistake(node, "C213", "推送办件的事项不用 questions, when 和 necessity",
                        "a matter that submits a case has no questions, when or necessity");
    }
    if (submits > 0 && submits != materials) {
        loading.mistake(node, "C213", "一个事项要么取材料, 要么推送办件",
                        "a matter gathers materials or submits a case, not both", "make it two matters");
    }
}

/// One call asks for all that a matter may need: more predicates about one person than the caps let be asked within an
/// hour would be refused for ever. A material that stands in two lists is asked once.
void check_guesses(Loading& loading, const yaml::Node& node, const Matter& matter) {
    std::set<std::pair<std::string, std::string>> known;
    std::map<std::pair<std::string, std::string>, std::uint64_t> of_service;  // about whom, and the service
    std::map<std::string, std::uint64_t> of_person;
    for (const Requirement& requirement : matter.requirements) {
        for (const auto& list : requirement.any_of) {
            for (const Material& one : list) {
                const std::uint64_t of_subset =
                    one.subset != nullptr
                        ? policy::guesses_in(one.subset->predicates_on({.year = 2000, .month = 1, .day = 1}))
                        : 0;
                const std::uint64_t asked = policy::guesses_in(one.verify) + of_subset;
                if (known.emplace(one.id, one.service->id).second) {
                    of_service[{one.about, one.service->id}] += asked;
                    of_person[one.about] += asked;
                }
            }
        }
    }
    const auto refuse = [&](const std::string& what, std::uint64_t asked, std::string_view cap, std::uint64_t most) {
        loading.mistake(node, "C213",
                        "事项一次对 " + what + " 核验 " + std::to_string(asked) + " 项, 超过 " + std::string{cap} +
                            ": " + std::to_string(most) + ", 永远无法调用",
                        "the matter asks " + std::to_string(asked) + " predicates about " + what + " at once, over " +
                            std::string{cap} + ": " + std::to_string(most) + ": it could never be called");
    };
    for (const auto& [of, asked] : of_service) {
        const std::uint64_t most = loading.snapshot.service(of.second)->guesses;
        if (asked > most) {
            refuse(of.first + " (" + of.second + ")", asked, "predicates_per_hour", most);
        }
    }
    const std::uint64_t most = *loading.snapshot.gateway.most.guesses_per_hour;
    for (const auto& [about, asked] : of_person) {
        if (asked > most) {
            refuse(about, asked, "most.guesses_per_hour", most);
        }
    }
}

void load_matter(Loading& loading, const yaml::Node& node) {
    SettingsReader reader{node, loading.mistakes};
    (void)reader.text("datong");
    auto matter = std::make_unique<Matter>();
    matter->id = reader.text("id");
    matter->version = read_version(loading, reader);
    matter->title = read_title(loading, reader);
    matter->item = reader.text("item", "");
    matter->purpose = reader.text("purpose");
    matter->case_matter = reader.text("case_matter", matter->id);
    matter->deadline = reader.milliseconds("deadline_ms", matter->deadline);
    const std::vector<yaml::Node>& requirements = reader.required_list("requirements");
    if (const yaml::Node* follow_up = reader.node("follow_up"); follow_up != nullptr) {
        constexpr std::int64_t kMonth = 30 * 86'400;
        SettingsReader inner{*follow_up, loading.mistakes};
        matter->follow_up = std::chrono::seconds{inner.whole("ask_again_s", 1, kMonth, 86'400)};
        inner.finish();
    }
    for (const yaml::Node& item : reader.list("questions")) {
        matter->questions.push_back(read_question(loading, item));
    }
    reader.finish();
    for (const yaml::Node& item : requirements) {
        matter->requirements.push_back(read_requirement(loading, item));
    }
    if (const yaml::Node* written = node.find("requirements");
        written != nullptr && written->is_list() && requirements.empty()) {
        loading.mistake(*written, "C102", "requirements 不能为空", "requirements must name at least one");
    }
    check_ids(loading, node, *matter);
    check_materials(loading, node, *matter);
    check_conditions(loading, node, *matter);
    check_promises(loading, node, *matter);
    check_submits(loading, node, *matter);
    check_guesses(loading, node, *matter);
    if (!is_id(matter->id) || loading.snapshot.matters.contains(matter->id)) {
        loading.mistake(node, "C202", "事项 id 不合规或重复", "a matter id is [a-z][a-z0-9-]* and stands once");
        return;
    }
    const std::string id = matter->id;
    loading.snapshot.matters[id] = std::move(matter);
}

}  // namespace

void load_matters(Loading& loading) {
    for (const std::string& name : loading.list(loading.root + "matters")) {
        if (const auto node = loading.document(loading.root + "matters/" + name, "matter")) {
            load_matter(loading, *node);
        }
    }
    note_needs(loading);
}

}  // namespace datong::catalogue
