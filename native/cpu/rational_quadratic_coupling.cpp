// Each transformed feature goes through a monotone rational-quadratic spline whose knots are an MLP
// of the identity features and the context; the identity features pass through.
#include <algorithm>
#include <cstring>

#include "conditioner.h"
#include "coupling.h"
#include "tile_spline.h"

namespace pushforward {
namespace {

// Numbers that the MLP has for all splines, and for the circles: the derivative at the ends of each
// and then the turn after each.
int outputs_of(const LayerSpec& spec, int circles) {
  return int(spec.transformed.size()) * spline_size(spec.bins) + 2 * circles;
}

bool is_circular(const LayerSpec& spec, int feature) {
  return std::find(spec.circular.begin(), spec.circular.end(), feature) != spec.circular.end();
}

int circles_of(const LayerSpec& spec) {
  return int(std::count_if(spec.transformed.begin(), spec.transformed.end(),
                           [&](int feature) { return is_circular(spec, feature); }));
}

class RationalQuadraticCoupling final : public Coupling {
 public:
  RationalQuadraticCoupling(const FlowSpec& flow, const LayerSpec& spec, const std::string& where,
                            const SplineShape& shape)
      : Coupling(flow, spec, where, {{"", outputs_of(spec, circles_of(spec))}}),
        shape_(shape),
        circles_(circles_of(spec)) {
    int circle = 0;
    for (int feature : spec.transformed) {
      circle_.push_back(is_circular(spec, feature) ? circle++ : kNone);
    }
  }

 private:
  static constexpr int kNone = -1;

  void prepare_raw(const Tile& tile, float* raw) const override {
    for (int i = 0; i < transformed(); ++i) {
      tile.splines->softmax(raw + at(i), shape_.bins, tile.rows);
    }
  }

  void map_forward(const Tile& tile, const float* x, const float* raw, float* y,
                   float* log_det) const override {
    for (int i = 0; i < transformed(); ++i) {
      const float* const from = x + feature(i);
      float* const to = y + feature(i);
      if (circle(i) == kNone) {
        tile.splines->forward(shape_, from, raw + at(i), tile.rows, to, log_det);
        continue;
      }
      tile.circles->wrap(from, nullptr, 1.0f, shape_.bound, tile.rows, to);
      tile.splines->circular_forward(shape_, to, raw + at(i), raw + ends(i), tile.rows, to,
                                     log_det);
      tile.circles->wrap(to, raw + turn(i), 1.0f, shape_.bound, tile.rows, to);
    }
  }

  void map_inverse(const Tile& tile, const float* y, const float* raw, float* x,
                   float* log_det) const override {
    for (int i = 0; i < transformed(); ++i) {
      const float* const from = y + feature(i);
      float* const to = x + feature(i);
      if (circle(i) == kNone) {
        tile.splines->inverse(shape_, from, raw + at(i), tile.rows, to, log_det);
        continue;
      }
      tile.circles->wrap(from, raw + turn(i), -1.0f, shape_.bound, tile.rows, to);
      tile.splines->circular_inverse(shape_, to, raw + at(i), raw + ends(i), tile.rows, to,
                                     log_det);
    }
  }

  void map_backward(const Tile& tile, const BackwardTask& task, const float* raw,
                    float* graw) const override {
    for (int i = 0; i < transformed(); ++i) {
      const float* const x = task.x + feature(i);
      const float* const gy = task.gy + feature(i);
      float* const gx = task.gx + feature(i);
      if (circle(i) == kNone) {
        tile.splines->backward(shape_, {x, raw + at(i), gy, task.log_det, gx, graw + at(i)},
                               tile.rows);
        continue;
      }
      tile.circles->wrap(x, nullptr, 1.0f, shape_.bound, tile.rows, gx);
      tile.splines->circular_backward(shape_, {gx, raw + at(i), gy, task.log_det, gx, graw + at(i)},
                                      {raw + ends(i), graw + ends(i)}, tile.rows);
      std::memcpy(graw + turn(i), gy, std::size_t(tile.rows) * sizeof(float));
    }
  }

  // The place of the i-th transformed feature among the circles, or kNone.
  int circle(int i) const { return circle_[std::size_t(i)]; }
  // Where the numbers of the i-th spline begin, and what the MLP says of it as a circle.
  std::size_t at(int i) const { return feature_at(i * spline_size(shape_.bins)); }
  std::size_t ends(int i) const { return at(transformed()) + feature_at(circle(i)); }
  std::size_t turn(int i) const { return ends(i) + feature_at(circles_); }

  SplineShape shape_;
  int circles_;
  std::vector<int> circle_;
};

}  // namespace

std::unique_ptr<Layer> make_rational_quadratic_coupling(const FlowSpec& flow, const LayerSpec& spec,
                                                        const std::string& where) {
  // The shape is checked first, as the MLP's width follows from it.
  const SplineShape shape = spline_shape_of(spec, where);
  for (int feature : spec.circular) {
    if (feature >= flow.dim ||
        std::count(spec.circular.begin(), spec.circular.end(), feature) > 1) {
      refuse(where, "circular must hold some of 0 to " + std::to_string(flow.dim - 1) +
                        ", each at most once");
    }
  }
  return std::make_unique<RationalQuadraticCoupling>(flow, spec, where, shape);
}

}  // namespace pushforward
