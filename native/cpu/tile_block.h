// The block of registers that products of tiles are made of. For kernel files.
#pragma once

#include "pushforward/simd.h"

namespace pushforward::PF_PATH {

// Accumulators, the vectors of one step and one broadcast must fit the register file, and there
// must be enough accumulators to hide the latency of fma on two ports (8 to 10).
constexpr int kBlockVectors = 2;
constexpr int kBlockOutputs = kRegisters == 32 ? 12 : 6;

// Half as many outputs leave room for twice as many vectors.
constexpr int block_vectors(int outputs) {
  return 4 * outputs + 5 <= kRegisters ? 4 : kBlockVectors;
}

// The last outputs, fewer than a block, go in blocks of 8, 6, 4, 3, 2 and 1.
constexpr int kLargestRest = 8;
constexpr int next_block(int outputs) { return outputs > 4 ? outputs - 2 : outputs - 1; }

// sum[i][v] += Σ_k a[i · stride + k · step] b[k · b_step + v · kWidth]: each step loads the vectors
// of b once and broadcasts one number per output.
template <int outputs, int vectors, int stride, int step>
PF_INLINE void accumulate(Float (&sum)[outputs][vectors], const float* a, int steps, const float* b,
                          size_t b_step) {
  for (int k = 0; k < steps; ++k) {
    Float x[vectors];
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) x[v] = load(b + v * kWidth);
#pragma GCC unroll 16
    for (int i = 0; i < outputs; ++i) {
      const Float w = broadcast(a[i * stride]);
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) sum[i][v] = fma(w, x[v], sum[i][v]);
    }
    a += step;
    b += b_step;
  }
}

// body(i, v) for all sums of a block, which stay in registers.
template <int outputs, int vectors, typename Body>
PF_INLINE void for_block(Body body) {
#pragma GCC unroll 16
  for (int i = 0; i < outputs; ++i) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) body(i, v);
  }
}

}  // namespace pushforward::PF_PATH
