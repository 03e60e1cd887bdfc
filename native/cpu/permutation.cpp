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
  std::vector<bool> seen(std::size_t(flow.dim), false);
  bool valid = spec.order.size() == seen.size();
  for (std::size_t i = 0; valid && i < seen.size(); ++i) {
    const int from = spec.order[i];
    valid = from >= 0 && from < flow.dim && !seen[std::size_t(from)];
    if (valid) seen[std::size_t(from)] = true;
  }
  if (!valid) {
    refuse(where, "order must be a permutation of 0 to " + std::to_string(flow.dim - 1));
  }
  return std::make_unique<Permutation>(spec.order);
}

}  // namespace pushforward
