// A few columns at a time are transposed, so that vectors run along them, and stay in the
// first-level cache while all rows of the sums go over them: blocks of kBlockOutputs rows by
// kBlockVectors vectors of columns in registers.
#include "tile_outer.h"

#include "tile_block.h"

namespace pushforward::PF_PATH {
namespace {

// Columns that are transposed at a time.
constexpr int kColumns = block_vectors(1) * kWidth;

// So few columns are quicker as dot products, for which nothing is transposed.
constexpr int kFewColumns = kWidth / 4;

// to[r][j] = from[j][r] for `columns` features, with zeros beyond them up to a whole vector.
void transpose(const float* from, int columns, int rows, float* to) {
  for (int j = 0; j < columns; j += kWidth) {
    float padded[kWidth * kWidth];
    for (int r = 0; r < rows; r += kWidth) {
      const float* block = from + size_t(j) * kTileStride + r;
      size_t stride = kTileStride;
      if (columns - j < kWidth) {
        for (int i = 0; i < kWidth; ++i) {
          store(padded + i * kWidth,
                i < columns - j ? load(block + size_t(i) * kTileStride) : broadcast(0.0f));
        }
        block = padded;
        stride = kWidth;
      }
      transpose_block(block, stride, to + size_t(r) * kColumns + j, kColumns);
    }
  }
}

PF_INLINE void add_to(float* sums, Float sum, bool fresh) {
  store(sums, fresh ? sum : load(sums) + sum);
}

PF_INLINE void add_to_first(float* sums, Float sum, int count, bool fresh) {
  store_partial(sums, fresh ? sum : load_partial(sums, count) + sum, count);
}

void add_column_sums(const float* right, int columns, int rows, float* sums, bool fresh) {
  // Four chains of additions at a time, as one alone would wait for itself.
  constexpr int kChains = 4;
  for (int c = 0; c < columns; c += kWidth) {
    Float total[kChains];
    for (int chain = 0; chain < kChains; ++chain) total[chain] = broadcast(0.0f);
    for (int r = 0; r < rows; r += kChains) {
      for (int chain = 0; chain < kChains; ++chain) {
        total[chain] = total[chain] + load(right + size_t(r + chain) * kColumns + c);
      }
    }
    const Float sum = (total[0] + total[1]) + (total[2] + total[3]);
    const int left = columns - c;
    if (left >= kWidth) {
      add_to(sums + c, sum, fresh);
    } else {
      add_to_first(sums + c, sum, left, fresh);
    }
  }
}

// `right` is transposed; of the last vector's columns `count` are there. A function of its own,
// whose registers nothing around it wants.
template <int outputs, int vectors, bool whole>
__attribute__((noinline)) void outer_block(const OuterTask& task, int first, const float* right,
                                           int column, int count) {
  size_t stride = size_t(task.sums_stride);
  float* const sums = task.sums + size_t(first) * stride + column;
  // The sums are wanted at the end of the block, and they may be far away. They lie anywhere, so
  // that a row may end in one line of the cache more than it has vectors.
  for (int i = 0; i < outputs; ++i) {
    const float* const row = sums + size_t(i) * stride;
    for (int v = 0; v < vectors; ++v) __builtin_prefetch(row + v * kWidth);
    __builtin_prefetch(row + vectors * kWidth - 1);
  }
  Float sum[outputs][vectors];
  for_block<outputs, vectors>([&](int i, int v) PF_INLINE_LAMBDA { sum[i][v] = broadcast(0.0f); });
  accumulate<outputs, vectors, kTileStride, 1>(sum, task.left + size_t(first) * kTileStride,
                                               task.rows, right, kColumns);
  const auto write = [&](bool fresh) PF_INLINE_LAMBDA {
    for_block<outputs, vectors>([&](int i, int v) PF_INLINE_LAMBDA {
      float* const at = sums + size_t(i) * stride + size_t(v) * kWidth;
      if (whole || v + 1 < vectors) {
        add_to(at, sum[i][v], fresh);
      } else {
        add_to_first(at, sum[i][v], count, fresh);
      }
    });
  };
  if (task.fresh) {
    write(true);
  } else {
    write(false);
  }
}

// Columns [column, column + columns) of all sums of some rows.
template <int outputs>
void outer_outputs(const OuterTask& task, int first, const float* right, int column, int columns) {
  constexpr int kVectors = block_vectors(outputs);
  int c = 0;
  if (task.first_columns != nullptr) {
    const int before = task.first_columns[first] - column;
    if (before > 0) c = before / kWidth * kWidth;
  }
  for (; c + kVectors * kWidth <= columns; c += kVectors * kWidth) {
    outer_block<outputs, kVectors, true>(task, first, right + c, column + c, 0);
  }
  if (c + kBlockVectors * kWidth <= columns) {
    outer_block<outputs, kBlockVectors, true>(task, first, right + c, column + c, 0);
    c += kBlockVectors * kWidth;
  }
  if (c + kWidth < columns) {
    outer_block<outputs, 2, false>(task, first, right + c, column + c, columns - c - kWidth);
  } else if (c + kWidth == columns) {
    outer_block<outputs, 1, true>(task, first, right + c, column + c, 0);
  } else if (c < columns) {
    outer_block<outputs, 1, false>(task, first, right + c, column + c, columns - c);
  }
}

template <int outputs>
void outer_rest(const OuterTask& task, int first, const float* right, int column, int columns) {
  if constexpr (outputs > 0) {
    if (task.outputs - first >= outputs) {
      outer_outputs<outputs>(task, first, right, column, columns);
      first += outputs;
    }
    outer_rest<next_block(outputs)>(task, first, right, column, columns);
  }
}

// The sum over rows of left · right, or of right alone where left is null.
PF_INLINE float dot(const float* left, const float* right, int rows) {
  Float sum = left == nullptr ? load(right) : load(left) * load(right);
  for (int r = kWidth; r < rows; r += kWidth) {
    sum = left == nullptr ? sum + load(right + r) : fma(load(left + r), load(right + r), sum);
  }
  return reduce_add(sum);
}

void dots(const OuterTask& task, int column) {
  for (int j = column; j < task.columns; ++j) {
    const float* const right = task.right + size_t(j) * kTileStride;
    for (int i = 0; i < task.outputs; ++i) {
      const float sum = dot(task.left + size_t(i) * kTileStride, right, task.rows);
      float* const at = task.sums + size_t(i) * task.sums_stride + j;
      *at = task.fresh ? sum : *at + sum;
    }
    if (task.column_sums == nullptr) continue;
    const float sum = dot(nullptr, right, task.rows);
    task.column_sums[j] = task.fresh ? sum : task.column_sums[j] + sum;
  }
}

void outer(const OuterTask& task) {
  alignas(64) float right[kTileStride * kColumns];
  const int few = task.columns % kWidth <= kFewColumns ? task.columns % kWidth : 0;
  const int end = task.columns - few;
  for (int column = 0; column < end; column += kColumns) {
    const int columns = end - column < kColumns ? end - column : kColumns;
    transpose(task.right + size_t(column) * kTileStride, columns, task.rows, right);
    if (task.column_sums != nullptr) {
      add_column_sums(right, columns, task.rows, task.column_sums + column, task.fresh);
    }
    int first = 0;
    for (; first + kBlockOutputs <= task.outputs; first += kBlockOutputs) {
      outer_outputs<kBlockOutputs>(task, first, right, column, columns);
    }
    outer_rest<kLargestRest>(task, first, right, column, columns);
  }
  dots(task, end);
}

}  // namespace

const OuterKernels outer_kernels = {outer};

}  // namespace pushforward::PF_PATH
