// Matrix products of tiles.
#pragma once

#include "pushforward/dispatch.h"
#include "tile.h"

namespace pushforward {

// out[i] = start + Σ_k weights[i · output_stride + k · input_stride] in[k], for tiles in and out.
// Packed weights, which `pack` wrote, have no strides.
struct DenseTask {
  // What happens to the sum.
  enum class Finish {
    kStore,     // out = bias + sum, through the activation
    kAdd,       // out = out + bias + sum, through the activation
    kSubtract,  // out = out - sum
    kSlope,     // out = sum · slope of the activation, from the tiles `value` and `slope`
    kAddSlope,  // out = out + sum · slope
  };
  const float* weights;
  bool packed = false;
  int output_stride;
  int input_stride;
  int outputs;
  int inputs;
  int rows;  // a multiple of kRowGroup
  const float* in;
  float* out;
  Finish finish = Finish::kStore;
  const float* bias = nullptr;   // [outputs], or none
  const float* start = nullptr;  // a tile that the sums start from in place of a bias, or none
  Activation activation = Activation::kNone;
  float* activated = nullptr;    // where the activation goes, when not to `out`
  float* slopes = nullptr;       // where its slopes go, if has_stored_slope
  const float* value = nullptr;  // with the slopes: the activation's values and stored slopes
  const float* slope = nullptr;
};

// sums[i][j] += Σ_r left[i][r] right[r][j], or = when `fresh`: a gradient's sum over the rows of a
// tile. `left` is a tile of `outputs` features; `right` is a transposed tile [rows][stride];
// columns and stride are multiples of kRowGroup.
struct OuterTask {
  const float* left;
  int outputs;
  const float* right;
  int columns;
  int stride;
  int rows;
  float* sums;
  int sums_stride;
  bool fresh;
};

struct GemmKernels {
  // Writes weights[k · outputs + i] in the order in which `dense` reads them: [inputs][outputs]
  // floats in panels of a few outputs, of which each input's lie together. In their own place a
  // panel's lie a whole row apart, as many cache lines and as many pages as there are inputs.
  void (*pack)(const float* weights, int outputs, int inputs, float* packed);
  void (*dense)(const DenseTask& task);
  void (*outer)(const OuterTask& task);
  // The same of a `right` that is a tile of `columns` features, any number of them, not transposed;
  // it reads no stride. For few outputs.
  void (*dots)(const OuterTask& task);
};

PF_DECLARE_KERNELS(GemmKernels, gemm_kernels)

}  // namespace pushforward
