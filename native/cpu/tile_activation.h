// Activations of simd.h's Float, each with its slope. For kernel files.
#pragma once

#include "pushforward/simd.h"
#include "tile.h"

namespace pushforward::PF_PATH {

// The activation of x; *slope gets its slope where has_stored_slope(kind).
template <Activation kind>
PF_INLINE Float activate(Float x, Float* slope) {
  const Float zero = broadcast(0.0f), one = broadcast(1.0f);
  if constexpr (kind == Activation::kRelu) {
    return max(zero, x);
  } else if constexpr (kind == Activation::kLeakyRelu) {
    return x * select(zero < x, one, broadcast(kLeakySlope));
  } else if constexpr (kind == Activation::kTanh) {
    return tanh(x);
  } else if constexpr (kind == Activation::kSilu) {
    const Float s = sigmoid(x);
    *slope = fma(x * s, one - s, s);
    return x * s;
  } else {
    static_assert(kind == Activation::kGelu);
    // x Φ(x), slope Φ(x) + x φ(x).
    const Float half = broadcast(0.5f);
    const Float cumulative = fma(half, erf(x * broadcast(0.707106781f)), half);
    const Float density = broadcast(0.398942280f) * exp(broadcast(-0.5f) * x * x);
    *slope = fma(x, density, cumulative);
    return x * cumulative;
  }
}

// sum times the slope where the activation had this value.
template <Activation kind>
PF_INLINE Float times_slope(Float sum, const float* value, const float* slope) {
  const Float zero = broadcast(0.0f);
  if constexpr (kind == Activation::kRelu) {
    return select(zero < load(value), sum, zero);
  } else if constexpr (kind == Activation::kLeakyRelu) {
    return select(zero < load(value), sum, sum * broadcast(kLeakySlope));
  } else if constexpr (kind == Activation::kTanh) {
    const Float t = load(value);
    return sum * fnma(t, t, broadcast(1.0f));
  } else {
    static_assert(has_stored_slope(kind));
    return sum * load(slope);
  }
}

}  // namespace pushforward::PF_PATH
