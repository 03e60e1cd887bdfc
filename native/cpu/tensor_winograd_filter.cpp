#include <algorithm>

#include "tensor_winograd.h"

namespace pushforward {
namespace {

// Threads sum over parts of the strips, of which so many are wanted, as long as what they keep, 16
// numbers for each pair of channels, takes no more floats than this in all.
constexpr std::size_t kParts = 8;
constexpr std::size_t kMostPartial = std::size_t{1} << 22;

// The gradient of a filter g is G' [Σ over tiles of (B' d B) (A dy A')] G: products whose steps are
// the tiles.
class WinogradFilter {
 public:
  explicit WinogradFilter(const Convolution& s)
      : kernels_(PF_KERNELS(convolution_kernels)),
        transforms_(PF_KERNELS(winograd_kernels)),
        shape_(s),
        source_(windows_of_tiles(s.rows), windows_of_tiles(s.columns),
                {s.in_channels, s.in_channels, 1}),
        pitch_(step_pitch(s.in_channels)),
        panels_(panels_of(kernels_, s.out_channels)),
        strips_(s.batch, tiles_of(s.rows.out), tiles_of(s.columns.out),
                winograd_strip(s.in_channels + s.out_channels)) {
    for (std::size_t i = 0; i < s.in_channels; ++i) {
      a_offsets_.push_back(i);
      c_offsets_.push_back(i * s.out_channels);
    }
  }

  void run(const float* x, const float* dy, float* d_filter) const {
    const std::size_t pairs = shape_.in_channels * shape_.out_channels;
    const std::size_t floats = kWinogradPlaces * pairs;
    const std::size_t parts =
        std::clamp<std::size_t>(std::min(kParts, kMostPartial / floats), 1, strips_.count());
    static thread_local Scratch own_sums;
    Scratch& sums = own_sums;  // a task's `own_sums` would be its thread's
    sums.reserve(parts * floats);
    const std::size_t tiles =
        shape_.batch * tiles_of(shape_.rows.out) * tiles_of(shape_.columns.out);
    const int slots = tiles * floats < kParallelProducts ? 1 : thread_count();
    parallel_for(parts, slots, [&](std::size_t part, int) {
      const std::size_t first = part * strips_.count() / parts;
      const std::size_t end = (part + 1) * strips_.count() / parts;
      for (std::size_t i = first; i < end; ++i) {
        add_strip(strips_[i], x, dy, i == first, sums.data() + part * floats);
      }
    });
    for_parts_of_pairs(pairs, slots, [&](std::size_t first, std::size_t count) {
      float* const to = sums.data() + first;
      for (std::size_t part = 1; part < parts; ++part) {
        for (std::size_t place = 0; place < kWinogradPlaces; ++place) {
          float* const own = to + place * pairs;
          for (std::size_t i = 0; i < count; ++i) own[i] += own[part * floats + i];
        }
      }
      transforms_.taps(to, pairs, count, d_filter + first);
    });
  }

 private:
  // Adds what a strip brings to the sums [place][in channels][out channels], or sets them to it.
  void add_strip(const WindowStrip& tiles, const float* x, const float* dy, bool sets,
                 float* to) const {
    static thread_local Scratch transformed, packed;
    const std::size_t out = shape_.out_channels, width = shape_.columns.out;
    const std::size_t columns = tiles_of(width), count = tiles.images * tiles.rows * columns;
    transformed.reserve(kWinogradPlaces * count * (pitch_ + out));
    float* const windows = transformed.data();
    float* const cotangents = windows + kWinogradPlaces * count * pitch_;
    transform_windows(transforms_, source_, tiles, x, shape_.in_channels, pitch_, windows);
    std::size_t tile = 0;
    for (std::size_t i = 0; i < tiles.images; ++i) {
      for (std::size_t row = 0; row < tiles.rows; ++row, tile += columns) {
        const std::size_t line = 2 * (tiles.row + row);
        transforms_.tiles(dy + ((tiles.image + i) * shape_.rows.out + line) * width * out,
                          width * out, shape_.rows.out - line, width, out, cotangents + tile * out,
                          count * out);
      }
    }
    const WindowRun run{0, count};
    WindowProduct product;
    product.a_offsets = a_offsets_.data();
    product.a_step = pitch_;
    product.c_offsets = c_offsets_.data();
    product.rows = shape_.in_channels;
    product.first = sets;
    product.last = false;
    product.runs = &run;
    product.run_count = 1;
    for (std::size_t place = 0; place < kWinogradPlaces; ++place) {
      const float* const b = cotangents + place * count * out;
      product.a = windows + place * count * pitch_;
      product.c = to + place * shape_.in_channels * out;
      for (const WindowPanel& panel : panels_) {
        product.panel = panel;
        product.b = b;
        // Tiles that fill their vectors are packed as they stand.
        if (panel.vectors * kernels_.width != out) {
          packed.reserve(count * panel.vectors * kernels_.width);
          kernels_.pack(b, out, 1, count, panel, packed.data());
          product.b = packed.data();
        }
        kernels_.multiply(product);
      }
    }
  }

  const ConvolutionKernels& kernels_;
  const WinogradKernels& transforms_;
  const Convolution& shape_;
  const WindowSource source_;
  const std::size_t pitch_;  // floats from one tile to the next
  const std::vector<WindowPanel> panels_;
  const WindowStrips strips_;
  std::vector<std::size_t> a_offsets_, c_offsets_;
};

}  // namespace

void winograd_filter(const Convolution& shape, const float* x, const float* dy, float* d_filter) {
  WinogradFilter(shape).run(x, dy, d_filter);
}

}  // namespace pushforward
