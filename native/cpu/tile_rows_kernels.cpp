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

void transpose(const float* tile, int features, int rows, float* out, int stride) {
  const int whole = features / kWidth * kWidth;
  const int filled = (features + kRowGroup - 1) / kRowGroup * kRowGroup;
  for (int r = 0; r < rows; r += kWidth) {
    float* const to = out + size_t(r) * stride;
    for (int f = 0; f < whole; f += kWidth) {
      transpose_block(tile + size_t(f) * kTileStride + r, kTileStride, to + f, size_t(stride));
    }
    // The last features are filled up with zeros to a block.
    for (int f = whole; f < filled; f += kWidth) {
      float block[kWidth * kWidth];
      for (int i = 0; i < kWidth; ++i) {
        const float* const from = tile + size_t(f + i) * kTileStride + r;
        store(block + i * kWidth, f + i < features ? load(from) : broadcast(0.0f));
      }
      transpose_block(block, kWidth, to + f, size_t(stride));
    }
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

void add_column_sums(const float* transposed, int columns, int stride, int rows, float* sums,
                     bool fresh) {
  // Four chains of additions at a time, as one alone would wait for itself.
  constexpr int kChains = 4;
  for (int c = 0; c < columns; c += kWidth) {
    Float total[kChains];
    for (int chain = 0; chain < kChains; ++chain) total[chain] = broadcast(0.0f);
    for (int r = 0; r < rows; r += kChains) {
      for (int chain = 0; chain < kChains; ++chain) {
        total[chain] = total[chain] + load(transposed + size_t(r + chain) * stride + c);
      }
    }
    const Float sum = (total[0] + total[1]) + (total[2] + total[3]);
    store(sums + c, fresh ? sum : load(sums + c) + sum);
  }
}

void add(const float* from, float* into, int count) {
  int i = 0;
  for (; i + kWidth <= count; i += kWidth) store(into + i, load(into + i) + load(from + i));
  for (; i < count; ++i) into[i] += from[i];
}

}  // namespace

const RowKernels row_kernels = {load_rows,    store_rows,      transpose,
                                add_row_sums, add_column_sums, add};

}  // namespace pushforward::PF_PATH
