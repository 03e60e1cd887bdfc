// y = x + t, with t the conditioner's output; the log-determinant is 0.
#include <cstring>

#include "coupling.h"

namespace pushforward {
namespace {

class AdditiveCoupling final : public Coupling {
 public:
  AdditiveCoupling(const FlowSpec& flow, const LayerSpec& spec, const std::string& where)
      : Coupling(flow, spec, where, 1) {}

 protected:
  void map_forward(const Tile& tile, const float* x, const float* raw, float* y,
                   float*) const override {
    for (int r = 0; r < tile.rows; ++r) y[r] = x[r] + raw[r];
  }

  void map_inverse(const Tile& tile, const float* y, const float* raw, float* x,
                   float*) const override {
    for (int r = 0; r < tile.rows; ++r) x[r] = y[r] - raw[r];
  }

  void map_backward(const Tile& tile, const MapGradient& task) const override {
    std::memcpy(task.gx, task.gy, std::size_t(tile.rows) * sizeof(float));
    std::memcpy(task.graw, task.gy, std::size_t(tile.rows) * sizeof(float));
  }
};

}  // namespace

std::unique_ptr<Layer> make_additive_coupling(const FlowSpec& flow, const LayerSpec& spec,
                                              const std::string& where) {
  return std::make_unique<AdditiveCoupling>(flow, spec, where);
}

}  // namespace pushforward
