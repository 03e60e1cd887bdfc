#include "pushforward/dispatch.h"

#include <atomic>

namespace pushforward {

SimdLevel widest_simd_level() {
#if PF_HAS_X86_PATHS
  static const SimdLevel widest = [] {
    __builtin_cpu_init();
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                      __builtin_cpu_supports("bmi2");
    const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
    if (avx2 && avx512) return SimdLevel::kAvx512;
    return avx2 ? SimdLevel::kAvx2 : SimdLevel::kPortable;
  }();
  return widest;
#else
  return SimdLevel::kPortable;
#endif
}

namespace {
std::atomic<SimdLevel>& level_in_use() {
  static std::atomic<SimdLevel> level{widest_simd_level()};
  return level;
}
}  // namespace

SimdLevel simd_level() { return level_in_use().load(std::memory_order_relaxed); }

bool set_simd_level(SimdLevel level) {
  if (level > widest_simd_level()) return false;
  level_in_use().store(level, std::memory_order_relaxed);
  return true;
}

const char* simd_level_name(SimdLevel level) {
  switch (level) {
    case SimdLevel::kAvx512:
      return "avx512";
    case SimdLevel::kAvx2:
      return "avx2";
    case SimdLevel::kPortable:
      return "portable";
  }
  return "portable";
}

}  // namespace pushforward
