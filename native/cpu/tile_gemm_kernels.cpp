// Matrix products of tiles, from registers up: a block of kBlockOutputs outputs by kBlockVectors
// vectors of rows stays in registers over the whole sum.
#include "tile_gemm.h"

#include "tile_activation.h"
#include "tile_block.h"
#include "tile_gemm_activation.h"

namespace pushforward::PF_PATH {
namespace {

static_assert(kPanel % kBlockOutputs == 0);

// Products of at most this many outputs are one block.
constexpr int kNarrowOutputs = kBlockOutputs / 2;

using Finish = DenseTask::Finish;

// What is done with the sums while they are in registers. Each takes long to compile, so that only
// the commonest activation has its own; kPlain leaves others to activate_outputs.
enum class Ending { kPlain, kRelu, kSubtract, kReluSlope, kSlope };

// Adds up all inputs of a block of outputs. A transposed matrix is gone through panel by panel.
template <int outputs, int vectors, bool transposed>
PF_INLINE void accumulate_inputs(Float (&sum)[outputs][vectors], const DenseTask& task, int first,
                                 int row) {
  const float* in = task.in + row;
  const size_t panel = size_t(kPanel) * task.matrix_inputs;
  const int output = task.first_output + first;
  if constexpr (!transposed) {
    const float* const weights = task.panels + size_t(output / kPanel) * panel +
                                 size_t(task.first_input) * kPanel + output % kPanel;
    accumulate<outputs, vectors, 1, kPanel>(sum, weights, task.inputs, in, kTileStride);
  } else {
    int skipped = task.first_input % kPanel;
    const float* weights =
        task.panels + size_t(task.first_input / kPanel) * panel + size_t(output) * kPanel;
    for (int left = task.inputs; left > 0; weights += panel, skipped = 0) {
      const int steps = left < kPanel - skipped ? left : kPanel - skipped;
      accumulate<outputs, vectors, kPanel, 1>(sum, weights + skipped, steps, in, kTileStride);
      in += size_t(steps) * kTileStride;
      left -= steps;
    }
  }
}

template <int outputs, int vectors, bool transposed, Ending ending>
void dense_block(const DenseTask& task, int first, int row) {
  const size_t corner = size_t(first) * kTileStride + row;
  float* const out = task.out + corner;
  const float* const bias = task.bias == nullptr ? nullptr : task.bias + first;
  const auto at = [](int i, int v) { return size_t(i) * kTileStride + size_t(v) * kWidth; };
  Float sum[outputs][vectors];
  for_block<outputs, vectors>([&](int i, int v) PF_INLINE_LAMBDA {
    sum[i][v] = task.start != nullptr ? load(task.start + corner + at(i, v))
                                      : broadcast(bias == nullptr ? 0.0f : bias[i]);
  });
  if (ending == Ending::kPlain && task.finish == Finish::kAdd) {
    for_block<outputs, vectors>(
        [&](int i, int v) PF_INLINE_LAMBDA { sum[i][v] = load(out + at(i, v)) + sum[i][v]; });
  }
  accumulate_inputs<outputs, vectors, transposed>(sum, task, first, row);
  if constexpr (ending == Ending::kSlope) {
    alignas(64) float sums[outputs * vectors * kWidth];
    for_block<outputs, vectors>([&](int i, int v) PF_INLINE_LAMBDA {
      store(sums + (i * vectors + v) * kWidth, sum[i][v]);
    });
    return finish_slope(task, sums, outputs, vectors, corner);
  }
  if constexpr (ending == Ending::kReluSlope) {
    for_block<outputs, vectors>([&](int i, int v) PF_INLINE_LAMBDA {
      sum[i][v] =
          times_slope<Activation::kRelu>(sum[i][v], task.value + corner + at(i, v), nullptr);
    });
    if (task.finish == Finish::kAddSlope) {
      for_block<outputs, vectors>(
          [&](int i, int v) PF_INLINE_LAMBDA { sum[i][v] = load(out + at(i, v)) + sum[i][v]; });
    }
  }
  for_block<outputs, vectors>([&](int i, int v) PF_INLINE_LAMBDA {
    Float result = sum[i][v];
    if constexpr (ending == Ending::kSubtract) result = load(out + at(i, v)) - result;
    if constexpr (ending == Ending::kRelu) result = activate<Activation::kRelu>(result, nullptr);
    store(out + at(i, v), result);
  });
}

template <int outputs, bool transposed, Ending ending>
void dense_outputs(const DenseTask& task, int first) {
  constexpr int kVectors = block_vectors(outputs);
  int row = 0;
  for (; row + kVectors * kWidth <= task.rows; row += kVectors * kWidth) {
    dense_block<outputs, kVectors, transposed, ending>(task, first, row);
  }
  if constexpr (kVectors > kBlockVectors) {
    for (; row + kBlockVectors * kWidth <= task.rows; row += kBlockVectors * kWidth) {
      dense_block<outputs, kBlockVectors, transposed, ending>(task, first, row);
    }
  }
  for (; row < task.rows; row += kWidth) {
    dense_block<outputs, 1, transposed, ending>(task, first, row);
  }
}

template <int outputs, bool transposed, Ending ending>
void dense_rest(const DenseTask& task, int first) {
  if constexpr (outputs > 0) {
    if (task.outputs - first >= outputs) {
      dense_outputs<outputs, transposed, ending>(task, first);
      first += outputs;
    }
    dense_rest<next_block(outputs), transposed, ending>(task, first);
  }
}

// All whole blocks of outputs for a few rows: the input's rows stay in the first-level cache
// meanwhile.
template <int vectors, bool transposed, Ending ending>
void dense_rows(const DenseTask& task, int whole, int row) {
  for (int first = 0; first < whole; first += kBlockOutputs) {
    dense_block<kBlockOutputs, vectors, transposed, ending>(task, first, row);
    if constexpr (!transposed && ending == Ending::kPlain) {
      activate_outputs(task, first, kBlockOutputs, row, row + vectors * kWidth);
    }
  }
}

// All outputs at once where there are at most `outputs`, as masked layers have them.
template <int outputs, bool transposed, Ending ending>
void dense_narrow(const DenseTask& task) {
  if constexpr (outputs > 0) {
    if (task.outputs < outputs) return dense_narrow<outputs - 1, transposed, ending>(task);
    constexpr int kRows = block_vectors(outputs) * kWidth;
    for (int row = 0; row < task.rows; row += kRows) {
      dense_block<outputs, block_vectors(outputs), transposed, ending>(task, 0, row);
      if constexpr (!transposed && ending == Ending::kPlain) {
        activate_outputs(task, 0, outputs, row, row + kRows);
      }
    }
  }
}

template <bool transposed, Ending ending>
void dense_finish(const DenseTask& task) {
  if (task.outputs <= kNarrowOutputs && task.rows % (block_vectors(1) * kWidth) == 0) {
    return dense_narrow<kNarrowOutputs, transposed, ending>(task);
  }
  int whole = 0;
  if constexpr (ending != Ending::kSubtract) {
    whole = task.outputs / kBlockOutputs * kBlockOutputs;
    int row = 0;
    for (; row + kBlockVectors * kWidth <= task.rows; row += kBlockVectors * kWidth) {
      dense_rows<kBlockVectors, transposed, ending>(task, whole, row);
    }
    for (; row < task.rows; row += kWidth) {
      dense_rows<1, transposed, ending>(task, whole, row);
    }
  }
  if (whole == task.outputs) return;
  dense_rest<kLargestRest, transposed, ending>(task, whole);
  if constexpr (!transposed && ending == Ending::kPlain) {
    activate_outputs(task, whole, task.outputs - whole, 0, task.rows);
  }
}

void dense_slope(const DenseTask& task) {
  if (task.activation == Activation::kRelu) return dense_finish<true, Ending::kReluSlope>(task);
  dense_finish<true, Ending::kSlope>(task);
}

void dense_sum(const DenseTask& task) {
  if (task.transposed) return dense_finish<true, Ending::kPlain>(task);
  if (task.finish == Finish::kStore && task.activated == nullptr &&
      task.activation == Activation::kRelu) {
    return dense_finish<false, Ending::kRelu>(task);
  }
  dense_finish<false, Ending::kPlain>(task);
}

void dense(const DenseTask& task) {
  switch (task.finish) {
    case Finish::kStore:
    case Finish::kAdd:
      return dense_sum(task);
    case Finish::kSubtract:
      return dense_finish<false, Ending::kSubtract>(task);
    case Finish::kSlope:
    case Finish::kAddSlope:
      return dense_slope(task);
  }
}

constexpr float kLanes[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

// A row of a panel: those numbers of `from` that come before `end`, with zeros before `first`.
PF_INLINE void copy_row(const float* from, int first, int end, float* to) {
  for (int i = 0; i < kPanel; i += kWidth) {
    const int held = end - i < kWidth ? end - i : kWidth;
    Float row = load_partial(from + i, held < 0 ? 0 : held);
    if (first > i) row = select(load(kLanes) < broadcast(float(first - i)), broadcast(0.0f), row);
    store_partial(to + i, row, kPanel - i < kWidth ? kPanel - i : kWidth);
  }
}

void pack(const float* weights, int inputs, int outputs, const int* first_columns, float* panels) {
  // Some inputs at a time, so that the weights are read nearly in their order.
  constexpr int kInputs = 16;
  const size_t panel = size_t(kPanel) * inputs;
  for (int from = 0; from < inputs; from += kInputs) {
    const int end = from + kInputs < inputs ? from + kInputs : inputs;
    for (int output = 0; output < outputs; output += kPanel) {
      const int count = outputs - output < kPanel ? outputs - output : kPanel;
      float* to = panels + size_t(output / kPanel) * panel + size_t(from) * kPanel;
      const float* row = weights + size_t(from) * outputs + output;
      for (int k = from; k < end; ++k, row += outputs, to += kPanel) {
        const int first = first_columns == nullptr ? 0 : first_columns[k] - output;
        if (first <= 0 && count == kPanel) {
          copy_row(row, 0, kPanel, to);
        } else if (first < kPanel ||
                   first_columns[k < kPanel ? 0 : k - kPanel + 1] - output < kPanel) {
          copy_row(row, first, count, to);
        }
      }
    }
  }
}

}  // namespace

const GemmKernels gemm_kernels = {pack, dense};

}  // namespace pushforward::PF_PATH
