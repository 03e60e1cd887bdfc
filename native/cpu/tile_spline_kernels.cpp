#include "tile_spline.h"

#include "pushforward/simd.h"
#include "tile_spline_bin.h"

namespace pushforward::PF_PATH {
namespace {

// The nearest value on [-bound, bound]; NaN stays.
PF_INLINE Float clamp(Float value, float bound) {
  return min(broadcast(bound), max(broadcast(-bound), value));
}

void softmax(float* raw, int bins, int rows) {
  for (int part = 0; part < 2; ++part, raw += size_t(bins) * kTileStride) {
    for (int r = 0; r < rows; r += kWidth) {
      Float greatest = load(raw + r);
      for (int k = 1; k < bins; ++k) {
        greatest = max(greatest, load(raw + size_t(k) * kTileStride + r));
      }
      Float sum = broadcast(0.0f);
      for (int k = 0; k < bins; ++k) {
        float* const at = raw + size_t(k) * kTileStride + r;
        const Float power = exp(load(at) - greatest);
        store(at, power);
        sum = sum + power;
      }
      const Float factor = broadcast(1.0f) / sum;
      for (int k = 0; k < bins; ++k) {
        float* const at = raw + size_t(k) * kTileStride + r;
        store(at, load(at) * factor);
      }
    }
  }
}

// The number for the derivative at the bounds of a circle, or the derivative 1 of a line.
template <bool circular>
PF_INLINE Float ends_at(const float* ends, int r) {
  if constexpr (circular) return load(ends + r);
  return broadcast(1.0f);
}

template <bool circular>
void map_forward(const SplineShape& shape, const float* x, const float* raw, const float* ends,
                 int rows, float* y, float* log_det) {
  for (int r = 0; r < rows; r += kWidth) {
    const Float value = load(x + r);
    const Float inside = clamp(value, shape.bound);
    Bin bin = find_bin<false>(shape, raw + r, inside);
    set_derivatives<circular>(&bin, ends_at<circular>(ends, r), nullptr, nullptr);
    const Point at = point_at((inside - bin.x) / bin.width, bin);
    store(y + r, fma(bin.height, at.share, bin.y) + (value - inside));
    store(log_det + r, load(log_det + r) + log(at.derivative));
  }
}

// The quadratic equation for t (Durkan et al. 2019, equation 8), divided by the bin's height.
PF_INLINE Float solve(Float share, const Bin& bin) {
  const Float zero = broadcast(0.0f), two = broadcast(2.0f);
  const Float bend = share * bin.curvature;
  const Float a = bin.slope - bin.left + bend;
  const Float b = bin.left - bend;
  const Float c = bin.slope * share;
  // Positive in exact arithmetic; rounding can push it below zero where the slope is tiny.
  const Float discriminant = max(broadcast(1e-20f), fma(b, b, broadcast(4.0f) * a * c));
  // Of the two forms of the root the one in which nothing cancels; where b < 0, a > slope > 0.
  const Float sum = abs(b) + sqrt(discriminant);
  const Mask negative = b < zero;
  return select(negative, sum, two * c) / select(negative, two * a, sum);
}

template <bool circular>
void map_inverse(const SplineShape& shape, const float* y, const float* raw, const float* ends,
                 int rows, float* x, float* log_det) {
  const Float zero = broadcast(0.0f), one = broadcast(1.0f);
  for (int r = 0; r < rows; r += kWidth) {
    const Float value = load(y + r);
    const Float inside = clamp(value, shape.bound);
    Bin bin = find_bin<true>(shape, raw + r, inside);
    set_derivatives<circular>(&bin, ends_at<circular>(ends, r), nullptr, nullptr);
    const Float share = (inside - bin.y) / bin.height;
    // Where a steep bin meets a flat one, a and b cancel to few digits; a Newton step restores
    // them.
    const Point start = point_at(solve(share, bin), bin);
    const Float excess = (start.share - share) * bin.slope / start.derivative;
    // Beyond the bounds the position is 0 or 1 whatever rounding says: where the slope changes
    // fast, the slope at a position nearly 1 is not that at 1.
    const Float above = select(broadcast(shape.bound) < value, one, start.t - excess);
    const Point at = point_at(select(value < broadcast(-shape.bound), zero, above), bin);
    store(x + r, fma(at.t, bin.width, bin.x) + (value - inside));
    store(log_det + r, load(log_det + r) - log(at.derivative));
  }
}

// Cotangents of a bin's ends, of its derivatives, and of the value; those of a bound are 0.
struct EndGradient {
  Float value, left_x, right_x, left_y, right_y, left, right;
};

// d log(dy/dx) / dt at a position in a bin.
PF_INLINE Float log_slope_by_position(const Bin& bin, const Point& at, Float per_rise) {
  const Float tilt = at.rest - at.t;
  return broadcast(2.0f) * (fma(bin.slope, tilt, bin.right * at.t - bin.left * at.rest) * per_rise -
                            bin.curvature * tilt * at.per_denominator);
}

PF_INLINE EndGradient end_gradient(const Bin& bin, const Point& at, Float gy, Float glog_det) {
  const Float zero = broadcast(0.0f), one = broadcast(1.0f), two = broadcast(2.0f);
  const Float per_rise = one / at.rise;
  const Float fall = fnma(two, at.parabola, one);  // 1 - 2 t (1 - t)
  const Float twice = (at.parabola + at.parabola) * at.per_denominator;
  const Float log_t = log_slope_by_position(bin, at, per_rise);
  const Float log_slope =
      two * (one / bin.slope + at.parabola * per_rise - fall * at.per_denominator);
  const Float log_left = at.rest * at.rest * per_rise - twice;
  const Float log_right = at.t * at.t * per_rise - twice;
  const Float gshare = gy * bin.height * at.per_denominator;
  const Float gt = fma(gy * bin.width, at.derivative, glog_det * log_t);
  const Float gslope = fma(gshare, at.t * at.t - at.share * fall, glog_det * log_slope);
  const Float gheight = fma(gslope, bin.per_width, gy * at.share);
  EndGradient g;
  g.value = gt * bin.per_width;
  const Float gratio = gslope * bin.per_width * bin.slope;
  g.left_x = select(bin.first, zero, fnma(g.value, at.rest, gratio));
  g.right_x = select(bin.last, zero, zero - fma(g.value, at.t, gratio));
  g.left_y = select(bin.first, zero, gy - gheight);
  g.right_y = select(bin.last, zero, gheight);
  g.left = fma(gshare * at.parabola, one - at.share, glog_det * log_left);
  g.right = fnma(gshare * at.parabola, at.share, glog_det * log_right);
  return g;
}

// The softmax p of one part: a knot's position is scale · Σ p before it, and dp_k/dr_j is
// p_k ([j = k] - p_j), so that r_j gets p_j times (what the ends after bin j get, less its mean).
PF_INLINE void softmax_gradient(const SplineShape& shape, const float* p, Float index, Float left,
                                Float right, Float left_sum, Float right_sum, float* out) {
  const Float scale = broadcast(shape.scale);
  const Float beyond = scale * (broadcast(0.0f) - fma(left, left_sum, right * right_sum));
  const Float here = fma(scale, right, beyond);
  const Float before = fma(scale, left, here);
  for (int k = 0; k < shape.bins; ++k) {
    const Float at = broadcast(float(k));
    const Float g = select(at < index, before, select(at == index, here, beyond));
    store(out + size_t(k) * kTileStride, load(p + size_t(k) * kTileStride) * g);
  }
}

// Of the inverse x = f^-1(y; θ) with cotangents g_x and g of -log f'(x; θ), that of y is
// (g_x - g ∂log f'/∂x) / f', and θ gets what it gets of f for that and g with their signs turned.
template <bool inverted, bool circular>
void map_backward(const SplineShape& shape, const SplineGradient& task, const SplineEnds& ends,
                  int rows) {
  const Float zero = broadcast(0.0f), bound = broadcast(shape.bound);
  const size_t part = size_t(shape.bins) * kTileStride;
  for (int r = 0; r < rows; r += kWidth) {
    const Float value = load(task.x + r), gy = load(task.gy + r);
    const Float inside = clamp(value, shape.bound);
    const Mask outside = (value < zero - bound) | (bound < value);
    Bin bin = find_bin<false>(shape, task.raw + r, inside);
    Float left_slope, right_slope;
    set_derivatives<circular>(&bin, ends_at<circular>(ends.raw, r), &left_slope, &right_slope);
    const Point at = point_at((inside - bin.x) / bin.width, bin);
    Float glog_det = select(outside, zero, load(task.log_det + r));
    Float gvalue = select(outside, zero, gy);
    if constexpr (inverted) {
      const Float log_t = log_slope_by_position(bin, at, broadcast(1.0f) / at.rise);
      gvalue = fnma(glog_det * bin.per_width, log_t, gvalue) / at.derivative;
      store(task.gx + r, select(outside, gy, gvalue));
      gvalue = zero - gvalue;
      glog_det = zero - glog_det;
    }
    const EndGradient g = end_gradient(bin, at, gvalue, glog_det);
    if constexpr (!inverted) store(task.gx + r, select(outside, gy, g.value));
    softmax_gradient(shape, task.raw + r, bin.index, g.left_x, g.right_x, bin.left_width_sum,
                     bin.right_width_sum, task.graw + r);
    softmax_gradient(shape, task.raw + part + r, bin.index, g.left_y, g.right_y,
                     bin.left_height_sum, bin.right_height_sum, task.graw + part + r);
    // Derivative k is that of knot k + 1; the bin lies between knots index and index + 1.
    const Float left = g.left * left_slope, right = g.right * right_slope;
    if constexpr (circular) {
      store(ends.graw + r, select(bin.first, left, zero) + select(bin.last, right, zero));
    }
    const Float before = bin.index - broadcast(1.0f);
    for (int k = 0; k + 1 < shape.bins; ++k) {
      const Float knot = broadcast(float(k));
      store(task.graw + 2 * part + size_t(k) * kTileStride + r,
            select(knot == bin.index, right, select(knot == before, left, zero)));
    }
  }
}

void forward(const SplineShape& shape, const float* x, const float* raw, int rows, float* y,
             float* log_det) {
  map_forward<false>(shape, x, raw, nullptr, rows, y, log_det);
}

void inverse(const SplineShape& shape, const float* y, const float* raw, int rows, float* x,
             float* log_det) {
  map_inverse<false>(shape, y, raw, nullptr, rows, x, log_det);
}

template <bool inverted>
void backward(const SplineShape& shape, const SplineGradient& task, int rows) {
  map_backward<inverted, false>(shape, task, {nullptr, nullptr}, rows);
}

}  // namespace

const SplineKernels spline_kernels = {
    softmax,        forward,           inverse,           backward<false>,
    backward<true>, map_forward<true>, map_inverse<true>, map_backward<false, true>};

}  // namespace pushforward::PF_PATH
