#include "tensor_winograd.h"

#include <algorithm>

namespace pushforward {
namespace {

// A tile saves 20 of 36 products of each pair of channels and transforms 16 numbers of each
// channel, which have to be written and read again: so many pairs for each channel are worth it.
// Measured, 32 channels with 32 take the same time either way, with 64 four fifths of it, and 64
// with 64 two thirds.
constexpr std::size_t kLeastPairs = 20;
// Tiles that the filter is worth transforming for.
constexpr std::size_t kLeastTiles = 32;

// Of axes of four places or more every tap leads somewhere, whatever the padding.
bool is_side_by_side(const ConvolutionAxis& axis) {
  return axis.filter == 3 && axis.stride == 1 && axis.dilation == 1 && axis.before <= 2 &&
         axis.in >= 4 && axis.out >= 4;
}

class Winograd {
 public:
  Winograd(const ConvolutionAxis& rows, const ConvolutionAxis& columns, const FilterView& filter,
           bool turned)
      : kernels_(PF_KERNELS(convolution_kernels)),
        transforms_(PF_KERNELS(winograd_kernels)),
        filter_(filter),
        turned_(turned),
        source_(windows_of_tiles(rows), windows_of_tiles(columns),
                {filter.source_channels, filter.source_channels, 1}),
        height_(rows.out),
        width_(columns.out),
        panels_(panels_of(kernels_, filter.target_channels)),
        blocks_(blocks_of_runs({{0, filter.source_channels}},
                               kPanelFloats / (panels_[0].vectors * kernels_.width))) {
    for (const WindowPanel& panel : panels_) room_ += panel.vectors * kernels_.width;
  }

  void run(std::size_t batch, const float* from, const ConvolutionFinish& finish, float* target) {
    static thread_local Scratch own_packed;
    Scratch& packed = own_packed;  // a task's `own_packed` would be its thread's
    const std::size_t tiles = batch * tiles_of(height_) * tiles_of(width_);
    const std::size_t channels = filter_.source_channels + filter_.target_channels;
    const std::size_t products =
        kWinogradPlaces * tiles * filter_.source_channels * filter_.target_channels;
    const int slots = products < kParallelProducts ? 1 : thread_count();
    pack(packed, slots);
    const std::size_t fitting = winograd_strip(channels);
    const std::size_t shared = tiles / (4 * static_cast<std::size_t>(slots));
    const WindowStrips strips(batch, tiles_of(height_), tiles_of(width_),
                              slots == 1 ? fitting : std::min(fitting, shared));
    parallel_for(strips.count(), slots, [&](std::size_t index, int) {
      compute(strips[index], from, packed.data(), finish, target);
    });
  }

 private:
  // The filter of each place in panels, after the planes it is packed from.
  void pack(Scratch& packed, int slots) const {
    const std::size_t pairs = filter_.tap_step, steps = filter_.source_channels;
    packed.reserve(kWinogradPlaces * (steps * room_ + pairs));
    float* const planes = packed.data() + kWinogradPlaces * steps * room_;
    for_parts_of_pairs(pairs, slots, [&](std::size_t first, std::size_t count) {
      transforms_.filters(filter_.data + first, pairs, count, planes + first);
    });
    parallel_for(kWinogradPlaces * panels_.size(), slots, [&](std::size_t index, int) {
      const std::size_t place = index / panels_.size();
      const WindowPanel& panel = panels_[index % panels_.size()];
      kernels_.pack(planes + (turned_ ? turned(place) : place) * pairs, filter_.source_step,
                    filter_.target_step, steps, panel,
                    packed.data() + place * steps * room_ + steps * panel.column);
    });
  }

  // Where the place of a filter is found in that of the filter turned around.
  static std::size_t turned(std::size_t place) {
    constexpr std::size_t kTurned[] = {3, 1, 2, 0};
    return 4 * kTurned[place / 4] + kTurned[place % 4];
  }

  void compute(const WindowStrip& tiles, const float* from, const float* packed,
               const ConvolutionFinish& finish, float* target) const {
    static thread_local Scratch transformed;
    static thread_local std::vector<std::size_t> a_offsets, c_offsets;
    const std::size_t in = filter_.source_channels, out = filter_.target_channels;
    const std::size_t columns = tiles_of(width_), count = tiles.images * tiles.rows * columns;
    transformed.reserve(kWinogradPlaces * count * (in + out));
    float* const windows = transformed.data();
    float* const sums = windows + kWinogradPlaces * count * in;
    transform_windows(transforms_, source_, tiles, from, in, in, windows);
    a_offsets.resize(count);
    c_offsets.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      a_offsets[i] = i * in;
      c_offsets[i] = i * out;
    }
    WindowProduct product;
    product.a_offsets = a_offsets.data();
    product.a_step = 1;
    product.c_offsets = c_offsets.data();
    product.rows = count;
    product.last = false;
    for (std::size_t place = 0; place < kWinogradPlaces; ++place) {
      product.a = windows + place * count * in;
      product.c = sums + place * count * out;
      for (const WindowBlock& block : blocks_) {
        product.first = block.start == 0;
        product.runs = block.runs.data();
        product.run_count = block.runs.size();
        for (const WindowPanel& panel : panels_) {
          product.panel = panel;
          product.b = packed + place * in * room_ + in * panel.column +
                      block.start * panel.vectors * kernels_.width;
          kernels_.multiply(product);
        }
      }
    }
    std::size_t tile = 0;
    for (std::size_t i = 0; i < tiles.images; ++i) {
      for (std::size_t row = 0; row < tiles.rows; ++row, tile += columns) {
        const std::size_t line = 2 * (tiles.row + row),
                          rows = std::min<std::size_t>(2, height_ - line);
        float* const to = target + ((tiles.image + i) * height_ + line) * width_ * out;
        transforms_.pixels(sums + tile * out, count * out, out, rows, width_, to, width_ * out);
        kernels_.finish(finish, to, rows * width_, out);
      }
    }
  }

  const ConvolutionKernels& kernels_;
  const WinogradKernels& transforms_;
  const FilterView filter_;
  const bool turned_;
  const WindowSource source_;
  const std::size_t height_, width_;
  std::vector<WindowPanel> panels_;
  std::vector<WindowBlock> blocks_;
  std::size_t room_ = 0;  // numbers of a packed row
};

}  // namespace

void transform_windows(const WinogradKernels& transforms, const WindowSource& source,
                       const WindowStrip& tiles, const float* from, std::size_t channels,
                       std::size_t pitch, float* planes) {
  static thread_local Scratch laid;
  const WindowStrip strip{tiles.image, tiles.images, 2 * tiles.row, 2 * tiles.rows};
  const float* const pixels = source.lay(from, strip, laid);
  const std::size_t columns = source.columns().places / 2;
  const std::size_t plane = tiles.images * tiles.rows * columns * pitch;
  for (std::size_t i = 0; i < tiles.images; ++i) {
    for (std::size_t row = 0; row < tiles.rows; ++row, planes += columns * pitch) {
      transforms.windows(pixels + i * source.image_step(strip) + 2 * row * source.row_step(),
                         source.row_step(), columns, channels, planes, pitch, plane);
    }
  }
}

bool is_cheaper_by_winograd(const ConvolutionAxis& rows, const ConvolutionAxis& columns,
                            const FilterView& filter, std::size_t batch) {
  return is_side_by_side(rows) && is_side_by_side(columns) &&
         filter.source_channels * filter.target_channels >=
             kLeastPairs * (filter.source_channels + filter.target_channels) &&
         batch * tiles_of(rows.out) * tiles_of(columns.out) >= kLeastTiles;
}

void winograd_windows(const ConvolutionAxis& rows, const ConvolutionAxis& columns,
                      const FilterView& filter, bool turned, std::size_t batch, const float* from,
                      const ConvolutionFinish& finish, float* target) {
  Winograd(rows, columns, filter, turned).run(batch, from, finish, target);
}

}  // namespace pushforward
