#pragma once

#include <fstream>
#include <string>

#include "core/evidence/segment.h"

namespace datong::support {

/// Begins a new segment behind a log that nobody writes to, as one that is full does: the folder's last one ends where
/// the next begins.
inline bool end_segment(const std::string& folder) {
    const auto segments = evidence::list_segments(folder);
    if (!segments || segments->empty()) {
        return false;
    }
    auto reader = evidence::SegmentReader::open(segments->back().path);
    if (!reader) {
        return false;
    }
    evidence::SegmentHeader next{.first = segments->back().first, .previous = {}};
    while (reader->next() == evidence::SegmentReader::Step::record) {
        ++next.first;
        next.previous = reader->hash();
    }
    std::ofstream out{folder + '/' + evidence::segment_name(next.first), std::ios::binary};
    out << evidence::write_segment_header(next);
    return out.good();
}

}  // namespace datong::support
