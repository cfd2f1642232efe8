#include "core/catalogue/snapshot.h"
