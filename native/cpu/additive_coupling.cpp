// y = x + t, with t the conditioner's output; the log-determinant is 0.
#include <cstring>

#include "coupling.h"

namespace pushforward {
namespace {

class AdditiveCoupling final : public Coupling {
 public:
  AdditiveCoupling(const FlowSpec& flow, const LayerSpec& spec, const std::string& where)
      : Coupling(flow, spec, where, {{"", int(spec.transformed.size())}}) {}

 private:
  void map_forward(const Tile& tile, const float* x, const float* raw, float* y,
                   float*) const override {
    for (int i = 0; i < transformed(); ++i) {
      for (int r = 0; r < tile.rows; ++r) {
        y[feature(i) + r] = x[feature(i) + r] + raw[feature_at(i) + r];
      }
    }
  }

  void map_inverse(const Tile& tile, const float* y, const float* raw, float* x,
                   float*) const override {
    for (int i = 0; i < transformed(); ++i) {
      for (int r = 0; r < tile.rows; ++r) {
        x[feature(i) + r] = y[feature(i) + r] - raw[feature_at(i) + r];
      }
    }
  }

  void map_backward(const Tile& tile, const BackwardTask& task, const float*,
                    float* graw) const override {
    for (int i = 0; i < transformed(); ++i) {
      for (float* to : {task.gx + feature(i), graw + feature_at(i)}) {
        std::memcpy(to, task.gy + feature(i), std::size_t(tile.rows) * sizeof(float));
      }
    }
  }
};

}  // namespace

std::unique_ptr<Layer> make_additive_coupling(const FlowSpec& flow, const LayerSpec& spec,
                                              const std::string& where) {
  return std::make_unique<AdditiveCoupling>(flow, spec, where);
}

}  // namespace pushforward
