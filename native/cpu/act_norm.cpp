// y = (x + bias) · exp(logScale).
#include <algorithm>
#include <cmath>

#include "layer.h"

namespace pushforward {
namespace {

class ActNorm final : public Layer {
 public:
  ActNorm(int dim, std::size_t bias, std::size_t log_scale)
      : dim_(dim), bias_(bias), log_scale_(log_scale) {}

  std::size_t prepared_size() const override { return 2 * std::size_t(dim_); }
  std::size_t scratch_size() const override { return kTileStride; }

  // exp(logScale), then its reciprocal: dividing by a scale that has underflowed would give 0/0.
  double prepare(const float* parameters, float* prepared) const override {
    double log_det = 0.0;
    for (int i = 0; i < dim_; ++i) {
      const float log_scale = parameters[log_scale_ + i];
      log_det += log_scale;
      prepared[i] = std::exp(log_scale);
      prepared[dim_ + i] = std::exp(-log_scale);
    }
    return log_det;
  }

  void forward(const Tile& tile, const float* x, float* y, float*, float*) const override {
    const float* const bias = tile.parameters + bias_;
    for (int i = 0; i < dim_; ++i) {
      tile.layers->shift_scale(x + feature_at(i), bias[i], tile.prepared[i], tile.rows,
                               y + feature_at(i));
    }
  }

  void inverse(const Tile& tile, const float* y, float* x, float*) const override {
    const float* const bias = tile.parameters + bias_;
    for (int i = 0; i < dim_; ++i) {
      tile.layers->scale_shift(y + feature_at(i), tile.prepared[dim_ + i], -bias[i], tile.rows,
                               x + feature_at(i));
    }
  }

  void backward(const Tile& tile, const BackwardTask& task) const override {
    const float* const bias = tile.parameters + bias_;
    float* const shifted = tile.scratch;
    float* const gbias = task.gradient + bias_;
    float* const glog_scale = task.gradient + log_scale_;
    if (task.fresh) {
      std::fill_n(gbias, dim_, 0.0f);
      std::fill_n(glog_scale, dim_, 0.0f);
    }
    float constant = 0.0f;
    tile.row_kernels->add_row_sums(task.log_det, 1, tile.rows, &constant);
    for (int i = 0; i < dim_; ++i) {
      float* const gx = task.gx + feature_at(i);
      tile.layers->shift_scale(task.gy + feature_at(i), 0.0f, tile.prepared[i], tile.rows, gx);
      tile.layers->shift_scale(task.x + feature_at(i), bias[i], 1.0f, tile.rows, shifted);
      tile.layers->add_dot(gx, shifted, tile.rows, &glog_scale[i]);
      glog_scale[i] += constant;
    }
    tile.row_kernels->add_row_sums(task.gx, dim_, tile.rows, gbias);
  }

 private:
  int dim_;
  std::size_t bias_, log_scale_;
};

}  // namespace

std::unique_ptr<Layer> make_act_norm(const FlowSpec& flow, const LayerSpec& spec,
                                     const std::string& where) {
  require_parameter_count(spec, where, 2);
  const std::size_t bias = parameter_offset(spec, where, "bias", {flow.dim});
  const std::size_t log_scale = parameter_offset(spec, where, "logScale", {flow.dim});
  return std::make_unique<ActNorm>(flow.dim, bias, log_scale);
}

}  // namespace pushforward
