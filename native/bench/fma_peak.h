// The machine's own multiply-add peak: what the benchmarks are held against.
#ifndef PUSHFORWARD_BENCH_FMA_PEAK_H_
#define PUSHFORWARD_BENCH_FMA_PEAK_H_

#include <chrono>
#include <vector>

#include "pushforward/dispatch.h"
#include "pushforward/threads.h"

#if PF_HAS_X86_PATHS
#include <immintrin.h>
#endif

namespace pushforward::bench {

inline double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

inline constexpr int kChains = 12;
inline constexpr int kSteps = 200000;

// Independent chains of multiply-adds that stay in registers.
#define PF_PEAK(name, target_attribute, Vector, set, fma)                                \
  target_attribute inline double name() {                                                \
    Vector sums[kChains];                                                                \
    for (int i = 0; i < kChains; ++i) sums[i] = set(float(i));                           \
    const Vector x = set(0.999f);                                                        \
    for (int k = 0; k < kSteps; ++k) {                                                   \
      _Pragma("GCC unroll 16") for (int i = 0; i < kChains; ++i) sums[i] = fma(sums[i]); \
      asm volatile("" : "+x"(sums[0]));                                                  \
    }                                                                                    \
    for (int i = 0; i < kChains; ++i) asm volatile("" : : "x"(sums[i]));                 \
    return 2.0 * kChains * kSteps * (sizeof(Vector) / sizeof(float));                    \
  }

typedef float Float4 __attribute__((vector_size(16)));
#define PF_SET4(a) (Float4{a, a, a, a})
#define PF_FMA4(a) ((a)*x + x)
PF_PEAK(peak_portable, , Float4, PF_SET4, PF_FMA4)
#if PF_HAS_X86_PATHS
#define PF_FMA8(a) _mm256_fmadd_ps(a, x, x)
#define PF_FMA16(a) _mm512_fmadd_ps(a, x, x)
PF_PEAK(peak_avx2, __attribute__((target("avx2,fma"))), __m256, _mm256_set1_ps, PF_FMA8)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
PF_PEAK(peak_avx512, __attribute__((target("avx512f"))), __m512, _mm512_set1_ps, PF_FMA16)
#endif

inline double peak_operations() {
#if PF_HAS_X86_PATHS
  if (simd_level() == SimdLevel::kAvx512) return peak_avx512();
  if (simd_level() == SimdLevel::kAvx2) return peak_avx2();
#endif
  return peak_portable();
}

// Operations a second, two for each multiply-add, of that many threads on the path in use.
inline double measure_peak(int threads) {
  std::vector<double> operations(static_cast<std::size_t>(threads));
  const double start = seconds_now();
  parallel_for(operations.size(), threads,
               [&](std::size_t i, int) { operations[i] = peak_operations(); });
  const double elapsed = seconds_now() - start;
  double total = 0.0;
  for (double count : operations) total += count;
  return total / elapsed;
}

}  // namespace pushforward::bench

#endif  // PUSHFORWARD_BENCH_FMA_PEAK_H_
