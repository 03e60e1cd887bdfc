// A block of kRows rows x vectors of channels stays in registers over all steps; each step loads
// its vectors of b once for all rows.
#include "tensor_depthwise_kernels.h"

#include "tensor_finish.h"

namespace pushforward::PF_PATH {
namespace {

constexpr int kRows = 6;

// `whole` vectors from `channel` on; one that is not whole has `lanes` channels.
template <int vectors, bool whole>
void block(const ChannelProduct& task, size_t row, size_t count, size_t channel, int lanes) {
  const auto read = [&](const float* from) {
    return whole ? load(from) : load_partial(from, lanes);
  };
  const float* a[kRows];
  float* c[kRows];
#pragma GCC unroll 8
  for (int i = 0; i < kRows; ++i) {
    // Rows that are missing are computed as the last one, and not stored.
    const size_t at = row + (size_t(i) < count ? size_t(i) : count - 1);
    a[i] = task.a + task.a_offsets[at] + channel;
    c[i] = task.c + task.c_offsets[at] + channel;
  }
  Float sum[kRows][vectors];
#pragma GCC unroll 8
  for (int i = 0; i < kRows; ++i) {
#pragma GCC unroll 2
    for (int v = 0; v < vectors; ++v) {
      if (!task.sets) {
        sum[i][v] = read(c[i] + v * kWidth);
      } else if (task.finish.bias != nullptr) {
        sum[i][v] = read(task.finish.bias + channel + v * kWidth);
      } else {
        sum[i][v] = broadcast(0.0f);
      }
    }
  }
  for (size_t s = 0; s < task.steps; ++s) {
    const float* const b = task.b + task.b_offsets[s] + channel;
    const size_t step = task.a_steps[s];
    Float w[vectors];
#pragma GCC unroll 2
    for (int v = 0; v < vectors; ++v) w[v] = read(b + v * kWidth);
#pragma GCC unroll 8
    for (int i = 0; i < kRows; ++i) {
#pragma GCC unroll 2
      for (int v = 0; v < vectors; ++v) {
        sum[i][v] = fma(read(a[i] + step + v * kWidth), w[v], sum[i][v]);
      }
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < kRows; ++i) {
    if (size_t(i) >= count) continue;
#pragma GCC unroll 2
    for (int v = 0; v < vectors; ++v) {
      if (whole) {
        store(c[i] + v * kWidth, sum[i][v]);
      } else {
        store_partial(c[i] + v * kWidth, sum[i][v], lanes);
      }
    }
  }
}

void multiply(const ChannelProduct& task) {
  const ConvolutionFinish& f = task.finish;
  for (size_t row = 0; row < task.rows; row += kRows) {
    const size_t count = task.rows - row < size_t(kRows) ? task.rows - row : size_t(kRows);
    size_t channel = 0;
    for (; channel + 2 * kWidth <= task.channels; channel += 2 * kWidth) {
      block<2, true>(task, row, count, channel, kWidth);
    }
    for (; channel < task.channels; channel += kWidth) {
      const size_t left = task.channels - channel;
      block<1, false>(task, row, count, channel,
                      left < size_t(kWidth) ? static_cast<int>(left) : kWidth);
    }
    for (size_t i = 0; task.sets && f.activation != MatMulFinish::kNone && i < count; ++i) {
      finish_rows(f.activation, task.c + task.c_offsets[row + i], 0, 1, task.channels, nullptr,
                  f.alpha, f.slopes);
    }
  }
}

void add_groups(const float* from, size_t n, size_t count, float* out) {
  for (size_t i = 0; i < n; ++i, from += count) {
    float sum = from[0];
    for (size_t j = 1; j < count; ++j) sum += from[j];
    out[i] = sum;
  }
}

}  // namespace

const DepthwiseKernels depthwise_kernels = {multiply, add_groups};

}  // namespace pushforward::PF_PATH
