#pragma once

#include "core/adapter/adapter.h"

namespace datong::adapters::queue {

/// Message queues: AMQP 0-9-1 (RabbitMQ), request and reply.
[[nodiscard]] adapter::Kind kind();

}  // namespace datong::adapters::queue
