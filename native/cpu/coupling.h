// What all couplings share: some features pass through and, with the context, feed an MLP whose
// outputs drive an elementwise map of the others. A coupling is that map.
#pragma once

#include <string>
#include <vector>

#include "layer.h"
#include "mlp.h"

namespace pushforward {

class Coupling : public Layer {
 public:
  std::size_t saved_size() const override { return mlp_.activations_size(); }
  std::size_t scratch_size() const override;
  std::size_t gradient_size() const override { return mlp_.gradient_size(); }
  void forward(const Tile& tile, const float* x, float* y, float* log_det,
               float* saved) const override;
  void inverse(const Tile& tile, const float* y, float* x, float* log_det) const override;
  void backward(const Tile& tile, const BackwardTask& task) const override;
  void write_gradient(const float* prepared, const float* sums, float* gradient) const override;

 protected:
  // The MLP has `groups` outputs for each transformed feature. Checks the spec.
  Coupling(const FlowSpec& flow, const LayerSpec& spec, const std::string& where, int groups);

  struct MapGradient {
    const float* x;
    const float* raw;
    const float* gy;
    const float* log_det;
    float* gx;
    float* graw;
  };
  // The map of one feature. Output `group` of the MLP for it is raw + group · group_stride().
  virtual void map_forward(const Tile& tile, const float* x, const float* raw, float* y,
                           float* log_det) const = 0;
  virtual void map_inverse(const Tile& tile, const float* y, const float* raw, float* x,
                           float* log_det) const = 0;
  virtual void map_backward(const Tile& tile, const MapGradient& task) const = 0;

  std::size_t group_stride() const { return feature_at(transformed()); }

 private:
  int identity() const { return int(identity_.size()); }
  int transformed() const { return int(transformed_.size()); }
  const float* gather(const Tile& tile, const float* x) const;
  void copy_identity(const Tile& tile, const float* from, float* to) const;

  int dim_;
  int groups_;
  bool takes_context_;
  std::vector<int> identity_, transformed_;
  Mlp mlp_;
};

}  // namespace pushforward
