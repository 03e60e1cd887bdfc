// What a flow tells the plan about itself; src/native/spec.ts says what each layer computes.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace pushforward {

// A named array in the flat parameters, row-major at `offset` (in floats).
struct ParameterSlice {
  std::string name;
  std::vector<int> shape;
  std::size_t offset;
};

// One layer of any kind; a kind reads the fields that src/native/spec.ts gives it.
struct LayerSpec {
  std::string kind;
  std::vector<ParameterSlice> parameters;
  std::vector<int> order;     // permutation, autoregressive maps
  std::vector<int> identity;  // couplings, from here on
  std::vector<int> transformed;
  std::vector<int> hidden;
  std::string activation;
  int residual_blocks = 0;         // 0: a plain perceptron
  bool separate_networks = false;  // affineCoupling
  double log_scale_bound = 0.0;    // affineCoupling, affine autoregressive maps
  int bins = 0;                    // splines, as is the bound
  double bound = 0.0;
  std::vector<int> circular;              // rationalQuadraticCoupling
  std::vector<std::vector<int>> degrees;  // autoregressive maps
  std::string map;                        // elementwise, from here on
  bool inverted = false;
  std::vector<int> columns;
  double slope = 1.0;
  std::vector<double> scale, shift;
};

struct FlowSpec {
  int dim = 0;
  int context_dim = 0;
  std::size_t parameter_count = 0;
  std::vector<LayerSpec> layers;
};

// Widths and counts above this are refused, so that no product of two of them overflows.
constexpr int kMaxWidth = 1 << 20;

// Most bins of a spline.
constexpr int kMaxBins = 64;

}  // namespace pushforward
