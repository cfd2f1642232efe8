#include "core/app/program.h"

#include "core/app/recall.h"
#include "core/ledger/feeder.h"
#include "core/ledger/uses.h"

namespace datong::app {

/// What works on the evidence beside the calls.
struct Program::Beside {
    std::unique_ptr<ledger::Feeder> feeder;
};

Status Program::open_beside() {
    const std::string folder = current_.get()->gateway.evidence_folder;
    auto shelf = vault::Shelf::open(vault::Shelf::file_of(folder));
    if (!shelf) {
        return fail(std::move(shelf.error()));
    }
    vault_ = std::make_unique<vault::Vault>(std::move(*shelf), pools_.make({.threads = 1, .waiting = 20'000}), *sink_);
    auto opened = ledger::Index::open(ledger::Index::file_of(folder));
    if (!opened) {
        return fail(std::move(opened.error()));
    }
    const std::shared_ptr<ledger::Index> index = std::move(*opened);
    const auto durable = [this] { return log_->durable(); };
    beside_ = std::make_shared<Beside>(Beside{std::make_unique<ledger::Feeder>(index, folder, durable, *sink_)});
    lookups_.pool = pools_.make({.threads = 2, .waiting = 64});
    // what is asked for may have been answered a moment ago, before the index heard of it
    const auto fresh = [index, folder, durable]() -> Status {
        const auto fed = index->feed(folder, durable());
        return fed ? Status{} : fail(Fault::unavailable, "the index of the evidence");
    };
    lookups_.container = [this, index, fresh](const std::string& exchange,
                                              const std::string& consumer) -> Result<std::string> {
        if (auto good = fresh(); !good) {
            return fail(std::move(good.error()));
        }
        const auto entry = index->find(exchange);
        if (!entry) {
            return fail(Fault::unavailable, "the index of the evidence");
        }
        if (!*entry || (*entry)->consumer != consumer || (*entry)->last == 0) {
            return fail(Fault::no_such_resource, "none of this consumer's");
        }
        const auto snapshot = current_.get();
        if (!snapshot) {  // this look-up outlived the gateway's shutdown
            return fail(Fault::unavailable, "the gateway ends");
        }
        return app::container_of(**entry, snapshot->gateway, snapshot->public_keys(true), clock_->now(),
                                 Reader::consumer);
    };
    lookups_.usage = [this, index, fresh](const std::string& person, const std::string& after,
                                          const catalogue::Gateway& gateway) -> Result<record::Record> {
        if (auto good = fresh(); !good) {
            return fail(std::move(good.error()));
        }
        std::vector<ledger::NotYet> withheld;
        for (const catalogue::Withheld& one : gateway.withheld) {
            withheld.push_back({.purposes = one.purposes, .since = to_rfc3339(clock_->now() - one.lasts)});
        }
        return ledger::uses_of(*index, person, after, withheld);
    };
    return {};
}

}  // namespace datong::app
