#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/access/dossier.h"
#include "core/access/folder.h"
#include "core/base/clock.h"
#include "core/base/mistake.h"
#include "core/catalogue/snapshot.h"
#include "core/store/applications.h"

namespace datong::access {

/// Where applications are handed in, decided and put in force (审批台). What is approved stands in its store; the files
/// of grants are made of that, and made anew where they are missing. May be used from many threads; waits for the disk,
/// so call it from no loop.
class Desk {
public:
    /// Makes what is done about an application part of the evidence: its last step. What can't be recorded is not done,
    /// but for an end, which holds first and is recorded then.
    using Note = std::function<Status(const Dossier& now)>;
    /// What it needs of the program around it.
    struct Around {
        const Clock& clock;
        std::function<std::shared_ptr<const catalogue::Snapshot>()> current;
        /// Takes the grants that were written into force. @return why not; empty when they are.
        std::function<Mistakes()> reload;
    };
    Desk(std::unique_ptr<store::Applications> store, Around around);

    struct Done {
        Dossier dossier;
        std::vector<std::string> missing{};  ///< approvals that are still needed: capacities
        Mistakes mistakes{};                 ///< why what was decided is not in force yet
    };
    /// Takes a new application.
    /// @return application_invalid with every mistake in it, and what decide() refuses.
    [[nodiscard]] Outcome<Done> submit(const Actor& actor, const std::string& text, const Note& note);
    /// Does something about an application.
    /// @return application_unknown, for who may_see() it not, too; and what decide() and submit() refuse;
    /// evidence_unavailable when it can't be
    ///         recorded or kept.
    [[nodiscard]] Outcome<Done> act(const Actor& actor, const std::string& id, const Deed& deed, const Note& note);

    /// Those that can be read.
    [[nodiscard]] Outcome<std::vector<Dossier>> all();
    /// @return application_unknown.
    [[nodiscard]] Outcome<Dossier> find(const std::string& id);
    /// Departments whose services it asks for; empty where it can't be read any more.
    [[nodiscard]] std::set<std::string> owners_of(const Dossier& dossier) const;

    /// Puts a configuration in force: of what approvals made, only what is approved now, word for word; the rest of it
    /// is void, and all of it where that can't be read. What is withdrawn meanwhile is withdrawn in this one, too.
    /// @return a warning for each grant that is void (C245).
    [[nodiscard]] Mistakes take(const catalogue::Snapshot& next, const std::function<void()>& put);

    /// Ends what is over, notes what is not in the evidence yet, and brings the files of grants to what is approved.
    /// @return whether a reload has something to take; the first thing that could not be done, when the rest is: an
    ///         application that can't be read is not approved.
    [[nodiscard]] Outcome<bool> settle(const Note& note);
    /// Applications that should have been decided by now.
    [[nodiscard]] Outcome<std::size_t> overdue();
    /// Number of the roll that holds; an older one on the disk was put back by somebody.
    [[nodiscard]] std::uint64_t roll() const noexcept { return roll_; }

private:
    [[nodiscard]] Terms terms_of(Application application, const catalogue::Snapshot& snapshot) const;
    /// Decides, records and keeps.
    [[nodiscard]] Outcome<Dossier> commit(Dossier dossier, const Deed& deed, const Actor& actor, const Terms& terms,
                                          const Note& note);
    /// An end: kept and withdrawn first, so that no crash leaves it recorded and not done.
    [[nodiscard]] Outcome<Dossier> commit_end(Dossier dossier, const Note& note);
    [[nodiscard]] Status keep(const Dossier& dossier);
    struct Shelf {
        std::vector<Dossier> dossiers;
        std::string unreadable{};  ///< why the first that can't be read can't be
    };
    [[nodiscard]] Outcome<Shelf> read_all();
    [[nodiscard]] Outcome<Dossier> find(const std::string& id, const Secret& key);
    /// What was decided is put in force, and what was withdrawn out of it, as far as it goes.
    [[nodiscard]] Done put_in_force(Dossier dossier, const Terms& terms);
    [[nodiscard]] Outcome<bool> publish();
    [[nodiscard]] Result<std::string> sign(const std::set<std::pair<std::string, std::string>>& grants);

    /// Grants of it that calls may still hold are void from now on.
    void withdraw(const std::string& id);
    /// Whether an approval says so now.
    [[nodiscard]] bool is_approved(const policy::Grant& grant, const Secret& key);

    std::mutex mutex_;  ///< one act at a time
    std::mutex force_;  ///< of what is in force; taken last
    std::unique_ptr<store::Applications> store_;
    Around around_;
    std::atomic<std::uint64_t> roll_{0};
};

}  // namespace datong::access
