// A multilayer perceptron on tiles: h_{k+1} = activation(h_k W_k + b_k), the last layer linear; or
// a residual one, of an odd number of hidden layers: h = h_0 W_0 + b_0, pairs of layers each add
// activation(activation(h) W + b) W' + b' to h, and the last layer is linear in h. Weights are
// [in, out] where the parameters lie.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "layer.h"

namespace pushforward {

class Mlp {
 public:
  // Finds weight0, bias0, weight1, ... in the spec, or with a prefix prefixWeight0, prefixBias0,
  // ... `widths` runs from the inputs to the outputs.
  Mlp(const LayerSpec& spec, const std::string& where, const std::string& prefix,
      std::vector<int> widths, Activation activation, bool residual);

  static std::string first_weight(const std::string& prefix);
  int outputs() const { return layers_.back().out; }

  // The weights, in panels.
  std::size_t prepared_size() const { return prepared_size_; }
  void prepare(const float* parameters, float* prepared) const;

  // Floats of the activations that `run` writes: what each layer but the first reads, with the
  // activations' slopes where those do not follow from the values.
  std::size_t activations_size() const { return hidden_at(layers_.size() - 1); }
  std::size_t scratch_size() const;
  std::size_t sums_size() const { return sums_size_; }

  // Fills `activations` and `out`. `slopes` for a backward pass.
  void run(const Tile& tile, const float* prepared, const float* in, float* activations, float* out,
           bool slopes) const;

  struct Backward {
    const float* prepared;
    const float* in;
    const float* activations;  // of a run with slopes
    const float* gout;         // cotangent of the outputs
    float* gin;                // cotangent of the first `own` inputs: added to, or written
    bool adds;
    int own;
    float* gin_added;  // added to: cotangent of the other inputs, or null
    float* scratch;    // scratch_size()
    float* gradient;   // of all parameters: those of the network are added to,
    float* sums;       // and so are sums_size() other sums; or written when fresh
    bool fresh;
  };
  void backward(const Tile& tile, const Backward& task) const;

  void finish_gradient(const float* sums, float* gradient) const;

 private:
  struct Linear {
    int in, out;
    std::size_t weight, bias;  // offsets in the parameters
    std::size_t panels;        // offset in what prepare() wrote
    // The gradient of the weights is summed where they lie; or, where that is less work, as
    // [out][in] among the sums.
    bool turned;
    std::size_t sums;  // offset in the sums
  };

  // Whether this layer's sum goes into the residual network's h, which the last layer reads.
  bool adds_to_sum(std::size_t layer) const {
    return residual_ && layer % 2 == 0 && layer + 1 < layers_.size();
  }
  std::size_t hidden_at(std::size_t layer) const;
  void add_weight_gradient(const Tile& tile, const Linear& linear, const float* in,
                           const float* gout, const Backward& task) const;

  std::vector<Linear> layers_;
  Activation activation_;
  bool residual_;
  int widest_ = 0;  // of all widths, rounded up to kRowGroup
  std::size_t prepared_size_ = 0;
  std::size_t sums_size_ = 0;
};

}  // namespace pushforward
