// Reads a FlowSpec (src/native/spec.ts) from JavaScript.
#pragma once

#include <napi.h>

#include "pushforward/flow_spec.h"

namespace pushforward::addon {

// Throws a TypeError naming layer and field when the value is not of the spec's shape. What the
// numbers must be is checked by the plan.
FlowSpec read_flow_spec(const Napi::Value& value);

}  // namespace pushforward::addon
