// The primitives of simd.h in the compiler's own vectors of four floats, which every 64-bit target
// has (SSE2, NEON). fma rounds once only where the target does so in hardware.
#pragma once

namespace pushforward::PF_PATH {

constexpr int kWidth = 4;
constexpr int kRegisters = 16;

typedef float Float4 __attribute__((vector_size(16)));
typedef int32_t Int4 __attribute__((vector_size(16)));
typedef uint32_t Unsigned4 __attribute__((vector_size(16)));

struct Float {
  Float4 v;
};
struct Int {
  Int4 v;
};
// All bits of a lane set, or none.
struct Mask {
  Int4 v;
};

PF_INLINE Float load(const float* p) {
  Float r;
  __builtin_memcpy(&r.v, p, sizeof r.v);
  return r;
}
PF_INLINE void store(float* p, Float a) { __builtin_memcpy(p, &a.v, sizeof a.v); }
PF_INLINE Float load_partial(const float* p, int n) {
  Float r{{0.0f, 0.0f, 0.0f, 0.0f}};
  for (int i = 0; i < kWidth; ++i) {
    if (i < n) r.v[i] = p[i];
  }
  return r;
}
PF_INLINE void store_partial(float* p, Float a, int n) {
  for (int i = 0; i < kWidth; ++i) {
    if (i < n) p[i] = a.v[i];
  }
}
PF_INLINE Float broadcast(float a) { return {Float4{a, a, a, a}}; }
PF_INLINE Int broadcast_int(int32_t a) { return {Int4{a, a, a, a}}; }
PF_INLINE Int load_int(const int32_t* p) {
  Int r;
  __builtin_memcpy(&r.v, p, sizeof r.v);
  return r;
}
PF_INLINE void store_int(int32_t* p, Int a) { __builtin_memcpy(p, &a.v, sizeof a.v); }

// base[index] for each lane.
PF_INLINE Float gather(const float* base, Int index) {
  return {Float4{base[index.v[0]], base[index.v[1]], base[index.v[2]], base[index.v[3]]}};
}

PF_INLINE Int as_int(Float a) { return {(Int4)a.v}; }
PF_INLINE Float as_float(Int a) { return {(Float4)a.v}; }
// Sums wrap around, which only unsigned lanes may.
PF_INLINE Int operator+(Int a, Int b) { return {(Int4)((Unsigned4)a.v + (Unsigned4)b.v)}; }
PF_INLINE Int operator-(Int a, Int b) { return {(Int4)((Unsigned4)a.v - (Unsigned4)b.v)}; }
PF_INLINE Int operator&(Int a, Int b) { return {a.v & b.v}; }
PF_INLINE Int operator|(Int a, Int b) { return {a.v | b.v}; }
template <int n>
PF_INLINE Int shift_left(Int a) {
  return {(Int4)((Unsigned4)a.v << n)};
}
// Arithmetic: the sign is carried in.
template <int n>
PF_INLINE Int shift_right(Int a) {
  return {a.v >> n};
}

PF_INLINE Mask operator<(Float a, Float b) { return {a.v < b.v}; }
PF_INLINE Mask operator<=(Float a, Float b) { return {a.v <= b.v}; }
PF_INLINE Mask operator==(Float a, Float b) { return {a.v == b.v}; }
PF_INLINE Mask is_nan(Float a) { return {a.v != a.v}; }
PF_INLINE Mask operator&(Mask a, Mask b) { return {a.v & b.v}; }
PF_INLINE Mask operator|(Mask a, Mask b) { return {a.v | b.v}; }
PF_INLINE Mask operator!(Mask a) { return {~a.v}; }
PF_INLINE bool any(Mask a) { return (a.v[0] | a.v[1] | a.v[2] | a.v[3]) != 0; }
PF_INLINE bool all(Mask a) { return (a.v[0] & a.v[1] & a.v[2] & a.v[3]) != 0; }
PF_INLINE Float select(Mask m, Float a, Float b) {
  return {(Float4)((m.v & (Int4)a.v) | (~m.v & (Int4)b.v))};
}

PF_INLINE Float operator+(Float a, Float b) { return {a.v + b.v}; }
PF_INLINE Float operator-(Float a, Float b) { return {a.v - b.v}; }
PF_INLINE Float operator*(Float a, Float b) { return {a.v * b.v}; }
PF_INLINE Float operator/(Float a, Float b) { return {a.v / b.v}; }
PF_INLINE Float fma(Float a, Float b, Float c) {
#if defined(__FP_FAST_FMAF)
  Float r;
  for (int i = 0; i < kWidth; ++i) r.v[i] = __builtin_fmaf(a.v[i], b.v[i], c.v[i]);
  return r;
#else
  return {a.v * b.v + c.v};
#endif
}
PF_INLINE Float fnma(Float a, Float b, Float c) { return fma({-a.v}, b, c); }
PF_INLINE Float min(Float a, Float b) { return select(a < b, a, b); }
PF_INLINE Float max(Float a, Float b) { return select(b < a, a, b); }
PF_INLINE Float sqrt(Float a) {
  Float r;
  for (int i = 0; i < kWidth; ++i) r.v[i] = __builtin_sqrtf(a.v[i]);
  return r;
}
PF_INLINE Float abs(Float a) { return {(Float4)((Int4)a.v & 0x7fffffff)}; }
PF_INLINE Float copysign(Float a, Float sign) {
  return {(Float4)(((Int4)a.v & 0x7fffffff) | ((Int4)sign.v & (int32_t)0x80000000))};
}
// Adding and taking away 1.5 · 2^23 rounds to an integer; from 2^23 on every float is one.
PF_INLINE Float round_even(Float a) {
  const Float shift = broadcast(8388608.0f);
  const Float magnitude = abs(a);
  const Float rounded = copysign((magnitude + shift) - shift, a);
  return select(magnitude < shift, rounded, a);
}
PF_INLINE Float floor(Float a) {
  const Float rounded = round_even(a);
  return select(a < rounded, rounded - broadcast(1.0f), rounded);
}
// Nearest integer, ties to even; lanes beyond int32 give INT32_MIN.
PF_INLINE Int to_int(Float a) {
  const Float limit = broadcast(2147483648.0f);
  const Mask inside = abs(a) < limit;
  const Float safe = select(inside, round_even(a), broadcast(0.0f));
  const Int4 whole = __builtin_convertvector(safe.v, Int4);
  return {(whole & inside.v) | (~inside.v & INT32_MIN)};
}
PF_INLINE Float to_float(Int a) { return {__builtin_convertvector(a.v, Float4)}; }

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

PF_INLINE float reduce_add(Float a) { return (a.v[0] + a.v[2]) + (a.v[1] + a.v[3]); }
PF_INLINE float reduce_min(Float a) {
  const float p = a.v[0] < a.v[2] ? a.v[0] : a.v[2], q = a.v[1] < a.v[3] ? a.v[1] : a.v[3];
  return p < q ? p : q;
}
PF_INLINE float reduce_max(Float a) {
  const float p = a.v[0] > a.v[2] ? a.v[0] : a.v[2], q = a.v[1] > a.v[3] ? a.v[1] : a.v[3];
  return p > q ? p : q;
}

// Transposes the kWidth x kWidth block at `from` (row stride from_stride) into `to`.
PF_INLINE void transpose_block(const float* from, size_t from_stride, float* to, size_t to_stride) {
  Float rows[kWidth];
  for (int i = 0; i < kWidth; ++i) rows[i] = load(from + size_t(i) * from_stride);
  for (int j = 0; j < kWidth; ++j) {
    store(to + size_t(j) * to_stride,
          Float{{rows[0].v[j], rows[1].v[j], rows[2].v[j], rows[3].v[j]}});
  }
}

}  // namespace pushforward::PF_PATH
