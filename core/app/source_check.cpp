#include <iostream>
#include <optional>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "core/app/commands.h"
#include "core/app/configuration.h"
#include "core/base/ids.h"
#include "core/base/text.h"
#include "core/catalogue/loading.h"

namespace datong::app {
namespace {

Result<adapter::Contact> probe(adapter::Guard& source) {
    boost::asio::io_context loop{1};
    std::optional<Result<adapter::Contact>> found;
    adapter::Errand errand{.exchange = new_id(std::chrono::system_clock::now()),
                           .deadline = Deadline::clock::now() + source.limits().call};
    boost::asio::co_spawn(
        loop, source.probe(std::move(errand)),
        [&found](const std::exception_ptr&, Result<adapter::Contact> got) { found = std::move(got); });
    loop.run();
    return found ? std::move(*found) : fail(Fault::internal, "an exception");
}

int say(const std::string& name, const Result<adapter::Contact>& contact) {
    if (!contact) {
        const FaultRow& row = row_of(contact.error().fault());
        std::cout << name << ": " << row.title_zh << ' ' << row.title_en << " (" << row.code << ")\n  "
                  << contact.error().detail() << '\n';
        return kWanting;
    }
    std::cout << name
              << (*contact == adapter::Contact::authenticated
                      ? ": 可连接, 认证通过 reachable, and it lets us in\n"
                      : ": 可连接, 认证与业务未验证 reachable; whether it lets us in shows with the first call\n");
    return kGood;
}

}  // namespace

int check_source(const std::string& config, const std::string& name) {
    int code = kGood;
    const Mistakes mistakes = with_configuration(config, [&](const catalogue::Snapshot& snapshot) {
        const auto source = snapshot.sources.find(name);
        if (source != snapshot.sources.end()) {
            code = say(name, probe(*source->second));
            for (const adapter::Warning& warning : source->second->warnings()) {
                std::cout << "  注意 warning: " << warning.text_zh << ' ' << warning.text_en << '\n';
            }
            return;
        }
        const auto meant = nearest(name, catalogue::ids_of(snapshot.sources));
        std::cerr << "没有数据源 " << name << " no source " << name;
        std::cerr << (meant ? "; try " + *meant : std::string{"; a name is DEPARTMENT/SOURCE"}) << '\n';
        code = kUsage;
    });
    print(mistakes);
    return has_errors(mistakes) ? kConfig : code;
}

}  // namespace datong::app
