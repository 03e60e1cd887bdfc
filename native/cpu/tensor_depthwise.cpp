#include "tensor_depthwise.h"

#include <algorithm>
#include <vector>

#include "pushforward/memory.h"
#include "pushforward/threads.h"
#include "tensor_depthwise_kernels.h"
#include "tensor_windows.h"

namespace pushforward {
namespace {

// Products of a pixel's channel are as cheap as a sum: below so many of them a second thread is not
// worth waking.
constexpr std::size_t kParallelSums = std::size_t{1} << 20;
// Floats of results of a strip, which stay in the caches with what they are computed from.
constexpr std::size_t kStripFloats = std::size_t{1} << 14;
// Sums of the filter's gradient over parts of the pixels.
constexpr std::size_t kParts = 16;

std::size_t multiple_of(const Convolution& s) { return s.out_channels / s.in_channels; }

WindowStrips strips_of(const Convolution& s, const WindowSource& source) {
  return WindowStrips(s.batch, source.rows().places, source.columns().places,
                      std::max<std::size_t>(1, kStripFloats / s.out_channels));
}

int slots_for(const Convolution& s) {
  const std::size_t sums =
      s.batch * s.rows.out * s.columns.out * s.out_channels * s.rows.filter * s.columns.filter;
  return sums < kParallelSums ? 1 : thread_count();
}

// Where the taps of two lattices lie in the filter.
std::vector<std::size_t> filter_offsets(const Convolution& s, const WindowLattice& rows,
                                        const WindowLattice& columns) {
  std::vector<std::size_t> offsets;
  for (const WindowTap& row : rows.taps) {
    for (const WindowTap& column : columns.taps) {
      offsets.push_back((row.tap * s.columns.filter + column.tap) * s.out_channels);
    }
  }
  return offsets;
}

// The tables of one strip, which a thread fills anew for each.
struct Tables {
  std::vector<std::size_t> starts, pixels;
  Scratch laid, sums;
};

Tables& own_tables() {
  static thread_local Tables tables;
  tables.starts.clear();
  tables.pixels.clear();
  return tables;
}

// Target pixels [out channels]; where each `group` of channels is one of the target's, their sum.
void gather(const Convolution& s, const WindowSource& source, const float* from,
            const float* filter, const ConvolutionFinish& finish, std::size_t group,
            float* target) {
  const DepthwiseKernels& kernels = PF_KERNELS(depthwise_kernels);
  const WindowStrips strips = strips_of(s, source);
  parallel_for(strips.count(), slots_for(s), [&](std::size_t index, int) {
    const WindowStrip strip = strips[index];
    const float* const pixels = source.lay(from, strip, own_tables().laid);
    for (const WindowLattice& rows : source.rows().lattices) {
      for (const WindowLattice& columns : source.columns().lattices) {
        Tables& tables = own_tables();
        source.list(strip, rows, columns, tables.starts, tables.pixels);
        const std::vector<std::size_t> taps = source.taps(rows, columns);
        const std::vector<std::size_t> weights = filter_offsets(s, rows, columns);
        const std::size_t count = tables.pixels.size();
        if (group > 1) tables.sums.reserve(count * s.out_channels);
        float* const sums = group > 1 ? tables.sums.data() : target;
        std::vector<std::size_t> places(count);
        for (std::size_t i = 0; i < count; ++i) {
          places[i] = (group > 1 ? i : tables.pixels[i]) * s.out_channels;
        }
        kernels.multiply({pixels, tables.starts.data(), taps.data(), filter, weights.data(),
                          taps.size(), sums, places.data(), count, s.out_channels, true, finish});
        for (std::size_t i = 0; group > 1 && i < count; ++i) {
          kernels.add_groups(sums + places[i], s.in_channels, group,
                             target + tables.pixels[i] * s.in_channels);
        }
      }
    }
  });
}

}  // namespace

void tensor_depthwise(const Convolution& s, const float* x, const float* filter,
                      const ConvolutionFinish& finish, float* y) {
  const WindowSource source(windows_of_outputs(s.rows), windows_of_outputs(s.columns),
                            {s.in_channels, s.out_channels, multiple_of(s)});
  gather(s, source, x, filter, finish, 1, y);
}

void tensor_depthwise_input_gradient(const Convolution& s, const float* dy, const float* filter,
                                     float* dx) {
  const WindowSource source(windows_of_inputs(s.rows), windows_of_inputs(s.columns),
                            {s.out_channels, s.out_channels, 1});
  gather(s, source, dy, filter, {}, multiple_of(s), dx);
}

void tensor_depthwise_filter_gradient(const Convolution& s, const float* x, const float* dy,
                                      float* d_filter) {
  const DepthwiseKernels& kernels = PF_KERNELS(depthwise_kernels);
  const WindowSource source(windows_of_outputs(s.rows), windows_of_outputs(s.columns),
                            {s.in_channels, s.out_channels, multiple_of(s)});
  const WindowLattice &rows = source.rows().lattices[0], &columns = source.columns().lattices[0];
  const std::vector<std::size_t> taps = source.taps(rows, columns);
  const std::vector<std::size_t> weights = filter_offsets(s, rows, columns);
  const std::size_t floats = s.rows.filter * s.columns.filter * s.out_channels;
  const WindowStrips strips = strips_of(s, source);
  // Threads sum parts of the strips, and one of them the parts, in an order that the shape settles.
  const std::size_t parts = std::min(kParts, strips.count());
  static thread_local Scratch own_partial;
  Scratch& partial = own_partial;  // a task's `own_partial` would be its thread's
  partial.reserve(parts * floats);
  std::fill(partial.data(), partial.data() + parts * floats, 0.0f);
  parallel_for(parts, slots_for(s), [&](std::size_t part, int) {
    float* const to = partial.data() + part * floats;
    for (std::size_t i = part * strips.count() / parts; i < (part + 1) * strips.count() / parts;
         ++i) {
      const WindowStrip strip = strips[i];
      Tables& tables = own_tables();
      source.list(strip, rows, columns, tables.starts, tables.pixels);
      for (std::size_t& pixel : tables.pixels) pixel *= s.out_channels;
      kernels.multiply({source.lay(x, strip, tables.laid),
                        taps.data(),
                        tables.starts.data(),
                        dy,
                        tables.pixels.data(),
                        tables.pixels.size(),
                        to,
                        weights.data(),
                        taps.size(),
                        s.out_channels,
                        false,
                        {}});
    }
  });
  std::fill(d_filter, d_filter + floats, 0.0f);
  for (std::size_t part = 0; part < parts; ++part) {
    for (std::size_t i = 0; i < floats; ++i) d_filter[i] += partial.data()[part * floats + i];
  }
}

}  // namespace pushforward
