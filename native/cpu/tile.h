// The layout every kernel of the plan shares. A tile is a few dozen rows of a batch, stored feature
// by feature: [features][kTileStride], rows along the vector lanes. Any number of features then
// fills the vectors, elementwise work needs no remainder, and in a matrix product the weights are
// the operand that is broadcast, so they are read where they lie, unpacked.
#pragma once

namespace pushforward {

// Distance in floats between two features of a tile, and the most rows one holds.
constexpr int kTileStride = 64;

// Tiles are computed in whole groups of this many rows; the rows that pad the last group repeat a
// real row, so that they are no less finite than it.
constexpr int kRowGroup = 16;

constexpr int round_up(int n, int multiple) { return (n + multiple - 1) / multiple * multiple; }

enum class Activation { kNone, kRelu, kLeakyRelu, kTanh, kSilu, kGelu };

// Whether the slope at a pre-activation has to be kept; the others follow from the activation's
// value.
constexpr bool has_stored_slope(Activation kind) {
  return kind == Activation::kSilu || kind == Activation::kGelu;
}

// Slope of leakyRelu below zero.
constexpr float kLeakySlope = 0.01f;

}  // namespace pushforward
