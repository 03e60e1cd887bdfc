#include <algorithm>

#include "pushforward/threads.h"
#include "tensor_convolution_plan.h"

namespace pushforward {
namespace {

// Target pixels of a strip, of which a panel stays in the first-level cache while the rows of the
// filter go by.
constexpr std::size_t kStripPixels = 128;
// Rows of the filter that a task computes, all of them for one strip after the other: with a strip
// they stay in the second-level cache.
constexpr std::size_t kTaskRows = 512;
// So many tasks are wanted; a filter of fewer gets them by sums over parts of the pixels, as long
// as those take no more floats than this.
constexpr std::size_t kTasks = 16;
constexpr std::size_t kMostPartial = std::size_t{1} << 19;

// The gradient of a filter from the images on both of its sides, [taps and source channels, target
// channels] = Σ over target pixels of what each row saw there of the source, times the target's
// channels: a product whose steps are the pixels.
class FilterGradient {
 public:
  FilterGradient(const WindowSource& source, const FilterView& filter, std::size_t batch)
      : kernels_(PF_KERNELS(convolution_kernels)),
        source_(source),
        filter_(filter),
        panels_(panels_of(kernels_, filter.target_channels)),
        strips_(batch, source.rows().places, source.columns().places, kStripPixels),
        pixels_(batch * source.rows().places * source.columns().places) {
    for (const WindowLattice& rows : source_.rows().lattices) {
      for (const WindowLattice& columns : source_.columns().lattices) add_phase(rows, columns);
    }
  }

  // `taps` of the filter, some of which may lead nowhere.
  void run(const float* source, const float* target, std::size_t taps, float* d_filter) {
    const std::size_t rows = a_offsets_.size(), columns = filter_.target_channels;
    const std::size_t floats = taps * filter_.source_channels * columns;
    if (rows * columns < floats) std::fill(d_filter, d_filter + floats, 0.0f);
    if (rows == 0) return;
    const std::size_t parts = std::clamp<std::size_t>(
        std::min(kTasks / tasks_.size(), kMostPartial / floats), 1, strips_.count());
    // Columns of the filter that lie side by side are computed where they are.
    const bool is_direct = filter_.target_step == 1;
    const std::size_t scratches = is_direct ? parts - 1 : parts;
    static thread_local Scratch own_partial;
    Scratch& partial = own_partial;  // a task's `own_partial` would be its thread's
    partial.reserve(scratches * floats);
    const auto sums_of = [&](std::size_t part) {
      if (is_direct && part == 0) return d_filter;
      return partial.data() + (is_direct ? part - 1 : part) * floats;
    };
    const int slots = pixels_ * floats < kParallelProducts ? 1 : thread_count();
    parallel_for(parts * tasks_.size(), slots, [&](std::size_t index, int) {
      const std::size_t part = index / tasks_.size();
      const std::size_t first = part * strips_.count() / parts;
      const std::size_t end = (part + 1) * strips_.count() / parts;
      for (std::size_t i = first; i < end; ++i) {
        add_strip(strips_[i], source, target, tasks_[index % tasks_.size()], i == first,
                  sums_of(part));
      }
    });
    float* const sums = sums_of(0);
    for (std::size_t part = 1; part < parts; ++part) {
      const float* const from = sums_of(part);
      for (const std::size_t row : c_offsets_) {
        for (std::size_t j = 0; j < columns; ++j) sums[row + j] += from[row + j];
      }
    }
    if (is_direct) return;
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = 0; j < columns; ++j) {
        d_filter[filter_offsets_[i] + j * filter_.target_step] = sums[c_offsets_[i] + j];
      }
    }
  }

 private:
  // Rows [first, last) of the filter, for the target pixels of these lattices.
  struct Task {
    const WindowLattice* rows;
    const WindowLattice* columns;
    std::size_t first, last;
  };

  // Where the rows of the filter find their first pixel in what is laid, and where they go.
  void add_phase(const WindowLattice& rows, const WindowLattice& columns) {
    const std::size_t first = a_offsets_.size();
    for (const WindowRun& run : source_.runs(rows, columns)) {
      for (std::size_t i = 0; i < run.count; ++i) a_offsets_.push_back(run.offset + i);
    }
    for (const WindowTap& row : rows.taps) {
      for (const WindowTap& column : columns.taps) {
        const std::size_t tap = row.tap * filter_.width + column.tap;
        for (std::size_t i = 0; i < filter_.source_channels; ++i) {
          filter_offsets_.push_back(tap * filter_.tap_step + i * filter_.source_step);
          c_offsets_.push_back((tap * filter_.source_channels + i) * filter_.target_channels);
        }
      }
    }
    const std::size_t count = a_offsets_.size() - first;
    const std::size_t tasks = (count + kTaskRows - 1) / kTaskRows;
    for (std::size_t i = 0; i < tasks; ++i) {
      tasks_.push_back(
          {&rows, &columns, first + count * i / tasks, first + count * (i + 1) / tasks});
    }
  }

  // Adds what a strip brings to a task's rows of the filter, or sets them to it.
  void add_strip(const WindowStrip& strip, const float* source, const float* target,
                 const Task& task, bool sets, float* to) const {
    static thread_local Scratch laid, packed;
    static thread_local std::vector<WindowRun> lines;
    const WindowLattice &down = *task.rows, &across = *task.columns;
    const std::size_t end = std::min(strip.row + strip.rows, down.count);
    lines.clear();
    for (std::size_t i = 0; i < strip.images; ++i) {
      for (std::size_t row = strip.row; row < end; ++row) {
        lines.push_back(
            {i * source_.image_step(strip) + (row - strip.row) * source_.row_step(), across.count});
      }
    }
    WindowProduct product;
    product.a = source_.lay(source, strip, laid);
    product.a_offsets = a_offsets_.data() + task.first;
    product.a_step = source_.pixel_step();
    product.c = to;
    product.c_offsets = c_offsets_.data() + task.first;
    product.rows = task.last - task.first;
    product.first = sets;
    product.last = false;
    product.runs = lines.data();
    product.run_count = lines.size();
    const std::size_t channels = filter_.target_channels;
    // Of the first pixel of a strip's line.
    const auto pixel_of = [&](std::size_t image, std::size_t row) {
      const std::size_t line = image * source_.rows().target + down.first + row * down.step;
      return target + (line * source_.columns().target + across.first) * channels;
    };
    for (const WindowPanel& panel : panels_) {
      const std::size_t room = panel.vectors * kernels_.width;
      product.panel = panel;
      product.b = pixel_of(strip.image, strip.row);
      // Pixels that follow each other and fill their vectors are packed as they stand.
      if (channels != room || down.step > 1 || across.step > 1) {
        packed.reserve(lines.size() * across.count * room);
        float* b = packed.data();
        product.b = b;
        for (std::size_t i = 0; i < strip.images; ++i) {
          for (std::size_t row = strip.row; row < end; ++row, b += across.count * room) {
            kernels_.pack(pixel_of(strip.image + i, row), across.step * channels, 1, across.count,
                          panel, b);
          }
        }
      }
      kernels_.multiply(product);
    }
  }

  const ConvolutionKernels& kernels_;
  const WindowSource& source_;
  const FilterView filter_;
  std::vector<WindowPanel> panels_;
  WindowStrips strips_;
  std::size_t pixels_;
  std::vector<std::size_t> a_offsets_, c_offsets_, filter_offsets_;
  std::vector<Task> tasks_;
};

std::size_t vectors_of(std::size_t channels) {
  const std::size_t width = PF_KERNELS(convolution_kernels).width;
  return (channels + width - 1) / width;
}

}  // namespace

void tensor_convolution_filter_gradient(const Convolution& shape, const float* x, const float* dy,
                                        float* d_filter) {
  const std::size_t in = shape.in_channels, out = shape.out_channels;
  const std::size_t taps = shape.rows.filter * shape.columns.filter;
  if (is_cheaper_by_winograd(shape.rows, shape.columns, filter_to_outputs(shape, d_filter),
                             shape.batch)) {
    return winograd_filter(shape, x, dy, d_filter);
  }
  // The sum is the same seen from either side: channels lie in vectors on the one where they fill
  // them, and each tap has the channels of the other for its rows.
  if (3 * out * vectors_of(in) < 2 * in * vectors_of(out)) {
    const WindowSource source(windows_of_inputs(shape.rows), windows_of_inputs(shape.columns),
                              {out, step_pitch(out), 1});
    FilterGradient(source, filter_to_inputs(shape, d_filter), shape.batch)
        .run(dy, x, taps, d_filter);
    return;
  }
  const WindowSource source(windows_of_outputs(shape.rows), windows_of_outputs(shape.columns),
                            {in, step_pitch(in), 1});
  FilterGradient(source, filter_to_outputs(shape, d_filter), shape.batch)
      .run(x, dy, taps, d_filter);
}

}  // namespace pushforward
