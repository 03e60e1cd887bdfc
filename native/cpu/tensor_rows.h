// What kernels of two operands are given: rows of both, of one type, and of results, perhaps of
// another.
#pragma once

#include <cstddef>

namespace pushforward {

// `rows` rows of `inner` results, contiguous in out. An operand moves by its row step from row to
// row, and by its step, 1 or 0 (broadcast), within a row.
template <typename T, typename Result>
struct TypedRows {
  const T* a;
  const T* b;
  Result* out;
  std::size_t rows, inner;
  std::size_t a_row_step, b_row_step;
  std::size_t a_step, b_step;
};

template <typename T, typename Result>
using TypedFunction = void (*)(const TypedRows<T, Result>& rows);

}  // namespace pushforward
