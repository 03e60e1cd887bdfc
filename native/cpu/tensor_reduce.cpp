#include "tensor_reduce.h"

#include <vector>

#include "tensor_layout.h"

namespace pushforward {
namespace {

constexpr std::size_t kMostColumns = 4096;

// A reduction cut into blocks by columns, and by rows of the reduced dimension where too little
// else is left to share among threads. The cuts depend on the shape alone, so the order of a sum
// does too.
struct Cuts {
  explicit Cuts(const Reduction& shape) {
    columns = std::min(shape.inner, kMostColumns);
    column_blocks = (shape.inner + columns - 1) / columns;
    const bool few = shape.outer * column_blocks < 16;
    rows = few ? std::max<std::size_t>(1, 4 * kElementsPerTask / columns) : shape.count;
    row_blocks = (shape.count + rows - 1) / rows;
  }
  std::size_t columns, column_blocks, rows, row_blocks;
};

// Calls block(outer, column, columns, row, rows, place) for every block; `place` numbers the blocks
// so that those of one result follow each other, in the order of their rows.
template <typename Block>
void for_each_cut(const Reduction& shape, const Cuts& cuts, const Block& block) {
  const std::size_t blocks = shape.outer * cuts.column_blocks * cuts.row_blocks;
  // A task is at least so many elements, or taking tasks would cost more than doing them.
  const std::size_t elements = cuts.columns * std::min(cuts.rows, shape.count);
  const std::size_t per_task = std::max<std::size_t>(1, kElementsPerTask / elements);
  const bool enough = shape.outer * shape.count * shape.inner >= kParallelElements;
  parallel_for(
      (blocks + per_task - 1) / per_task, enough ? thread_count() : 1, [&](std::size_t task, int) {
        const std::size_t end = std::min(blocks, (task + 1) * per_task);
        for (std::size_t place = task * per_task; place < end; ++place) {
          const std::size_t row = place % cuts.row_blocks * cuts.rows;
          const std::size_t rest = place / cuts.row_blocks;
          const std::size_t column = rest % cuts.column_blocks * cuts.columns;
          block(rest / cuts.column_blocks, column, std::min(cuts.columns, shape.inner - column),
                row, std::min(cuts.rows, shape.count - row), place);
        }
      });
}

std::vector<double>& partial_sums(std::size_t size) {
  static thread_local std::vector<double> sums;
  sums.resize(size);
  return sums;
}

// Rows that lie one after the other, each small enough for one task.
template <typename Rows>
void for_each_row_group(const Reduction& shape, const Rows& rows) {
  const std::size_t per_task = std::max<std::size_t>(1, kElementsPerTask / shape.count);
  const bool enough = shape.outer * shape.count >= kParallelElements;
  parallel_for((shape.outer + per_task - 1) / per_task, enough ? thread_count() : 1,
               [&](std::size_t task, int) {
                 const std::size_t begin = task * per_task;
                 rows(begin, std::min(per_task, shape.outer - begin));
               });
}

bool is_rows(const Reduction& shape, const Cuts& cuts) {
  return shape.inner == 1 && cuts.row_blocks == 1;
}

using ExtremeRows = void (*)(const float*, std::size_t, std::size_t, float*);
using ExtremeColumns = void (*)(const float*, std::size_t, std::size_t, std::size_t, float*);

void reduce_extreme(const Reduction& shape, ExtremeRows rows_of, ExtremeColumns columns_of,
                    const float* x, float* out) {
  const Cuts cuts(shape);
  if (is_rows(shape, cuts)) {
    for_each_row_group(shape, [&](std::size_t begin, std::size_t rows) {
      rows_of(x + begin * shape.count, rows, shape.count, out + begin);
    });
    return;
  }
  std::vector<float> partial(shape.outer * cuts.column_blocks * cuts.row_blocks * cuts.columns);
  for_each_cut(shape, cuts,
               [&](std::size_t outer, std::size_t column, std::size_t columns, std::size_t first,
                   std::size_t rows, std::size_t place) {
                 const float* from = x + (outer * shape.count + first) * shape.inner + column;
                 float* to = partial.data() + place * cuts.columns;
                 if (shape.inner == 1) {
                   rows_of(from, 1, rows, to);
                 } else {
                   columns_of(from, rows, shape.inner, columns, to);
                 }
               });
  // The results of the blocks are reduced as the blocks were.
  const std::size_t stride = cuts.columns;
  for (std::size_t outer = 0; outer < shape.outer; ++outer) {
    for (std::size_t block = 0; block < cuts.column_blocks; ++block) {
      const std::size_t column = block * cuts.columns;
      const std::size_t place = (outer * cuts.column_blocks + block) * cuts.row_blocks;
      columns_of(partial.data() + place * stride, cuts.row_blocks, stride,
                 std::min(cuts.columns, shape.inner - column), out + outer * shape.inner + column);
    }
  }
}

// Calls body(first, rows) for groups of rows of n elements, of each of which an exponential is
// taken.
template <typename Body>
void for_each_row_of_exponentials(std::size_t rows, std::size_t n, const Body& body) {
  const std::size_t per_task = std::max<std::size_t>(1, kElementsPerTask / 4 / n);
  const bool enough = rows * n >= kParallelElements / 4;
  parallel_for((rows + per_task - 1) / per_task, enough ? thread_count() : 1,
               [&](std::size_t task, int) {
                 const std::size_t begin = task * per_task;
                 body(begin, std::min(per_task, rows - begin));
               });
}

}  // namespace

void tensor_sum(const Reduction& shape, double divisor, const float* x, float* out) {
  const ReduceKernels& kernels = PF_KERNELS(reduce_kernels);
  const Cuts cuts(shape);
  if (is_rows(shape, cuts)) {
    for_each_row_group(shape, [&](std::size_t begin, std::size_t rows) {
      kernels.sum_rows(x + begin * shape.count, rows, shape.count, divisor, out + begin);
    });
    return;
  }
  double* const partial =
      partial_sums(shape.outer * cuts.column_blocks * cuts.row_blocks * cuts.columns).data();
  for_each_cut(shape, cuts,
               [&](std::size_t outer, std::size_t column, std::size_t columns, std::size_t first,
                   std::size_t rows, std::size_t place) {
                 const float* from = x + (outer * shape.count + first) * shape.inner + column;
                 double* to = partial + place * cuts.columns;
                 if (shape.inner == 1) {
                   *to = kernels.sum(from, rows);
                 } else {
                   kernels.sum_columns(from, rows, shape.inner, columns, to);
                 }
               });
  for (std::size_t outer = 0; outer < shape.outer; ++outer) {
    for (std::size_t block = 0; block < cuts.column_blocks; ++block) {
      const std::size_t column = block * cuts.columns;
      const std::size_t columns = std::min(cuts.columns, shape.inner - column);
      const std::size_t place = (outer * cuts.column_blocks + block) * cuts.row_blocks;
      const double* from = partial + place * cuts.columns;
      float* to = out + outer * shape.inner + column;
      for (std::size_t j = 0; j < columns; ++j) {
        double sum = 0.0;
        for (std::size_t i = 0; i < cuts.row_blocks; ++i) sum += from[i * cuts.columns + j];
        to[j] = static_cast<float>(sum / divisor);
      }
    }
  }
}

void tensor_greatest(const Reduction& shape, const float* x, float* out) {
  const ReduceKernels& kernels = PF_KERNELS(reduce_kernels);
  reduce_extreme(shape, kernels.greatest_rows, kernels.greatest_columns, x, out);
}

void tensor_least(const Reduction& shape, const float* x, float* out) {
  const ReduceKernels& kernels = PF_KERNELS(reduce_kernels);
  reduce_extreme(shape, kernels.least_rows, kernels.least_columns, x, out);
}

void tensor_softmax(const float* x, std::size_t rows, std::size_t n, float* out) {
  const auto kernel = PF_KERNELS(reduce_kernels).softmax;
  for_each_row_of_exponentials(rows, n, [&](std::size_t begin, std::size_t count) {
    kernel(x + begin * n, count, n, out + begin * n);
  });
}

void tensor_cross_entropy(const float* labels, const float* logits, std::size_t rows, std::size_t n,
                          float* out) {
  const auto kernel = PF_KERNELS(reduce_kernels).cross_entropy;
  for_each_row_of_exponentials(rows, n, [&](std::size_t begin, std::size_t count) {
    kernel(labels + begin * n, logits + begin * n, count, n, out + begin);
  });
}

void tensor_cross_entropy_gradient(const float* labels, const float* logits, const float* dy,
                                   std::size_t rows, std::size_t n, float* out) {
  const auto kernel = PF_KERNELS(reduce_kernels).cross_entropy_gradient;
  for_each_row_of_exponentials(rows, n, [&](std::size_t begin, std::size_t count) {
    kernel(labels + begin * n, logits + begin * n, dy + begin, count, n, out + begin * n);
  });
}

}  // namespace pushforward
