#include "core/base/result.h"
#include "core/record/record.h"
