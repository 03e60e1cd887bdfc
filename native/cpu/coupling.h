// What couplings share: some features pass through and, with the context, feed one network or more
// that say how each of the others is mapped; of angles the networks read cosine and sine. A kind of
// coupling is a subclass that maps the features.
#pragma once

#include <string>
#include <vector>

#include "layer.h"
#include "mlp.h"

namespace pushforward {

struct ConditionerNetwork {
  std::string prefix;  // of its parameters' names
  int outputs;
};

class Coupling : public Layer {
 public:
  // Throws std::invalid_argument that begins with `where`.
  Coupling(const FlowSpec& flow, const LayerSpec& spec, const std::string& where,
           const std::vector<ConditionerNetwork>& networks);

  std::size_t prepared_size() const override { return prepared_size_; }
  std::size_t saved_size() const override { return activations_size_ + raw_size_; }
  std::size_t scratch_size() const override {
    return saved_size() + network_scratch_ + raw_size_ + feature_at(inputs());
  }
  std::size_t sums_size() const override { return sums_size_; }

  double prepare(const float* parameters, float* prepared) const override;
  void forward(const Tile& tile, const float* x, float* y, float* log_det,
               float* saved) const override;
  void inverse(const Tile& tile, const float* y, float* x, float* log_det) const override;
  void backward(const Tile& tile, const BackwardTask& task) const override;
  void finish_gradient(const float* prepared, const float* sums, float* gradient) const override;

 protected:
  int transformed() const { return int(transformed_.size()); }
  // Where the i-th transformed feature lies in the tiles x and y.
  std::size_t feature(int i) const { return feature_at(transformed_[std::size_t(i)]); }

  // Turns the networks' outputs, in place, into what the maps below read, where that saves them
  // work.
  virtual void prepare_raw(const Tile& tile, float* raw) const;
  // All transformed features of a tile; as Layer's functions of these names.
  virtual void map_forward(const Tile& tile, const float* x, const float* raw, float* y,
                           float* log_det) const = 0;
  virtual void map_inverse(const Tile& tile, const float* y, const float* raw, float* x,
                           float* log_det) const = 0;
  // Writes the cotangents of the transformed features, task.gx, and of the networks' outputs, graw.
  virtual void map_backward(const Tile& tile, const BackwardTask& task, const float* raw,
                            float* graw) const = 0;

 private:
  // A network, with where its floats begin in what was prepared, in the activations, in the sums,
  // and in the outputs of all networks.
  struct Part {
    Mlp mlp;
    std::size_t prepared, activations, sums, raw;
  };

  // Of each network, without the context.
  int inputs() const { return int(straight_.size() + 2 * angles_.size()); }
  const float* gather(const Tile& tile, const float* x) const;
  void copy_identity(const Tile& tile, const float* from, float* to) const;
  const float* run(const Tile& tile, const float* in, float* activations, bool slopes) const;

  int dim_;
  bool takes_context_;
  // The identity features: those that networks read, and those of which they read cosine and sine.
  std::vector<int> straight_, angles_;
  std::vector<int> transformed_;
  float bound_;  // of the angles
  std::vector<Part> parts_;
  std::size_t prepared_size_ = 0, activations_size_ = 0, sums_size_ = 0, raw_size_ = 0;
  std::size_t network_scratch_ = 0;
};

}  // namespace pushforward
