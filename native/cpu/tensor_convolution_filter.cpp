#include <algorithm>

#include "pushforward/threads.h"
#include "tensor_convolution_plan.h"

namespace pushforward {
namespace {

// Output pixels of a strip, whose cotangents stay in the first-level cache, a panel of them, while
// the rows of the filter go by.
constexpr std::size_t kStripPixels = 128;
// Rows of the filter that a task computes, all of them for one strip after the other: with a strip
// they stay in the second-level cache.
constexpr std::size_t kTaskRows = 512;
// So many tasks are wanted; a filter of fewer gets them by sums over parts of the pixels, as long
// as those take no more floats than this.
constexpr std::size_t kTasks = 16;
constexpr std::size_t kMostPartial = std::size_t{1} << 19;

// Floats from one pixel to the next. A product's steps are pixels here, and cache lines that are an
// even number of lines apart use half of the cache or less.
std::size_t pitch_of(std::size_t channels) { return channels % 32 == 0 ? channels + 16 : channels; }

// d_filter [taps and in channels, out channels] = Σ over output pixels of what each row of the
// filter saw there, times the cotangents: a product whose steps are the pixels.
class FilterGradient {
 public:
  FilterGradient(const Convolution& shape)
      : kernels_(PF_KERNELS(convolution_kernels)),
        shape_(shape),
        source_(windows_of_outputs(shape.rows), windows_of_outputs(shape.columns),
                {shape.in_channels, pitch_of(shape.in_channels), 1}),
        panels_(panels_of(kernels_, shape.out_channels)),
        strips_(shape.batch, shape.rows.out, shape.columns.out, kStripPixels) {
    list_rows();
  }

  void run(const float* x, const float* dy, float* d_filter) {
    const std::size_t floats = filter_floats();
    const std::size_t rows = a_offsets_.size();
    if (rows * shape_.out_channels < floats) std::fill(d_filter, d_filter + floats, 0.0f);
    if (rows == 0) return;
    const std::size_t ranges = (rows + kTaskRows - 1) / kTaskRows;
    const std::size_t parts = std::clamp<std::size_t>(
        std::min(kTasks / ranges, kMostPartial / floats), 1, strips_.count());
    static thread_local Scratch own_partial;
    Scratch& partial = own_partial;  // a task's `own_partial` would be its thread's
    partial.reserve((parts - 1) * floats);
    const std::size_t pixels = shape_.batch * shape_.rows.out * shape_.columns.out;
    const int slots = pixels * floats < kParallelProducts ? 1 : thread_count();
    parallel_for(parts * ranges, slots, [&](std::size_t index, int) {
      const std::size_t part = index / ranges, range = index % ranges;
      const std::size_t first = part * strips_.count() / parts;
      const std::size_t end = (part + 1) * strips_.count() / parts;
      float* const to = part == 0 ? d_filter : partial.data() + (part - 1) * floats;
      for (std::size_t i = first; i < end; ++i) {
        add_strip(strips_[i], x, dy, rows * range / ranges, rows * (range + 1) / ranges, i == first,
                  to);
      }
    });
    for (std::size_t part = 1; part < parts; ++part) {
      const float* const from = partial.data() + (part - 1) * floats;
      for (const std::size_t row : c_offsets_) {
        for (std::size_t j = 0; j < shape_.out_channels; ++j) d_filter[row + j] += from[row + j];
      }
    }
  }

 private:
  std::size_t filter_floats() const {
    return shape_.rows.filter * shape_.columns.filter * shape_.in_channels * shape_.out_channels;
  }

  // Where the rows of the filter find their first pixel in what is laid, and where they are.
  void list_rows() {
    const WindowLattice& rows = source_.rows().lattices[0];
    const WindowLattice& columns = source_.columns().lattices[0];
    for (const WindowRun& run : source_.runs(rows, columns)) {
      for (std::size_t i = 0; i < run.count; ++i) a_offsets_.push_back(run.offset + i);
    }
    for (const WindowTap& row : rows.taps) {
      for (const WindowTap& column : columns.taps) {
        const std::size_t tap = row.tap * shape_.columns.filter + column.tap;
        for (std::size_t i = 0; i < shape_.in_channels; ++i) {
          c_offsets_.push_back((tap * shape_.in_channels + i) * shape_.out_channels);
        }
      }
    }
  }

  // Adds what a strip brings to the rows [first, last) of the filter, or sets them to it.
  void add_strip(const WindowStrip& strip, const float* x, const float* dy, std::size_t first,
                 std::size_t last, bool sets, float* to) const {
    static thread_local Scratch laid, packed;
    static thread_local std::vector<WindowRun> lines;
    laid.reserve(source_.floats(strip.images, strip.rows));
    source_.lay(x, strip, laid.data());
    const std::size_t width = shape_.columns.out, pixels = strip.images * strip.rows * width;
    lines.clear();
    for (std::size_t i = 0; i < strip.images; ++i) {
      for (std::size_t row = 0; row < strip.rows; ++row) {
        lines.push_back({i * source_.image_step(strip) + row * source_.row_step(), width});
      }
    }
    const float* const cotangents =
        dy + (strip.image * shape_.rows.out + strip.row) * width * shape_.out_channels;
    WindowProduct product;
    product.a = source_.located(x, strip, laid.data());
    product.a_offsets = a_offsets_.data() + first;
    product.a_step = source_.pixel_step();
    product.c = to;
    product.c_offsets = c_offsets_.data() + first;
    product.rows = last - first;
    product.first = sets;
    product.last = false;
    product.runs = lines.data();
    product.run_count = lines.size();
    for (const WindowPanel& panel : panels_) {
      packed.reserve(pixels * panel.vectors * kernels_.width);
      kernels_.pack(cotangents, shape_.out_channels, 1, pixels, panel, packed.data());
      product.panel = panel;
      product.b = packed.data();
      kernels_.multiply(product);
    }
  }

  const ConvolutionKernels& kernels_;
  const Convolution& shape_;
  WindowSource source_;
  std::vector<WindowPanel> panels_;
  WindowStrips strips_;
  std::vector<std::size_t> a_offsets_, c_offsets_;
};

}  // namespace

void tensor_convolution_filter_gradient(const Convolution& shape, const float* x, const float* dy,
                                        float* d_filter) {
  FilterGradient(shape).run(x, dy, d_filter);
}

}  // namespace pushforward
