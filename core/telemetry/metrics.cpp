#include "core/telemetry/metrics.h"

#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "core/base/text.h"

namespace datong::telemetry {
namespace {

/// A label from outside that slipped through must not fill the memory.
constexpr std::size_t kMaxSeries = 20'000;

struct HashText {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};

/// name and labels as one text; no label holds the separators, which are control characters.
std::string key_of(std::string_view name, std::initializer_list<Label> labels) {
    std::string key{name};
    for (const Label& label : labels) {
        key.append(1, '\x1f').append(label.name).append(1, '\x1e').append(label.value);
    }
    return key;
}

std::map<std::string, std::string> to_map(std::initializer_list<Label> labels) {
    std::map<std::string, std::string> map;
    for (const Label& label : labels) {
        map.emplace(label.name, is_utf8(label.value) ? std::string{label.value} : "not utf-8");
    }
    return map;
}

const prometheus::Histogram::BucketBoundaries& seconds_buckets() {
    static const prometheus::Histogram::BucketBoundaries buckets{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                                 0.25,  0.5,    1,     2.5,  5,     10,   30};
    return buckets;
}

/// The series of one kind.
template <class Kind>
class Series {
public:
    /// @param make  called at first use: how the registry makes one; null when it refuses.
    template <class Make>
    Kind* find(std::string_view name, std::initializer_list<Label> labels, Make make) {
        const std::string key = key_of(name, labels);
        {
            const std::shared_lock lock{mutex_};
            if (const auto found = known_.find(key); found != known_.end()) {
                return found->second;
            }
        }
        const std::unique_lock lock{mutex_};
        if (const auto found = known_.find(key); found != known_.end()) {
            return found->second;
        }
        if (known_.size() >= kMaxSeries) {
            return nullptr;
        }
        return known_.emplace(key, make_guarded(make)).first->second;
    }

private:
    template <class Make>
    static Kind* make_guarded(Make make) {
        try {
            return make();
        } catch (const std::exception&) {  // a bad name, or a name of another kind
            return nullptr;
        }
    }

    std::shared_mutex mutex_;
    std::unordered_map<std::string, Kind*, HashText, std::equal_to<>> known_;
};

}  // namespace

struct Metrics::State {
    prometheus::Registry registry;
    Series<prometheus::Counter> counters;
    Series<prometheus::Gauge> gauges;
    Series<prometheus::Histogram> histograms;
};

Metrics::Metrics() : state_{std::make_unique<State>()} {
}

Metrics::~Metrics() = default;

void Metrics::count(std::string_view name, std::initializer_list<Label> labels, double by) {
    auto* counter = state_->counters.find(name, labels, [&] {
        return &prometheus::BuildCounter().Name(std::string{name}).Register(state_->registry).Add(to_map(labels));
    });
    if (counter != nullptr && by >= 0) {
        counter->Increment(by);
    }
}

void Metrics::gauge(std::string_view name, std::initializer_list<Label> labels, double value) {
    auto* gauge = state_->gauges.find(name, labels, [&] {
        return &prometheus::BuildGauge().Name(std::string{name}).Register(state_->registry).Add(to_map(labels));
    });
    if (gauge != nullptr) {
        gauge->Set(value);
    }
}

void Metrics::observe(std::string_view name, std::initializer_list<Label> labels, double seconds) {
    auto* histogram = state_->histograms.find(name, labels, [&] {
        auto& family = prometheus::BuildHistogram().Name(std::string{name}).Register(state_->registry);
        return &family.Add(to_map(labels), seconds_buckets());
    });
    if (histogram != nullptr) {
        histogram->Observe(seconds);
    }
}

std::string Metrics::text() const {
    return prometheus::TextSerializer{}.Serialize(state_->registry.Collect());
}

}  // namespace datong::telemetry
