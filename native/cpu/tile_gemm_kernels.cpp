// Matrix products of tiles, from registers up: a block of kBlockOutputs outputs by kBlockVectors
// vectors of rows stays in registers over the whole sum; each step loads the vectors of one input
// and broadcasts one weight per output. The left operand is the strided or packed one.
#include "tile_gemm.h"

#include "pushforward/simd.h"
#include "tile_activation.h"

namespace pushforward::PF_PATH {
namespace {

// Accumulators, the vectors of one step and one broadcast must fit the register file, and there
// must be enough accumulators to hide the latency of fma on two ports (8 to 10).
constexpr int kBlockVectors = 2;
constexpr int kBlockOutputs = kRegisters == 32 ? 12 : 6;

// Half as many outputs leave room for twice as many vectors.
constexpr int block_vectors(int outputs) {
  return 4 * outputs + 5 <= kRegisters ? 4 : kBlockVectors;
}

// Products of at most this many outputs are one block.
constexpr int kNarrowOutputs = kBlockOutputs / 2;

// Strides known to the compiler become constant offsets; 0 stands for "known at run time".
template <int outputs, int vectors, int known_stride, typename Begin, typename End>
PF_INLINE void block(const float* a, size_t stride, size_t step, int steps, const float* b,
                     size_t b_step, Begin begin, End end) {
  const size_t s = known_stride > 0 ? size_t(known_stride) : stride;
  Float sum[outputs][vectors];
#pragma GCC unroll 16
  for (int i = 0; i < outputs; ++i) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) sum[i][v] = begin(i, v);
  }
  for (int k = 0; k < steps; ++k) {
    Float x[vectors];
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) x[v] = load(b + v * kWidth);
#pragma GCC unroll 16
    for (int i = 0; i < outputs; ++i) {
      const Float w = broadcast(a[size_t(i) * s]);
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) sum[i][v] = fma(w, x[v], sum[i][v]);
    }
    a += step;
    b += b_step;
  }
#pragma GCC unroll 16
  for (int i = 0; i < outputs; ++i) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) end(i, v, sum[i][v]);
  }
}

template <Activation kind>
void activate_outputs(const DenseTask& task, int first, int count, int row, int end) {
  for (int i = first; i < first + count; ++i) {
    const size_t at = size_t(i) * kTileStride;
    const float* const from = task.out + at;
    float* const to = (task.activated == nullptr ? task.out : task.activated) + at;
    for (int r = row; r < end; r += kWidth) {
      Float slope;
      store(to + r, activate<kind>(load(from + r), &slope));
      if constexpr (has_stored_slope(kind)) {
        if (task.slopes != nullptr) store(task.slopes + at + r, slope);
      }
    }
  }
}

void activate_outputs(const DenseTask& task, int first, int count, int row, int end) {
  switch (task.activation) {
    case Activation::kNone:
      return;
    case Activation::kRelu:
      return activate_outputs<Activation::kRelu>(task, first, count, row, end);
    case Activation::kLeakyRelu:
      return activate_outputs<Activation::kLeakyRelu>(task, first, count, row, end);
    case Activation::kTanh:
      return activate_outputs<Activation::kTanh>(task, first, count, row, end);
    case Activation::kSilu:
      return activate_outputs<Activation::kSilu>(task, first, count, row, end);
    case Activation::kGelu:
      return activate_outputs<Activation::kGelu>(task, first, count, row, end);
  }
}

using Finish = DenseTask::Finish;

// The weights of a block of outputs: of output i and input k at [i · output_stride + k · step].
struct Panel {
  const float* weights;
  size_t output_stride, step;
};

PF_INLINE Panel panel_at(const DenseTask& task, int first) {
  if (!task.packed) {
    return {task.weights + size_t(first) * task.output_stride, size_t(task.output_stride),
            size_t(task.input_stride)};
  }
  const int left = task.outputs - first;
  return {task.weights + size_t(first) * task.inputs, 1,
          size_t(left < kBlockOutputs ? left : kBlockOutputs)};
}

// `kind` says whose slope kSlope and kAddSlope multiply by; otherwise it is kNone.
template <int outputs, int vectors, int known_stride, Finish finish, Activation kind>
void dense_block(const DenseTask& task, const Panel& panel, int first, int row) {
  const size_t corner = size_t(first) * kTileStride + row;
  float* const out = task.out + corner;
  const float* const bias = task.bias == nullptr ? nullptr : task.bias + first;
  const auto at = [](int i, int v) { return size_t(i) * kTileStride + size_t(v) * kWidth; };
  block<outputs, vectors, known_stride>(
      panel.weights, panel.output_stride, panel.step, task.inputs, task.in + row, kTileStride,
      [&](int i, int v) PF_INLINE_LAMBDA {
        const Float start = task.start != nullptr ? load(task.start + corner + at(i, v))
                                                  : broadcast(bias == nullptr ? 0.0f : bias[i]);
        if constexpr (finish == Finish::kAdd) return load(out + at(i, v)) + start;
        return start;
      },
      [&](int i, int v, Float sum) PF_INLINE_LAMBDA {
        if constexpr (finish == Finish::kSubtract) sum = load(out + at(i, v)) - sum;
        if constexpr (finish == Finish::kSlope || finish == Finish::kAddSlope) {
          const size_t from = corner + at(i, v);
          sum = times_slope<kind>(sum, task.value + from, task.slope + from);
        }
        if constexpr (finish == Finish::kAddSlope) sum = load(out + at(i, v)) + sum;
        store(out + at(i, v), sum);
      });
}

template <int outputs, int known_stride, Finish finish, Activation kind>
void dense_outputs(const DenseTask& task, const Panel& panel, int first) {
  constexpr int kVectors = block_vectors(outputs);
  int row = 0;
  for (; row + kVectors * kWidth <= task.rows; row += kVectors * kWidth) {
    dense_block<outputs, kVectors, known_stride, finish, kind>(task, panel, first, row);
  }
  if constexpr (kVectors > kBlockVectors) {
    for (; row + kBlockVectors * kWidth <= task.rows; row += kBlockVectors * kWidth) {
      dense_block<outputs, kBlockVectors, known_stride, finish, kind>(task, panel, first, row);
    }
  }
  for (; row < task.rows; row += kWidth) {
    dense_block<outputs, 1, known_stride, finish, kind>(task, panel, first, row);
  }
}

// The last outputs, fewer than a block, go in blocks of 8, 6, 4, 3, 2 and 1.
constexpr int next_block(int outputs) { return outputs > 4 ? outputs - 2 : outputs - 1; }

template <int outputs, int known_stride, Finish finish, Activation kind>
void dense_rest(const DenseTask& task, Panel panel, int first) {
  if constexpr (outputs > 0) {
    if (task.outputs - first >= outputs) {
      dense_outputs<outputs, known_stride, finish, kind>(task, panel, first);
      first += outputs;
      panel.weights += outputs * panel.output_stride;
    }
    dense_rest<next_block(outputs), known_stride, finish, kind>(task, panel, first);
  }
}

// All whole blocks of outputs for a few rows: the input's rows stay in the first-level cache
// meanwhile.
template <int vectors, int known_stride, Finish finish, Activation kind>
void dense_rows(const DenseTask& task, int whole, int row) {
  for (int first = 0; first < whole; first += kBlockOutputs) {
    dense_block<kBlockOutputs, vectors, known_stride, finish, kind>(task, panel_at(task, first),
                                                                    first, row);
    if constexpr (finish == Finish::kStore || finish == Finish::kAdd) {
      activate_outputs(task, first, kBlockOutputs, row, row + vectors * kWidth);
    }
  }
}

// All outputs at once where there are at most `outputs`, as masked layers have them.
template <int outputs, int known_stride, Finish finish, Activation kind>
void dense_narrow(const DenseTask& task) {
  if constexpr (outputs > 0) {
    if (task.outputs < outputs) return dense_narrow<outputs - 1, known_stride, finish, kind>(task);
    constexpr int kRows = block_vectors(outputs) * kWidth;
    for (int row = 0; row < task.rows; row += kRows) {
      dense_block<outputs, block_vectors(outputs), known_stride, finish, kind>(
          task, panel_at(task, 0), 0, row);
      if constexpr (finish == Finish::kStore || finish == Finish::kAdd) {
        activate_outputs(task, 0, outputs, row, row + kRows);
      }
    }
  }
}

template <int known_stride, Finish finish, Activation kind = Activation::kNone>
void dense_finish(const DenseTask& task) {
  if (task.outputs <= kNarrowOutputs && task.rows % (block_vectors(1) * kWidth) == 0) {
    return dense_narrow<kNarrowOutputs, known_stride, finish, kind>(task);
  }
  const int whole = task.outputs / kBlockOutputs * kBlockOutputs;
  int row = 0;
  for (; row + kBlockVectors * kWidth <= task.rows; row += kBlockVectors * kWidth) {
    dense_rows<kBlockVectors, known_stride, finish, kind>(task, whole, row);
  }
  for (; row < task.rows; row += kWidth) {
    dense_rows<1, known_stride, finish, kind>(task, whole, row);
  }
  if (whole == task.outputs) return;
  dense_rest<8, known_stride, finish, kind>(task, panel_at(task, whole), whole);
  if constexpr (finish == Finish::kStore || finish == Finish::kAdd) {
    activate_outputs(task, whole, task.outputs - whole, 0, task.rows);
  }
}

// Slopes belong to backward products, whose outputs are the rows of the weights: their stride is
// never 1 where it matters, and a block of each stride would only be more to compile.
template <Finish finish>
void dense_slope(const DenseTask& task) {
  switch (task.activation) {
    case Activation::kNone:
      return;
    case Activation::kRelu:
      return dense_finish<0, finish, Activation::kRelu>(task);
    case Activation::kLeakyRelu:
      return dense_finish<0, finish, Activation::kLeakyRelu>(task);
    case Activation::kTanh:
      return dense_finish<0, finish, Activation::kTanh>(task);
    case Activation::kSilu:
    case Activation::kGelu:
      return dense_finish<0, finish, Activation::kSilu>(task);
  }
}

template <int known_stride>
void dense_strided(const DenseTask& task) {
  switch (task.finish) {
    case Finish::kStore:
      return dense_finish<known_stride, Finish::kStore>(task);
    case Finish::kAdd:
      return dense_finish<known_stride, Finish::kAdd>(task);
    case Finish::kSubtract:
      return dense_finish<known_stride, Finish::kSubtract>(task);
    case Finish::kSlope:
      return dense_slope<Finish::kSlope>(task);
    case Finish::kAddSlope:
      return dense_slope<Finish::kAddSlope>(task);
  }
}

void dense(const DenseTask& task) {
  if (task.packed || task.output_stride == 1) {
    dense_strided<1>(task);
  } else {
    dense_strided<0>(task);
  }
}

void pack(const float* weights, int outputs, int inputs, float* packed) {
  for (int first = 0; first < outputs; first += kBlockOutputs) {
    const float* from = weights + first;
    const int left = outputs - first;
    if (left < kBlockOutputs) {
      for (int k = 0; k < inputs; ++k, from += outputs) {
        for (int i = 0; i < left; ++i) *packed++ = from[i];
      }
      return;
    }
    for (int k = 0; k < inputs; ++k, from += outputs, packed += kBlockOutputs) {
      for (int i = 0; i < kBlockOutputs; ++i) packed[i] = from[i];
    }
  }
}

template <int outputs, int vectors>
void outer_block(const OuterTask& task, int first, int column) {
  float* const sums = task.sums + size_t(first) * task.sums_stride + column;
  const bool fresh = task.fresh;
  const auto at = [&](int i, int v) PF_INLINE_LAMBDA {
    return sums + size_t(i) * task.sums_stride + size_t(v) * kWidth;
  };
  block<outputs, vectors, kTileStride>(
      task.left + size_t(first) * kTileStride, kTileStride, 1, task.rows, task.right + column,
      task.stride,
      [&](int i, int v) PF_INLINE_LAMBDA { return fresh ? broadcast(0.0f) : load(at(i, v)); },
      [&](int i, int v, Float sum) PF_INLINE_LAMBDA { store(at(i, v), sum); });
}

template <int outputs>
void outer_outputs(const OuterTask& task, int first) {
  constexpr int kVectors = block_vectors(outputs);
  int column = 0;
  for (; column + kVectors * kWidth <= task.columns; column += kVectors * kWidth) {
    outer_block<outputs, kVectors>(task, first, column);
  }
  for (; column < task.columns; column += kWidth) outer_block<outputs, 1>(task, first, column);
}

template <int outputs>
void outer_rest(const OuterTask& task, int first) {
  if constexpr (outputs > 0) {
    if (task.outputs - first >= outputs) {
      outer_outputs<outputs>(task, first);
      first += outputs;
    }
    outer_rest<next_block(outputs)>(task, first);
  }
}

void outer(const OuterTask& task) {
  int first = 0;
  for (; first + kBlockOutputs <= task.outputs; first += kBlockOutputs) {
    outer_outputs<kBlockOutputs>(task, first);
  }
  outer_rest<8>(task, first);
}

void dots(const OuterTask& task) {
  for (int j = 0; j < task.columns; ++j) {
    const float* const right = task.right + size_t(j) * kTileStride;
    for (int i = 0; i < task.outputs; ++i) {
      const float* const left = task.left + size_t(i) * kTileStride;
      Float sum = load(left) * load(right);
      for (int r = kWidth; r < task.rows; r += kWidth)
        sum = fma(load(left + r), load(right + r), sum);
      float* const at = task.sums + size_t(i) * task.sums_stride + j;
      *at = task.fresh ? reduce_add(sum) : *at + reduce_add(sum);
    }
  }
}

}  // namespace

const GemmKernels gemm_kernels = {pack, dense, outer, dots};

}  // namespace pushforward::PF_PATH
