#include "adam.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "pushforward/threads.h"

namespace pushforward {

double adam_step(float* parameters, const float* gradient, float* m, float* v, std::size_t count,
                 const AdamOptions& options) {
  // Parts of a fixed size, summed in order: the same bits whatever the number of threads.
  constexpr std::size_t kPart = 16384;
  const std::size_t parts = (count + kPart - 1) / kPart;
  const auto length = [&](std::size_t part) { return std::min(kPart, count - part * kPart); };
  std::vector<double> squares(parts);
  parallel_for(parts, [&](std::size_t part, int) {
    squares[part] = PF_KERNELS(adam_kernels).sum_of_squares(gradient + part * kPart, length(part));
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
  parallel_for(parts, [&](std::size_t part, int) {
    const std::size_t at = part * kPart;
    PF_KERNELS(adam_kernels)
        .update(parameters + at, gradient + at, m + at, v + at, length(part), c);
  });
  return norm;
}

}  // namespace pushforward
