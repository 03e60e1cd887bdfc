#include "tile_rows.h"

#include "pushforward/simd.h"

namespace pushforward::PF_PATH {
namespace {

void load_rows(const float* from, int features, int valid, int rows, float* tile) {
  const int whole_rows = valid / kWidth * kWidth;
  const int whole_features = features / kWidth * kWidth;
  for (int r = 0; r < whole_rows; r += kWidth) {
    for (int f = 0; f < whole_features; f += kWidth) {
      transpose_block(from + size_t(r) * features + f, size_t(features),
                      tile + size_t(f) * kTileStride + r, kTileStride);
    }
  }
  for (int f = 0; f < features; ++f) {
    float* const out = tile + size_t(f) * kTileStride;
    const int first = f < whole_features ? whole_rows : 0;
    for (int r = first; r < valid; ++r) out[r] = from[size_t(r) * features + f];
    for (int r = valid; r < rows; ++r) out[r] = out[valid - 1];
  }
}

void store_rows(const float* tile, int features, int valid, float* to) {
  const int whole_rows = valid / kWidth * kWidth;
  const int whole_features = features / kWidth * kWidth;
  for (int r = 0; r < whole_rows; r += kWidth) {
    for (int f = 0; f < whole_features; f += kWidth) {
      transpose_block(tile + size_t(f) * kTileStride + r, kTileStride,
                      to + size_t(r) * features + f, size_t(features));
    }
  }
  for (int f = 0; f < features; ++f) {
    const float* const in = tile + size_t(f) * kTileStride;
    const int first = f < whole_features ? whole_rows : 0;
    for (int r = first; r < valid; ++r) to[size_t(r) * features + f] = in[r];
  }
}

void add_row_sums(const float* tile, int features, int rows, float* sums) {
  for (int f = 0; f < features; ++f) {
    const float* const in = tile + size_t(f) * kTileStride;
    Float sum = load(in);
    for (int r = kWidth; r < rows; r += kWidth) sum = sum + load(in + r);
    sums[f] += reduce_add(sum);
  }
}

void add(const float* from, float* into, int count) {
  int i = 0;
  for (; i + kWidth <= count; i += kWidth) store(into + i, load(into + i) + load(from + i));
  for (; i < count; ++i) into[i] += from[i];
}

}  // namespace

const RowKernels row_kernels = {load_rows, store_rows, add_row_sums, add};

}  // namespace pushforward::PF_PATH
