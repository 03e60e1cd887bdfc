#include <algorithm>
#include <cstring>

#include "pushforward/threads.h"
#include "tensor_convolution_plan.h"

namespace pushforward {
namespace {

constexpr std::size_t kStripPixels = 1024;

// sum[i] += products[i] for i < count pixels, which are `sum_step` and `step` apart, of `channels`
// numbers each: `known` of them where that is not 0.
template <std::size_t known>
void add_pixels(float* sum, std::size_t sum_step, const float* products, std::size_t step,
                std::size_t count, std::size_t channels) {
  const std::size_t each = known > 0 ? known : channels;
  for (std::size_t i = 0; i < count; ++i, sum += sum_step, products += step) {
    for (std::size_t c = 0; c < each; ++c) sum[c] += products[c];
  }
}

using AddPixels = decltype(&add_pixels<0>);

AddPixels adder_of(std::size_t channels) {
  constexpr AddPixels kKnown[] = {add_pixels<0>, add_pixels<1>, add_pixels<2>, add_pixels<3>,
                                  add_pixels<4>};
  return kKnown[channels <= 4 ? channels : 0];
}

class Scatter {
 public:
  Scatter(const WindowSource& source, const FilterView& filter)
      : kernels_(PF_KERNELS(convolution_kernels)),
        source_(source),
        filter_(filter),
        add_(adder_of(filter.target_channels)) {
    for (const WindowLattice& rows : source.rows().lattices) {
      for (const WindowLattice& columns : source.columns().lattices) {
        taps_ += rows.taps.size() * columns.taps.size();
      }
    }
    columns_ = taps_ * filter.target_channels;
    panels_ = panels_of(kernels_, columns_);
    blocks_ = blocks_of_runs({{0, filter.source_channels}},
                             kPanelFloats / (panels_[0].vectors * kernels_.width));
  }

  void run(std::size_t batch, const float* from, const ConvolutionFinish& finish, float* target) {
    static thread_local Scratch own_packed;
    Scratch& packed = own_packed;  // a task's `own_packed` would be its thread's
    pack(packed);
    const WindowAxis &rows = source_.rows(), &columns = source_.columns();
    const std::size_t work =
        batch * rows.source * columns.source * filter_.source_channels * columns_;
    const int slots = work < kParallelProducts ? 1 : thread_count();
    const std::size_t pixels = batch * rows.places * columns.places;
    const std::size_t shared = pixels / (4 * static_cast<std::size_t>(slots));
    const WindowStrips strips(batch, rows.places, columns.places,
                              slots == 1 ? kStripPixels : std::min(kStripPixels, shared));
    parallel_for(strips.count(), slots, [&](std::size_t index, int) {
      const WindowStrip strip = strips[index];
      for (std::size_t i = 0; i < strip.images; ++i) {
        compute(strip.image + i, strip.row, strip.rows, from, packed.data(), finish, target);
      }
    });
  }

 private:
  // [source channels][tap][target channels], packed in panels.
  void pack(Scratch& packed) const {
    static thread_local Scratch turned;
    const std::size_t channels = filter_.source_channels, few = filter_.target_channels;
    turned.reserve(channels * columns_);
    float* to = turned.data();
    for (std::size_t s = 0; s < channels; ++s) {
      for_each_tap([&](const WindowLattice&, const WindowLattice&, const WindowTap& row,
                       const WindowTap& column) {
        const float* const tap =
            filter_.data + (row.tap * filter_.width + column.tap) * filter_.tap_step;
        for (std::size_t t = 0; t < few; ++t) {
          *to++ = tap[s * filter_.source_step + t * filter_.target_step];
        }
      });
    }
    std::size_t room = 0;
    for (const WindowPanel& panel : panels_) room += panel.vectors * kernels_.width;
    packed.reserve(channels * room);
    for (const WindowPanel& panel : panels_) {
      kernels_.pack(turned.data(), columns_, 1, channels, panel,
                    packed.data() + channels * panel.column);
    }
  }

  template <typename Body>
  void for_each_tap(const Body& body) const {
    for (const WindowLattice& rows : source_.rows().lattices) {
      for (const WindowLattice& columns : source_.columns().lattices) {
        for (const WindowTap& row : rows.taps) {
          for (const WindowTap& column : columns.taps) body(rows, columns, row, column);
        }
      }
    }
  }

  // The target rows that belong to `count` places from `place` on of one image.
  void compute(std::size_t image, std::size_t place, std::size_t count, const float* from,
               const float* packed, const ConvolutionFinish& finish, float* target) const {
    const WindowAxis &rows = source_.rows(), &columns = source_.columns();
    const std::size_t few = filter_.target_channels;
    // The source rows that the places look at.
    const auto step = static_cast<std::ptrdiff_t>(rows.source_step);
    const auto first = static_cast<std::ptrdiff_t>(place) * step + rows.least;
    const auto last = static_cast<std::ptrdiff_t>(place + count - 1) * step + rows.most;
    const std::size_t begin = static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, first));
    const std::size_t end = static_cast<std::size_t>(
        std::clamp<std::ptrdiff_t>(last + 1, 0, static_cast<std::ptrdiff_t>(rows.source)));
    const float* const products =
        begin < end ? multiply(image, begin, end - begin, from, packed) : nullptr;
    float* const to = target + image * rows.target * columns.target * few;
    for_each_row(place, count, [&](std::size_t row) {
      std::memset(to + row * columns.target * few, 0, columns.target * few * sizeof(float));
    });
    std::size_t tap = 0;
    for_each_tap([&](const WindowLattice& down, const WindowLattice& across, const WindowTap& row,
                     const WindowTap& column) {
      const std::size_t own = tap++;
      // Places whose source pixel there is.
      const auto source_step = static_cast<std::ptrdiff_t>(columns.source_step);
      std::size_t q =
          column.offset >= 0
              ? 0
              : static_cast<std::size_t>((-column.offset + source_step - 1) / source_step);
      const auto width = static_cast<std::ptrdiff_t>(columns.source);
      const std::size_t q_end =
          std::min(across.count,
                   column.offset >= width
                       ? 0
                       : static_cast<std::size_t>((width - 1 - column.offset) / source_step + 1));
      for (std::size_t p = place; p < std::min(place + count, down.count); ++p) {
        const auto from_row = static_cast<std::ptrdiff_t>(p) * step + row.offset;
        if (from_row < static_cast<std::ptrdiff_t>(begin) ||
            from_row >= static_cast<std::ptrdiff_t>(end) || q >= q_end) {
          continue;
        }
        const std::size_t from_column =
            static_cast<std::size_t>(static_cast<std::ptrdiff_t>(q) * source_step + column.offset);
        const float* source =
            products + own * few +
            ((static_cast<std::size_t>(from_row) - begin) * columns.source + from_column) *
                columns_;
        float* sum =
            to +
            ((down.first + p * down.step) * columns.target + across.first + q * across.step) * few;
        add_(sum, across.step * few, source, columns.source_step * columns_, q_end - q, few);
      }
    });
    for_each_row(place, count, [&](std::size_t row) {
      kernels_.finish(finish, to + row * columns.target * few, columns.target, few);
    });
  }

  template <typename Body>
  void for_each_row(std::size_t place, std::size_t count, const Body& body) const {
    for (const WindowLattice& rows : source_.rows().lattices) {
      for (std::size_t p = place; p < std::min(place + count, rows.count); ++p) {
        body(rows.first + p * rows.step);
      }
    }
  }

  // Products [source pixel][tap][target channels] of some rows of a source image.
  const float* multiply(std::size_t image, std::size_t row, std::size_t rows, const float* from,
                        const float* packed) const {
    static thread_local Scratch products;
    static thread_local std::vector<std::size_t> a_offsets, c_offsets;
    const std::size_t width = source_.columns().source, channels = filter_.source_channels;
    const std::size_t pixels = rows * width;
    products.reserve(pixels * columns_);
    a_offsets.resize(pixels);
    c_offsets.resize(pixels);
    for (std::size_t i = 0; i < pixels; ++i) {
      a_offsets[i] = i * channels;
      c_offsets[i] = i * columns_;
    }
    WindowProduct product;
    product.a = from + (image * source_.rows().source + row) * width * channels;
    product.a_offsets = a_offsets.data();
    product.a_step = 1;
    product.c = products.data();
    product.c_offsets = c_offsets.data();
    product.rows = pixels;
    product.finish = {};
    for (const WindowBlock& block : blocks_) {
      product.first = block.start == 0;
      product.last = block.start + block.steps == channels;
      product.runs = block.runs.data();
      product.run_count = block.runs.size();
      for (const WindowPanel& panel : panels_) {
        product.panel = panel;
        product.b = packed + channels * panel.column + block.start * panel.vectors * kernels_.width;
        kernels_.multiply(product);
      }
    }
    return products.data();
  }

  const ConvolutionKernels& kernels_;
  const WindowSource& source_;
  const FilterView& filter_;
  const AddPixels add_;
  std::size_t taps_ = 0, columns_ = 0;
  std::vector<WindowPanel> panels_;
  std::vector<WindowBlock> blocks_;
};

}  // namespace

void scatter_windows(const WindowSource& source, const FilterView& filter, std::size_t batch,
                     const float* from, const ConvolutionFinish& finish, float* target) {
  Scatter(source, filter).run(batch, from, finish, target);
}

}  // namespace pushforward
