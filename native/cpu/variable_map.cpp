#include "variable_map.h"

#include "conditioner.h"

namespace pushforward {
namespace {

// y = x e^s + t of the numbers (r, t), s = bound · tanh(r / bound).
class AffineMap final : public VariableMap {
 public:
  explicit AffineMap(float bound) : bound_(bound) {}

  int size() const override { return 2; }

  void forward(const Tile& tile, const float* x, float* raw, float* y,
               float* log_det) const override {
    tile.layers->affine_forward(x, raw, raw + kTileStride, bound_, tile.rows, y, log_det, raw);
  }

  void inverse(const Tile& tile, const float* y, float* raw, float* x,
               float* log_det) const override {
    tile.layers->affine_inverse(y, raw, raw + kTileStride, bound_, tile.rows, x, log_det, raw);
  }

  void backward(const Tile& tile, const VariableGradient& task) const override {
    tile.layers->affine_backward({task.x, nullptr, task.raw, task.gy, task.log_det, task.gx,
                                  task.graw, task.graw + kTileStride},
                                 bound_, tile.rows);
  }

  // The cotangent of y is that of x times e^-s, of t minus the latter, and of s (the
  // log-determinant is -s) the same as in `backward` for a cotangent of y and of its
  // log-determinant with the signs turned.
  void inverse_backward(const Tile& tile, const VariableGradient& task) const override {
    float ignored[kTileStride], turned[kTileStride], turned_log_det[kTileStride];
    const float* const scale = task.raw + kTileStride;
    for (int r = 0; r < tile.rows; ++r) {
      task.gx[r] = task.gy[r] / scale[r];
      turned[r] = -task.gx[r];
      turned_log_det[r] = -task.log_det[r];
    }
    tile.layers->affine_backward({task.x, nullptr, task.raw, turned, turned_log_det, ignored,
                                  task.graw, task.graw + kTileStride},
                                 bound_, tile.rows);
  }

 private:
  float bound_;
};

class SplineMap final : public VariableMap {
 public:
  explicit SplineMap(const SplineShape& shape) : shape_(shape) {}

  int size() const override { return spline_size(shape_.bins); }

  void prepare(const Tile& tile, float* raw, int count) const override {
    for (int i = 0; i < count; ++i) {
      tile.splines->softmax(raw + feature_at(i * size()), shape_.bins, tile.rows);
    }
  }

  void forward(const Tile& tile, const float* x, float* raw, float* y,
               float* log_det) const override {
    tile.splines->forward(shape_, x, raw, tile.rows, y, log_det);
  }

  void inverse(const Tile& tile, const float* y, float* raw, float* x,
               float* log_det) const override {
    tile.splines->inverse(shape_, y, raw, tile.rows, x, log_det);
  }

  void backward(const Tile& tile, const VariableGradient& task) const override {
    tile.splines->backward(shape_, spline_task(task), tile.rows);
  }

  void inverse_backward(const Tile& tile, const VariableGradient& task) const override {
    tile.splines->inverse_backward(shape_, spline_task(task), tile.rows);
  }

 private:
  static SplineGradient spline_task(const VariableGradient& task) {
    return {task.x, task.raw, task.gy, task.log_det, task.gx, task.graw};
  }

  SplineShape shape_;
};

}  // namespace

void VariableMap::prepare(const Tile&, float*, int) const {}

std::unique_ptr<VariableMap> make_affine_map(const LayerSpec& spec, const std::string& where) {
  return std::make_unique<AffineMap>(log_scale_bound_of(spec, where));
}

std::unique_ptr<VariableMap> make_spline_map(const LayerSpec& spec, const std::string& where) {
  return std::make_unique<SplineMap>(spline_shape_of(spec, where));
}

}  // namespace pushforward
