#include <algorithm>

#include "pushforward/threads.h"
#include "tensor_convolution_plan.h"

namespace pushforward {
namespace {

// Output pixels of a strip, whose cotangents stay in the first-level cache, a panel of them, while
// the rows of the filter go by.
constexpr std::size_t kStripPixels = 128;
// Floats laid out and packed at once for all threads: 8 MiB.
constexpr std::size_t kMostFloats = std::size_t{1} << 21;
// Rows of the filter that a task computes.
constexpr std::size_t kTaskRows = 96;
// So many tasks are wanted; a filter of fewer gets them by sums over parts of the pixels, as long
// as those take no more floats than this.
constexpr std::size_t kTasks = 16;
constexpr std::size_t kMostPartial = std::size_t{1} << 18;

// d_filter [taps and in channels, out channels] = Σ over output pixels of what each row of the
// filter saw there, times the cotangents: a product whose steps are the pixels.
class FilterGradient {
 public:
  FilterGradient(const Convolution& shape)
      : kernels_(PF_KERNELS(convolution_kernels)),
        shape_(shape),
        source_(windows_of_outputs(shape.rows), windows_of_outputs(shape.columns),
                shape.in_channels),
        panels_(panels_of(kernels_, shape.out_channels)),
        strips_(shape.batch, shape.rows.out, shape.columns.out, kStripPixels) {
    for (const WindowPanel& panel : panels_) width_ += panel.vectors * kernels_.width;
    laid_floats_ = (source_.floats(strips_.images(), strips_.rows()) + 15) / 16 * 16;
    strip_floats_ = laid_floats_ + strips_.images() * strips_.rows() * shape.columns.out * width_;
    at_once_ = std::clamp<std::size_t>(kMostFloats / strip_floats_, 1, strips_.count());
    list_rows();
  }

  void run(const float* x, const float* dy, float* d_filter) {
    const std::size_t floats = filter_floats();
    const std::size_t rows = a_offsets_.size();
    if (rows * shape_.out_channels < floats) std::fill(d_filter, d_filter + floats, 0.0f);
    if (rows == 0) return;
    const std::size_t ranges = (rows + kTaskRows - 1) / kTaskRows;
    const std::size_t parts =
        std::clamp<std::size_t>(std::min(kTasks / ranges, kMostPartial / floats), 1, at_once_);
    static thread_local Scratch own_laid, own_partial;
    Scratch &laid = own_laid, &partial = own_partial;
    laid.reserve(at_once_ * strip_floats_);
    partial.reserve((parts - 1) * floats);
    const std::size_t pixels = shape_.batch * shape_.rows.out * shape_.columns.out;
    const int slots = pixels * floats < kParallelProducts ? 1 : thread_count();
    for (std::size_t first = 0; first < strips_.count(); first += at_once_) {
      const std::size_t count = std::min(at_once_, strips_.count() - first);
      parallel_for(count, slots, [&](std::size_t i, int) {
        lay(strips_[first + i], x, dy, laid.data() + i * strip_floats_);
      });
      parallel_for(parts * ranges, slots, [&](std::size_t index, int) {
        const std::size_t part = index / ranges, range = index % ranges;
        float* const to = part == 0 ? d_filter : partial.data() + (part - 1) * floats;
        for (std::size_t i = part * count / parts; i < (part + 1) * count / parts; ++i) {
          const bool sets = first == 0 && i == part * count / parts;
          multiply(first + i, x, laid.data() + i * strip_floats_, range, sets, to);
        }
      });
    }
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

  void lay(const WindowStrip& strip, const float* x, const float* dy, float* to) const {
    source_.lay(x, strip, to);
    const std::size_t pixels = strip.images * strip.rows * shape_.columns.out;
    const std::size_t first = (strip.image * shape_.rows.out + strip.row) * shape_.columns.out;
    for (const WindowPanel& panel : panels_) {
      kernels_.pack(dy + first * shape_.out_channels, shape_.out_channels, 1, pixels, panel,
                    to + laid_floats_ + pixels * panel.column);
    }
  }

  void multiply(std::size_t index, const float* x, float* laid, std::size_t range, bool sets,
                float* to) const {
    const WindowStrip strip = strips_[index];
    const std::size_t width = shape_.columns.out, pixels = strip.images * strip.rows * width;
    static thread_local std::vector<WindowRun> lines;
    lines.clear();
    for (std::size_t i = 0; i < strip.images; ++i) {
      for (std::size_t row = 0; row < strip.rows; ++row) {
        lines.push_back({i * source_.image_step(strip) + row * source_.row_step(), width});
      }
    }
    WindowProduct product;
    product.a = source_.located(x, strip, laid);
    product.a_offsets = a_offsets_.data() + range * kTaskRows;
    product.a_step = source_.pixel_step();
    product.c = to;
    product.c_offsets = c_offsets_.data() + range * kTaskRows;
    product.rows = std::min(kTaskRows, a_offsets_.size() - range * kTaskRows);
    product.first = sets;
    product.last = false;
    product.runs = lines.data();
    product.run_count = lines.size();
    for (const WindowPanel& panel : panels_) {
      product.panel = panel;
      product.b = laid + laid_floats_ + pixels * panel.column;
      kernels_.multiply(product);
    }
  }

  const ConvolutionKernels& kernels_;
  const Convolution& shape_;
  WindowSource source_;
  std::vector<WindowPanel> panels_;
  WindowStrips strips_;
  std::size_t width_ = 0;         // numbers of a packed pixel
  std::size_t laid_floats_ = 0;   // of a strip's source
  std::size_t strip_floats_ = 0;  // with its cotangents
  std::size_t at_once_ = 1;       // strips
  std::vector<std::size_t> a_offsets_, c_offsets_;
};

}  // namespace

void tensor_convolution_filter_gradient(const Convolution& shape, const float* x, const float* dy,
                                        float* d_filter) {
  FilterGradient(shape).run(x, dy, d_filter);
}

}  // namespace pushforward
