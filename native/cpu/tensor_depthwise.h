// Convolutions of each channel by itself, with filters [filter height, filter width, channels,
// multiple]: output channel c · multiple + m is input channel c, filtered.
#pragma once

#include "tensor_convolution.h"

namespace pushforward {

// `shape.out_channels` is the multiple of `shape.in_channels`.
void tensor_depthwise(const Convolution& shape, const float* x, const float* filter,
                      const ConvolutionFinish& finish, float* y);
void tensor_depthwise_input_gradient(const Convolution& shape, const float* dy, const float* filter,
                                     float* dx);
void tensor_depthwise_filter_gradient(const Convolution& shape, const float* x, const float* dy,
                                      float* d_filter);

}  // namespace pushforward
