#include "core/base/guarded.h"

#include <cstring>

namespace datong {

Secret::~Secret() {
    explicit_bzero(value_.data(), value_.size());
}

}  // namespace datong
