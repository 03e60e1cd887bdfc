#include "conditioner.h"

#include "layer.h"

namespace pushforward {

Activation activation_named(const std::string& name, const std::string& where) {
  if (name == "relu") return Activation::kRelu;
  if (name == "leakyRelu") return Activation::kLeakyRelu;
  if (name == "tanh") return Activation::kTanh;
  if (name == "silu") return Activation::kSilu;
  if (name == "gelu") return Activation::kGelu;
  refuse(where, "activation must be relu, leakyRelu, tanh, silu or gelu, but is '" + name + "'");
}

void require_hidden_width(int width, const std::string& where) {
  if (width >= 1 && width <= kMaxWidth) return;
  refuse(where, "hidden widths must be from 1 to " + std::to_string(kMaxWidth));
}

void require_one_width(const LayerSpec& spec, const std::string& where) {
  if (spec.hidden.size() == 1) return;
  refuse(where, "hidden must hold one width where there are residualBlocks, but holds " +
                    std::to_string(spec.hidden.size()));
}

float log_scale_bound_of(const LayerSpec& spec, const std::string& where) {
  // The kernels divide by the bound in float32, whose reciprocal must be finite too.
  if (!(spec.log_scale_bound >= 1e-30 && spec.log_scale_bound <= 1e30)) {
    refuse(where, "logScaleBound must be a number from 1e-30 to 1e30");
  }
  return float(spec.log_scale_bound);
}

SplineShape spline_shape_of(const LayerSpec& spec, const std::string& where) {
  if (spec.bins < 2 || spec.bins > kMaxBins) {
    refuse(where, "bins must be from 2 to " + std::to_string(kMaxBins));
  }
  if (!(spec.bound >= 1e-6 && spec.bound <= 1e6)) {
    refuse(where, "bound must be a number from 1e-6 to 1e6");
  }
  return make_spline_shape(spec.bins, spec.bound);
}

bool takes_context(const LayerSpec& spec, int others, const std::string& weight) {
  for (const ParameterSlice& slice : spec.parameters) {
    if (slice.name == weight && !slice.shape.empty()) return slice.shape[0] != others;
  }
  return true;
}

}  // namespace pushforward
