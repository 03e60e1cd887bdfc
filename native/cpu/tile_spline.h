// Monotone rational-quadratic splines on tiles, one feature (kTileStride floats, `rows` of them
// used) at a time. Its numbers are the 3 · bins - 1 features from `raw` on, see src/native/spec.ts.
#pragma once

#include "pushforward/dispatch.h"
#include "tile.h"

namespace pushforward {

// Numbers that one spline takes.
constexpr int spline_size(int bins) { return 3 * bins - 1; }

struct SplineShape {
  int bins;
  float bound;
  // Inner knot k is at k · step - bound + scale · (the sum of the first k softmax values).
  float step, scale;
};

// Least share of a bin in the box, and least derivative at a knot.
constexpr double kLeastShare = 1e-3;

constexpr SplineShape make_spline_shape(int bins, double bound) {
  return {bins, float(bound), float(2.0 * bound * kLeastShare),
          float(2.0 * bound * (1.0 - bins * kLeastShare))};
}

struct SplineGradient {
  const float* x;        // the feature before the spline
  const float* raw;      // after softmax
  const float* gy;       // cotangent of the feature after the spline
  const float* log_det;  // cotangent of the log-determinant
  float* gx;
  float* graw;  // cotangents of the numbers before softmax
};

// The number for the derivative at the bounds of a circle, and its cotangent.
struct SplineEnds {
  const float* raw;
  float* graw;
};

struct SplineKernels {
  // In place: the softmax of the widths, and that of the heights. The others read these.
  void (*softmax)(float* raw, int bins, int rows);
  // y = spline(x); log_det += log dy/dx.
  void (*forward)(const SplineShape& shape, const float* x, const float* raw, int rows, float* y,
                  float* log_det);
  // x = spline^-1(y); log_det -= log dy/dx.
  void (*inverse)(const SplineShape& shape, const float* y, const float* raw, int rows, float* x,
                  float* log_det);
  void (*backward)(const SplineShape& shape, const SplineGradient& task, int rows);
  // The same for `inverse`: x is its result, gy the cotangent of that, gx gets the one of its
  // input.
  void (*inverse_backward)(const SplineShape& shape, const SplineGradient& task, int rows);
  // The same on a circle, for values on it: the derivative at both bounds follows from `ends` as
  // those of the knots between from their numbers.
  void (*circular_forward)(const SplineShape& shape, const float* x, const float* raw,
                           const float* ends, int rows, float* y, float* log_det);
  void (*circular_inverse)(const SplineShape& shape, const float* y, const float* raw,
                           const float* ends, int rows, float* x, float* log_det);
  void (*circular_backward)(const SplineShape& shape, const SplineGradient& task,
                            const SplineEnds& ends, int rows);
};

PF_DECLARE_KERNELS(SplineKernels, spline_kernels)

}  // namespace pushforward
