// Gradients of matrices: sums over the rows of a tile of products of two features.
#pragma once

#include "pushforward/dispatch.h"
#include "tile.h"

namespace pushforward {

// sums[i · sums_stride + j] += Σ_r left[i][r] right[j][r], or = when `fresh`. The sum over the rows
// of the tile is made first and then added: what is added tile after tile is the same whether
// the tiles' sums are kept apart in between or not.
struct OuterTask {
  const float* left;
  int outputs;
  const float* right;
  int columns;
  int rows;  // a multiple of kRowGroup
  float* sums;
  int sums_stride;
  // Row i wants its columns from first_columns[i] on, which do not fall with i, and may get
  // anything in those before; null when all rows want all.
  const int* first_columns = nullptr;
  float* column_sums = nullptr;  // the same of right alone, or none
  bool fresh;
};

struct OuterKernels {
  void (*outer)(const OuterTask& task);
};

PF_DECLARE_KERNELS(OuterKernels, outer_kernels)

}  // namespace pushforward
