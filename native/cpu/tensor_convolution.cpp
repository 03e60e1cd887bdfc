#include "tensor_convolution.h"

#include <algorithm>

#include "tensor_convolution_plan.h"

namespace pushforward {
namespace {

std::size_t divide_up(std::size_t a, std::size_t b) { return (a + b - 1) / b; }

// Vector products of each way, of which the cheaper one is taken.
bool is_cheaper_scattered(const WindowSource& source, const FilterView& filter) {
  const std::size_t width = PF_KERNELS(convolution_kernels).width;
  const WindowAxis &rows = source.rows(), &columns = source.columns();
  std::size_t windows = 0, taps = 0;
  for (const WindowLattice& row : rows.lattices) {
    for (const WindowLattice& column : columns.lattices) {
      const std::size_t both = row.taps.size() * column.taps.size();
      taps += both;
      windows += both * row.count * column.count;
    }
  }
  const std::size_t gathered = windows * divide_up(filter.target_channels, width);
  const std::size_t scattered =
      rows.source * columns.source * divide_up(taps * filter.target_channels, width);
  return 3 * scattered < 2 * gathered;
}

void compute(const WindowSource& source, const FilterView& filter, std::size_t batch,
             const float* from, const ConvolutionFinish& finish, float* target) {
  if (is_cheaper_scattered(source, filter)) {
    scatter_windows(source, filter, batch, from, finish, target);
  } else {
    gather_windows(source, filter, batch, from, finish, target);
  }
}

// The axis seen from the outputs, for windows side by side: input i meets output i - before + tap
// by the taps from the last one on. Where the padding is wider than the window less one, `before`
// wraps around to more than any.
ConvolutionAxis towards_inputs(const ConvolutionAxis& axis) {
  return {axis.out,    axis.in,       axis.filter,
          axis.stride, axis.dilation, axis.filter - 1 - axis.before};
}

}  // namespace

FilterView filter_to_outputs(const Convolution& s, const float* filter) {
  return {filter,        s.columns.filter, s.in_channels * s.out_channels, s.out_channels, 1,
          s.in_channels, s.out_channels};
}

FilterView filter_to_inputs(const Convolution& s, const float* filter) {
  return {filter,         s.columns.filter, s.in_channels * s.out_channels, 1, s.out_channels,
          s.out_channels, s.in_channels};
}

std::vector<WindowPanel> panels_of(const ConvolutionKernels& kernels, std::size_t columns) {
  const std::size_t vectors = divide_up(columns, kernels.width);
  const std::size_t count = divide_up(vectors, kernels.most_vectors);
  std::vector<WindowPanel> panels(count);
  std::size_t done = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t own = vectors / count + (i < vectors % count ? 1 : 0);
    const std::size_t column = done * kernels.width;
    panels[i] = {column, std::min(columns - column, own * kernels.width), own};
    done += own;
  }
  return panels;
}

void tensor_convolution(const Convolution& shape, const float* x, const float* filter,
                        const ConvolutionFinish& finish, float* y) {
  const FilterView view = filter_to_outputs(shape, filter);
  if (is_cheaper_by_winograd(shape.rows, shape.columns, view, shape.batch)) {
    return winograd_windows(shape.rows, shape.columns, view, false, shape.batch, x, finish, y);
  }
  const WindowSource source(windows_of_outputs(shape.rows), windows_of_outputs(shape.columns),
                            {shape.in_channels, shape.in_channels, 1});
  compute(source, view, shape.batch, x, finish, y);
}

void tensor_convolution_input_gradient(const Convolution& shape, const float* dy,
                                       const float* filter, float* dx) {
  const FilterView view = filter_to_inputs(shape, filter);
  const ConvolutionAxis rows = towards_inputs(shape.rows), columns = towards_inputs(shape.columns);
  if (is_cheaper_by_winograd(rows, columns, view, shape.batch)) {
    return winograd_windows(rows, columns, view, true, shape.batch, dy, {}, dx);
  }
  const WindowSource source(windows_of_inputs(shape.rows), windows_of_inputs(shape.columns),
                            {shape.out_channels, shape.out_channels, 1});
  compute(source, view, shape.batch, dy, {}, dx);
}

}  // namespace pushforward
