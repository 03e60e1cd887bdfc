// The elementwise parts of flow layers on tiles, one feature (kTileStride floats, `rows` of them
// used) at a time.
#pragma once

#include "pushforward/dispatch.h"
#include "tile.h"

namespace pushforward {

struct AffineGradient {
  const float* x;          // the feature before the coupling
  const float* raw_scale;  // r, the conditioner's output for its scale
  const float* kept;       // what the map has kept of r, which is then not read; or null
  const float* gy;         // cotangent of the feature after the coupling
  const float* log_det;    // cotangent of the log-determinant
  float* gx;
  float* graw_scale;
  float* gshift;
};

struct LayerKernels {
  // y = (x + shift) · scale.
  void (*shift_scale)(const float* x, float shift, float scale, int rows, float* y);
  // y = x · scale + shift.
  void (*scale_shift)(const float* x, float scale, float shift, int rows, float* y);
  // *sum += Σ_r a[r] b[r].
  void (*add_dot)(const float* a, const float* b, int rows, float* sum);
  // s = bound · tanh(raw / bound); y = x e^s + shift; log_det += s. Where `kept` is not null, it
  // gets the two features s / bound and e^s, for the backward pass; they may lie where raw_scale
  // and shift do.
  void (*affine_forward)(const float* x, const float* raw_scale, const float* shift, float bound,
                         int rows, float* y, float* log_det, float* kept);
  // x = (y - shift) e^-s; log_det -= s. `kept` as above.
  void (*affine_inverse)(const float* y, const float* raw_scale, const float* shift, float bound,
                         int rows, float* x, float* log_det, float* kept);
  void (*affine_backward)(const AffineGradient& task, float bound, int rows);
  // log_prob[r] = log_det[r] - ½ Σ_f z[f][r]² + constant.
  void (*normal_log_prob)(const float* z, int features, const float* log_det, float constant,
                          int rows, float* log_prob);
};

PF_DECLARE_KERNELS(LayerKernels, layer_kernels)

}  // namespace pushforward
