// Sums of products channel by channel, over places given by tables.
#pragma once

#include <cstddef>

#include "pushforward/dispatch.h"
#include "tensor_convolution.h"

namespace pushforward {

// c[i][channel] += Σ over steps: a[i][step][channel] · b[step][channel], for rows i. Row i of a
// starts at a + a_offsets[i], of which a step is a_steps[step] floats away; that of c is at
// c + c_offsets[i]; the steps of b lie at b + b_offsets[step].
struct ChannelProduct {
  const float* a;
  const std::size_t* a_offsets;
  const std::size_t* a_steps;
  const float* b;
  const std::size_t* b_offsets;
  std::size_t steps;
  float* c;
  const std::size_t* c_offsets;
  std::size_t rows, channels;
  bool sets;  // c is set, to the product and the bias, and finished
  ConvolutionFinish finish;
};

struct DepthwiseKernels {
  void (*multiply)(const ChannelProduct& product);
  // out[i] = the sum of the `count` numbers from i · count on, for i < n.
  void (*add_groups)(const float* from, std::size_t n, std::size_t count, float* out);
};

PF_DECLARE_KERNELS(DepthwiseKernels, depthwise_kernels)

}  // namespace pushforward
