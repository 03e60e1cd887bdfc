// What the ways of using Winograd's algorithm have in common: tiles of 2 x 2 target pixels.
#pragma once

#include <algorithm>

#include "tensor_convolution_plan.h"
#include "tensor_winograd_kernels.h"

namespace pushforward {

// Floats of the transformed tiles of a strip, on both sides: they stay in the second-level cache.
constexpr std::size_t kWinogradStripFloats = std::size_t{1} << 18;
constexpr std::size_t kWinogradPairsPerTask = 4096;

inline std::size_t tiles_of(std::size_t places) { return (places + 1) / 2; }

// With whole tiles, whose last places may be beyond the others.
inline WindowAxis windows_of_tiles(const ConvolutionAxis& axis) {
  ConvolutionAxis even = axis;
  even.out = 2 * tiles_of(axis.out);
  return windows_of_outputs(even);
}

// Tiles of a strip.
inline std::size_t winograd_strip(std::size_t channels) {
  return std::max<std::size_t>(16, kWinogradStripFloats / (kWinogradPlaces * channels));
}

}  // namespace pushforward
