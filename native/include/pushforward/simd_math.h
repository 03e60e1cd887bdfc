// Elementary functions of simd.h's Float. Polynomials are minimax fits (Remez) of the function
// named beside them; errors are in units in the last place of the true value over all floats whose
// result is normal, and are held by test/native/vectorMath.test.ts on every path. NaN gives NaN.
#pragma once

namespace pushforward::PF_PATH {

// ln 2 in two parts; the first has trailing zeros, so n times it is exact for |n| < 2^9.
constexpr float kLn2High = 0.693359375f;
constexpr float kLn2Low = -2.12194440e-4f;
constexpr float kLog2E = 1.44269504f;

// e^x within 1 ulp (2 without hardware fma); inf above 88.73, denormals down to 0 below -104.
PF_INLINE Float exp(Float x) {
  const Float clamped = min(broadcast(89.0f), max(broadcast(-105.0f), x));
  const Float n = round_even(clamped * broadcast(kLog2E));
  Float r = fnma(n, broadcast(kLn2High), clamped);
  r = fnma(n, broadcast(kLn2Low), r);
  // (e^r - 1 - r) / r² on |r| <= 0.35, error 2^-28 of e^r.
  Float p = broadcast(1.381314476e-03f);
  p = fma(p, r, broadcast(8.369418792e-03f));
  p = fma(p, r, broadcast(4.166845605e-02f));
  p = fma(p, r, broadcast(1.666651517e-01f));
  p = fma(p, r, broadcast(4.999999404e-01f));
  const Float one = broadcast(1.0f);
  return scale_by_power_of_two(fma(r * r, p, r) + one, n);
}

// expm1 where -18 <= x <= 88: 2^127 is the largest power the sum at the end bears.
PF_INLINE Float expm1_between(Float x) {
  const Float n = round_even(x * broadcast(kLog2E));
  Float r = fnma(n, broadcast(kLn2High), x);
  r = fnma(n, broadcast(kLn2Low), r);
  // (e^r - 1 - r) / r² on |r| <= 0.35, error 2^-31 of r.
  Float p = broadcast(1.991562312e-04f);
  p = fma(p, r, broadcast(1.394204563e-03f));
  p = fma(p, r, broadcast(8.333270438e-03f));
  p = fma(p, r, broadcast(4.166634381e-02f));
  p = fma(p, r, broadcast(1.666666716e-01f));
  p = fma(p, r, broadcast(5.000000000e-01f));
  p = fma(r * r, p, r);
  const Float power = as_float(shift_left<23>(to_int(n) + broadcast_int(127)));
  return fma(power, p, power - broadcast(1.0f));
}

// e^x - 1 within 2 ulp, also where x is small.
PF_INLINE Float expm1(Float x) {
  // Below -18 the value is -1 to the last bit.
  const Float result = expm1_between(min(broadcast(88.0f), max(broadcast(-18.0f), x)));
  return select(broadcast(88.0f) < x, exp(x), result);
}

// The mantissa m in [√½, √2) and exponent e of a positive, normal x = m · 2^e.
PF_INLINE void split(Float x, Float* mantissa, Float* exponent) {
  const Int offset = broadcast_int(0x3f3504f3);  // the bits of √½
  const Int shifted = as_int(x) - offset;
  *exponent = to_float(shift_right<23>(shifted));
  *mantissa = as_float((shifted & broadcast_int(0x007fffff)) + offset);
}

// log of m · 2^e; (log(1 + f) - f + f²/2) / f³ on [√½ - 1, √2 - 1], error 2^-30 of f.
PF_INLINE Float log_of_parts(Float mantissa, Float exponent) {
  const Float f = mantissa - broadcast(1.0f);
  Float p = broadcast(6.915538758e-02f);
  p = fma(p, f, broadcast(-1.178985089e-01f));
  p = fma(p, f, broadcast(1.187291890e-01f));
  p = fma(p, f, broadcast(-1.238433719e-01f));
  p = fma(p, f, broadcast(1.421866566e-01f));
  p = fma(p, f, broadcast(-1.666925102e-01f));
  p = fma(p, f, broadcast(2.000222653e-01f));
  p = fma(p, f, broadcast(-2.499998659e-01f));
  p = fma(p, f, broadcast(3.333331048e-01f));
  const Float square = f * f;
  Float low = fma(square * f, p, exponent * broadcast(kLn2Low));
  low = fnma(broadcast(0.5f), square, low);
  return fma(exponent, broadcast(kLn2High), f + low);
}

// ln x within 1 ulp (2 without hardware fma), denormals included; log 0 = -inf, NaN below 0.
PF_INLINE Float log(Float x) {
  const Float smallest_normal = broadcast(1.17549435e-38f);
  const Float infinity = broadcast(__builtin_inff());
  const Mask denormal = x < smallest_normal;
  Float mantissa, exponent;
  split(select(denormal, x * broadcast(8388608.0f), x), &mantissa, &exponent);
  exponent = select(denormal, exponent - broadcast(23.0f), exponent);
  Float result = log_of_parts(mantissa, exponent);
  result = select(x < infinity, result, x);  // inf and NaN
  result = select(x == broadcast(0.0f), broadcast(-__builtin_inff()), result);
  return select(x < broadcast(0.0f), broadcast(__builtin_nanf("")), result);
}

// ln(1 + x) within 2 ulp, also where x is small.
PF_INLINE Float log1p(Float x) {
  const Float one = broadcast(1.0f);
  const Float sum = one + x;
  // What rounding 1 + x lost, to first order in log's derivative.
  const Float lost = (x - (sum - one)) / sum;
  const Float result = log(sum) + lost;
  const Mask ordinary = (broadcast(-1.0f) < x) & (x < broadcast(__builtin_inff()));
  return select(ordinary, result, log(sum));
}

// ln(1 + e^x) within 3 ulp, in the lower tail too; neither end overflows.
PF_INLINE Float softplus(Float x) {
  const Float zero = broadcast(0.0f);
  return max(zero, x) + log1p(exp(zero - abs(x)));
}

// tanh x within 3 ulp: e / (e + 2) with e = e^{2|x|} - 1; from 9.1 on it is 1 to the last bit.
PF_INLINE Float tanh(Float x) {
  const Float magnitude = min(broadcast(9.1f), abs(x));
  const Float e = expm1_between(magnitude + magnitude);
  return copysign(e / (e + broadcast(2.0f)), x);
}

// 1 / (1 + e^{-x}) within 3 ulp, in the lower tail too.
PF_INLINE Float sigmoid(Float x) {
  const Float one = broadcast(1.0f);
  const Float e = exp(broadcast(0.0f) - abs(x));
  return select(x < broadcast(0.0f), e, one) / (one + e);
}

// x = t / 2 quarter turns plus what is left: x - 2 · round(x / 2) is exact, and so is all of this.
PF_INLINE Float quarter_turn(Float x, Float* quarters) {
  const Float turn = fnma(broadcast(2.0f), round_even(broadcast(0.5f) * x), x);
  *quarters = round_even(turn + turn);
  return fnma(broadcast(0.5f), *quarters, turn);
}

// sin(pi r) on |r| <= 1/4, error 2^-37.
PF_INLINE Float sin_pi_near_zero(Float r) {
  const Float u = r * r;
  Float p = broadcast(8.103042142e-02f);
  p = fma(p, u, broadcast(-5.992060869e-01f));
  p = fma(p, u, broadcast(2.550162832e+00f));
  p = fma(p, u, broadcast(-5.167712772e+00f));
  // pi in two parts, or its rounding would be that of the result.
  const Float low = r * fma(p, u, broadcast(-8.742278001e-08f));
  return fma(broadcast(3.14159274f), r, low);
}

// cos(pi r) on |r| <= 1/4, error 2^-34.
PF_INLINE Float cos_pi_near_zero(Float r) {
  const Float u = r * r;
  Float p = broadcast(2.314295441e-01f);
  p = fma(p, u, broadcast(-1.335058464e+00f));
  p = fma(p, u, broadcast(4.058707904e+00f));
  p = fma(p, u, broadcast(-4.934802173e+00f));
  return fma(p, u, broadcast(1.0f));
}

// sin(pi x) within 2 ulp for every finite x; NaN at infinity.
PF_INLINE Float sin_pi(Float x) {
  const Float one = broadcast(1.0f);
  Float quarters;
  const Float rest = quarter_turn(x, &quarters);
  const Float odd = quarters * cos_pi_near_zero(rest);
  const Float even = (one - abs(quarters)) * sin_pi_near_zero(rest);
  return select(abs(quarters) == one, odd, even);
}

// cos(pi x) within 2 ulp for every finite x; NaN at infinity.
PF_INLINE Float cos_pi(Float x) {
  const Float one = broadcast(1.0f);
  Float quarters;
  const Float rest = quarter_turn(x, &quarters);
  const Float odd = (broadcast(0.0f) - quarters) * sin_pi_near_zero(rest);
  const Float even = (one - abs(quarters)) * cos_pi_near_zero(rest);
  return select(abs(quarters) == one, odd, even);
}

// erf x within 2 ulp (3 without hardware fma).
PF_INLINE Float erf(Float x) {
  const Float magnitude = min(broadcast(3.95f), abs(x));
  // erf(x) / x - 1 in x² for |x| <= 0.92, error 2^-31.
  const Float u = x * x;
  Float p = broadcast(8.409923612e-05f);
  p = fma(p, u, broadcast(-8.152628434e-04f));
  p = fma(p, u, broadcast(5.201960448e-03f));
  p = fma(p, u, broadcast(-2.685979940e-02f));
  p = fma(p, u, broadcast(1.128370315e-01f));
  p = fma(p, u, broadcast(-3.761263490e-01f));
  p = fma(p, u, broadcast(1.283791661e-01f));
  const Float inner = fma(p, x, x);
  // -log erfc(t) on [0.91, 3.95], error 2^-29 of 1 after the exponential.
  Float q = broadcast(-1.960696827e-04f);
  q = fma(q, magnitude, broadcast(3.044729354e-03f));
  q = fma(q, magnitude, broadcast(-2.223385870e-02f));
  q = fma(q, magnitude, broadcast(1.039480045e-01f));
  q = fma(q, magnitude, broadcast(6.371611357e-01f));
  q = fma(q, magnitude, broadcast(1.127689600e+00f));
  q = fma(q, magnitude, broadcast(1.919284987e-04f));
  const Float outer = copysign(broadcast(1.0f) - exp(broadcast(0.0f) - q), x);
  return select(broadcast(0.92f) < magnitude, outer, inner);
}

}  // namespace pushforward::PF_PATH
