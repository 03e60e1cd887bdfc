// Each transformed feature goes through a monotone rational-quadratic spline whose knots are an MLP
// of the identity features and the context; the identity features pass through.
#include "conditioner.h"
#include "coupling.h"
#include "tile_spline.h"

namespace pushforward {
namespace {

class RationalQuadraticCoupling final : public Coupling {
 public:
  RationalQuadraticCoupling(const FlowSpec& flow, const LayerSpec& spec, const std::string& where,
                            const SplineShape& shape)
      : Coupling(flow, spec, where, {{"", spline_size(shape.bins)}}), shape_(shape) {}

 private:
  void prepare_raw(const Tile& tile, float* raw) const override {
    for (int i = 0; i < transformed(); ++i) {
      tile.splines->softmax(raw + at(i), shape_.bins, tile.rows);
    }
  }

  void map_forward(const Tile& tile, const float* x, const float* raw, float* y,
                   float* log_det) const override {
    for (int i = 0; i < transformed(); ++i) {
      tile.splines->forward(shape_, x + feature(i), raw + at(i), tile.rows, y + feature(i),
                            log_det);
    }
  }

  void map_inverse(const Tile& tile, const float* y, const float* raw, float* x,
                   float* log_det) const override {
    for (int i = 0; i < transformed(); ++i) {
      tile.splines->inverse(shape_, y + feature(i), raw + at(i), tile.rows, x + feature(i),
                            log_det);
    }
  }

  void map_backward(const Tile& tile, const BackwardTask& task, const float* raw,
                    float* graw) const override {
    for (int i = 0; i < transformed(); ++i) {
      tile.splines->backward(shape_,
                             {task.x + feature(i), raw + at(i), task.gy + feature(i), task.log_det,
                              task.gx + feature(i), graw + at(i)},
                             tile.rows);
    }
  }

  // Where the numbers of the i-th spline begin.
  std::size_t at(int i) const { return feature_at(i * spline_size(shape_.bins)); }

  SplineShape shape_;
};

}  // namespace

std::unique_ptr<Layer> make_rational_quadratic_coupling(const FlowSpec& flow, const LayerSpec& spec,
                                                        const std::string& where) {
  // The shape is checked first, as the MLP's width follows from it.
  const SplineShape shape = spline_shape_of(spec, where);
  return std::make_unique<RationalQuadraticCoupling>(flow, spec, where, shape);
}

}  // namespace pushforward
