#include "core/codec/compression.h"

#include <algorithm>
#include <array>
#include <limits>
#include <memory>

#include <zlib.h>

namespace datong::codec {
namespace {

constexpr std::size_t kMost = std::numeric_limits<uInt>::max() / 2;  // zlib counts in unsigned int
constexpr std::size_t kPiece = 16U << 10;

/// zlib's window size with its code for the wrapper: 15 bits; 16 more say gzip.
int window_bits(Compression format) {
    return format == Compression::gzip ? 15 + 16 : 15;
}

/// zlib's interface is not const, but it does not write to its input.
Bytef* input_of(std::string_view octets) {
    return reinterpret_cast<Bytef*>(const_cast<char*>(octets.data()));
}

struct EndInflate {
    void operator()(z_stream* stream) const noexcept { inflateEnd(stream); }
};
struct EndDeflate {
    void operator()(z_stream* stream) const noexcept { deflateEnd(stream); }
};

/// One member or stream up to its end; what is left of the input stays in the stream.
Status unpack(z_stream& stream, std::string& out, std::size_t max_bytes) {
    std::array<char, kPiece> piece{};
    for (int state = Z_OK; state != Z_STREAM_END;) {
        stream.next_out = reinterpret_cast<Bytef*>(piece.data());
        stream.avail_out = static_cast<uInt>(piece.size());
        state = inflate(&stream, Z_NO_FLUSH);
        const std::size_t got = piece.size() - stream.avail_out;
        if (got > max_bytes - out.size()) {
            return fail(Fault::body_too_large, "unpacks to more than " + std::to_string(max_bytes) + " bytes");
        }
        out.append(piece.data(), got);
        const bool stuck = got == 0 && stream.avail_in == 0 && state != Z_STREAM_END;
        if (stuck || (state != Z_OK && state != Z_STREAM_END)) {
            return fail(Fault::bad_request, stuck ? "the packed data is cut off" : "not packed data of this format");
        }
    }
    return {};
}

}  // namespace

Result<std::string> decompress(std::string_view octets, Compression format, std::size_t max_bytes) {
    if (octets.size() > kMost) {
        return fail(Fault::body_too_large, "packed data larger than zlib counts");
    }
    z_stream stream{};
    if (inflateInit2(&stream, window_bits(format)) != Z_OK) {
        return fail(Fault::internal, "zlib has no memory");
    }
    const std::unique_ptr<z_stream, EndInflate> end{&stream};
    stream.next_in = input_of(octets);
    stream.avail_in = static_cast<uInt>(octets.size());
    std::string out;
    do {
        if (auto unpacked = unpack(stream, out, max_bytes); !unpacked) {
            return fail(std::move(unpacked.error()));
        }
    } while (stream.avail_in > 0 && format == Compression::gzip && inflateReset(&stream) == Z_OK);
    if (stream.avail_in > 0) {
        return fail(Fault::bad_request, "something stands behind the packed data");
    }
    return out;
}

Result<std::string> compress(std::string_view octets, Compression format) {
    z_stream stream{};
    constexpr int kUsualMemory = 8;
    if (octets.size() > kMost || deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window_bits(format),
                                              kUsualMemory, Z_DEFAULT_STRATEGY) != Z_OK) {
        return fail(Fault::internal, "zlib can't pack this");
    }
    const std::unique_ptr<z_stream, EndDeflate> end{&stream};
    std::string out(deflateBound(&stream, static_cast<uLong>(octets.size())), '\0');
    stream.next_in = input_of(octets);
    stream.avail_in = static_cast<uInt>(octets.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END) {
        return fail(Fault::internal, "zlib did not end");
    }
    out.resize(out.size() - stream.avail_out);
    return out;
}

}  // namespace datong::codec
