#include "core/drafts/department.h"
#include "core/yaml/node.h"
#include "fuzz/must.h"

using namespace datong;

namespace {

/// Whatever was drafted, every file is what it claims to be.
void check(const drafts::DepartmentDraft& draft) {
    for (const auto* files : {&draft.config, &draft.mappings}) {
        for (const drafts::DraftFile& file : *files) {
            if (file.path.ends_with(".yaml")) {
                fuzz::must(yaml::parse(file.text, file.path).has_value());
            }
        }
    }
}

drafts::DepartmentWish wish() {
    drafts::DepartmentWish made;
    made.id = "fuzz";
    made.title = "某局";
    made.operation = "query";
    made.service = "fuzz-record";
    made.division = "999900";
    made.from = "2026-01-01";
    made.to = "2026-12-31";
    return made;
}

}  // namespace

/// A table of items or a sample reply, whichever the bytes are, ends in files that can be read or in a refusal.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string bytes{fuzz::text_of(data, size)};
    for (const std::string& adapter : drafts::drafted_adapters()) {
        drafts::DepartmentWish made = wish();
        made.adapter = adapter;
        made.sample = bytes;
        if (const auto draft = drafts::draft_department(made)) {
            check(*draft);
        }
    }
    if (auto items = drafts::read_item_file(bytes)) {
        drafts::DepartmentWish made = wish();
        made.adapter = "rest";
        made.items = std::move(*items);
        if (const auto draft = drafts::draft_department(made)) {
            check(*draft);
        }
    }
    return 0;
}
