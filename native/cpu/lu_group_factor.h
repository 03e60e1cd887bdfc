// LU with partial pivoting of a group (lu_group.h). No row is ever moved: every lane notes in which
// step each row was chosen as its pivot, and the rows find their places when they are written out.
//
// kPanel columns at a time: they are copied side by side and factored; the rows that were chosen
// for them are gathered from the columns to their right and become rows of U; and two rows of all
// others at a time take their kPanel multiples of those, with the multipliers in registers. A row
// that is chosen already has multipliers of 0. For kernel files.
#pragma once

#include "interleave.h"
#include "linear_algebra.h"
#include "lu_pivots.h"

namespace pushforward::PF_PATH {

constexpr size_t kPanel = kRegisters == 32 ? 8 : 4;

class GroupFactor {
 public:
  GroupFactor(size_t n, float* scratch) : n_(n), stride_(Group{0, n, n}.stride()) {
    work_ = scratch;
    panel_ = work_ + n * stride_ * kWidth;
    upper_ = panel_ + n * kPanel * kWidth;
    step_ = upper_ + n * kPanel * kWidth;
    rows_ = step_ + n * kWidth;
    rest_ = rows_ + n * kWidth;
    int32_t lanes[kWidth];
    for (int m = 0; m < kWidth; ++m) lanes[m] = m;
    lane_ = load_int(lanes);
  }

  static size_t scratch(size_t n) {
    const Group group{0, n, n};
    return group.floats() + (2 * n * kPanel + 2 * n) * kWidth + group.scratch() + n * kWidth;
  }

  void run(const LuFactorTask& task) {
    const Group group{task.batch, n_, n_};
    interleave(group, task.a, nullptr, work_, rest_);
    const Float none = broadcast(static_cast<float>(n_));
    for (size_t i = 0; i < n_; ++i) store(step_ + i * kWidth, none);
    for (size_t first = 0; first < n_; first += kPanel) {
      const size_t columns = least(kPanel, n_ - first);
      factor_panel(first, columns);
      if (first + columns < n_) {
        solve_upper(first);
        size_t i = 0;
        for (; i + 2 <= n_; i += 2) update<2>(first, i);
        if (i < n_) update<1>(first, i);
      }
    }
    write(task, group);
  }

 private:
  float* entry(size_t i, size_t j) const { return work_ + (i * stride_ + j) * kWidth; }
  float* panel(size_t i, size_t c) const { return panel_ + (i * kPanel + c) * kWidth; }

  // The columns [first, first + columns), of all rows.
  void factor_panel(size_t first, size_t columns) {
    for (size_t i = 0; i < n_; ++i) {
      for (size_t c = 0; c < columns; ++c) store(panel(i, c), load(entry(i, first + c)));
    }
    for (size_t c = 0; c < columns; ++c) {
      const Float row = choose(first + c, c);
      switch (columns - c) {
        case 1:
          eliminate<0>(first + c, c, row);
          break;
        case 2:
          eliminate<1>(first + c, c, row);
          break;
        case 3:
          eliminate<2>(first + c, c, row);
          break;
        case 4:
          eliminate<3>(first + c, c, row);
          break;
        default:
          eliminate<4>(first + c, c, row);
          for (size_t q = c + 5; q < columns; ++q) eliminate_column(first + c, c, q, row);
      }
    }
    for (size_t i = 0; i < n_; ++i) {
      for (size_t c = 0; c < columns; ++c) store(entry(i, first + c), load(panel(i, c)));
    }
  }

  // The row of the largest number in a column among the rows that are left, the first of equals. A
  // NaN counts as 0, so that it is chosen last.
  PF_INLINE Float choose(size_t step, size_t c) {
    const Float zero = broadcast(0.0f), one = broadcast(1.0f);
    const Float free_from = broadcast(static_cast<float>(n_) - 0.5f);
    Float best = broadcast(-1.0f), row = zero, pivot = zero, left = zero, above = zero;
    for (size_t i = 0; i < n_; ++i) {
      const Mask free = free_from < load(step_ + i * kWidth);
      const Float value = load(panel(i, c));
      const Float size = select(free, max(abs(value), zero), broadcast(-1.0f));
      const Mask better = best < size;
      best = max(best, size);
      pivot = select(better, value, pivot);
      row = select(better, broadcast(static_cast<float>(i)), row);
      above = select(better, left, above);
      left = left + select(free, one, zero);
    }
    determinant_.multiply(pivot);
    determinant_.inversions = determinant_.inversions + above;
    divisor_ = Divisor(select(pivot == zero, one, pivot));
    store(rows_ + step * kWidth, row);
    return row;
  }

  PF_INLINE Int place(Float row, size_t row_length) const {
    return to_int(row * broadcast(static_cast<float>(row_length * kWidth))) + lane_;
  }

  // Multipliers in column c, and the next `others` columns less their multiples of the chosen row.
  template <int others>
  PF_INLINE void eliminate(size_t step, size_t c, Float row) {
    const Float free_from = broadcast(static_cast<float>(n_) - 0.5f);
    const Int chosen = place(row, kPanel);
    Float u[others + 1];
#pragma GCC unroll 4
    for (int q = 0; q < others; ++q) u[q] = gather(panel(0, c + 1 + q), chosen);
    for (size_t i = 0; i < n_; ++i) {
      const Float before = load(step_ + i * kWidth);
      const Mask free = free_from < before;
      const Mask is_chosen = row == broadcast(static_cast<float>(i));
      store(step_ + i * kWidth, select(is_chosen, broadcast(static_cast<float>(step)), before));
      float* const at = panel(i, c);
      const Float value = load(at);
      // Under a pivot of 0 there are zeros and NaN, which stay what they are.
      const Mask below = free & !is_chosen;
      const Float multiplier = select(below, divisor_.divide(value), broadcast(0.0f));
      store(at, select(below, multiplier, value));
#pragma GCC unroll 4
      for (int q = 0; q < others; ++q) {
        float* const to = at + (1 + q) * kWidth;
        store(to, fnma(multiplier, u[q], load(to)));
      }
    }
  }

  // The same for column q, when column c holds its multipliers already.
  void eliminate_column(size_t step, size_t c, size_t q, Float row) {
    const Float limit = broadcast(static_cast<float>(step) + 0.5f);
    const Float u = gather(panel(0, q), place(row, kPanel));
    for (size_t i = 0; i < n_; ++i) {
      const Mask below = limit < load(step_ + i * kWidth);
      const Float multiplier = select(below, load(panel(i, c)), broadcast(0.0f));
      store(panel(i, q), fnma(multiplier, u, load(panel(i, q))));
    }
  }

  // Rows [first, first + kPanel) of U to the right of the panel, column by column.
  void solve_upper(size_t first) {
    Int chosen[kPanel];
    Float multipliers[kPanel][kPanel];
    for (size_t r = 0; r < kPanel; ++r) {
      const Float row = load(rows_ + (first + r) * kWidth);
      chosen[r] = place(row, stride_);
      for (size_t c = 0; c < r; ++c) multipliers[r][c] = gather(panel(0, c), place(row, kPanel));
    }
    for (size_t j = first + kPanel; j < n_; ++j) {
      Float u[kPanel];
#pragma GCC unroll 8
      for (size_t r = 0; r < kPanel; ++r) {
        u[r] = gather(entry(0, j), chosen[r]);
#pragma GCC unroll 8
        for (size_t c = 0; c < r; ++c) u[r] = fnma(multipliers[r][c], u[c], u[r]);
        store(upper_ + (j * kPanel + r) * kWidth, u[r]);
      }
    }
  }

  // Rows [i, i + rows) to the right of the panel, less their multiples of the rows of U. The chosen
  // rows become those rows of U here: their multipliers are those of the steps before their own.
  template <int rows>
  PF_INLINE void update(size_t first, size_t i) {
    Float multipliers[rows][kPanel];
#pragma GCC unroll 2
    for (int r = 0; r < rows; ++r) {
      const Float chosen_in = load(step_ + (i + r) * kWidth);
#pragma GCC unroll 8
      for (size_t c = 0; c < kPanel; ++c) {
        const Mask below = broadcast(static_cast<float>(first + c) + 0.5f) < chosen_in;
        multipliers[r][c] = select(below, load(panel(i + r, c)), broadcast(0.0f));
      }
    }
    for (size_t j = first + kPanel; j < n_; ++j) {
      const float* const u = upper_ + j * kPanel * kWidth;
      Float value[rows];
#pragma GCC unroll 2
      for (int r = 0; r < rows; ++r) value[r] = load(entry(i + r, j));
#pragma GCC unroll 8
      for (size_t c = 0; c < kPanel; ++c) {
        const Float x = load(u + c * kWidth);
#pragma GCC unroll 2
        for (int r = 0; r < rows; ++r) value[r] = fnma(multipliers[r][c], x, value[r]);
      }
#pragma GCC unroll 2
      for (int r = 0; r < rows; ++r) store(entry(i + r, j), value[r]);
    }
  }

  void write(const LuFactorTask& task, const Group& group) {
    const int count = static_cast<int>(task.batch);
    store_partial(task.sign, determinant_.signum(), count);
    store_partial(task.log_abs_det, determinant_.log_abs(), count);
    int32_t* const places = reinterpret_cast<int32_t*>(rest_ + group.scratch());
    write_numbers(task.batch, step_, places);
    write_numbers(task.batch, rows_, task.order);
    separate(group, work_, places, task.lu, rest_);
  }

  // Whole numbers of the lanes, n for each, as [count][n].
  void write_numbers(size_t count, const float* numbers, int32_t* out) {
    transpose_rectangle(numbers, kWidth, n_, count, rest_, n_);
    size_t i = 0;
    for (; i + kWidth <= count * n_; i += kWidth) store_int(out + i, to_int(load(rest_ + i)));
    for (; i < count * n_; ++i) out[i] = static_cast<int32_t>(rest_[i]);
  }

  size_t n_, stride_;
  float *work_, *panel_, *upper_, *step_, *rows_, *rest_;
  Int lane_;
  Divisor divisor_;  // the pivot of the step, 1 where it is 0
  Determinant determinant_;
};

}  // namespace pushforward::PF_PATH
