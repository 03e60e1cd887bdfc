// Matrix products of tiles.
#pragma once

#include <cstddef>

#include "pushforward/dispatch.h"
#include "tile.h"

namespace pushforward {

// A matrix [inputs][outputs] is read in panels of this many outputs, in which an input's weights
// lie together and the inputs one after the other: a product runs over contiguous memory, and the
// product with the transposed matrix finds the weights of neighbouring inputs a constant apart.
constexpr int kPanel = 12;

// Floats of such a matrix; the last panel is filled up with zeros.
constexpr std::size_t panels_size(int inputs, int outputs) {
  return std::size_t(inputs) * std::size_t(round_up(outputs, kPanel));
}

// Where the weight of an input and an output lies.
constexpr std::size_t panel_at(int inputs, int input, int output) {
  return std::size_t(output / kPanel) * kPanel * std::size_t(inputs) + std::size_t(input) * kPanel +
         std::size_t(output % kPanel);
}

// out[i] = start + Σ_k W[first_input + k][first_output + i] in[k], for tiles in and out; with the
// transposed matrix W[first_output + i][first_input + k].
struct DenseTask {
  // What happens to the sum.
  enum class Finish {
    kStore,     // out = bias + sum, through the activation
    kAdd,       // out = out + bias + sum, through the activation
    kSubtract,  // out = out - sum; of at most kPanel / 2 outputs, and of no transposed matrix
    kSlope,     // out = sum · slope of the activation, from the tiles `value` and `slope`
    kAddSlope,  // out = out + sum · slope; slopes are for transposed matrices
  };
  const float* panels;
  int matrix_inputs;
  bool transposed = false;
  int first_input = 0;
  int first_output = 0;  // a multiple of kPanel, or the outputs are all of one panel
  int outputs;
  int inputs;
  int rows;  // a multiple of kRowGroup
  const float* in;
  float* out;
  Finish finish = Finish::kStore;
  const float* bias = nullptr;   // [outputs], or none
  const float* start = nullptr;  // a tile that the sums start from in place of a bias, or none
  Activation activation = Activation::kNone;
  float* activated = nullptr;    // where the activation goes, when not to `out`
  float* slopes = nullptr;       // where its slopes go, if has_stored_slope
  const float* value = nullptr;  // with the slopes: the activation's values and stored slopes
  const float* slope = nullptr;
};

struct GemmKernels {
  // Writes weights[k · outputs + i], k < inputs, in panels. Unless first_columns is null, input k
  // has zeros before output first_columns[k], which does not fall with k: as many as a product of
  // kPanel inputs or outputs can reach; what is further out is left as it is.
  void (*pack)(const float* weights, int inputs, int outputs, const int* first_columns,
               float* panels);
  void (*dense)(const DenseTask& task);
};

PF_DECLARE_KERNELS(GemmKernels, gemm_kernels)

}  // namespace pushforward
