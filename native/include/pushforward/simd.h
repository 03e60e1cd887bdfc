// Vectors of floats for kernel files, kWidth lanes of the path that is being compiled: 16 (avx512),
// 8 (avx2) or 4 (portable). Float, Int and Mask are values; everything is in pushforward::PF_PATH.
//
//   load, store, load_partial, store_partial (first n lanes; the others load as 0), gather,
//   broadcast,
//   + - * /, fma(a, b, c) = a * b + c and fnma(a, b, c) = c - a * b (one rounding where the path
//   has the instruction), min, max, abs, sqrt, round_even, copysign, comparisons to Mask,
//   select(mask, a, b), any, all, reduce_add, reduce_min, reduce_max (in a fixed order), and in
//   simd_math.h exp, expm1, log, log1p, softplus, tanh, sigmoid, sin_pi,
//   cos_pi, erf.
//
// min and max return their second argument when either one is NaN: max(limit, x) keeps a NaN in x.
#pragma once

#if !defined(PF_PATH)
#error "simd.h is for native/cpu/*_kernels.cpp, which are compiled once for every path"
#endif

#include <stddef.h>
#include <stdint.h>

#define PF_INLINE inline __attribute__((always_inline))
#define PF_INLINE_LAMBDA __attribute__((always_inline))

#if defined(PF_PATH_avx512)
#include "pushforward/simd_avx512.h"
#elif defined(PF_PATH_avx2)
#include "pushforward/simd_avx2.h"
#else
#include "pushforward/simd_portable.h"
#endif

#include "pushforward/simd_math.h"
