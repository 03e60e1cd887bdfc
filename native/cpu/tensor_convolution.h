// Convolutions of images [batch, height, width, channels] with filters [filter height, filter
// width, in channels, out channels], and their gradients.
#pragma once

#include <cstddef>

#include "tensor_matmul.h"

namespace pushforward {

// Output o meets input o · stride - before + tap · dilation, where there is such an input.
struct ConvolutionAxis {
  std::size_t in, out, filter, stride, dilation, before;
};

struct Convolution {
  std::size_t batch, in_channels, out_channels;
  ConvolutionAxis rows, columns;
};

// What is done to a convolution's results [..., channels]: the bias of the channel is added, then
// the activation taken. kLeakyRelu takes the slope of the channel where there are slopes.
struct ConvolutionFinish {
  const float* bias = nullptr;
  MatMulFinish activation = MatMulFinish::kNone;
  float alpha = 0.0f;
  const float* slopes = nullptr;
};

// Every sum is taken in an order that the shapes settle, so the bits are the same for every number
// of threads.

void tensor_convolution(const Convolution& shape, const float* x, const float* filter,
                        const ConvolutionFinish& finish, float* y);

// dx = the transposed convolution of dy.
void tensor_convolution_input_gradient(const Convolution& shape, const float* dy,
                                       const float* filter, float* dx);

void tensor_convolution_filter_gradient(const Convolution& shape, const float* x, const float* dy,
                                        float* d_filter);

}  // namespace pushforward
