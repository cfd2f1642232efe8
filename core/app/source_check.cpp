#include <iostream>

#include "core/app/commands.h"
#include "core/app/configuration.h"
#include "core/app/map_files.h"
#include "core/app/source_tools.h"
#include "core/async/run.h"
#include "core/base/ids.h"
#include "core/base/text.h"
#include "core/catalogue/loading.h"
#include "core/codec/json.h"
#include "core/exchange/fetch.h"

namespace datong::app {
namespace {

using record::Record;

void say_fault(std::string_view code, const std::string& detail) {
    const auto fault = fault_by_code(code);
    const FaultRow& row = row_of(fault.value_or(Fault::internal));
    std::cout << row.title_zh << ' ' << row.title_en << " (" << code << ")\n    " << detail << '\n';
}

void say_step(const adapter::Contact& contact) {
    switch (contact.step) {
        case adapter::Contact::Step::authenticated:
            std::cout << "可连接, 认证通过 reachable, and it lets us in";
            break;
        case adapter::Contact::Step::anonymous:
            std::cout << "可连接; 设置中没有凭据, 无可认证 reachable; the settings hold no credentials, so nothing was "
                         "asked for";
            break;
        case adapter::Contact::Step::reachable:
            std::cout << "可连接, 凭据尚未验证 reachable; whether it takes our credentials shows with the first call";
            break;
    }
    if (!contact.proof_en.empty()) {
        std::cout << ": " << contact.proof_zh << ' ' << contact.proof_en;
    }
    std::cout << '\n';
}

/// First question: does it answer at all, and does it let us in?
bool say_contact(const std::string& name, const adapter::Guard& source, const Result<adapter::Contact>& contact) {
    std::cout << name << ": ";
    if (!contact) {
        say_fault(row_of(contact.error().fault()).code, contact.error().detail());
    } else {
        say_step(*contact);
    }
    for (const adapter::Warning& warning : source.warnings()) {
        std::cout << "  注意 warning: " << warning.text_zh << ' ' << warning.text_en << '\n';
    }
    return contact.has_value();
}

/// What a call with a sample showed of credentials that a probe can't try. A refusal in the department's own words may
/// mean them too, and says so itself.
void say_credentials(const Result<adapter::Contact>& contact, bool was_answered) {
    if (was_answered && contact && *contact == adapter::Contact::reachable) {
        std::cout << "  认证通过: 对方受理了样例 it lets us in: it answered the sample\n";
    }
}

/// A status that speaks of who we are, not of what we ask.
bool is_about_credentials(const std::string& detail) {
    return detail == "HTTP status 401" || detail == "HTTP status 403" || detail == "HTTP status 407";
}

/// What is most likely meant, where the place alone does not help; empty: nothing.
std::string_view advice_about(const std::string& rule) {
    if (rule == "unwrap.json" || rule == "unwrap.xml") {
        return "答复不是所写格式：或是网页（登录页、错误页），或是另一种字符集，如 source 的 charset: gb18030 | not "
               "that format: "
               "a web page, or another charset";
    }
    if (rule == "unwrap.take") {
        return "若这表示查无此人，在其前写 outcome: {none: 路径} | if it says that there is no such record: outcome "
               "with "
               "none: PATH before it";
    }
    return {};
}

/// The second one: does it answer a question of ours in the form that the mapping reads?
bool try_sample(const catalogue::Service& service, const Record& question) {
    const SystemClock clock;
    const exchange::Tried tried = async::run_alone(exchange::try_service(service, question, clock), exchange::Tried{});
    std::cout << "  样例 sample " << service.id << ": ";
    if (tried.outcome == "found" || tried.outcome == "not_found") {
        std::cout << (tried.outcome == "found"
                          ? "查到, 映射通过 found, and the mapping reads it"
                          : "查无此人, 部门按其格式答复 no such record, in the department's own words")
                  << ", " << tried.took.count() << " ms\n";
        return true;
    }
    say_fault(tried.outcome.empty() ? row_of(Fault::internal).code : tried.outcome, tried.detail);
    if (is_about_credentials(tried.detail)) {
        std::cout << "    认证未通过: 对方不接受凭据 it does not take our credentials\n";
    }
    for (const mapping::Finding& finding : tried.findings) {
        std::cout << "    " << finding.path << "  " << finding.rule << "  <- " << finding.source << "  "
                  << finding.text_zh << " | " << finding.text_en << '\n';
        if (const auto advice = advice_about(finding.rule); !advice.empty()) {
            std::cout << "      " << advice << '\n';
        }
    }
    return false;
}

std::vector<const catalogue::Service*> services_of(const catalogue::Snapshot& snapshot, const std::string& source) {
    std::vector<const catalogue::Service*> all;
    for (const auto& [id, service] : snapshot.services) {
        if (service->source && service->source->source() == source) {
            all.push_back(service.get());
        }
    }
    return all;
}

/// The service that a sample from a file is for: the one it names, or the source's only one.
const catalogue::Service* service_for(const Record& question, const std::vector<const catalogue::Service*>& services) {
    const std::string named = question.text_of("service");
    for (const catalogue::Service* service : services) {
        if (service->id == named || (named.empty() && services.size() == 1)) {
            return service;
        }
    }
    std::string names;
    for (const catalogue::Service* service : services) {
        names += ' ' + service->id;
    }
    std::cerr << "样例应以 \"service\" 指明服务 the sample must name its service as \"service\":"
              << (names.empty() ? " 该数据源没有服务 this source has none" : names) << '\n';
    return nullptr;
}

int try_file(const std::string& file, const std::vector<const catalogue::Service*>& services,
             const Result<adapter::Contact>& contact) {
    const auto text = read_text(file);
    const auto question = text ? codec::read_json(*text) : fail(Fault::bad_request, "can't be read");
    if (!question || question->find("context") == nullptr) {
        std::cerr << "样例文件不可用 " << file
                  << R"( is no sample; it must be {"context": {"subject": {...}}, "query": {}})"
                  << (question ? "" : ": " + question.error().detail()) << '\n';
        return kUsage;
    }
    const catalogue::Service* service = service_for(*question, services);
    if (service == nullptr) {
        return kUsage;
    }
    const bool was_answered = try_sample(*service, *question);
    say_credentials(contact, was_answered);
    return was_answered ? kGood : kWanting;
}

int try_own_samples(const std::vector<const catalogue::Service*>& services, const Result<adapter::Contact>& contact) {
    bool good = true;
    bool was_answered = false;
    int tried = 0;
    for (const catalogue::Service* service : services) {
        if (!service->sample.is_null()) {
            ++tried;
            const bool is_good = try_sample(*service, service->sample);
            was_answered = was_answered || is_good;
            good = is_good && good;
        }
    }
    say_credentials(contact, was_answered);
    if (tried == 0) {
        std::cout
            << "  样例未提供 no sample: 在服务中写 sample: FILE, 或用 --sample FILE name one in the service, or give "
               "--sample FILE\n";
    }
    return good ? kGood : kWanting;
}

int check_one(const CheckOptions& options, const catalogue::Snapshot& snapshot) {
    const auto source = snapshot.sources.find(options.name);
    if (source == snapshot.sources.end()) {
        const auto meant = nearest(options.name, catalogue::ids_of(snapshot.sources));
        std::cerr << "没有数据源 " << options.name << " no source " << options.name
                  << (meant ? "; try " + *meant : std::string{"; a name is DEPARTMENT/SOURCE"}) << '\n';
        return kUsage;
    }
    adapter::Guard& guard = *source->second;
    adapter::Errand errand{.exchange = new_id(std::chrono::system_clock::now()),
                           .deadline = Deadline::clock::now() + guard.limits().call};
    const Result<adapter::Contact> broken = fail(Fault::internal, "an exception");
    const auto contact = async::run_alone(guard.probe(std::move(errand)), broken);
    if (!say_contact(options.name, guard, contact)) {
        return kWanting;
    }
    const auto services = services_of(snapshot, options.name);
    return options.sample.empty() ? try_own_samples(services, contact) : try_file(options.sample, services, contact);
}

}  // namespace

int source_check(const CheckOptions& options) {
    int code = kGood;
    const Mistakes mistakes = with_configuration(
        options.config, [&](const catalogue::Snapshot& snapshot) { code = check_one(options, snapshot); });
    print(mistakes);
    return has_errors(mistakes) ? kConfig : code;
}

}  // namespace datong::app
