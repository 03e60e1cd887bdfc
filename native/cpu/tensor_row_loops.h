// Loops over the rows of two operands, for kernel files whose function takes two elements and which
// leave it to the compiler to make vectors of them.
#pragma once

#include "pushforward/simd.h"
#include "tensor_rows.h"

namespace pushforward::PF_PATH {

template <typename Function, size_t a_step, size_t b_step, typename T, typename Result>
void rows_of(const TypedRows<T, Result>& task) {
  const T* __restrict a = task.a;
  const T* __restrict b = task.b;
  Result* __restrict out = task.out;
  for (size_t row = 0; row < task.rows; ++row) {
    for (size_t i = 0; i < task.inner; ++i) {
      out[i] = static_cast<Result>(Function::apply(a[i * a_step], b[i * b_step]));
    }
    a += task.a_row_step;
    b += task.b_row_step;
    out += task.inner;
  }
}

template <typename Function, typename T, typename Result>
void typed_rows(const TypedRows<T, Result>& task) {
  if (task.a_step == 1) {
    if (task.b_step == 1) return rows_of<Function, 1, 1>(task);
    return rows_of<Function, 1, 0>(task);
  }
  if (task.b_step == 1) return rows_of<Function, 0, 1>(task);
  rows_of<Function, 0, 0>(task);
}

}  // namespace pushforward::PF_PATH
