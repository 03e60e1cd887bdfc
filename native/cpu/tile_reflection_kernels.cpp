#include "tile_reflection.h"

#include "pushforward/simd.h"

namespace pushforward::PF_PATH {
namespace {

// vᵀ x of the rows from r on.
PF_INLINE Float along(const float* vector, const float* x, int features, int r) {
  Float sum = broadcast(0.0f);
  for (int f = 0; f < features; ++f) {
    sum = fma(broadcast(vector[f]), load(x + size_t(f) * kTileStride + r), sum);
  }
  return sum;
}

void reflect(const float* vector, float factor, int features, int rows, float* x) {
  for (int r = 0; r < rows; r += kWidth) {
    const Float by = broadcast(factor) * along(vector, x, features, r);
    for (int f = 0; f < features; ++f) {
      float* const at = x + size_t(f) * kTileStride + r;
      store(at, fnma(by, broadcast(vector[f]), load(at)));
    }
  }
}

// With a = factor · vᵀ x and b = factor · vᵀ g, v gets a b v - a g - b x, and x gets H g.
void backward(const ReflectionGradient& task, int features, int rows) {
  const Float factor = broadcast(task.factor);
  float a[kTileStride], b[kTileStride];
  Float products = broadcast(0.0f);
  for (int r = 0; r < rows; r += kWidth) {
    const Float value = factor * along(task.vector, task.x, features, r);
    const Float slope = factor * along(task.vector, task.gradient, features, r);
    products = fma(value, slope, products);
    store(a + r, value);
    store(b + r, slope);
  }
  const float product = reduce_add(products);
  for (int f = 0; f < features; ++f) {
    const float* const x = task.x + size_t(f) * kTileStride;
    float* const gradient = task.gradient + size_t(f) * kTileStride;
    const Float element = broadcast(task.vector[f]);
    Float sum = broadcast(0.0f);
    for (int r = 0; r < rows; r += kWidth) {
      const Float g = load(gradient + r);
      sum = fma(load(a + r), g, fma(load(b + r), load(x + r), sum));
      store(gradient + r, fnma(load(b + r), element, g));
    }
    task.sums[f] += product * task.vector[f] - reduce_add(sum);
  }
}

}  // namespace

const ReflectionKernels reflection_kernels = {reflect, backward};

}  // namespace pushforward::PF_PATH
