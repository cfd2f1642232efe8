#include "core/async/mailbox.h"

#include <utility>

#include <boost/asio/execution/context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/query.hpp>

namespace datong::async {

namespace asio = boost::asio;

asio::execution_context::id Mailbox::id;

void Mailbox::deliver(const asio::any_io_executor& loop, std::shared_ptr<Letter> letter) {
    Mailbox& box = asio::use_service<Mailbox>(asio::query(loop, asio::execution::context));
    {
        const std::lock_guard lock{box.mutex_};
        box.letters_.push_back(std::move(letter));
        if (box.letters_.size() > 1) {
            return;  // the loop has been told
        }
    }
    asio::post(loop, [&box] { box.open_all(); });
}

void Mailbox::open_all() {
    std::vector<std::shared_ptr<Letter>> letters;
    {
        const std::lock_guard lock{mutex_};
        letters.swap(letters_);
    }
    for (auto& letter : letters) {
        std::exchange(letter, nullptr)->open();
    }
}

void Mailbox::shutdown() {
    std::vector<std::shared_ptr<Letter>> letters;  // what they hold ends outside the lock
    const std::lock_guard lock{mutex_};
    letters.swap(letters_);
}

}  // namespace datong::async
