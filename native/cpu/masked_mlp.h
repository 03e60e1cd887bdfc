// A masked multilayer perceptron on tiles, plain or residual as Mlp is: the outputs of variable k
// depend on the context and on the variables before k alone (src/native/spec.ts,
// AutoregressiveNetworkSpec). It runs as a whole, or variable after variable where a variable
// follows from the outputs for it. Then the variables come in runs of a few: what a run reads of
// all before it is summed up at once, and only the rest one variable at a time.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "masked_linear.h"

namespace pushforward {

class MaskedMlp {
 public:
  // Inputs are [context, variables]; `outputs` numbers for each variable lie variable after
  // variable. Finds weight0, bias0, weight1, ... in the spec and checks them and the degrees.
  MaskedMlp(const FlowSpec& flow, const LayerSpec& spec, const std::string& where, int outputs);

  int context() const { return context_; }
  int inputs() const { return layers_.front().rows(); }

  std::size_t prepared_size() const { return prepared_size_; }
  void prepare(const float* parameters, float* prepared) const;

  // Floats of the activations: what each layer but the first reads, with the activations' slopes
  // where those do not follow from the values, and last the outputs.
  std::size_t activations_size() const { return hidden_at(last()) + feature_at(columns(last())); }
  // Floats of the cotangents of what the hidden layers say and, last, of the outputs.
  std::size_t cotangents_size() const { return cotangent_at(layers_.size()); }
  // Floats of `early` below, where the sums wait that a run begins with: as many as of cotangents
  // for run_variable, and this many for pull_variable and pull_units.
  std::size_t early_pulls_size() const { return cotangent_at(last()) + feature_at(dim_); }

  // Fills `activations`; `slopes` for a backward pass.
  void run(const Tile& tile, const float* in, float* activations, bool slopes) const;
  // The same for units of degree k and the outputs of variable k, of the inputs before it: running
  // k = 0, 1, ... fills everything once.
  void run_variable(const Tile& tile, int k, const float* in, float* activations, float* early,
                    bool slopes) const;
  const float* outputs(const float* activations) const { return activations + hidden_at(last()); }
  float* outputs(float* activations) const { return activations + hidden_at(last()); }

  // From the outputs' cotangents to those of hidden layers.
  void pull(const Tile& tile, const float* activations, float* cotangents) const;
  // The same for k = d - 1, ..., 0: writes to `out` the cotangent of variable k, from units of
  // degrees above k; and, once the cotangents of the outputs of variable k are there, fills in
  // those of units of degree k.
  void pull_variable(const Tile& tile, int k, const float* cotangents, float* early,
                     float* out) const;
  void pull_units(const Tile& tile, int k, const float* activations, float* cotangents,
                  const float* early) const;
  float* output_cotangents(float* cotangents) const { return cotangents + cotangent_at(last()); }

  // Cotangents of these inputs, once those of all units that read them are there.
  void pull_inputs(const Tile& tile, const float* cotangents, Range inputs, bool add,
                   float* out) const;
  // gradient += what this tile says of the network's parameters, or = when fresh; finish_gradient
  // puts zeros where the masks are. All cotangents must be there.
  void add_gradient(const Tile& tile, const float* in, const float* activations,
                    const float* cotangents, float* gradient, bool fresh) const;
  void finish_gradient(float* gradient) const;

 private:
  std::size_t last() const { return layers_.size() - 1; }
  int columns(std::size_t layer) const { return layers_[layer].columns(); }
  // Whether this layer's sum goes into the residual network's h, which the last layer reads.
  bool adds_to_sum(std::size_t layer) const {
    return residual_ && layer % 2 == 0 && layer < last();
  }
  // Hidden layer l keeps its values and, after them, its slopes if need be.
  std::size_t hidden_at(std::size_t layer) const;
  std::size_t cotangent_at(std::size_t layer) const;
  // The run of variables that k belongs to.
  Range run_of(int k) const;
  // How many inputs of a layer are there before variable k is.
  int known(std::size_t layer, int k) const {
    return layers_[layer].rows_upto(layer == 0 ? k : k - 1);
  }
  // What a layer reads.
  const float* input(std::size_t layer, const float* in, const float* activations) const {
    return layer == 0 ? in : activations + hidden_at(layer - 1);
  }
  const float* prepared(const Tile& tile, std::size_t layer) const {
    return tile.prepared + prepared_at_[layer];
  }

  DenseTask run_task(std::size_t layer, const float* in, float* activations, bool slopes) const;
  void pull_rows(const Tile& tile, std::size_t layer, const float* activations, float* cotangents,
                 const float* early, Range rows, Range from) const;

  int dim_;
  int context_;
  bool residual_;
  Activation activation_;
  std::vector<MaskedLinear> layers_;
  std::vector<std::size_t> prepared_at_;  // offsets of the layers' parts
  std::size_t prepared_size_ = 0;
  int run_length_ = 1;
};

}  // namespace pushforward
