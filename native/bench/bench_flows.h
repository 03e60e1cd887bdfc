// Specs of the flows that the benchmark of the plan runs, built layer by layer.
#ifndef PUSHFORWARD_BENCH_BENCH_FLOWS_H_
#define PUSHFORWARD_BENCH_BENCH_FLOWS_H_

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "pushforward/flow_spec.h"

namespace pushforward::bench {

// A flow, with the multiply-adds of its weights that one row asks for in one pass.
class BenchFlow {
 public:
  BenchFlow(int dim, int context_dim) {
    spec_.dim = dim;
    spec_.context_dim = context_dim;
  }

  const FlowSpec& spec() const { return spec_; }
  double multiply_adds() const { return multiply_adds_; }

  void lu_linear() {
    LayerSpec layer;
    layer.kind = "luLinear";
    layer.parameters = {slice("lu", {spec_.dim, spec_.dim}), slice("bias", {spec_.dim})};
    spec_.layers.push_back(layer);
  }

  void affine_coupling(const std::string& activation, std::vector<int> hidden,
                       bool separate_networks = false) {
    LayerSpec layer = coupling("affineCoupling", activation, std::move(hidden));
    layer.log_scale_bound = 2.0;
    layer.separate_networks = separate_networks;
    const int outputs = int(layer.transformed.size());
    if (separate_networks) {
      network(layer, outputs, "scaleWeight", "scaleBias");
      network(layer, outputs, "shiftWeight", "shiftBias");
    } else {
      network(layer, 2 * outputs);
    }
    spec_.layers.push_back(layer);
  }

  void spline_coupling(const std::string& activation, std::vector<int> hidden, int residual_blocks,
                       int bins) {
    LayerSpec layer = coupling("rationalQuadraticCoupling", activation, std::move(hidden));
    layer.residual_blocks = residual_blocks;
    layer.bins = bins;
    layer.bound = 3.0;
    network(layer, (3 * bins - 1) * int(layer.transformed.size()));
    spec_.layers.push_back(layer);
  }

  // An autoregressive map of `kind`; no bins where it is affine. Of its weights those count that
  // the masks let through.
  void autoregressive(const std::string& kind, const std::vector<int>& hidden, int bins) {
    LayerSpec layer;
    layer.kind = kind;
    layer.activation = "relu";
    layer.log_scale_bound = 2.0;
    layer.bins = bins;
    layer.bound = 3.0;
    const int outputs = bins == 0 ? 2 : 3 * bins - 1;
    std::vector<std::vector<int>> degrees(hidden.size() + 2);
    for (int k = 0; k < spec_.dim; ++k) {
      layer.order.push_back(swapped_ ? spec_.dim - 1 - k : k);
      degrees.front().push_back(k + 1);
      degrees.back().insert(degrees.back().end(), std::size_t(outputs), k);
    }
    swapped_ = !swapped_;
    for (std::size_t i = 0; i < hidden.size(); ++i) {
      for (int unit = 0; unit < hidden[i]; ++unit) {
        degrees[i + 1].push_back(1 + unit * (spec_.dim - 1) / hidden[i]);
      }
    }
    layer.degrees.assign(degrees.begin() + 1, degrees.end() - 1);
    for (std::size_t i = 0; i + 1 < degrees.size(); ++i) {
      const std::vector<int>&from = degrees[i], &to = degrees[i + 1];
      const std::string number = std::to_string(i);
      layer.parameters.push_back(slice("weight" + number, {int(from.size()), int(to.size())}));
      layer.parameters.push_back(slice("bias" + number, {int(to.size())}));
      for (int degree : from) {
        multiply_adds_ -= double(std::lower_bound(to.begin(), to.end(), degree) - to.begin());
      }
    }
    spec_.layers.push_back(layer);
  }

 private:
  // Halves that change parts from coupling to coupling.
  LayerSpec coupling(const char* kind, const std::string& activation, std::vector<int> hidden) {
    LayerSpec layer;
    layer.kind = kind;
    layer.activation = activation;
    layer.hidden = std::move(hidden);
    for (int i = 0; i < spec_.dim; ++i) {
      ((i < spec_.dim / 2) == swapped_ ? layer.transformed : layer.identity).push_back(i);
    }
    swapped_ = !swapped_;
    return layer;
  }

  void network(LayerSpec& layer, int outputs, const std::string& weight = "weight",
               const std::string& bias = "bias") {
    std::vector<int> widths{int(layer.identity.size()) + spec_.context_dim};
    widths.insert(widths.end(), layer.hidden.begin(), layer.hidden.end());
    for (int i = 0; i < 2 * layer.residual_blocks; ++i) widths.push_back(layer.hidden.front());
    widths.push_back(outputs);
    for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
      layer.parameters.push_back(slice(weight + std::to_string(i), {widths[i], widths[i + 1]}));
      layer.parameters.push_back(slice(bias + std::to_string(i), {widths[i + 1]}));
    }
  }

  // Every matrix is one product.
  ParameterSlice slice(const std::string& name, std::vector<int> shape) {
    std::size_t size = 1;
    for (int length : shape) size *= std::size_t(length);
    if (shape.size() == 2) multiply_adds_ += double(size);
    spec_.parameter_count += size;
    return {name, std::move(shape), spec_.parameter_count - size};
  }

  FlowSpec spec_;
  double multiply_adds_ = 0;
  bool swapped_ = false;
};

}  // namespace pushforward::bench

#endif  // PUSHFORWARD_BENCH_BENCH_FLOWS_H_
