#include "adam.h"

#include "pushforward/simd.h"

namespace pushforward::PF_PATH {
namespace {

double sum_of_squares(const float* x, size_t count) {
  // Always sixteen partial sums: every path then adds in the same order.
  constexpr size_t kLanes = 16;
  double sums[kLanes] = {};
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (size_t lane = 0; lane < kLanes; ++lane) {
      const double value = x[i + lane];
      sums[lane] += value * value;
    }
  }
  for (size_t lane = 0; i + lane < count; ++lane) {
    const double value = x[i + lane];
    sums[lane] += value * value;
  }
  double total = 0.0;
  for (size_t lane = 0; lane < kLanes; ++lane) total += sums[lane];
  return total;
}

PF_INLINE void update_vector(Float* parameter, Float gradient, Float* m, Float* v,
                             const AdamCoefficients& c) {
  const Float g = gradient * broadcast(c.gradient_scale);
  *m = fma(broadcast(c.beta1), *m, broadcast(c.one_minus_beta1) * g);
  *v = fma(broadcast(c.beta2), *v, broadcast(c.one_minus_beta2) * g * g);
  const Float step =
      broadcast(c.rate) * *m / (sqrt(*v * broadcast(c.correction)) + broadcast(c.epsilon));
  *parameter = fma(*parameter, broadcast(c.decay), broadcast(0.0f) - step);
}

void update(float* parameters, const float* gradient, float* m, float* v, size_t count,
            const AdamCoefficients& coefficients) {
  size_t i = 0;
  for (; i + kWidth <= count; i += kWidth) {
    Float parameter = load(parameters + i), first = load(m + i), second = load(v + i);
    update_vector(&parameter, load(gradient + i), &first, &second, coefficients);
    store(parameters + i, parameter);
    store(m + i, first);
    store(v + i, second);
  }
  const int rest = static_cast<int>(count - i);
  if (rest == 0) return;
  Float parameter = load_partial(parameters + i, rest), first = load_partial(m + i, rest),
        second = load_partial(v + i, rest);
  update_vector(&parameter, load_partial(gradient + i, rest), &first, &second, coefficients);
  store_partial(parameters + i, parameter, rest);
  store_partial(m + i, first, rest);
  store_partial(v + i, second, rest);
}

PF_INLINE Float moved(Float mean, Float value, float share) {
  return fma(broadcast(share), value - mean, mean);
}

void update_mean(float* mean, const float* values, size_t count, float share) {
  size_t i = 0;
  for (; i + kWidth <= count; i += kWidth) {
    store(mean + i, moved(load(mean + i), load(values + i), share));
  }
  const int rest = static_cast<int>(count - i);
  if (rest == 0) return;
  store_partial(mean + i,
                moved(load_partial(mean + i, rest), load_partial(values + i, rest), share), rest);
}

}  // namespace

const AdamKernels adam_kernels = {sum_of_squares, update, update_mean};

}  // namespace pushforward::PF_PATH
