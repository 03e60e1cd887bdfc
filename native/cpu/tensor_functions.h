// What the elementwise kernels compute, lane by lane. For kernel files: a function is a type with
//   static Float apply(Float x, Float p, Float q)     (unary; p and q are its parameters)
//   static Float apply(Float a, Float b)              (binary)
// NaN, infinities and, where a rule exists, the sign of zero are JavaScript's, so that the CPU
// backend and this one give the same special values.
#pragma once

#include "pushforward/simd.h"
#include "tensor_power.h"

namespace pushforward::PF_PATH {

struct Abs {
  static PF_INLINE Float apply(Float x, Float, Float) { return abs(x); }
};
// To [p, q], p <= q; NaN stays.
struct Clip {
  static PF_INLINE Float apply(Float x, Float p, Float q) { return min(q, max(p, x)); }
};
struct Elu {
  static PF_INLINE Float apply(Float x, Float, Float) {
    return select(broadcast(0.0f) <= x, x, expm1(x));
  }
};
struct Erf {
  static PF_INLINE Float apply(Float x, Float, Float) { return erf(x); }
};
struct Exp {
  static PF_INLINE Float apply(Float x, Float, Float) { return exp(x); }
};
struct Expm1 {
  static PF_INLINE Float apply(Float x, Float, Float) { return expm1(x); }
};
struct Floor {
  static PF_INLINE Float apply(Float x, Float, Float) { return floor(x); }
};
// Slope p below zero.
struct LeakyRelu {
  static PF_INLINE Float apply(Float x, Float p, Float) {
    return select(x < broadcast(0.0f), x * p, x);
  }
};
struct Log {
  static PF_INLINE Float apply(Float x, Float, Float) { return log(x); }
};
struct Log1p {
  static PF_INLINE Float apply(Float x, Float, Float) { return log1p(x); }
};
struct Neg {
  static PF_INLINE Float apply(Float x, Float, Float) { return x * broadcast(-1.0f); }
};
struct Reciprocal {
  static PF_INLINE Float apply(Float x, Float, Float) { return broadcast(1.0f) / x; }
};
// The sum turns -0 into 0; NaN passes because max gives its second argument.
struct Relu {
  static PF_INLINE Float apply(Float x, Float, Float) {
    return max(broadcast(0.0f), x) + broadcast(0.0f);
  }
};
struct Relu6 {
  static PF_INLINE Float apply(Float x, Float, Float) {
    return min(broadcast(6.0f), max(broadcast(0.0f), x)) + broadcast(0.0f);
  }
};
struct Rsqrt {
  static PF_INLINE Float apply(Float x, Float, Float) { return broadcast(1.0f) / sqrt(x); }
};
struct Selu {
  static PF_INLINE Float apply(Float x, Float, Float) {
    const float scale = 1.05070099f, alpha = 1.67326319f;
    const Float below = broadcast(scale * alpha) * expm1(x);
    return select(broadcast(0.0f) <= x, broadcast(scale) * x, below);
  }
};
struct Sigmoid {
  static PF_INLINE Float apply(Float x, Float, Float) { return sigmoid(x); }
};
// NaN has the sign 0.
struct Sign {
  static PF_INLINE Float apply(Float x, Float, Float) {
    const Float zero = broadcast(0.0f);
    return select(zero < x, broadcast(1.0f), select(x < zero, broadcast(-1.0f), zero));
  }
};
// max(x, 0) + log(1 + e^{-|x|}): nothing overflows, and the lower tail keeps its digits.
struct Softplus {
  static PF_INLINE Float apply(Float x, Float, Float) {
    const Float zero = broadcast(0.0f);
    return max(zero, x) + log1p(exp(zero - abs(x)));
  }
};
struct Sqrt {
  static PF_INLINE Float apply(Float x, Float, Float) { return sqrt(x); }
};
struct Square {
  static PF_INLINE Float apply(Float x, Float, Float) { return x * x; }
};
// 1 above zero, p elsewhere.
struct Step {
  static PF_INLINE Float apply(Float x, Float p, Float) {
    return select(is_nan(x), x, select(broadcast(0.0f) < x, broadcast(1.0f), p));
  }
};
struct Tanh {
  static PF_INLINE Float apply(Float x, Float, Float) { return tanh(x); }
};

struct Add {
  static PF_INLINE Float apply(Float a, Float b) { return a + b; }
};
struct Sub {
  static PF_INLINE Float apply(Float a, Float b) { return a - b; }
};
struct Multiply {
  static PF_INLINE Float apply(Float a, Float b) { return a * b; }
};
struct Divide {
  static PF_INLINE Float apply(Float a, Float b) { return a / b; }
};
// NaN when either is; of two zeros the positive one. Equal values differ at most in the sign bit,
// which `and` clears unless both have it.
struct Maximum {
  static PF_INLINE Float apply(Float a, Float b) {
    const Float greater = select(a == b, as_float(as_int(a) & as_int(b)), max(a, b));
    return select(is_nan(a), a, greater);
  }
};
struct Minimum {
  static PF_INLINE Float apply(Float a, Float b) {
    const Float less = select(a == b, as_float(as_int(a) | as_int(b)), min(a, b));
    return select(is_nan(a), a, less);
  }
};
struct SquaredDifference {
  static PF_INLINE Float apply(Float a, Float b) {
    const Float difference = a - b;
    return difference * difference;
  }
};
// Gradient of elu: a is the incoming gradient, b the value of elu.
struct EluGrad {
  static PF_INLINE Float apply(Float a, Float b) {
    return select(broadcast(0.0f) <= b, a, a * (b + broadcast(1.0f)));
  }
};
// a of slope b below zero.
struct Prelu {
  static PF_INLINE Float apply(Float a, Float b) { return select(a < broadcast(0.0f), a * b, a); }
};
struct Pow {
  static PF_INLINE Float apply(Float a, Float b) { return power(a, b); }
};

}  // namespace pushforward::PF_PATH
