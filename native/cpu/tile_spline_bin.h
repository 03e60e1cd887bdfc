// The bin of a rational-quadratic spline that a vector of values lies in, and the spline at a
// position in it (Durkan et al. 2019, equations 4 and 5). For kernel files.
#pragma once

#include "pushforward/simd.h"
#include "tile_spline.h"

namespace pushforward::PF_PATH {

// Derivatives are kLeastDerivative + softplus(raw + kDerivativeOffset), which is 1 at raw = 0.
constexpr float kLeastDerivative = 1e-3f;
constexpr float kDerivativeOffset = 0.539742417f;  // log(e^0.999 - 1)

// softplus(raw + kDerivativeOffset) + kLeastDerivative, and its slope when asked for.
PF_INLINE Float derivative(Float raw, Float* slope) {
  const Float u = raw + broadcast(kDerivativeOffset);
  if (slope != nullptr) *slope = sigmoid(u);
  return softplus(u) + broadcast(kLeastDerivative);
}

// What the formulas need to know of the bin that a value lies in.
struct Bin {
  Float index;
  Float x, y, width, height;
  Float slope;        // height / width
  Float per_width;    // 1 / width
  Float left, right;  // derivatives at its ends
  Float curvature;    // left + right - 2 slope
  Mask first, last;   // whether it begins at -bound, ends at bound
  Float left_raw, right_raw;
  // Sums of the softmax values before its two ends; those of a bound mean nothing.
  Float left_width_sum, right_width_sum, left_height_sum, right_height_sum;
};

// Every knot is compared with the value: the loop is the same for all lanes and has no branch. A
// NaN has reached no knot. Knots rise, as every bin has its least share.
template <bool by_height>
PF_INLINE Bin find_bin(const SplineShape& shape, const float* raw, Float value) {
  const Float zero = broadcast(0.0f), one = broadcast(1.0f);
  const Float scale = broadcast(shape.scale);
  const float* width = raw;
  const float* height = raw + size_t(shape.bins) * kTileStride;
  const float* inner = raw + size_t(2 * shape.bins) * kTileStride;
  Bin bin;
  bin.index = zero;
  bin.x = bin.y = broadcast(-shape.bound);
  bin.left_width_sum = bin.left_height_sum = zero;
  bin.left_raw = bin.right_raw = zero;
  Float right_x = zero, right_y = zero;
  Float width_sum = zero, height_sum = zero;
  bin.right_width_sum = bin.right_height_sum = zero;
  // Whether the knot before was reached: then this one is, so far, the right end.
  Mask before = zero < one;
  Mask reached = before;
  for (int k = 1; k < shape.bins; ++k) {
    width_sum = width_sum + load(width);
    height_sum = height_sum + load(height);
    const Float start = broadcast(float(k) * shape.step - shape.bound);
    const Float x = fma(scale, width_sum, start);
    const Float y = fma(scale, height_sum, start);
    const Float knot_raw = load(inner);
    right_x = select(before, x, right_x);
    right_y = select(before, y, right_y);
    bin.right_raw = select(before, knot_raw, bin.right_raw);
    bin.right_width_sum = select(before, width_sum, bin.right_width_sum);
    bin.right_height_sum = select(before, height_sum, bin.right_height_sum);
    reached = (by_height ? y : x) <= value;
    if (k == 1) bin.first = !reached;
    bin.index = bin.index + select(reached, one, zero);
    bin.x = select(reached, x, bin.x);
    bin.y = select(reached, y, bin.y);
    bin.left_raw = select(reached, knot_raw, bin.left_raw);
    bin.left_width_sum = select(reached, width_sum, bin.left_width_sum);
    bin.left_height_sum = select(reached, height_sum, bin.left_height_sum);
    before = reached;
    width += kTileStride;
    height += kTileStride;
    inner += kTileStride;
  }
  bin.last = reached;
  const Float bound = broadcast(shape.bound);
  bin.width = select(reached, bound, right_x) - bin.x;
  bin.height = select(reached, bound, right_y) - bin.y;
  bin.per_width = one / bin.width;
  bin.slope = bin.height * bin.per_width;
  return bin;
}

// `ends` is the number for the derivative at the bounds of a circle; a line has 1 there.
template <bool circular>
PF_INLINE void set_derivatives(Bin* bin, Float ends, Float* left_slope, Float* right_slope) {
  if constexpr (circular) {
    bin->left = derivative(select(bin->first, ends, bin->left_raw), left_slope);
    bin->right = derivative(select(bin->last, ends, bin->right_raw), right_slope);
  } else {
    bin->left = select(bin->first, ends, derivative(bin->left_raw, left_slope));
    bin->right = select(bin->last, ends, derivative(bin->right_raw, right_slope));
  }
  bin->curvature = bin->left + bin->right - (bin->slope + bin->slope);
}

// At relative position t of the bin.
struct Point {
  Float t, rest;          // t and 1 - t
  Float parabola;         // t (1 - t)
  Float per_denominator;  // 1 / (slope + curvature · parabola)
  Float share;            // of the bin's height that is reached
  Float rise;             // dy/dx = rise · (slope / denominator)²
  Float derivative;
};

PF_INLINE Point point_at(Float t, const Bin& bin) {
  const Float one = broadcast(1.0f);
  Point at;
  at.t = t;
  at.rest = one - t;
  at.parabola = t * at.rest;
  at.per_denominator = one / fma(bin.curvature, at.parabola, bin.slope);
  const Float square = t * t;
  at.share = fma(bin.slope, square, bin.left * at.parabola) * at.per_denominator;
  at.rise = fma(bin.right, square,
                fma(bin.slope + bin.slope, at.parabola, bin.left * (at.rest * at.rest)));
  const Float steep = bin.slope * at.per_denominator;
  at.derivative = at.rise * (steep * steep);
  return at;
}

}  // namespace pushforward::PF_PATH
