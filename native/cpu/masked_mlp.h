// A masked multilayer perceptron on tiles: the outputs of variable k depend on the context and on
// the variables before k alone (src/native/spec.ts, AutoregressiveSpec). Rows and columns of every
// layer are sorted by degree, so its mask is a staircase: a block of columns reads the first rows
// only, up to the degree of its last column, and a block of rows is read by the last columns only.
// Products run over such blocks and leave the zeros beyond the staircase out, but for the corners
// inside a block, which are zeros in prepared copies of the weights.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "layer.h"

namespace pushforward {

class MaskedMlp {
 public:
  // Inputs are [context, variables]; `outputs` numbers for each variable lie variable after
  // variable. Finds weight0, bias0, weight1, ... in the spec and checks them and the degrees.
  MaskedMlp(const FlowSpec& flow, const LayerSpec& spec, const std::string& where, int outputs);

  int context() const { return context_; }
  int inputs() const { return layers_.front().rows; }

  std::size_t prepared_size() const { return prepared_size_; }
  void prepare(const float* parameters, float* prepared) const;

  // Floats of the activations: hidden values, with their slopes where those do not follow from the
  // values, and last the outputs.
  std::size_t activations_size() const { return cotangents_size() + hidden_at(layers_.size() - 1); }
  // Floats of the cotangents of hidden values and, last, of the outputs.
  std::size_t cotangents_size() const { return values_at(layers_.size()); }
  std::size_t scratch_size() const { return std::size_t(kTileStride) * widest_; }
  std::size_t gradient_size() const { return sums_size_; }

  // Fills `activations`; `slopes` for a backward pass.
  void run(const Tile& tile, const float* in, float* activations, bool slopes) const;
  // The same for units of degree k and the outputs of variable k, of the inputs before it: running
  // k = 0, 1, ... fills everything once.
  void run_variable(const Tile& tile, int k, const float* in, float* activations,
                    bool slopes) const;
  const float* outputs(const float* activations) const {
    return activations + hidden_at(layers_.size() - 1);
  }
  float* outputs(float* activations) const { return activations + hidden_at(layers_.size() - 1); }

  // From the outputs' cotangents to those of hidden units.
  void pull(const Tile& tile, const float* activations, float* cotangents) const;
  // The same for units of degree k, of the outputs from variable k on: running k = d - 1, ..., 0
  // fills everything once.
  void pull_variable(const Tile& tile, int k, const float* activations, float* cotangents) const;
  float* output_cotangents(float* cotangents) const {
    return cotangents + values_at(layers_.size() - 1);
  }

  // Cotangents of `count` inputs from `first` on, once those of all units that read them are there.
  void pull_inputs(const Tile& tile, const float* cotangents, int first, int count, bool add,
                   float* out) const;
  // sums += the parameters' gradients of this tile, or = when fresh. All cotangents must be there.
  void add_gradient(const Tile& tile, const float* in, const float* activations,
                    const float* cotangents, float* scratch, float* sums, bool fresh) const;
  void write_gradient(const float* sums, float* gradient) const;

 private:
  // Rows whose gradients are summed together: their columns from the first that reads any of them,
  // which a whole number of kRowGroup columns comes before. The others have no sums.
  struct RowBlock {
    int first, count;
    int from, columns;
    std::size_t sums;  // offset in the sums
  };
  struct Masked {
    int rows, columns;
    std::vector<int> row_degree, column_degree;
    std::vector<int> rows_upto;      // [m]: rows of degree at most m, for m < d
    std::vector<int> columns_below;  // [m]: columns of degree below m, for m <= d
    std::size_t weight, bias;        // offsets in the parameters
    std::size_t prepared;            // offset of the masked weights
    int padded_columns;
    std::vector<RowBlock> blocks;
    std::size_t bias_sums;  // offset in the sums
  };

  // Hidden layer l keeps its values and, after them, its slopes if need be.
  std::size_t hidden_at(std::size_t layer) const;
  std::size_t values_at(std::size_t layer) const;
  void run_columns(const Tile& tile, std::size_t layer, int first, int end, const float* in,
                   float* activations, bool slopes) const;
  void pull_rows(const Tile& tile, std::size_t layer, int first, int end, const float* activations,
                 float* cotangents) const;

  int dim_;
  int context_;
  std::vector<Masked> layers_;
  Activation activation_;
  int widest_ = 0;  // of all columns, rounded up to kRowGroup
  std::size_t prepared_size_ = 0;
  std::size_t sums_size_ = 0;
};

}  // namespace pushforward
