// Activations of simd.h's Float, each with its slope. For kernel files.
#pragma once

#include "pushforward/simd.h"
#include "tile.h"

namespace pushforward::PF_PATH {

// Replaces *a by the activation of *a and returns the slope there.
template <Activation kind>
PF_INLINE Float activate(Float* a) {
  const Float x = *a, zero = broadcast(0.0f), one = broadcast(1.0f);
  if constexpr (kind == Activation::kRelu) {
    *a = max(zero, x);
    return select(zero < x, one, zero);
  } else if constexpr (kind == Activation::kLeakyRelu) {
    const Float slope = select(zero < x, one, broadcast(kLeakySlope));
    *a = x * slope;
    return slope;
  } else if constexpr (kind == Activation::kTanh) {
    *a = tanh(x);
    return fnma(*a, *a, one);
  } else if constexpr (kind == Activation::kSilu) {
    const Float s = sigmoid(x);
    *a = x * s;
    return fma(*a, one - s, s);
  } else {
    static_assert(kind == Activation::kGelu);
    // x Φ(x), slope Φ(x) + x φ(x).
    const Float half = broadcast(0.5f);
    const Float cumulative = fma(half, erf(x * broadcast(0.707106781f)), half);
    const Float density = broadcast(0.398942280f) * exp(broadcast(-0.5f) * x * x);
    *a = x * cumulative;
    return fma(x, density, cumulative);
  }
}

}  // namespace pushforward::PF_PATH
