// y_transformed = x_transformed · exp(s) + t, s = bound · tanh(r / bound), where one network of the
// identity features and the context says r and t, or two say one each; the identity features pass
// through.
#include "conditioner.h"
#include "coupling.h"

namespace pushforward {
namespace {

int transformed_of(const LayerSpec& spec) { return int(spec.transformed.size()); }

class AffineCoupling final : public Coupling {
 public:
  AffineCoupling(const FlowSpec& flow, const LayerSpec& spec, const std::string& where)
      : Coupling(flow, spec, where,
                 spec.separate_networks
                     ? std::vector<ConditionerNetwork>{{"scale", transformed_of(spec)},
                                                       {"shift", transformed_of(spec)}}
                     : std::vector<ConditionerNetwork>{{"", 2 * transformed_of(spec)}}),
        bound_(log_scale_bound_of(spec, where)) {}

 private:
  void map_forward(const Tile& tile, const float* x, const float* raw, float* y,
                   float* log_det) const override {
    for (int i = 0; i < transformed(); ++i) {
      tile.layers->affine_forward(x + feature(i), raw + feature_at(i),
                                  raw + feature_at(transformed() + i), bound_, tile.rows,
                                  y + feature(i), log_det, nullptr);
    }
  }

  void map_inverse(const Tile& tile, const float* y, const float* raw, float* x,
                   float* log_det) const override {
    for (int i = 0; i < transformed(); ++i) {
      tile.layers->affine_inverse(y + feature(i), raw + feature_at(i),
                                  raw + feature_at(transformed() + i), bound_, tile.rows,
                                  x + feature(i), log_det, nullptr);
    }
  }

  void map_backward(const Tile& tile, const BackwardTask& task, const float* raw,
                    float* graw) const override {
    for (int i = 0; i < transformed(); ++i) {
      tile.layers->affine_backward(
          {task.x + feature(i), raw + feature_at(i), nullptr, task.gy + feature(i), task.log_det,
           task.gx + feature(i), graw + feature_at(i), graw + feature_at(transformed() + i)},
          bound_, tile.rows);
    }
  }

  float bound_;
};

}  // namespace

std::unique_ptr<Layer> make_affine_coupling(const FlowSpec& flow, const LayerSpec& spec,
                                            const std::string& where) {
  return std::make_unique<AffineCoupling>(flow, spec, where);
}

}  // namespace pushforward
