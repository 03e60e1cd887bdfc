// A group of up to kWidth small matrices, entry by entry side by side: lane m of a vector belongs
// to matrix m, so nothing that happens in one matrix reaches another.
#pragma once

#include <cstddef>
#include <cstdint>

#include "linear_algebra.h"
#include "pushforward/dispatch.h"

namespace pushforward {

struct LuGroupKernels {
  std::size_t width;
  // Floats of scratch, aligned for vectors, that the calls need.
  std::size_t (*factor_scratch)(std::size_t n);
  std::size_t (*solve_scratch)(std::size_t n, std::size_t columns);
  // The tasks with their batch of 1 to `width` matrices.
  void (*factor)(const LuFactorTask& group, float* scratch);
  void (*solve)(const SolveTask& group, float* scratch);
};

PF_DECLARE_KERNELS(LuGroupKernels, lu_group_kernels)

}  // namespace pushforward
