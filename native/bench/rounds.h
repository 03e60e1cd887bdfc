// How the native benchmarks measure: calls beside the machine's own multiply-add peak, in rounds.
#ifndef PUSHFORWARD_BENCH_ROUNDS_H_
#define PUSHFORWARD_BENCH_ROUNDS_H_

#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <random>
#include <vector>

#include "fma_peak.h"
#include "pushforward/dispatch.h"
#include "pushforward/threads.h"

namespace pushforward::bench {

inline constexpr int kRounds = 25;

inline std::vector<float> normals(std::size_t count, float scale = 1.0f) {
  static std::mt19937 generator(1);
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  for (float& value : values) value = scale * normal(generator);
  return values;
}

// One thread is timed by its own processor time, which other work on the machine does not count in.
inline double clock_seconds(int threads) {
  if (threads > 1) return seconds_now();
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return double(now.tv_sec) + 1e-9 * double(now.tv_nsec);
}

struct Measurement {
  double peak;                  // operations a second
  std::vector<double> seconds;  // of each call
};

// The best of many short rounds: other work on the machine only ever takes away. `repeats` calls
// one after another are timed together, so many that the clock is fine enough.
inline Measurement measure_rounds(int threads, int repeats,
                                  const std::vector<std::function<void()>>& calls) {
  Measurement best{0.0, std::vector<double>(calls.size(), INFINITY)};
  for (int round = 0; round < kRounds; ++round) {
    best.peak = std::max(best.peak, measure_peak(threads));
    for (std::size_t i = 0; i < calls.size(); ++i) {
      const double start = clock_seconds(threads);
      for (int k = 0; k < repeats; ++k) calls[i]();
      best.seconds[i] = std::min(best.seconds[i], (clock_seconds(threads) - start) / repeats);
    }
  }
  return best;
}

// Calls `measure` on every path that this machine has.
template <class Measure>
void on_each_path(const Measure& measure) {
  for (SimdLevel level : {SimdLevel::kAvx512, SimdLevel::kAvx2, SimdLevel::kPortable}) {
    if (set_simd_level(level)) measure();
  }
}

// Calls `measure(threads)` with one thread and, where there are several cores, with one for each.
template <class Measure>
void on_one_and_all_cores(const Measure& measure) {
  // Asked before the first call sets another number.
  static const int cores = thread_count();
  for (const int threads : {1, cores}) {
    set_thread_count(threads);
    measure(threads);
    if (cores == 1) break;
  }
}

}  // namespace pushforward::bench

#endif  // PUSHFORWARD_BENCH_ROUNDS_H_
