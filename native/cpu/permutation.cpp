// y_i = x_{order[i]}.
#include <cstring>

#include "layer.h"

namespace pushforward {
namespace {

class Permutation final : public Layer {
 public:
  explicit Permutation(std::vector<int> order) : order_(std::move(order)) {}

  void forward(const Tile& tile, const float* x, float* y, float*, float*) const override {
    for (std::size_t i = 0; i < order_.size(); ++i) {
      copy(tile, x + feature_at(order_[i]), y + feature_at(int(i)));
    }
  }

  void inverse(const Tile& tile, const float* y, float* x, float*) const override {
    scatter(tile, y, x);
  }

  void backward(const Tile& tile, const BackwardTask& task) const override {
    scatter(tile, task.gy, task.gx);
  }

 private:
  static void copy(const Tile& tile, const float* from, float* to) {
    std::memcpy(to, from, std::size_t(tile.rows) * sizeof(float));
  }

  void scatter(const Tile& tile, const float* from, float* to) const {
    for (std::size_t i = 0; i < order_.size(); ++i) {
      copy(tile, from + feature_at(int(i)), to + feature_at(order_[i]));
    }
  }

  std::vector<int> order_;
};

}  // namespace

std::unique_ptr<Layer> make_permutation(const FlowSpec& flow, const LayerSpec& spec,
                                        const std::string& where) {
  require_parameter_count(spec, where, 0);
  require_order(flow, spec, where);
  return std::make_unique<Permutation>(spec.order);
}

}  // namespace pushforward
