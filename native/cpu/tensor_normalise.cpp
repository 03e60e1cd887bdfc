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

std::size_t table_length(std::size_t period, std::size_t n) {
  return period < kFewChannels && n > period ? kRepeats * period : period;
}

// Calls body(begin, count) for ranges of n numbers that begin with the first of a table.
template <typename Body>
void for_each_table(std::size_t n, std::size_t length, const Body& body) {
  const std::size_t per_task = length * std::max<std::size_t>(1, kElementsPerTask / length);
  const int slots = n < kParallelElements ? 1 : thread_count();
  parallel_for((n + per_task - 1) / per_task, slots, [&](std::size_t task, int) {
    const std::size_t begin = task * per_task;
    body(begin, std::min(per_task, n - begin));
  });
}

struct ColumnSums {
  std::vector<double> sums, products;
};

// In pieces of rows that depend on the shape alone, added up in their order.
ColumnSums column_sums(const float* a, const float* b, std::size_t n, std::size_t columns) {
  const auto kernel = PF_KERNELS(normalise_kernels).column_sums;
  const std::size_t rows = n / columns;
  // The sums of a piece are as many numbers as four of its rows.
  const std::size_t most = std::max<std::size_t>(1, std::min<std::size_t>(64, rows / 16));
  const std::size_t pieces = std::clamp<std::size_t>(n / kElementsPerTask, 1, most);
  std::vector<double> partial(2 * pieces * columns);
  parallel_for(pieces, n < kParallelElements ? 1 : thread_count(), [&](std::size_t piece, int) {
    const std::size_t first = piece * rows / pieces, end = (piece + 1) * rows / pieces;
    double* const to = partial.data() + 2 * piece * columns;
    kernel(a + first * columns, b + first * columns, end - first, columns, to, to + columns);
  });
  ColumnSums result{std::vector<double>(columns, 0.0), std::vector<double>(columns, 0.0)};
  for (std::size_t piece = 0; piece < pieces; ++piece) {
    const double* const from = partial.data() + 2 * piece * columns;
    for (std::size_t j = 0; j < columns; ++j) {
      result.sums[j] += from[j];
      result.products[j] += from[columns + j];
    }
  }
  return result;
}

}  // namespace

void tensor_normalise(const float* x, std::size_t n, const float* mean, const float* variance,
                      const float* offset, const float* scale, std::size_t period, double epsilon,
                      float* out) {
  const std::size_t length = table_length(period, n);
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
  for_each_table(n, length, [&](std::size_t begin, std::size_t count) {
    kernel(x + begin, count, centre, factor, shift, length, out + begin);
  });
}

void tensor_moments(const float* x, std::size_t n, std::size_t channels, float* mean,
                    float* variance) {
  const ColumnSums sums = column_sums(x, x, n, channels);
  const double rows = static_cast<double>(n / channels);
  for (std::size_t j = 0; j < channels; ++j) {
    const double centre = sums.sums[j] / rows;
    mean[j] = static_cast<float>(centre);
    // The squares are exact in double, so that a mean takes digits of a variance away only where it
    // is a million times the deviation. NaN stays.
    variance[j] = static_cast<float>(std::max(sums.products[j] / rows - centre * centre, 0.0));
  }
}

void tensor_normalise_sums(const float* dy, const float* x, std::size_t n, const float* mean,
                           std::size_t channels, float* sums, float* products) {
  const ColumnSums found = column_sums(dy, x, n, channels);
  for (std::size_t j = 0; j < channels; ++j) {
    sums[j] = static_cast<float>(found.sums[j]);
    products[j] =
        static_cast<float>(found.products[j] - static_cast<double>(mean[j]) * found.sums[j]);
  }
}

void tensor_normalise_gradient(const float* x, const float* dy, std::size_t n, const float* mean,
                               const float* variance, const float* scale, std::size_t channels,
                               double epsilon, float* dx, float* d_scale, float* d_offset) {
  const ColumnSums sums = column_sums(dy, x, n, channels);
  const double rows = static_cast<double>(n / channels);
  const std::size_t length = table_length(channels, n);
  std::vector<float> tables(4 * length);
  for (std::size_t i = 0; i < length; ++i) {
    const std::size_t j = i % channels;
    const double inverse = 1.0 / std::sqrt(static_cast<double>(variance[j]) + epsilon);
    const double gain = static_cast<double>(scale[j]) * inverse;
    const double product = sums.products[j] - static_cast<double>(mean[j]) * sums.sums[j];
    tables[i] = static_cast<float>(gain);
    tables[length + i] = mean[j];
    tables[2 * length + i] = static_cast<float>(-gain * inverse * inverse * product / rows);
    tables[3 * length + i] = static_cast<float>(-gain * sums.sums[j] / rows);
    d_scale[j] = static_cast<float>(product * inverse);
    d_offset[j] = static_cast<float>(sums.sums[j]);
  }
  const auto kernel = PF_KERNELS(normalise_kernels).gradient;
  for_each_table(n, length, [&](std::size_t begin, std::size_t count) {
    kernel(x + begin, dy + begin, count, tables.data(), length, dx + begin);
  });
}

}  // namespace pushforward
