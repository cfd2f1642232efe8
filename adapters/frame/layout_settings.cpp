#include <algorithm>
#include <numeric>
#include <utility>

#include "adapters/frame/layout.h"
#include "core/base/text.h"

namespace datong::adapters::frame {

using adapter::SettingKind;
using adapter::Settings;

/// Reads one map of parts and says every mistake in it.
class LayoutReader {
public:
    explicit LayoutReader(Mistakes& mistakes) : mistakes_{mistakes} {}

    Layout read(const Settings& settings, std::string_view setting) {
        const Settings::Entries& entries = settings.entries(setting);
        for (const auto& [name, entry] : entries) {
            layout_.parts_.push_back(part_of(name, entry));
        }
        check_whole(settings.where(setting), std::string{setting});
        for (std::size_t i = 0; i < entries.size(); ++i) {
            read_covers(i, entries[i].second);
        }
        return measured();
    }

private:
    void refuse(const Position& where, std::string text_zh, std::string text_en, std::string hint = {}) {
        mistakes_.push_back(adapter::mistake_at(where, std::move(text_zh), std::move(text_en), std::move(hint)));
    }

    Part part_of(const std::string& name, const Settings& entry) {
        Part part{.name = name, .where = entry.where("kind"), .size = static_cast<std::size_t>(entry.whole("size"))};
        const std::string& kind = entry.text("kind");
        part.octets = entry.text("text");
        if (kind == "constant") {
            read_constant(part, entry);
        } else if (kind == "field") {
            part.kind = Part::Kind::field;
            part.pad = pad_of(entry.text("pad"), Pad::blanks_right);
        } else if (kind == "length") {
            read_length(part, entry);
        } else if (kind == "mac") {
            read_mac(part, entry);
        } else {
            part.kind = Part::Kind::body;
            part.size = 0;
        }
        const bool needs_size = part.kind == Part::Kind::field || part.kind == Part::Kind::length;
        if (needs_size && part.size == 0) {
            refuse(part.where, name + " 缺少 size（字节数）", name + " needs a size in octets");
        }
        return part;
    }

    static Pad pad_of(const std::string& word, Pad otherwise) {
        if (word.empty()) {
            return otherwise;
        }
        return word == "zeros_left" ? Pad::zeros_left : word == "blanks_left" ? Pad::blanks_left : Pad::blanks_right;
    }

    void read_constant(Part& part, const Settings& entry) {
        const auto octets = from_hex(entry.text("hex"));
        if (!octets) {
            refuse(entry.where("hex"), part.name + " 的 hex 不是十六进制", part.name + ": hex is not hexadecimal");
        } else if (!octets->empty()) {
            part.octets = *octets;
        }
        if (part.octets.empty()) {
            refuse(part.where, part.name + " 缺少 text 或 hex", part.name + " needs text or hex");
        }
        part.size = part.octets.size();
    }

    void read_length(Part& part, const Settings& entry) {
        constexpr std::size_t kMostDigits = 18;
        const std::string& form = entry.text("form");
        part.kind = Part::Kind::length;
        part.form = form == "big_endian"      ? NumberForm::big_endian
                    : form == "little_endian" ? NumberForm::little_endian
                                              : NumberForm::digits;
        part.pad = pad_of(entry.text("pad"), Pad::zeros_left);
        const std::size_t most = part.form == NumberForm::digits ? kMostDigits : sizeof(std::uint64_t);
        if (part.size > most) {
            refuse(entry.where("size"), part.name + " 最多 " + std::to_string(most) + " 字节",
                   part.name + " has at most " + std::to_string(most) + " octets");
        }
    }

    static void read_mac(Part& part, const Settings& entry) {
        constexpr std::size_t kDigits = 64;
        const std::string& algorithm = entry.text("algorithm");
        part.kind = Part::Kind::mac;
        part.size = kDigits;
        part.mac = algorithm == "sha256_key_first"  ? MacKind::sha256_key_first
                   : algorithm == "sha256_key_last" ? MacKind::sha256_key_last
                                                    : MacKind::hmac_sha256;
        part.upper_case = entry.text("letters") == "upper";
    }

    [[nodiscard]] std::size_t place_of(Part::Kind kind) const {
        const auto found = std::ranges::find(layout_.parts_, kind, &Part::kind);
        return static_cast<std::size_t>(found - layout_.parts_.begin());
    }

    void check_whole(const Position& where, const std::string& setting) {
        const auto& parts = layout_.parts_;
        const auto bodies = std::ranges::count(parts, Part::Kind::body, &Part::kind);
        if (bodies != 1) {
            refuse(where, setting + " 须恰有一个 kind: body", setting + " needs one part of kind body, and only one");
        }
        const auto lengths = std::ranges::count(parts, Part::Kind::length, &Part::kind);
        if (lengths > 1 || (lengths == 1 && place_of(Part::Kind::length) > place_of(Part::Kind::body))) {
            refuse(where, setting + " 至多有一个 kind: length，且在 body 之前",
                   setting + " has at most one part of kind length, before the body");
        }
    }

    void read_covers(std::size_t place, const Settings& entry) {
        Part& part = layout_.parts_[place];
        const Settings::Texts& names = entry.texts("covers");
        if (names == Settings::Texts{"all"}) {
            part.covers.resize(layout_.parts_.size());
            std::iota(part.covers.begin(), part.covers.end(), std::size_t{0});
        } else if (!names.empty()) {
            for (const std::string& name : names) {
                cover_named(part, name, entry.where("covers"));
            }
        } else if (part.kind == Part::Kind::mac) {
            part.covers = {place_of(Part::Kind::body)};
        } else {
            for (std::size_t behind = place + 1; behind < layout_.parts_.size(); ++behind) {
                part.covers.push_back(behind);
            }
        }
        check_covers(part, entry.where("covers"));
    }

    void cover_named(Part& part, const std::string& name, const Position& where) {
        const auto& parts = layout_.parts_;
        const auto found = std::ranges::find(parts, name, &Part::name);
        if (found != parts.end()) {
            part.covers.push_back(static_cast<std::size_t>(found - parts.begin()));
            return;
        }
        std::vector<std::string> names;
        std::ranges::transform(parts, std::back_inserter(names), &Part::name);
        refuse(where, part.name + " 的 covers 中没有 " + name + " 这一段", part.name + " covers no such part: " + name,
               nearest(name, names).value_or("all"));
    }

    void check_covers(const Part& part, const Position& where) {
        const auto covers = [&](Part::Kind kind) {
            return std::ranges::any_of(part.covers, [&](std::size_t at) { return layout_.parts_[at].kind == kind; });
        };
        if (part.kind == Part::Kind::length && !covers(Part::Kind::body)) {
            refuse(where, part.name + " 须计入 body", part.name + " must count the body");
        }
        if (part.kind == Part::Kind::mac && covers(Part::Kind::mac)) {
            refuse(where, part.name + " 不能覆盖校验值自身", part.name + " can't cover a check value");
        }
    }

    Layout measured() {
        layout_.length_at_ = place_of(Part::Kind::length);
        for (std::size_t i = 0; i < layout_.parts_.size(); ++i) {
            layout_.fixed_size_ += layout_.parts_[i].size;
            layout_.head_size_ = i == layout_.length_at_ ? layout_.fixed_size_ : layout_.head_size_;
        }
        return std::move(layout_);
    }

    Mistakes& mistakes_;
    Layout layout_;
};

std::vector<adapter::Setting> Layout::part_settings() {
    return {{.name = "kind",
             .required = true,
             .help_en = "what the part is",
             .help_zh = "该段的种类",
             .choices = {"constant", "field", "length", "body", "mac"}},
            {.name = "text",
             .help_en = "a constant's octets, or a field's value by itself",
             .help_zh = "常量，或字段的缺省值"},
            {.name = "hex", .help_en = "a constant's octets in hexadecimal", .help_zh = "十六进制写出的常量"},
            {.name = "size",
             .kind = SettingKind::whole,
             .otherwise = "0",
             .help_en = "octets of a field or length",
             .help_zh = "字段或长度段的字节数",
             .least = 0,
             .most = 4096},
            {.name = "pad",
             .help_en = "how a field (blanks_right) or a length in digits (zeros_left) is filled up",
             .help_zh = "填充方式：字段默认右补空格，长度默认左补零",
             .choices = {"zeros_left", "blanks_left", "blanks_right"}},
            {.name = "form",
             .otherwise = "digits",
             .help_en = "how a length is written",
             .help_zh = "长度的写法：数字、大端、小端",
             .choices = {"digits", "big_endian", "little_endian"}},
            {.name = "covers",
             .kind = SettingKind::list,
             .help_en = "the parts that a length counts (all behind it) or a mac covers (the body), or all",
             .help_zh = "长度计入的段（默认其后全部）或校验值覆盖的段（默认 body），或 all"},
            {.name = "algorithm",
             .otherwise = "hmac_sha256",
             .help_en = "of a mac",
             .help_zh = "校验算法",
             .choices = {"hmac_sha256", "sha256_key_first", "sha256_key_last"}},
            {.name = "letters",
             .otherwise = "lower",
             .help_en = "how a mac is written; read in either case",
             .help_zh = "校验值的大小写；读取时不分",
             .choices = {"lower", "upper"}}};
}

Layout Layout::read(const Settings& settings, std::string_view setting, Mistakes& mistakes) {
    return LayoutReader{mistakes}.read(settings, setting);
}

}  // namespace datong::adapters::frame
