#include "tile_feature_map.h"

#include "pushforward/simd.h"

namespace pushforward::PF_PATH {
namespace {

constexpr float kLn2 = 0.693147181f;

// The nearest value on [least, most]; NaN stays.
PF_INLINE Float onto(Float value, float least, float most) {
  return min(broadcast(most), max(broadcast(least), value));
}

PF_INLINE Mask inside(Float value, float least, float most) {
  return (broadcast(least) <= value) & (value <= broadcast(most));
}

// Each map f has: value(x) = f(x); inverse(y), whose slope is 0 where takes(y) is not; at x,
// log_slope(x) = log |f'(x)|, slope(x) = f'(x), and bend(x), the derivative of log_slope.

struct Sigmoid {
  explicit Sigmoid(const FeatureMap&) {}
  PF_INLINE Float value(Float x) const { return onto(sigmoid(x), kLeastMapped, kBelowOne); }
  PF_INLINE Float inverse(Float y) const {
    const Float p = onto(y, kLeastMapped, kBelowOne);
    return log(p) - log1p(broadcast(0.0f) - p);
  }
  PF_INLINE Mask takes(Float y) const { return inside(y, kLeastMapped, kBelowOne); }
  // log of sigmoid(x) sigmoid(-x).
  PF_INLINE Float log_slope(Float x) const {
    const Float zero = broadcast(0.0f), magnitude = abs(x);
    const Float rest = log1p(exp(zero - magnitude));
    return zero - (magnitude + (rest + rest));
  }
  PF_INLINE Float slope(Float x) const { return exp(log_slope(x)); }
  PF_INLINE Float bend(Float x) const { return broadcast(0.0f) - tanh(broadcast(0.5f) * x); }
};

struct Softplus {
  explicit Softplus(const FeatureMap&) {}
  PF_INLINE Float value(Float x) const { return max(broadcast(kLeastMapped), softplus(x)); }
  PF_INLINE Float inverse(Float y) const {
    const Float zero = broadcast(0.0f);
    const Float p = max(broadcast(kLeastMapped), y);
    return p + log(zero - expm1(zero - p));
  }
  PF_INLINE Mask takes(Float y) const { return broadcast(kLeastMapped) <= y; }
  PF_INLINE Float log_slope(Float x) const {
    const Float zero = broadcast(0.0f);
    return zero - softplus(zero - x);
  }
  PF_INLINE Float slope(Float x) const { return sigmoid(x); }
  PF_INLINE Float bend(Float x) const { return sigmoid(broadcast(0.0f) - x); }
};

struct Tanh {
  explicit Tanh(const FeatureMap&) {}
  PF_INLINE Float value(Float x) const { return onto(tanh(x), -kBelowOne, kBelowOne); }
  PF_INLINE Float inverse(Float y) const {
    const Float p = onto(y, -kBelowOne, kBelowOne);
    return broadcast(0.5f) * (log1p(p) - log1p(broadcast(0.0f) - p));
  }
  PF_INLINE Mask takes(Float y) const { return inside(y, -kBelowOne, kBelowOne); }
  // tanh x = 2 sigmoid(2x) - 1.
  PF_INLINE Float log_slope(Float x) const {
    const Float magnitude = abs(x);
    const Float rest = log1p(exp(broadcast(-2.0f) * magnitude));
    const Float half = broadcast(kLn2) - (magnitude + rest);
    return half + half;
  }
  PF_INLINE Float slope(Float x) const { return exp(log_slope(x)); }
  PF_INLINE Float bend(Float x) const { return broadcast(-2.0f) * tanh(x); }
};

struct LeakyRelu {
  explicit LeakyRelu(const FeatureMap& map)
      : below(broadcast(map.scale)),
        per_below(broadcast(1.0f / map.scale)),
        log_below(log(broadcast(map.scale))) {}
  PF_INLINE Float value(Float x) const { return bent(x, x, below); }
  PF_INLINE Float inverse(Float y) const { return bent(y, y, per_below); }
  PF_INLINE Mask takes(Float y) const { return y == y; }
  PF_INLINE Float log_slope(Float x) const {
    return select(broadcast(0.0f) < x, broadcast(0.0f), log_below);
  }
  PF_INLINE Float slope(Float x) const { return bent(x, broadcast(1.0f), below); }
  PF_INLINE Float bend(Float) const { return broadcast(0.0f); }

 private:
  static PF_INLINE Float bent(Float x, Float value, Float factor) {
    return select(broadcast(0.0f) < x, value, value * factor);
  }
  Float below, per_below, log_below;
};

struct Affine {
  explicit Affine(const FeatureMap& map)
      : scale(broadcast(map.scale)), shift(broadcast(map.shift)) {}
  PF_INLINE Float value(Float x) const { return x * scale + shift; }
  PF_INLINE Float inverse(Float y) const { return (y - shift) / scale; }
  PF_INLINE Mask takes(Float y) const { return y == y; }
  PF_INLINE Float log_slope(Float) const { return broadcast(0.0f); }
  PF_INLINE Float slope(Float) const { return scale; }
  PF_INLINE Float bend(Float) const { return broadcast(0.0f); }

 private:
  Float scale, shift;
};

// Calls body.run(f) for the map that is asked for.
template <typename Body>
PF_INLINE void with_map(const FeatureMap& map, const Body& body) {
  switch (map.map) {
    case ScalarMap::kSigmoid:
      return body.run(Sigmoid(map));
    case ScalarMap::kSoftplus:
      return body.run(Softplus(map));
    case ScalarMap::kTanh:
      return body.run(Tanh(map));
    case ScalarMap::kLeakyRelu:
      return body.run(LeakyRelu(map));
    case ScalarMap::kAffine:
      return body.run(Affine(map));
  }
}

struct Apply {
  const float* x;
  int rows;
  float* y;
  float* log_det;
  template <typename Map>
  PF_INLINE void run(const Map& f) const {
    for (int r = 0; r < rows; r += kWidth) {
      const Float value = load(x + r);
      store(y + r, f.value(value));
      store(log_det + r, load(log_det + r) + f.log_slope(value));
    }
  }
};

struct Undo {
  const float* y;
  int rows;
  float* x;
  float* log_det;
  template <typename Map>
  PF_INLINE void run(const Map& f) const {
    for (int r = 0; r < rows; r += kWidth) {
      const Float value = f.inverse(load(y + r));
      store(x + r, value);
      store(log_det + r, load(log_det + r) - f.log_slope(value));
    }
  }
};

struct ApplyBackward {
  const FeatureGradient& task;
  int rows;
  template <typename Map>
  PF_INLINE void run(const Map& f) const {
    for (int r = 0; r < rows; r += kWidth) {
      const Float x = load(task.in + r);
      store(task.gin + r, fma(load(task.gout + r), f.slope(x), load(task.log_det + r) * f.bend(x)));
    }
  }
};

struct UndoBackward {
  const FeatureGradient& task;
  int rows;
  template <typename Map>
  PF_INLINE void run(const Map& f) const {
    for (int r = 0; r < rows; r += kWidth) {
      const Float y = load(task.in + r);
      const Float x = f.inverse(y);
      const Float gx = fnma(load(task.log_det + r), f.bend(x), load(task.gout + r));
      // NaN is on neither side of a limit; its cotangent is NaN too.
      const Mask stays = f.takes(y) | is_nan(y);
      store(task.gin + r, select(stays, gx / f.slope(x), broadcast(0.0f)));
    }
  }
};

void apply(const FeatureMap& map, const float* x, int rows, float* y, float* log_det) {
  with_map(map, Apply{x, rows, y, log_det});
}

void undo(const FeatureMap& map, const float* y, int rows, float* x, float* log_det) {
  with_map(map, Undo{y, rows, x, log_det});
}

void apply_backward(const FeatureMap& map, const FeatureGradient& task, int rows) {
  with_map(map, ApplyBackward{task, rows});
}

void undo_backward(const FeatureMap& map, const FeatureGradient& task, int rows) {
  with_map(map, UndoBackward{task, rows});
}

}  // namespace

const FeatureMapKernels feature_map_kernels = {apply, undo, apply_backward, undo_backward};

}  // namespace pushforward::PF_PATH
