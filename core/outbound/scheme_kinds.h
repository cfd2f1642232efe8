#pragma once

#include <memory>
#include <string>

#include "core/adapter/settings.h"
#include "core/outbound/scheme.h"

namespace datong::outbound {

/// What every kind is made of.
struct Making {
    const adapter::Settings& sign;
    const adapter::Tools& tools;
    Secret secret;  ///< from `secret` or `secret_file`
    Mistakes& mistakes;
};

/// Each gives nullptr after a mistake.
[[nodiscard]] std::unique_ptr<Scheme> make_national(const Making& making, const profiles::Traits& traits);
[[nodiscard]] std::unique_ptr<Scheme> make_header(const Making& making, const profiles::Traits& traits);
[[nodiscard]] std::unique_ptr<Scheme> make_zj(const Making& making, const profiles::Traits& traits);
[[nodiscard]] std::unique_ptr<Scheme> make_gateway(const Making& making, const profiles::Traits& traits);
[[nodiscard]] std::unique_ptr<Scheme> make_body_token(const Making& making, const profiles::Traits& traits);
[[nodiscard]] std::unique_ptr<Scheme> make_envelope(const Making& making, const profiles::Traits& traits);

/// Unix time in milliseconds, decimal.
[[nodiscard]] std::string milliseconds_of(Scheme::Time time);
/// `lend_path` where the settings say it, else the platform's own.
[[nodiscard]] std::string lend_path(const adapter::Settings& sign, std::string_view otherwise);
/// When a grant ends: what the platform says, but not later than `life_ms` from now, for some say the day's end of a
/// secret that lasts half an hour; and `life_ms` where it says nothing or what is past.
[[nodiscard]] Scheme::Time end_of(std::optional<Scheme::Time> said, Scheme::Time now, std::chrono::milliseconds life);
void set_all(codec::HttpMessage& request, const std::vector<codec::HttpField>& fields);

}  // namespace datong::outbound
