// Fixed monotone maps of single features (kTileStride floats, `rows` of them used) of a tile.
#pragma once

#include "pushforward/dispatch.h"
#include "tile.h"

namespace pushforward {

enum class ScalarMap { kSigmoid, kSoftplus, kTanh, kLeakyRelu, kAffine };

// A map f and its constants.
struct FeatureMap {
  ScalarMap map;
  float scale;  // affine; of leakyRelu the slope below zero
  float shift;  // affine
};

// What the maps give and take at the ends of (0, 1), (0, inf) and (-1, 1): see src/native/spec.ts.
constexpr float kLeastMapped = 1e-30f;
constexpr float kBelowOne = 0.99999994f;

struct FeatureGradient {
  const float* in;       // the feature before the map
  const float* gout;     // cotangent of the feature after it
  const float* log_det;  // cotangent of the log-determinant
  float* gin;
};

// The logarithm of an affine map's slope is the same for all rows and left to the layer.
struct FeatureMapKernels {
  // y = f(x); log_det += log |f'(x)|.
  void (*apply)(const FeatureMap& map, const float* x, int rows, float* y, float* log_det);
  // x = f^-1(y); log_det -= log |f'(x)|.
  void (*undo)(const FeatureMap& map, const float* y, int rows, float* x, float* log_det);
  void (*apply_backward)(const FeatureMap& map, const FeatureGradient& task, int rows);
  void (*undo_backward)(const FeatureMap& map, const FeatureGradient& task, int rows);
};

PF_DECLARE_KERNELS(FeatureMapKernels, feature_map_kernels)

}  // namespace pushforward
