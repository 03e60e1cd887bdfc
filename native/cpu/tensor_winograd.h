// What the ways of using Winograd's algorithm have in common: tiles of 2 x 2 target pixels.
#pragma once

#include <algorithm>

#include "pushforward/threads.h"
#include "tensor_convolution_plan.h"
#include "tensor_winograd_kernels.h"

namespace pushforward {

// Floats of the transformed tiles of a strip, on both sides: they stay in the second-level cache.
constexpr std::size_t kWinogradStripFloats = std::size_t{1} << 18;

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

// The transformed windows of a strip of tiles, planes[place][tile][channel], with `pitch` floats
// from one tile to the next.
void transform_windows(const WinogradKernels& transforms, const WindowSource& source,
                       const WindowStrip& tiles, const float* from, std::size_t channels,
                       std::size_t pitch, float* planes);

// Does body(first, count) for parts of the pairs of channels, on up to `slots` threads.
template <typename Body>
void for_parts_of_pairs(std::size_t pairs, int slots, const Body& body) {
  constexpr std::size_t kPairsPerTask = 4096;
  parallel_for((pairs + kPairsPerTask - 1) / kPairsPerTask, slots, [&](std::size_t task, int) {
    const std::size_t first = task * kPairsPerTask;
    body(first, std::min(kPairsPerTask, pairs - first));
  });
}

}  // namespace pushforward
