// What the walks of recurrent layers have in common: the rows that a thread takes, where they lie,
// and a thread's memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "pushforward/memory.h"
#include "pushforward/threads.h"
#include "recurrent.h"
#include "tensor_layout.h"
#include "tensor_matmul.h"

namespace pushforward {

// Parts of the calling thread's memory, each aligned.
class TileMemory {
 public:
  explicit TileMemory(std::size_t floats) {
    static thread_local Scratch scratch;
    scratch.reserve(floats + kMostParts * kLine);
    next_ = scratch.data();
  }

  float* take(std::size_t floats) {
    float* const part = next_;
    next_ += (floats + kLine - 1) / kLine * kLine;
    return part;
  }

 private:
  static constexpr std::size_t kLine = kAlignment / sizeof(float);
  static constexpr std::size_t kMostParts = 16;
  float* next_;
};

inline void copy_rows(const float* from, std::size_t from_row, float* to, std::size_t to_row,
                      std::size_t rows, std::size_t columns) {
  for (std::size_t i = 0; i < rows; ++i) {
    std::copy_n(from + i * from_row, columns, to + i * to_row);
  }
}

// Some rows of the batch.
struct BatchRows {
  const RecurrentTask& task;
  std::size_t first, rows;

  // In an array [batch, columns].
  template <typename Number>
  Number* of(Number* array, std::size_t columns) const {
    return array + first * columns;
  }
  // In an array [steps, batch, columns]; where there is none, `scratch`.
  template <typename Number>
  Number* at(std::size_t step, Number* array, std::size_t columns, Number* scratch) const {
    return array == nullptr ? scratch : array + (step * task.batch + first) * columns;
  }
  template <typename Number>
  Number* at(std::size_t step, Number* array, std::size_t columns) const {
    return array + (step * task.batch + first) * columns;
  }
  // The first of a step's rows in an array [batch, steps, columns], steps · columns apart.
  template <typename Number>
  Number* apart(std::size_t step, Number* array, std::size_t columns) const {
    return array + (first * task.steps + step) * columns;
  }

  // The inputs of a step, and the 1, into rows of what goes into its products.
  void read_inputs(std::size_t step, const float* x, float* to) const {
    const std::size_t channels = task.channels;
    copy_rows(apart(step, x, channels), task.steps * channels, to, task.row(), rows, channels);
    for (std::size_t i = 0; i < rows; ++i) to[i * task.row() + channels] = 1.0f;
  }
  // The state of a step to the outputs, where they are wanted.
  void write_outputs(std::size_t step, const float* h, float* outputs) const {
    if (outputs == nullptr) return;
    copy_rows(h, task.row(), apart(step, outputs, task.units), task.steps * task.units, rows,
              task.units);
  }
  // The gradients of a step's outputs, where there are any, to that of its state.
  void add_outputs(std::size_t step, const float* d_outputs, float* dh) const {
    if (d_outputs == nullptr) return;
    const float* from = apart(step, d_outputs, task.units);
    for (std::size_t i = 0; i < rows; ++i, from += task.steps * task.units) {
      for (std::size_t j = 0; j < task.units; ++j) dh[i * task.units + j] += from[j];
    }
  }
};

// Calls body(rows) for tiles that cover the batch once, on as many threads as pay.
template <typename Body>
void for_each_row_tile(const RecurrentTask& task, std::size_t gates, const Body& body) {
  // So many rows share one pass over the packed weights, and their tile still fits the cache.
  constexpr std::size_t kMostRows = 48;
  // Multiply-adds below which a second thread is not worth waking.
  constexpr std::size_t kParallelWork = std::size_t{1} << 20;
  const std::size_t work = task.batch * task.steps * task.units * task.units * gates;
  const std::size_t slots = work < kParallelWork ? 1 : static_cast<std::size_t>(thread_count());
  const std::size_t rounds = (task.batch + slots * kMostRows - 1) / (slots * kMostRows);
  const std::size_t tiles = std::min(task.batch, rounds * slots);
  parallel_for(tiles, static_cast<int>(slots), [&](std::size_t index, int) {
    const std::size_t first = task.batch * index / tiles;
    body(BatchRows{task, first, task.batch * (index + 1) / tiles - first});
  });
}

// Weights one below the other.
class Stack {
 public:
  explicit Stack(std::size_t columns) : columns_(columns) {}
  Stack& put(const float* rows, std::size_t count) {
    values_.insert(values_.end(), rows, rows + count * columns_);
    return *this;
  }
  const float* data() const { return values_.data(); }

 private:
  std::size_t columns_;
  std::vector<float> values_;
};

// sums [left_columns, columns] = Σ leftᵀ right over the rows of all steps; left, right and sums may
// be parts of wider rows.
inline void sum_of_products(const RecurrentTask& task, const float* left, std::size_t left_row,
                            std::size_t left_columns, const float* right, std::size_t right_row,
                            std::size_t columns, float* sums, std::size_t sums_row) {
  MatMul product{};
  product.a = left;
  product.a_row = 1;
  product.a_step = left_row;
  product.b = right;
  product.b_row = right_row;
  product.b_step = 1;
  product.c = sums;
  product.c_row = sums_row;
  product.rows = left_columns;
  product.columns = columns;
  product.inner = task.batch * task.steps;
  tensor_matmul(product, TensorLayout{1, {1}, {0}, {0}});
}

}  // namespace pushforward
