// The primitives of simd.h on AVX-512 (F, DQ, BW, VL): 16 lanes, 32 registers.
#pragma once

#include <immintrin.h>

namespace pushforward::PF_PATH {

constexpr int kWidth = 16;
constexpr int kRegisters = 32;

struct Float {
  __m512 v;
};
struct Int {
  __m512i v;
};
struct Mask {
  __mmask16 v;
};

PF_INLINE __mmask16 first_lanes(int n) {
  return n >= 16 ? __mmask16(0xffff) : __mmask16((1u << n) - 1u);
}

PF_INLINE Float load(const float* p) { return {_mm512_loadu_ps(p)}; }
PF_INLINE void store(float* p, Float a) { _mm512_storeu_ps(p, a.v); }
PF_INLINE Float load_partial(const float* p, int n) {
  return {_mm512_maskz_loadu_ps(first_lanes(n), p)};
}
PF_INLINE void store_partial(float* p, Float a, int n) {
  _mm512_mask_storeu_ps(p, first_lanes(n), a.v);
}
PF_INLINE Float broadcast(float a) { return {_mm512_set1_ps(a)}; }
PF_INLINE Int broadcast_int(int32_t a) { return {_mm512_set1_epi32(a)}; }
PF_INLINE Int load_int(const int32_t* p) { return {_mm512_loadu_si512(p)}; }
PF_INLINE void store_int(int32_t* p, Int a) { _mm512_storeu_si512(p, a.v); }

// base[index] for each lane.
PF_INLINE Float gather(const float* base, Int index) {
  return {_mm512_i32gather_ps(index.v, base, sizeof(float))};
}

PF_INLINE Float operator+(Float a, Float b) { return {_mm512_add_ps(a.v, b.v)}; }
PF_INLINE Float operator-(Float a, Float b) { return {_mm512_sub_ps(a.v, b.v)}; }
PF_INLINE Float operator*(Float a, Float b) { return {_mm512_mul_ps(a.v, b.v)}; }
PF_INLINE Float operator/(Float a, Float b) { return {_mm512_div_ps(a.v, b.v)}; }
PF_INLINE Float fma(Float a, Float b, Float c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }
PF_INLINE Float fnma(Float a, Float b, Float c) { return {_mm512_fnmadd_ps(a.v, b.v, c.v)}; }
PF_INLINE Float min(Float a, Float b) { return {_mm512_min_ps(a.v, b.v)}; }
PF_INLINE Float max(Float a, Float b) { return {_mm512_max_ps(a.v, b.v)}; }
PF_INLINE Float sqrt(Float a) { return {_mm512_sqrt_ps(a.v)}; }
PF_INLINE Float round_even(Float a) {
  return {_mm512_roundscale_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
}
PF_INLINE Float floor(Float a) {
  return {_mm512_roundscale_ps(a.v, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC)};
}

PF_INLINE Int as_int(Float a) { return {_mm512_castps_si512(a.v)}; }
PF_INLINE Float as_float(Int a) { return {_mm512_castsi512_ps(a.v)}; }
// Nearest integer, ties to even; lanes beyond int32 give INT32_MIN.
PF_INLINE Int to_int(Float a) { return {_mm512_cvtps_epi32(a.v)}; }
PF_INLINE Float to_float(Int a) { return {_mm512_cvtepi32_ps(a.v)}; }
PF_INLINE Int operator+(Int a, Int b) { return {_mm512_add_epi32(a.v, b.v)}; }
PF_INLINE Int operator-(Int a, Int b) { return {_mm512_sub_epi32(a.v, b.v)}; }
PF_INLINE Int operator&(Int a, Int b) { return {_mm512_and_si512(a.v, b.v)}; }
PF_INLINE Int operator|(Int a, Int b) { return {_mm512_or_si512(a.v, b.v)}; }
template <int n>
PF_INLINE Int shift_left(Int a) {
  return {_mm512_slli_epi32(a.v, n)};
}
// Arithmetic: the sign is carried in.
template <int n>
PF_INLINE Int shift_right(Int a) {
  return {_mm512_srai_epi32(a.v, n)};
}

PF_INLINE Mask operator<(Float a, Float b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_LT_OQ)}; }
PF_INLINE Mask operator<=(Float a, Float b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_LE_OQ)}; }
PF_INLINE Mask operator==(Float a, Float b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_EQ_OQ)}; }
PF_INLINE Mask is_nan(Float a) { return {_mm512_cmp_ps_mask(a.v, a.v, _CMP_UNORD_Q)}; }
PF_INLINE Mask operator&(Mask a, Mask b) { return {__mmask16(a.v & b.v)}; }
PF_INLINE Mask operator|(Mask a, Mask b) { return {__mmask16(a.v | b.v)}; }
PF_INLINE Mask operator!(Mask a) { return {__mmask16(~a.v)}; }
PF_INLINE bool any(Mask a) { return a.v != 0; }
PF_INLINE bool all(Mask a) { return a.v == 0xffff; }
PF_INLINE Float select(Mask m, Float a, Float b) { return {_mm512_mask_blend_ps(m.v, b.v, a.v)}; }

PF_INLINE Float abs(Float a) { return {_mm512_abs_ps(a.v)}; }
PF_INLINE Float copysign(Float a, Float sign) {
  const __m512 bit = _mm512_set1_ps(-0.0f);
  return {_mm512_or_ps(_mm512_andnot_ps(bit, a.v), _mm512_and_ps(bit, sign.v))};
}
// a · 2^n for integral n, right through overflow and the denormal range.
PF_INLINE Float scale_by_power_of_two(Float a, Float n) { return {_mm512_scalef_ps(a.v, n.v)}; }

PF_INLINE float reduce_add(Float a) { return _mm512_reduce_add_ps(a.v); }
PF_INLINE float reduce_min(Float a) { return _mm512_reduce_min_ps(a.v); }
PF_INLINE float reduce_max(Float a) { return _mm512_reduce_max_ps(a.v); }

// Transposes the kWidth x kWidth block at `from` (row stride from_stride) into `to`.
PF_INLINE void transpose_block(const float* from, size_t from_stride, float* to, size_t to_stride) {
  __m512 r[16], t[16];
  // Rows are loaded as quarters, so that two rounds of unpacking end in whole columns.
  for (int i = 0; i < 4; ++i) {
    for (int q = 0; q < 4; ++q) {
      __m512 row = _mm512_castps128_ps512(_mm_loadu_ps(from + size_t(i) * from_stride + 4 * q));
      row = _mm512_insertf32x4(row, _mm_loadu_ps(from + size_t(i + 4) * from_stride + 4 * q), 1);
      row = _mm512_insertf32x4(row, _mm_loadu_ps(from + size_t(i + 8) * from_stride + 4 * q), 2);
      row = _mm512_insertf32x4(row, _mm_loadu_ps(from + size_t(i + 12) * from_stride + 4 * q), 3);
      r[4 * q + i] = row;
    }
  }
  for (int q = 0; q < 4; ++q) {
    t[4 * q + 0] = _mm512_unpacklo_ps(r[4 * q + 0], r[4 * q + 1]);
    t[4 * q + 1] = _mm512_unpackhi_ps(r[4 * q + 0], r[4 * q + 1]);
    t[4 * q + 2] = _mm512_unpacklo_ps(r[4 * q + 2], r[4 * q + 3]);
    t[4 * q + 3] = _mm512_unpackhi_ps(r[4 * q + 2], r[4 * q + 3]);
    r[4 * q + 0] = _mm512_shuffle_ps(t[4 * q + 0], t[4 * q + 2], 0x44);
    r[4 * q + 1] = _mm512_shuffle_ps(t[4 * q + 0], t[4 * q + 2], 0xee);
    r[4 * q + 2] = _mm512_shuffle_ps(t[4 * q + 1], t[4 * q + 3], 0x44);
    r[4 * q + 3] = _mm512_shuffle_ps(t[4 * q + 1], t[4 * q + 3], 0xee);
  }
  for (int i = 0; i < 16; ++i) _mm512_storeu_ps(to + size_t(i) * to_stride, r[i]);
}

}  // namespace pushforward::PF_PATH
