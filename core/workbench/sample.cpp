#include "core/workbench/sample.h"

#include "core/codec/json.h"
#include "core/codec/xml.h"

namespace datong::workbench {

Result<record::Record> read_sample(std::string_view bytes, bool is_text) {
    constexpr std::string_view kMark = "\xEF\xBB\xBF";
    const std::string_view text = bytes.substr(bytes.starts_with(kMark) ? kMark.size() : 0);
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos || text[first] != '<') {
        return codec::read_json(text);
    }
    auto xml = codec::read_xml(text.substr(first), is_text);
    if (!xml) {
        return fail(std::move(xml.error()));
    }
    return std::move(xml->content);
}

Result<std::vector<path::Found>> find_nodes(const record::Record& sample, std::string_view path) {
    const auto query = path::Query::compile(path);
    if (!query) {
        return fail(Error{query.error()});
    }
    auto nodes = query->select(sample, sample);
    if (!nodes) {
        return fail(Fault::body_too_large, "the path meets more than 100,000 nodes, or visits more than 2,000,000");
    }
    return std::move(*nodes);
}

Result<record::Record> take_record(record::Record record, const std::vector<std::string>& take) {
    for (const std::string& path : take) {
        const auto nodes = find_nodes(record, path);
        if (!nodes) {
            return fail(Error{nodes.error()});
        }
        if (nodes->size() != 1) {
            return fail(Fault::bad_request, "--take meets " + std::to_string(nodes->size()) + " nodes, one is wanted");
        }
        record::Record next = *nodes->front().value;
        if (next.is_text()) {
            auto inner = read_sample(next.scalar(), true);
            if (!inner) {
                return inner;
            }
            next = std::move(*inner);
        }
        record = std::move(next);
    }
    return record;
}

std::string shown_nodes(const std::vector<path::Found>& nodes) {
    std::string out;
    for (const path::Found& node : nodes) {
        out += node.location + '\t' + codec::write_json(*node.value) + '\n';
    }
    return out;
}

}  // namespace datong::workbench
