// What couplings share: some features pass through and, with the context, feed an MLP that says how
// each of the others is mapped; of angles the MLP reads cosine and sine. A kind of coupling is a
// subclass that maps the features.
#pragma once

#include <vector>

#include "layer.h"
#include "mlp.h"

namespace pushforward {

class Coupling : public Layer {
 public:
  // Throws std::invalid_argument that begins with `where`. The MLP has `outputs` numbers in all.
  Coupling(const FlowSpec& flow, const LayerSpec& spec, const std::string& where, int outputs);

  std::size_t saved_size() const override { return mlp_.activations_size(); }
  std::size_t scratch_size() const override {
    return mlp_.activations_size() + mlp_.scratch_size() + raw_size() + feature_at(inputs());
  }
  std::size_t gradient_size() const override { return mlp_.gradient_size(); }

  void forward(const Tile& tile, const float* x, float* y, float* log_det,
               float* saved) const override;
  void inverse(const Tile& tile, const float* y, float* x, float* log_det) const override;
  void backward(const Tile& tile, const BackwardTask& task) const override;
  void write_gradient(const float* prepared, const float* sums, float* gradient) const override;

 protected:
  int transformed() const { return int(transformed_.size()); }
  // Where the i-th transformed feature lies in the tiles x and y.
  std::size_t feature(int i) const { return feature_at(transformed_[std::size_t(i)]); }

  // Turns the MLP's outputs, in place, into what the maps below read, where that saves them work.
  virtual void prepare_raw(const Tile& tile, float* raw) const;
  // All transformed features of a tile; as Layer's functions of these names.
  virtual void map_forward(const Tile& tile, const float* x, const float* raw, float* y,
                           float* log_det) const = 0;
  virtual void map_inverse(const Tile& tile, const float* y, const float* raw, float* x,
                           float* log_det) const = 0;
  // Writes the cotangents of the transformed features, task.gx, and of the MLP's outputs, graw.
  virtual void map_backward(const Tile& tile, const BackwardTask& task, const float* raw,
                            float* graw) const = 0;

 private:
  // Of the MLP, without the context.
  int inputs() const { return int(straight_.size() + 2 * angles_.size()); }
  std::size_t raw_size() const { return feature_at(outputs_); }
  const float* gather(const Tile& tile, const float* x) const;
  void copy_identity(const Tile& tile, const float* from, float* to) const;
  const float* run(const Tile& tile, const float* in, float* activations, bool slopes) const;

  int dim_;
  bool takes_context_;
  // The identity features: those that the MLP reads, and those of which it reads cosine and sine.
  std::vector<int> straight_, angles_;
  std::vector<int> transformed_;
  float bound_;  // of the angles
  int outputs_;
  Mlp mlp_;
};

}  // namespace pushforward
