// Activations and their slopes for outputs of a dense layer that have left the registers. For
// kernel files.
#pragma once

#include "tile_activation.h"
#include "tile_gemm.h"

namespace pushforward::PF_PATH {

// Activates outputs [first, first + count) in rows [row, end).
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

inline void activate_outputs(const DenseTask& task, int first, int count, int row, int end) {
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

// The sums [outputs][vectors] of a block times the slope of the activation; relu's is multiplied by
// before they leave the registers.
template <Activation kind>
void finish_slope(const DenseTask& task, const float* sums, int outputs, int vectors,
                  size_t corner) {
  for (int i = 0; i < outputs; ++i) {
    for (int v = 0; v < vectors; ++v, sums += kWidth) {
      const size_t at = corner + size_t(i) * kTileStride + size_t(v) * kWidth;
      const Float result = times_slope<kind>(load(sums), task.value + at, task.slope + at);
      const bool adds = task.finish == DenseTask::Finish::kAddSlope;
      store(task.out + at, adds ? load(task.out + at) + result : result);
    }
  }
}

inline void finish_slope(const DenseTask& task, const float* sums, int outputs, int vectors,
                         size_t corner) {
  switch (task.activation) {
    case Activation::kNone:
    case Activation::kRelu:
      return;
    case Activation::kLeakyRelu:
      return finish_slope<Activation::kLeakyRelu>(task, sums, outputs, vectors, corner);
    case Activation::kTanh:
      return finish_slope<Activation::kTanh>(task, sums, outputs, vectors, corner);
    case Activation::kSilu:
    case Activation::kGelu:
      return finish_slope<Activation::kSilu>(task, sums, outputs, vectors, corner);
  }
}

}  // namespace pushforward::PF_PATH
