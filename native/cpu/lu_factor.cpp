#include <cmath>
#include <numeric>
#include <vector>

#include "linear_algebra.h"
#include "linear_algebra_tasks.h"
#include "lu_blocked.h"
#include "tensor_layout.h"
#include "tensor_matmul.h"

namespace pushforward {
namespace {

// One matrix in place, by halves of its columns (Toledo 1997): the left half is factored, the right
// half takes what follows from it in a triangular solve and a product, and is factored in its turn.
class BlockedLu {
 public:
  BlockedLu(float* a, std::size_t n) : a_(a), n_(n), exchanged_(n) {
    thread_scratch().reserve(kernels_.panel_scratch(n));
  }

  void run() { factor(0, n_); }

  const std::vector<std::int32_t>& exchanged() const { return exchanged_; }

 private:
  float* at(std::size_t i, std::size_t j) const { return a_ + i * n_ + j; }

  // Columns [first, first + columns) from row `first` on.
  void factor(std::size_t first, std::size_t columns) {
    if (columns <= kBlockedPanel) {
      std::int32_t* const exchanged = exchanged_.data() + first;
      kernels_.factor_panel(at(first, first), n_, n_ - first, columns, exchanged,
                            thread_scratch().data());
      for (std::size_t k = 0; k < columns; ++k) exchanged[k] += static_cast<std::int32_t>(first);
      return;
    }
    const std::size_t panels = (columns + kBlockedPanel - 1) / kBlockedPanel;
    const std::size_t left = panels / 2 * kBlockedPanel, right = columns - left;
    const std::size_t middle = first + left;
    factor(first, left);
    exchange(first, middle, middle, right);
    linear_substitute(at(first, first), n_, 1, left, {true, true, false}, at(first, middle), n_,
                      right);
    MatMul product{};
    product.rows = n_ - middle;
    product.columns = right;
    product.inner = left;
    product.a = at(middle, first);
    product.b = at(first, middle);
    product.c = at(middle, middle);
    product.a_row = product.b_row = product.c_row = n_;
    product.a_step = product.b_step = 1;
    product.subtract = true;
    tensor_matmul(product, TensorLayout{1, {1}, {0}, {0}});
    factor(middle, right);
    exchange(middle, first + columns, first, left);
  }

  // The exchanges of steps [from, to) in the columns [column, column + columns).
  void exchange(std::size_t from, std::size_t to, std::size_t column, std::size_t columns) {
    for (std::size_t k = from; k < to; ++k) {
      const std::size_t other = static_cast<std::size_t>(exchanged_[k]);
      if (other != k) std::swap_ranges(at(k, column), at(k, column) + columns, at(other, column));
    }
  }

  const LuBlockedKernels& kernels_ = PF_KERNELS(lu_blocked_kernels);
  float* a_;
  std::size_t n_;
  std::vector<std::int32_t> exchanged_;
};

void factor_one(const LuFactorTask& task, std::size_t index) {
  const std::size_t n = task.n;
  float* const lu = task.lu + index * n * n;
  std::int32_t* const order = task.order + index * n;
  std::copy_n(task.a + index * n * n, n * n, lu);
  BlockedLu factors(lu, n);
  factors.run();
  std::iota(order, order + n, 0);
  // The product of the pivots, as a logarithm wherever it would leave the range of double.
  double sign = 1.0, log_abs = 0.0, product = 1.0, poison = 0.0;
  for (std::size_t k = 0; k < n; ++k) {
    const std::size_t other = static_cast<std::size_t>(factors.exchanged()[k]);
    if (other != k) {
      std::swap(order[k], order[other]);
      sign = -sign;
    }
    const double pivot = lu[k * (n + 1)];
    sign *= pivot == 0.0 ? 0.0 : std::copysign(1.0, pivot);
    product *= std::fabs(pivot);
    poison += 0.0 * pivot;
    if (!(product > 1e-200 && product < 1e200)) {
      log_abs += std::log(product);
      product = 1.0;
    }
  }
  task.sign[index] = static_cast<float>(sign + poison);
  task.log_abs_det[index] = static_cast<float>(log_abs + std::log(product) + poison);
}

}  // namespace

void lu_factor(const LuFactorTask& task) {
  const LuGroupKernels& kernels = PF_KERNELS(lu_group_kernels);
  const std::size_t n = task.n;
  for_each_group(
      task.batch, n, is_small(n, kernels.width), n * n * n / 3,
      [&](std::size_t first, std::size_t count) {
        Scratch& scratch = thread_scratch();
        scratch.reserve(kernels.factor_scratch(n));
        const LuFactorTask group{task.a + first * n * n,
                                 count,
                                 n,
                                 task.lu + first * n * n,
                                 task.order + first * n,
                                 task.sign + first,
                                 task.log_abs_det + first};
        kernels.factor(group, scratch.data());
      },
      [&](std::size_t index) { factor_one(task, index); });
}

}  // namespace pushforward
