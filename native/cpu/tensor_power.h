// a to the power of b, as JavaScript has it. For kernel files.
#pragma once

#include "pushforward/simd.h"

namespace pushforward::PF_PATH {

// Lanes of doubles for a Float, in as many registers as it takes.
typedef float PowerFloats __attribute__((vector_size(4 * kWidth)));
typedef double PowerDoubles __attribute__((vector_size(8 * kWidth)));
typedef int64_t PowerInts __attribute__((vector_size(8 * kWidth)));
typedef uint64_t PowerBits __attribute__((vector_size(8 * kWidth)));

// out = |a|^b, lane by lane, for finite a other than 0 and finite b. In double, where 2^(b ·
// log2|a|) keeps all digits of a float, whatever b magnifies.
PF_INLINE void power_of_magnitude(const Float& base, const Float& exponents, Float* out) {
  PowerFloats lanes;
  __builtin_memcpy(&lanes, &base, sizeof lanes);
  const PowerDoubles a = __builtin_convertvector(lanes, PowerDoubles);
  __builtin_memcpy(&lanes, &exponents, sizeof lanes);
  const PowerDoubles b = __builtin_convertvector(lanes, PowerDoubles);
  // |a| = m · 2^e with m in [√½, √2); adding the whole numbers to 2^52 makes doubles of them.
  const uint64_t half_root = 0x3fe6a09e667f3bcdu;
  const PowerBits bits = (PowerBits)a & 0x7fffffffffffffffu;
  const PowerBits shifted = bits - half_root;
  const PowerBits mantissa = (shifted & 0x000fffffffffffffu) + half_root;
  const PowerInts exponent = (PowerInts)shifted >> 52;
  const double two52 = 4503599627370496.0;
  const PowerDoubles e =
      (PowerDoubles)((PowerBits)(exponent + 2048) | 0x4330000000000000u) - (two52 + 2048.0);
  const PowerDoubles m = (PowerDoubles)mantissa;
  // ln m = 2 artanh s by its series: |s| <= 0.172 leaves 2^-39 of it out.
  const PowerDoubles s = (m - 1.0) / (m + 1.0), u = s * s;
  PowerDoubles p = u * (1.0 / 13) + 1.0 / 11;
  p = p * u + 1.0 / 9;
  p = p * u + 1.0 / 7;
  p = p * u + 1.0 / 5;
  p = p * u + 1.0 / 3;
  p = p * u + 1.0;
  const PowerDoubles log2 = e + p * s * 2.8853900817779268;
  // 2^y, held where a float is 0 or infinite already; 1.5 · 2^52 rounds, and keeps n in its bits.
  const PowerDoubles most = PowerDoubles{} + 200.0;
  PowerDoubles y = b * log2;
  y = y > most ? most : y;
  y = y < -most ? -most : y;
  const PowerDoubles rounded = y + 6755399441055744.0;
  const PowerDoubles r = (y - (rounded - 6755399441055744.0)) * 0.69314718055994531;
  // e^r by its series: |r| <= 0.347 leaves 2^-32 out.
  PowerDoubles q = r * (1.0 / 40320) + 1.0 / 5040;
  q = q * r + 1.0 / 720;
  q = q * r + 1.0 / 120;
  q = q * r + 1.0 / 24;
  q = q * r + 1.0 / 6;
  q = q * r + 0.5;
  q = q * r + 1.0;
  q = q * r + 1.0;
  const PowerBits scaled = (PowerBits)q + ((PowerBits)rounded << 52);
  lanes = __builtin_convertvector((PowerDoubles)scaled, PowerFloats);
  __builtin_memcpy(out, &lanes, sizeof lanes);
}

// What zeros, infinities and NaN give; unlike C, JavaScript has no number for 1 to the power of an
// infinite one or of NaN.
inline float special_power(float a, float b) {
  if (b != b || ((a == 1.0f || a == -1.0f) && b - b != 0.0f)) return __builtin_nanf("");
  return static_cast<float>(__builtin_pow(static_cast<double>(a), static_cast<double>(b)));
}

// Within 1 ulp. Not inlined: it is long, and elementwise kernels have it several times.
__attribute__((noinline)) inline Float power(Float a, Float b) {
  const Float zero = broadcast(0.0f), infinity = broadcast(__builtin_inff());
  Float result;
  power_of_magnitude(a, b, &result);
  // Below zero there are whole powers alone, and the odd ones are negative.
  const Float half = broadcast(0.5f) * b;
  const Float sign = select(floor(half) == half, broadcast(1.0f), broadcast(-1.0f));
  const Float whole = select(floor(b) == b, result * sign, broadcast(__builtin_nanf("")));
  result = select(a < zero, whole, result);
  const Mask ordinary = (abs(a) < infinity) & (zero < abs(a)) & (abs(b) < infinity);
  if (all(ordinary)) return result;
  float lanes_a[kWidth], lanes_b[kWidth], lanes[kWidth];
  store(lanes_a, a);
  store(lanes_b, b);
  store(lanes, select(ordinary, result, broadcast(__builtin_nanf(""))));
  for (int i = 0; i < kWidth; ++i) {
    const bool is_special =
        !(lanes_a[i] != 0.0f && lanes_a[i] - lanes_a[i] == 0.0f && lanes_b[i] - lanes_b[i] == 0.0f);
    if (is_special) lanes[i] = special_power(lanes_a[i], lanes_b[i]);
  }
  return load(lanes);
}

}  // namespace pushforward::PF_PATH
