// What the ways of computing a convolution have in common.
#pragma once

#include <vector>

#include "pushforward/memory.h"
#include "tensor_convolution_kernels.h"
#include "tensor_windows.h"

namespace pushforward {

// Below so many multiply-adds, about 60 µs of one core, a second thread is not worth waking.
constexpr std::size_t kParallelProducts = std::size_t{1} << 22;

// Floats of a panel that one block of steps reads: they stay in the first-level cache while the
// rows of a product go by.
constexpr std::size_t kPanelFloats = 8192;

// A filter as a matrix for each of its taps: the number that takes source channel s to target
// channel t lies at tap · taps_step + s · source_step + t · target_step.
struct FilterView {
  const float* data;
  std::size_t width;  // taps of a row
  std::size_t tap_step, source_step, target_step;
  std::size_t source_channels, target_channels;
};

FilterView filter_to_outputs(const Convolution& shape, const float* filter);
FilterView filter_to_inputs(const Convolution& shape, const float* filter);

// The columns of a matrix as panels of about the same width.
std::vector<WindowPanel> panels_of(const ConvolutionKernels& kernels, std::size_t columns);

// Each target pixel from the source pixels that its windows look at: the products of a pixel's
// window with all of the filter.
void gather_windows(const WindowSource& source, const FilterView& filter, std::size_t batch,
                    const float* from, const ConvolutionFinish& finish, float* target);

// Each source pixel is taken to all taps and target channels at once, and target pixels add up what
// taps bring them. For few target channels: the others would leave most of a vector empty.
void scatter_windows(const WindowSource& source, const FilterView& filter, std::size_t batch,
                     const float* from, const ConvolutionFinish& finish, float* target);

// Tiles of 2 x 2 target pixels by the transforms of tensor_winograd_kernels.h, for windows of 3 x 3
// pixels side by side; with the filter turned around where it leads from outputs to inputs. About
// three times the rounding errors of the sums taken as they stand.
bool is_cheaper_by_winograd(const ConvolutionAxis& rows, const ConvolutionAxis& columns,
                            const FilterView& filter, std::size_t batch);
void winograd_windows(const ConvolutionAxis& rows, const ConvolutionAxis& columns,
                      const FilterView& filter, bool turned, std::size_t batch, const float* from,
                      const ConvolutionFinish& finish, float* target);
// The gradient of the filter by the same transforms.
void winograd_filter(const Convolution& shape, const float* x, const float* dy, float* d_filter);

// Floats from one step of a product to the next where they are so many numbers: cache lines that
// are an even number of lines apart use half of the cache or less.
inline std::size_t step_pitch(std::size_t numbers) {
  return numbers % 32 == 0 ? numbers + 16 : numbers;
}

}  // namespace pushforward
