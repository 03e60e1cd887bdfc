// y = H_k ... H_1 x, one reflection after the other: 4 k d operations a row.
#include <algorithm>
#include <cstring>

#include "layer.h"

namespace pushforward {
namespace {

class Householder final : public Layer {
 public:
  Householder(int dim, int reflections, std::size_t vectors)
      : dim_(dim), reflections_(reflections), vectors_(vectors) {}

  std::size_t prepared_size() const override { return std::size_t(reflections_); }
  std::size_t scratch_size() const override { return feature_at(dim_); }

  // 2 / |v|² of each vector; one too short for a direction is left out.
  double prepare(const float* parameters, float* prepared) const override {
    for (int i = 0; i < reflections_; ++i) {
      const float* const v = vector(parameters, i);
      double square = 0.0;
      for (int f = 0; f < dim_; ++f) square += double(v[f]) * v[f];
      prepared[i] = square < 1e-30 ? 0.0f : float(2.0 / square);
    }
    return 0.0;
  }

  void forward(const Tile& tile, const float* x, float* y, float*, float*) const override {
    copy(tile, x, y);
    for (int i = 0; i < reflections_; ++i) reflect(tile, i, y);
  }

  void inverse(const Tile& tile, const float* y, float* x, float*) const override {
    copy(tile, y, x);
    for (int i = reflections_; i-- > 0;) reflect(tile, i, x);
  }

  // Each reflection undoes itself, so its input follows from its output and none is kept.
  void backward(const Tile& tile, const BackwardTask& task) const override {
    float* const x = tile.scratch;
    forward(tile, task.x, x, nullptr, nullptr);
    float* const gvectors = task.gradient + vectors_;
    if (task.fresh) std::fill_n(gvectors, std::size_t(reflections_) * dim_, 0.0f);
    copy(tile, task.gy, task.gx);
    for (int i = reflections_; i-- > 0;) {
      reflect(tile, i, x);
      tile.reflections->backward({vector(tile.parameters, i), tile.prepared[i], x, task.gx,
                                  gvectors + std::size_t(i) * dim_},
                                 dim_, tile.rows);
    }
  }

 private:
  const float* vector(const float* parameters, int i) const {
    return parameters + vectors_ + std::size_t(i) * dim_;
  }

  void reflect(const Tile& tile, int i, float* x) const {
    tile.reflections->reflect(vector(tile.parameters, i), tile.prepared[i], dim_, tile.rows, x);
  }

  void copy(const Tile& tile, const float* from, float* to) const {
    for (int f = 0; f < dim_; ++f) {
      std::memcpy(to + feature_at(f), from + feature_at(f), std::size_t(tile.rows) * sizeof(float));
    }
  }

  int dim_, reflections_;
  std::size_t vectors_;
};

}  // namespace

std::unique_ptr<Layer> make_householder(const FlowSpec& flow, const LayerSpec& spec,
                                        const std::string& where) {
  require_parameter_count(spec, where, 1);
  const std::vector<int>& shape = spec.parameters.front().shape;
  const int reflections = shape.empty() ? 0 : shape.front();
  const std::size_t vectors = parameter_offset(spec, where, "vectors", {reflections, flow.dim});
  return std::make_unique<Householder>(flow.dim, reflections, vectors);
}

}  // namespace pushforward
