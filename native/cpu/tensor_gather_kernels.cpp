#include "tensor_gather.h"

#include "pushforward/simd.h"

namespace pushforward::PF_PATH {
namespace {

// Eight lanes on every path, in as many registers as it takes.
typedef float Float8 __attribute__((vector_size(32)));
typedef double Double8 __attribute__((vector_size(64)));

void sum_rows(const float* x, const int32_t* rows, size_t count, size_t columns, float* out) {
  if (count == 0) {
    __builtin_memset(out, 0, columns * sizeof(float));
    return;
  }
  if (count == 1) {
    __builtin_memcpy(out, x + size_t(rows[0]) * columns, columns * sizeof(float));
    return;
  }
  size_t j = 0;
  for (; j + 8 <= columns; j += 8) {
    Double8 sum = {};
    for (size_t i = 0; i < count; ++i) {
      Float8 values;
      __builtin_memcpy(&values, x + size_t(rows[i]) * columns + j, sizeof values);
      sum += __builtin_convertvector(values, Double8);
    }
    const Float8 rounded = __builtin_convertvector(sum, Float8);
    __builtin_memcpy(out + j, &rounded, sizeof rounded);
  }
  for (; j < columns; ++j) {
    double sum = 0.0;
    for (size_t i = 0; i < count; ++i) sum += static_cast<double>(x[size_t(rows[i]) * columns + j]);
    out[j] = static_cast<float>(sum);
  }
}

}  // namespace

const GatherKernels gather_kernels = {sum_rows};

}  // namespace pushforward::PF_PATH
