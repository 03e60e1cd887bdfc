#include "adam.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "pushforward/threads.h"

namespace pushforward {
namespace {

// Parts of a fixed size, summed in order: the same bits whatever the number of threads.
constexpr std::size_t kPart = 16384;

// Calls body(begin, length, part) for every part.
template <typename Body>
void for_each_part(std::size_t count, const Body& body) {
  parallel_for((count + kPart - 1) / kPart, [&](std::size_t part, int) {
    body(part * kPart, std::min(kPart, count - part * kPart), part);
  });
}

}  // namespace

double adam_step(float* parameters, const float* gradient, float* m, float* v, std::size_t count,
                 const AdamOptions& options) {
  std::vector<double> squares((count + kPart - 1) / kPart);
  for_each_part(count, [&](std::size_t begin, std::size_t length, std::size_t part) {
    squares[part] = PF_KERNELS(adam_kernels).sum_of_squares(gradient + begin, length);
  });
  double total = 0.0;
  for (double sum : squares) total += sum;
  const double norm = std::sqrt(total);
  if (!std::isfinite(norm)) return norm;

  AdamCoefficients c{};
  c.gradient_scale = float(norm > options.clip_norm ? options.clip_norm / norm : 1.0);
  c.beta1 = float(options.beta1);
  c.one_minus_beta1 = float(1.0 - options.beta1);
  c.beta2 = float(options.beta2);
  c.one_minus_beta2 = float(1.0 - options.beta2);
  c.decay = float(1.0 - options.learning_rate * options.weight_decay);
  c.rate = float(options.learning_rate / (1.0 - std::pow(options.beta1, options.step)));
  c.correction = float(1.0 / (1.0 - std::pow(options.beta2, options.step)));
  c.epsilon = float(options.epsilon);
  adam_update(parameters, gradient, m, v, count, c);
  return norm;
}

void adam_update(float* parameters, const float* gradient, float* m, float* v, std::size_t count,
                 const AdamCoefficients& coefficients) {
  for_each_part(count, [&](std::size_t begin, std::size_t length, std::size_t) {
    PF_KERNELS(adam_kernels)
        .update(parameters + begin, gradient + begin, m + begin, v + begin, length, coefficients);
  });
}

void update_running_mean(float* mean, const float* values, std::size_t count, float share) {
  for_each_part(count, [&](std::size_t begin, std::size_t length, std::size_t) {
    PF_KERNELS(adam_kernels).update_mean(mean + begin, values + begin, length, share);
  });
}

}  // namespace pushforward
