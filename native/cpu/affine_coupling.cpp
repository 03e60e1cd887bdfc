// y = x · exp(s) + t, s = bound · tanh(r / bound), with (r, t) the conditioner's two groups.
#include "conditioner.h"
#include "coupling.h"

namespace pushforward {
namespace {

class AffineCoupling final : public Coupling {
 public:
  AffineCoupling(const FlowSpec& flow, const LayerSpec& spec, const std::string& where)
      : Coupling(flow, spec, where, 2), bound_(log_scale_bound_of(spec, where)) {}

 protected:
  void map_forward(const Tile& tile, const float* x, const float* raw, float* y,
                   float* log_det) const override {
    tile.layers->affine_forward(x, raw, raw + group_stride(), bound_, tile.rows, y, log_det);
  }

  void map_inverse(const Tile& tile, const float* y, const float* raw, float* x,
                   float* log_det) const override {
    tile.layers->affine_inverse(y, raw, raw + group_stride(), bound_, tile.rows, x, log_det);
  }

  void map_backward(const Tile& tile, const MapGradient& task) const override {
    tile.layers->affine_backward(
        {task.x, task.raw, task.gy, task.log_det, task.gx, task.graw, task.graw + group_stride()},
        bound_, tile.rows);
  }

 private:
  float bound_;
};

}  // namespace

std::unique_ptr<Layer> make_affine_coupling(const FlowSpec& flow, const LayerSpec& spec,
                                            const std::string& where) {
  return std::make_unique<AffineCoupling>(flow, spec, where);
}

}  // namespace pushforward
