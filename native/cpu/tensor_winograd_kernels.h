// The transforms of F(2 x 2, 3 x 3) of Winograd's algorithm (Lavin and Gray 2016, section 4.1):
// four results of a 3 x 3 filter by sixteen products in place of thirty-six.
#pragma once

#include <cstddef>

#include "pushforward/dispatch.h"

namespace pushforward {

constexpr std::size_t kWinogradPlaces = 16;

struct WinogradKernels {
  // planes[place][i] = G g G' of the filters g = taps[tap][i], for n of them of `size` in all.
  void (*filters)(const float* taps, std::size_t size, std::size_t n, float* planes);
  // And the other way round, of gradients: taps[tap][i] = G' m G.
  void (*taps)(const float* planes, std::size_t size, std::size_t n, float* taps);
  // planes[place][tile][channel] = B' d B of `tiles` windows d of 4 x 4 pixels, two pixels apart,
  // whose rows are `row` floats apart; from tile to tile there are `pitch` floats, and `plane` from
  // one plane to the next.
  void (*windows)(const float* pixels, std::size_t row, std::size_t tiles, std::size_t channels,
                  float* planes, std::size_t pitch, std::size_t plane);
  // The 2 x 2 pixels A' m A of each tile, of which there are `height` rows and, of all tiles,
  // `width` columns.
  void (*pixels)(const float* planes, std::size_t plane, std::size_t channels, std::size_t height,
                 std::size_t width, float* pixels, std::size_t row);
  // And the other way round: planes[place][tile][channel] = A p A' of the 2 x 2 pixels p, zero
  // where there are none.
  void (*tiles)(const float* pixels, std::size_t row, std::size_t height, std::size_t width,
                std::size_t channels, float* planes, std::size_t plane);
};

PF_DECLARE_KERNELS(WinogradKernels, winograd_kernels)

}  // namespace pushforward
