#include <algorithm>
#include <utility>

#include "linear_algebra.h"
#include "linear_algebra_tasks.h"
#include "lu_blocked.h"
#include "tensor_layout.h"
#include "tensor_matmul.h"

namespace pushforward {
namespace {

// Right-hand sides that one task solves for.
constexpr std::size_t kTaskColumns = 256;

void multiply(MatMul product) { tensor_matmul(product, TensorLayout{1, {1}, {0}, {0}}); }

}  // namespace

void linear_substitute(const float* t, std::size_t t_row, std::size_t t_step, std::size_t n,
                       const Triangle& triangle, float* x, std::size_t x_row, std::size_t columns) {
  const bool is_lower = triangle.lower != triangle.transpose;
  if (n <= kBlockedTriangle) {
    const LuBlockedKernels& kernels = PF_KERNELS(lu_blocked_kernels);
    const std::size_t tasks = (columns + kTaskColumns - 1) / kTaskColumns;
    const bool is_shared = n * n * columns / 2 >= kLeastParallelWork;
    parallel_for(tasks, is_shared ? thread_count() : 1, [&](std::size_t task, int) {
      const std::size_t first = task * kTaskColumns;
      kernels.substitute(t, triangle.transpose ? t_step : t_row,
                         triangle.transpose ? t_row : t_step, n, is_lower, triangle.unit_diagonal,
                         x + first, x_row, std::min(kTaskColumns, columns - first));
    });
    return;
  }
  const std::size_t upper = (n / 2 + kBlockedPanel - 1) / kBlockedPanel * kBlockedPanel;
  // The triangles on the diagonal, each with its rows of x. Those of the second wait for the first.
  struct Part {
    const float* t;
    std::size_t n;
    float* x;
  };
  Part first{t, upper, x};
  Part second{t + upper * (t_row + t_step), n - upper, x + upper * x_row};
  if (!is_lower) std::swap(first, second);
  const auto substitute = [&](const Part& part) {
    linear_substitute(part.t, t_row, t_step, part.n, triangle, part.x, x_row, columns);
  };
  substitute(first);
  // The part of the matrix between the two triangles: below them, or to their right.
  MatMul product{};
  product.rows = second.n;
  product.inner = first.n;
  product.columns = columns;
  product.b_row = product.c_row = x_row;
  product.b_step = 1;
  product.subtract = true;
  product.a = t + upper * (triangle.lower ? t_row : t_step);
  product.a_row = triangle.transpose ? t_step : t_row;
  product.a_step = triangle.transpose ? t_row : t_step;
  product.b = first.x;
  product.c = second.x;
  multiply(product);
  substitute(second);
}

namespace {

void solve_one(const SolveTask& task, std::size_t index) {
  const std::size_t n = task.n, columns = task.columns, size = n * columns;
  const float* const b = task.b + index * size;
  float* const x = task.x + index * size;
  float* solution = x;
  if (task.order_out != nullptr) {
    thread_scratch().reserve(size);
    solution = thread_scratch().data();
  }
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t row =
        task.order_in == nullptr ? i : static_cast<std::size_t>(task.order_in[index * n + i]);
    std::copy_n(b + row * columns, columns, solution + i * columns);
  }
  for (int pass = 0; pass < task.pass_count; ++pass) {
    linear_substitute(task.matrices + index * n * n, n, 1, n, task.passes[pass], solution, columns,
                      columns);
  }
  if (task.order_out == nullptr) return;
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t row = static_cast<std::size_t>(task.order_out[index * n + i]);
    std::copy_n(solution + i * columns, columns, x + row * columns);
  }
}

}  // namespace

void linear_solve(const SolveTask& task) {
  const LuGroupKernels& kernels = PF_KERNELS(lu_group_kernels);
  const std::size_t n = task.n, columns = task.columns, size = n * columns;
  // Right-hand sides enough fill vectors without a transposition of everything, save where the
  // matrices are so small that a call for each takes longer.
  const bool groupable = n <= (columns < kernels.width ? 64 : 8);
  for_each_group(
      task.batch, n, groupable, n * size * static_cast<std::size_t>(task.pass_count) / 2,
      [&](std::size_t first, std::size_t count) {
        Scratch& scratch = thread_scratch();
        scratch.reserve(kernels.solve_scratch(n, columns));
        SolveTask group = task;
        group.batch = count;
        group.matrices += first * n * n;
        group.b += first * size;
        group.x += first * size;
        if (group.order_in != nullptr) group.order_in += first * n;
        if (group.order_out != nullptr) group.order_out += first * n;
        kernels.solve(group, scratch.data());
      },
      [&](std::size_t index) { solve_one(task, index); });
}

}  // namespace pushforward
