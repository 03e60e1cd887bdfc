// AdamW on flat arrays, and the running mean of what it moves.
#pragma once

#include <cstddef>

#include "pushforward/dispatch.h"

namespace pushforward {

struct AdamOptions {
  double learning_rate, beta1, beta2, epsilon, weight_decay, step, clip_norm;
};

// One update of parameters, m and v [count] in place (src/native/addon.ts). Returns the gradient's
// norm before clipping; when it is not finite nothing is changed.
double adam_step(float* parameters, const float* gradient, float* m, float* v, std::size_t count,
                 const AdamOptions& options);

// The numbers of an update that are the same for every parameter.
struct AdamCoefficients {
  float gradient_scale, beta1, one_minus_beta1, beta2, one_minus_beta2;
  float decay, rate, correction, epsilon;
};

// One update of parameters, m and v [count] in place with these numbers.
void adam_update(float* parameters, const float* gradient, float* m, float* v, std::size_t count,
                 const AdamCoefficients& coefficients);

// mean += share * (values - mean), element by element [count].
void update_running_mean(float* mean, const float* values, std::size_t count, float share);

struct AdamKernels {
  // In double: the square of a large gradient overflows float32.
  double (*sum_of_squares)(const float* x, std::size_t count);
  void (*update)(float* parameters, const float* gradient, float* m, float* v, std::size_t count,
                 const AdamCoefficients& coefficients);
  void (*update_mean)(float* mean, const float* values, std::size_t count, float share);
};

PF_DECLARE_KERNELS(AdamKernels, adam_kernels)

}  // namespace pushforward
