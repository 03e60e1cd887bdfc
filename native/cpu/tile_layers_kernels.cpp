#include "tile_layers.h"

#include "pushforward/simd.h"

namespace pushforward::PF_PATH {
namespace {

void shift_scale(const float* x, float shift, float scale, int rows, float* y) {
  const Float b = broadcast(shift), a = broadcast(scale);
  for (int r = 0; r < rows; r += kWidth) store(y + r, (load(x + r) + b) * a);
}

void scale_shift(const float* x, float scale, float shift, int rows, float* y) {
  const Float b = broadcast(shift), a = broadcast(scale);
  for (int r = 0; r < rows; r += kWidth) store(y + r, load(x + r) * a + b);
}

void add_dot(const float* a, const float* b, int rows, float* sum) {
  Float total = load(a) * load(b);
  for (int r = kWidth; r < rows; r += kWidth) total = fma(load(a + r), load(b + r), total);
  *sum += reduce_add(total);
}

// |s| never exceeds the bound, so e^s is finite whatever the conditioner says.
void affine_forward(const float* x, const float* raw_scale, const float* shift, float bound,
                    int rows, float* y, float* log_det, float* kept) {
  const Float limit = broadcast(bound), inverse = broadcast(1.0f / bound);
  for (int r = 0; r < rows; r += kWidth) {
    const Float t = tanh(load(raw_scale + r) * inverse), s = limit * t, scale = exp(s);
    store(y + r, fma(load(x + r), scale, load(shift + r)));
    store(log_det + r, load(log_det + r) + s);
    if (kept == nullptr) continue;
    store(kept + r, t);
    store(kept + kTileStride + r, scale);
  }
}

void affine_inverse(const float* y, const float* raw_scale, const float* shift, float bound,
                    int rows, float* x, float* log_det, float* kept) {
  const Float limit = broadcast(bound), inverse = broadcast(1.0f / bound);
  for (int r = 0; r < rows; r += kWidth) {
    const Float t = tanh(load(raw_scale + r) * inverse), s = limit * t;
    store(x + r, (load(y + r) - load(shift + r)) * exp(broadcast(0.0f) - s));
    store(log_det + r, load(log_det + r) - s);
    if (kept == nullptr) continue;
    store(kept + r, t);
    store(kept + kTileStride + r, exp(s));
  }
}

void affine_backward(const AffineGradient& task, float bound, int rows) {
  const Float limit = broadcast(bound), inverse = broadcast(1.0f / bound), one = broadcast(1.0f);
  for (int r = 0; r < rows; r += kWidth) {
    const bool keeps = task.kept != nullptr;
    const Float t = keeps ? load(task.kept + r) : tanh(load(task.raw_scale + r) * inverse);
    const Float gy = load(task.gy + r);
    const Float scaled = gy * (keeps ? load(task.kept + kTileStride + r) : exp(limit * t));
    const Float gs = fma(scaled, load(task.x + r), load(task.log_det + r));
    store(task.gx + r, scaled);
    store(task.graw_scale + r, gs * fnma(t, t, one));
    store(task.gshift + r, gy);
  }
}

void normal_log_prob(const float* z, int features, const float* log_det, float constant, int rows,
                     float* log_prob) {
  for (int r = 0; r < rows; r += kWidth) {
    Float squares = broadcast(0.0f);
    for (int f = 0; f < features; ++f) {
      const Float value = load(z + size_t(f) * kTileStride + r);
      squares = fma(value, value, squares);
    }
    store(log_prob + r, fnma(broadcast(0.5f), squares, load(log_det + r) + broadcast(constant)));
  }
}

}  // namespace

const LayerKernels layer_kernels = {shift_scale,    scale_shift,     add_dot,        affine_forward,
                                    affine_inverse, affine_backward, normal_log_prob};

}  // namespace pushforward::PF_PATH
