#include "tests/journeys/file_house.h"

#include <algorithm>
#include <stdexcept>

#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

namespace datong::journeys {

namespace asio = boost::asio;

FileHouse::FileHouse(std::function<Told(const std::string& request)> file) : file_{std::move(file)} {
}

void FileHouse::name(std::string address) {
    const std::lock_guard lock{mutex_};
    address_ = std::move(address);
}

std::vector<std::string> FileHouse::asked() const {
    const std::lock_guard lock{mutex_};
    return asked_;
}

FileHouse::Told FileHouse::permit() const {
    const auto who = permit_question().about;
    const std::lock_guard lock{mutex_};
    return {.head = "200 OK\r\nContent-Type: application/json",
            .body = R"({"code":200,"message":"success","data":{"total":1,"rows":[{"PERMIT_CODE":")" + who.id_no +
                    R"(001V","LICENSEE_NAME":")" + who.name + R"(","USCC":")" + who.id_no +
                    R"(","ISSUE_DATE":"20230301000000","VALID_FROM":"20230301","VALID_TO":"20280301",)" +
                    R"("PERMIT_STATUS":"1","PERMIT_TYPE":"1","ISSUE_ORG":"示例市生态环境局","LICENCE_FILE":")" +
                    address_ + R"("}]}})"};
}

void FileHouse::talk(support::LoopbackServer::Socket& socket) {
    std::string buffer;
    boost::system::error_code ec;
    while (!server_.stopped()) {
        const std::size_t size = asio::read_until(socket, asio::dynamic_buffer(buffer), "\r\n\r\n", ec);
        if (ec) {
            return;
        }
        const std::string request = buffer.substr(0, size);
        buffer.erase(0, size);
        const bool is_permit = request.starts_with("GET /pwxk/permit/query");
        if (!is_permit) {
            const std::lock_guard lock{mutex_};
            asked_.push_back(request);
        }
        const Told told = is_permit ? permit() : file_(request);
        const std::string head =
            "HTTP/1.1 " + told.head + "\r\nContent-Length: " + std::to_string(told.body.size()) + "\r\n\r\n";
        asio::write(socket, std::vector<asio::const_buffer>{asio::buffer(head), asio::buffer(told.body)}, ec);
        if (ec) {
            return;
        }
    }
}

GatewayUnderTest::Options FileHouse::options(const std::string& more_settings) const {
    return {.change = [url = url(), more_settings](const std::string& config) {
        const std::string department = config + "/departments/environment.yaml";
        edit(department, "url: \"${DATONG_ENVIRONMENT_URL}\"", "url: \"" + url + "\"\n      " + more_settings);
        edit(department, "${DATONG_ENVIRONMENT_URL}", url);
    }};
}

departments::Question permit_question() {
    const auto all = departments::questions_found();
    return *std::find_if(all.begin(), all.end(), [](const auto& one) { return one.service == "discharge-permit"; });
}

void edit(const std::string& file, const std::string& what, const std::string& with) {
    std::string text = read_file(file);
    const std::size_t at = text.find(what);
    if (at == std::string::npos) {
        throw std::runtime_error{file + " has no " + what};
    }
    write_text(file, text.replace(at, what.size(), with));
}

}  // namespace datong::journeys
