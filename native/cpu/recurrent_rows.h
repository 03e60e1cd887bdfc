// What the walks of recurrent layers have in common: the rows that a thread takes, its memory, and
// the copies between dense tiles and places in [batch, steps, ...].
#pragma once

#include <algorithm>
#include <cstddef>

#include "pushforward/memory.h"
#include "pushforward/threads.h"
#include "recurrent.h"
#include "tensor_layout.h"
#include "tensor_matmul.h"

namespace pushforward {

// Calls body(first, rows) for tiles that cover the batch once, on as many threads as pay.
template <typename Body>
void for_each_row_tile(const RecurrentTask& task, std::size_t gates, const Body& body) {
  // So many rows share one pass over the packed weights, and their tile still fits the cache.
  constexpr std::size_t kMostRows = 48;
  // Multiply-adds below which a second thread is not worth waking.
  constexpr std::size_t kParallelWork = std::size_t{1} << 20;
  const std::size_t work = task.batch * task.steps * task.units * task.units * gates;
  const std::size_t slots =
      work < kParallelWork ? 1 : static_cast<std::size_t>(thread_count());
  const std::size_t rounds = (task.batch + slots * kMostRows - 1) / (slots * kMostRows);
  const std::size_t tiles = std::min(task.batch, rounds * slots);
  parallel_for(tiles, static_cast<int>(slots), [&](std::size_t index, int) {
    const std::size_t first = task.batch * index / tiles;
    body(first, task.batch * (index + 1) / tiles - first);
  });
}

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

// The rows of one step in arrays [batch, steps, columns].
struct StepRows {
  std::size_t steps, first, step, rows;

  // The first of them; the others follow at distances of steps · columns.
  const float* of(const float* from, std::size_t columns) const { return from + at(columns); }

  void read(const float* from, std::size_t columns, float* tile) const {
    copy_rows(of(from, columns), steps * columns, tile, columns, rows, columns);
  }
  // Nothing where there is no such array.
  void write(const float* tile, std::size_t tile_row, std::size_t columns, float* to) const {
    if (to != nullptr) {
      copy_rows(tile, tile_row, to + at(columns), steps * columns, rows, columns);
    }
  }
  void add(const float* from, std::size_t columns, float* tile) const {
    if (from == nullptr) return;
    for (std::size_t i = 0; i < rows; ++i) {
      const float* const row = of(from, columns) + i * steps * columns;
      for (std::size_t j = 0; j < columns; ++j) tile[i * columns + j] += row[j];
    }
  }

 private:
  std::size_t at(std::size_t columns) const { return (first * steps + step) * columns; }
};

// sums [rows, columns] = Σ over all rows k of the batch and its steps of left[k] right[k], a part of
// wider rows where right_row and sums_row say so.
inline void sum_of_products(const RecurrentTask& task, const float* left, const float* right,
                            std::size_t right_row, std::size_t columns, float* sums,
                            std::size_t sums_row) {
  MatMul product{};
  product.a = left;
  product.a_row = 1;
  product.a_step = task.units;
  product.b = right;
  product.b_row = right_row;
  product.b_step = 1;
  product.c = sums;
  product.c_row = sums_row;
  product.rows = task.units;
  product.columns = columns;
  product.inner = task.batch * task.steps;
  tensor_matmul(product, TensorLayout{1, {1}, {0}, {0}});
}

}  // namespace pushforward
