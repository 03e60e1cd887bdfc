// The two small pieces of work that large matrices are cut down to; matrix products are the rest.
#pragma once

#include <cstddef>
#include <cstdint>

#include "pushforward/dispatch.h"

namespace pushforward {

// Columns that are factored at once.
constexpr std::size_t kBlockedPanel = 16;
// Rows of a triangle that are solved by substitution.
constexpr std::size_t kBlockedTriangle = 32;

struct LuBlockedKernels {
  std::size_t (*panel_scratch)(std::size_t rows);
  // LU with partial pivoting of a [rows, columns], rows a_row apart, columns at most kBlockedPanel
  // and at most rows. Row k was exchanged with row exchanged[k], one after the other.
  void (*factor_panel)(float* a, std::size_t a_row, std::size_t rows, std::size_t columns,
                       std::int32_t* exchanged, float* scratch);
  // Solves in place for x [n, columns], rows x_row apart. Entry (i, k) of the triangle lies at
  // i · row + k · column from t; it is a lower one, or an upper one solved from its last row up.
  void (*substitute)(const float* t, std::size_t row, std::size_t column, std::size_t n,
                     bool is_lower, bool unit_diagonal, float* x, std::size_t x_row,
                     std::size_t columns);
};

PF_DECLARE_KERNELS(LuBlockedKernels, lu_blocked_kernels)

}  // namespace pushforward
