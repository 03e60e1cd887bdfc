// Rows of a batch into tiles and back, and sums over a tile's rows.
#pragma once

#include "pushforward/dispatch.h"
#include "tile.h"

namespace pushforward {

struct RowKernels {
  // tile[f][r] = from[r · features + f] for r < valid; rows from valid to `rows` repeat the last.
  void (*load_rows)(const float* from, int features, int valid, int rows, float* tile);
  // to[r · features + f] = tile[f][r] for r < valid.
  void (*store_rows)(const float* tile, int features, int valid, float* to);
  // sums[f] += Σ_r tile[f][r].
  void (*add_row_sums)(const float* tile, int features, int rows, float* sums);
  // into[i] += from[i].
  void (*add)(const float* from, float* into, int count);
};

PF_DECLARE_KERNELS(RowKernels, row_kernels)

}  // namespace pushforward
