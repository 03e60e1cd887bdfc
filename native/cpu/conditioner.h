// What layers driven by a network check of their specs. Each throws std::invalid_argument.
#pragma once

#include <string>
#include <vector>

#include "pushforward/flow_spec.h"
#include "tile.h"
#include "tile_spline.h"

namespace pushforward {

Activation activation_named(const std::string& name, const std::string& where);

void require_hidden_width(int width, const std::string& where);

// The layers of a residual network share one hidden width.
void require_one_width(const LayerSpec& spec, const std::string& where);

// The bound of s = bound · tanh(r / bound), as the kernels want it.
float log_scale_bound_of(const LayerSpec& spec, const std::string& where);

// The shape of splines, with bins and bound in their ranges.
SplineShape spline_shape_of(const LayerSpec& spec, const std::string& where);

// Whether the network whose first weights have this name reads the flow's context beside `others`
// inputs of its own: a layer without context may stand in a flow with one.
bool takes_context(const LayerSpec& spec, int others, const std::string& weight = "weight0");

}  // namespace pushforward
