// What a group's pivots give, lane by lane: the determinants, and quotients. For kernel files.
#pragma once

#include "pushforward/simd.h"

namespace pushforward::PF_PATH {

// The determinant so far: sign · mantissa · 2^exponent, which neither overflows nor underflows.
struct Determinant {
  Float mantissa = broadcast(1.0f);
  Float exponent = broadcast(0.0f);
  Float sign = broadcast(1.0f);
  // How often a row was chosen while one above it was not: the parity of the rows' order.
  Float inversions = broadcast(0.0f);
  Float zeros = broadcast(0.0f);   // pivots that are 0
  Float poison = broadcast(0.0f);  // NaN from the first pivot on that is not finite

  PF_INLINE void multiply(Float pivot) {
    const Float zero = broadcast(0.0f);
    const Float magnitude = abs(pivot);
    const Mask denormal = magnitude < broadcast(1.17549435e-38f);
    Float m, e, carried;
    split(select(denormal, magnitude * broadcast(8388608.0f), magnitude), &m, &e);
    exponent = exponent + select(denormal, e - broadcast(23.0f), e);
    split(mantissa * m, &mantissa, &carried);
    exponent = exponent + carried;
    sign = copysign(broadcast(1.0f), pivot) * sign;
    zeros = zeros + select(pivot == zero, broadcast(1.0f), zero);
    poison = fma(pivot, zero, poison);
  }

  PF_INLINE Float log_abs() const {
    const Float regular = log_of_parts(mantissa, exponent);
    const Mask singular = broadcast(0.0f) < zeros;
    return select(singular, broadcast(-__builtin_inff()), regular) + poison;
  }

  PF_INLINE Float signum() const {
    const Float halves = inversions * broadcast(0.5f);
    const Mask even = floor(halves) == halves;
    const Float regular = select(even, sign, broadcast(0.0f) - sign);
    const Mask singular = broadcast(0.0f) < zeros;
    return select(singular, broadcast(0.0f), regular) + poison;
  }
};

// Quotients by one number, rounded as a division rounds them: a product with the reciprocal alone
// would not make exact zeros of equal rows. The remainder, exact in one fused operation, corrects
// it (Markstein 1990), in a tenth of the time that the instruction takes.
class Divisor {
 public:
  Divisor() = default;
  explicit Divisor(Float value) {
    // The reciprocal of a denormal number would overflow.
    const Mask small = abs(value) < broadcast(1e-30f);
    scale_ = select(small, broadcast(1.2676506e30f), broadcast(1.0f));
    value_ = value * scale_;
    reciprocal_ = broadcast(1.0f) / value_;
  }

  PF_INLINE Float divide(Float a) const {
    // Four lanes are divided soon enough, and may lack fused operations.
    if constexpr (kWidth == 4) return a * scale_ / value_;
    const Float scaled = a * scale_;
    const Float quotient = scaled * reciprocal_;
    return fma(fnma(quotient, value_, scaled), reciprocal_, quotient);
  }

 private:
  Float value_, scale_, reciprocal_;
};

}  // namespace pushforward::PF_PATH
