// The primitives of simd.h on AVX2 with FMA: 8 lanes, 16 registers.
#pragma once

#include <immintrin.h>

namespace pushforward::PF_PATH {

constexpr int kWidth = 8;
constexpr int kRegisters = 16;

struct Float {
  __m256 v;
};
struct Int {
  __m256i v;
};
// All bits of a lane set, or none.
struct Mask {
  __m256 v;
};

PF_INLINE __m256i first_lanes(int n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

PF_INLINE Float load(const float* p) { return {_mm256_loadu_ps(p)}; }
PF_INLINE void store(float* p, Float a) { _mm256_storeu_ps(p, a.v); }
PF_INLINE Float load_partial(const float* p, int n) {
  return {_mm256_maskload_ps(p, first_lanes(n))};
}
PF_INLINE void store_partial(float* p, Float a, int n) {
  _mm256_maskstore_ps(p, first_lanes(n), a.v);
}
PF_INLINE Float broadcast(float a) { return {_mm256_set1_ps(a)}; }
PF_INLINE Int broadcast_int(int32_t a) { return {_mm256_set1_epi32(a)}; }
PF_INLINE Int load_int(const int32_t* p) {
  return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))};
}
PF_INLINE void store_int(int32_t* p, Int a) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), a.v);
}

// base[index] for each lane.
PF_INLINE Float gather(const float* base, Int index) {
  return {_mm256_i32gather_ps(base, index.v, sizeof(float))};
}

PF_INLINE Float operator+(Float a, Float b) { return {_mm256_add_ps(a.v, b.v)}; }
PF_INLINE Float operator-(Float a, Float b) { return {_mm256_sub_ps(a.v, b.v)}; }
PF_INLINE Float operator*(Float a, Float b) { return {_mm256_mul_ps(a.v, b.v)}; }
PF_INLINE Float operator/(Float a, Float b) { return {_mm256_div_ps(a.v, b.v)}; }
PF_INLINE Float fma(Float a, Float b, Float c) { return {_mm256_fmadd_ps(a.v, b.v, c.v)}; }
PF_INLINE Float fnma(Float a, Float b, Float c) { return {_mm256_fnmadd_ps(a.v, b.v, c.v)}; }
PF_INLINE Float min(Float a, Float b) { return {_mm256_min_ps(a.v, b.v)}; }
PF_INLINE Float max(Float a, Float b) { return {_mm256_max_ps(a.v, b.v)}; }
PF_INLINE Float sqrt(Float a) { return {_mm256_sqrt_ps(a.v)}; }
PF_INLINE Float round_even(Float a) {
  return {_mm256_round_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
}
PF_INLINE Float floor(Float a) {
  return {_mm256_round_ps(a.v, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC)};
}

PF_INLINE Int as_int(Float a) { return {_mm256_castps_si256(a.v)}; }
PF_INLINE Float as_float(Int a) { return {_mm256_castsi256_ps(a.v)}; }
// Nearest integer, ties to even; lanes beyond int32 give INT32_MIN.
PF_INLINE Int to_int(Float a) { return {_mm256_cvtps_epi32(a.v)}; }
PF_INLINE Float to_float(Int a) { return {_mm256_cvtepi32_ps(a.v)}; }
PF_INLINE Int operator+(Int a, Int b) { return {_mm256_add_epi32(a.v, b.v)}; }
PF_INLINE Int operator-(Int a, Int b) { return {_mm256_sub_epi32(a.v, b.v)}; }
PF_INLINE Int operator&(Int a, Int b) { return {_mm256_and_si256(a.v, b.v)}; }
PF_INLINE Int operator|(Int a, Int b) { return {_mm256_or_si256(a.v, b.v)}; }
template <int n>
PF_INLINE Int shift_left(Int a) {
  return {_mm256_slli_epi32(a.v, n)};
}
// Arithmetic: the sign is carried in.
template <int n>
PF_INLINE Int shift_right(Int a) {
  return {_mm256_srai_epi32(a.v, n)};
}

PF_INLINE Mask operator<(Float a, Float b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_LT_OQ)}; }
PF_INLINE Mask operator<=(Float a, Float b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_LE_OQ)}; }
PF_INLINE Mask operator==(Float a, Float b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_EQ_OQ)}; }
PF_INLINE Mask is_nan(Float a) { return {_mm256_cmp_ps(a.v, a.v, _CMP_UNORD_Q)}; }
PF_INLINE Mask operator&(Mask a, Mask b) { return {_mm256_and_ps(a.v, b.v)}; }
PF_INLINE Mask operator|(Mask a, Mask b) { return {_mm256_or_ps(a.v, b.v)}; }
PF_INLINE Mask operator!(Mask a) {
  return {_mm256_xor_ps(a.v, _mm256_castsi256_ps(_mm256_set1_epi32(-1)))};
}
PF_INLINE bool any(Mask a) { return _mm256_movemask_ps(a.v) != 0; }
PF_INLINE bool all(Mask a) { return _mm256_movemask_ps(a.v) == 0xff; }
PF_INLINE Float select(Mask m, Float a, Float b) { return {_mm256_blendv_ps(b.v, a.v, m.v)}; }

PF_INLINE Float abs(Float a) { return {_mm256_andnot_ps(_mm256_set1_ps(-0.0f), a.v)}; }
PF_INLINE Float copysign(Float a, Float sign) {
  const __m256 bit = _mm256_set1_ps(-0.0f);
  return {_mm256_or_ps(_mm256_andnot_ps(bit, a.v), _mm256_and_ps(bit, sign.v))};
}
// a · 2^n for integral n in [-252, 254], in two steps so that overflow and denormals come out
// right.
PF_INLINE Float scale_by_power_of_two(Float a, Float n) {
  const Int whole = to_int(n);
  const Int half = shift_right<1>(whole);
  const Int bias = broadcast_int(127);
  const Float first = as_float(shift_left<23>(half + bias));
  const Float second = as_float(shift_left<23>(whole - half + bias));
  return a * first * second;
}

PF_INLINE float reduce_add(Float a) {
  __m128 s = _mm_add_ps(_mm256_castps256_ps128(a.v), _mm256_extractf128_ps(a.v, 1));
  s = _mm_add_ps(s, _mm_movehl_ps(s, s));
  return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}
PF_INLINE float reduce_min(Float a) {
  __m128 s = _mm_min_ps(_mm256_castps256_ps128(a.v), _mm256_extractf128_ps(a.v, 1));
  s = _mm_min_ps(s, _mm_movehl_ps(s, s));
  return _mm_cvtss_f32(_mm_min_ss(s, _mm_movehdup_ps(s)));
}
PF_INLINE float reduce_max(Float a) {
  __m128 s = _mm_max_ps(_mm256_castps256_ps128(a.v), _mm256_extractf128_ps(a.v, 1));
  s = _mm_max_ps(s, _mm_movehl_ps(s, s));
  return _mm_cvtss_f32(_mm_max_ss(s, _mm_movehdup_ps(s)));
}

// Transposes the kWidth x kWidth block at `from` (row stride from_stride) into `to`.
PF_INLINE void transpose_block(const float* from, size_t from_stride, float* to, size_t to_stride) {
  for (int q = 0; q < 2; ++q) {
    __m256 r[4];
    for (int i = 0; i < 4; ++i) {
      r[i] = _mm256_insertf128_ps(
          _mm256_castps128_ps256(_mm_loadu_ps(from + size_t(i) * from_stride + 4 * q)),
          _mm_loadu_ps(from + size_t(i + 4) * from_stride + 4 * q), 1);
    }
    const __m256 t0 = _mm256_unpacklo_ps(r[0], r[1]);
    const __m256 t1 = _mm256_unpackhi_ps(r[0], r[1]);
    const __m256 t2 = _mm256_unpacklo_ps(r[2], r[3]);
    const __m256 t3 = _mm256_unpackhi_ps(r[2], r[3]);
    float* rows = to + size_t(4 * q) * to_stride;
    _mm256_storeu_ps(rows, _mm256_shuffle_ps(t0, t2, 0x44));
    _mm256_storeu_ps(rows + to_stride, _mm256_shuffle_ps(t0, t2, 0xee));
    _mm256_storeu_ps(rows + 2 * to_stride, _mm256_shuffle_ps(t1, t3, 0x44));
    _mm256_storeu_ps(rows + 3 * to_stride, _mm256_shuffle_ps(t1, t3, 0xee));
  }
}

}  // namespace pushforward::PF_PATH
