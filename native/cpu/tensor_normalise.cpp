#include "tensor_normalise.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "tensor_layout.h"

namespace pushforward {
namespace {

// Few channels are written out several times, so that the kernel walks along whole vectors.
constexpr std::size_t kFewChannels = 64;
constexpr std::size_t kRepeats = 16;

}  // namespace

void tensor_normalise(const float* x, std::size_t n, const float* mean, const float* variance,
                      const float* offset, const float* scale, std::size_t period, double epsilon,
                      float* out) {
  const std::size_t length = period < kFewChannels && n > period ? kRepeats * period : period;
  std::vector<float> numbers(3 * length);
  float* const centre = numbers.data();
  float* const factor = centre + length;
  float* const shift = factor + length;
  for (std::size_t i = 0; i < length; ++i) {
    const std::size_t channel = i % period;
    const double gain = scale == nullptr ? 1.0 : static_cast<double>(scale[channel]);
    centre[i] = mean[channel];
    factor[i] =
        static_cast<float>(gain / std::sqrt(static_cast<double>(variance[channel]) + epsilon));
    shift[i] = offset == nullptr ? 0.0f : offset[channel];
  }
  const auto kernel = PF_KERNELS(normalise_kernels).normalise;
  const std::size_t per_task = length * std::max<std::size_t>(1, kElementsPerTask / length);
  const int slots = n < kParallelElements ? 1 : thread_count();
  parallel_for((n + per_task - 1) / per_task, slots, [&](std::size_t task, int) {
    const std::size_t begin = task * per_task;
    kernel(x + begin, std::min(per_task, n - begin), centre, factor, shift, length, out + begin);
  });
}

}  // namespace pushforward
