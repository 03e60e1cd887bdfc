#include "tensor_pool.h"

#include <algorithm>
#include <vector>

#include "pushforward/memory.h"
#include "tensor_images.h"

namespace pushforward {
namespace {

// Along one axis: inputs, outputs, and how windows lie on them.
struct Axis {
  std::size_t in, out, filter, stride, before;

  // The inputs of output o. Averages are over those.
  PoolSpan inputs_of(std::size_t o) const {
    const std::int64_t start = static_cast<std::int64_t>(o * stride) - std::int64_t(before);
    const std::int64_t size = static_cast<std::int64_t>(in);
    const std::int64_t begin = std::clamp<std::int64_t>(start, 0, size);
    const std::int64_t end = std::clamp<std::int64_t>(start + std::int64_t(filter), begin, size);
    return {static_cast<std::int32_t>(begin), static_cast<std::int32_t>(end),
            static_cast<float>(end - begin)};
  }

  // Whether no two windows meet, and whether they leave no input out.
  bool is_disjoint() const { return filter <= stride; }
  bool is_covered() const { return filter >= stride && out * stride >= in + before; }

  // The outputs whose windows hold an input from `first` to before `last`.
  PoolSpan outputs_of(std::size_t first, std::size_t last) const {
    const std::size_t begin =
        first + before < filter ? 0 : (first + before - filter) / stride + 1;  // rounded up
    const std::size_t end = std::min(out, (last - 1 + before) / stride + 1);
    return {static_cast<std::int32_t>(std::min(begin, end)), static_cast<std::int32_t>(end),
            static_cast<float>(filter)};
  }

  // The first input that belongs to an output: so many as the stride, and what is left over to the
  // first and to the last one.
  std::size_t first_of(std::size_t o) const {
    if (o == 0) return 0;
    return o == out ? in : std::clamp(o * stride, before, in + before) - before;
  }
};

Axis rows_of(const PoolShape& s) {
  return {s.in_height, s.out_height, s.filter_height, s.stride_height, s.top};
}
Axis columns_of(const PoolShape& s) {
  return {s.in_width, s.out_width, s.filter_width, s.stride_width, s.left};
}

std::vector<PoolSpan> input_spans(const Axis& axis) {
  std::vector<PoolSpan> spans(axis.out);
  for (std::size_t o = 0; o < axis.out; ++o) spans[o] = axis.inputs_of(o);
  return spans;
}

std::vector<PoolSpan> output_spans(const Axis& axis) {
  std::vector<PoolSpan> spans(axis.in);
  for (std::size_t i = 0; i < axis.in; ++i) spans[i] = axis.outputs_of(i, i + 1);
  return spans;
}

// Every row of the results from the rows and columns of the source that its spans name.
void pool(PoolKernels::Row kernel, std::size_t batch, std::size_t channels,
          std::size_t source_height, std::size_t source_width, const std::vector<PoolSpan>& rows,
          const std::vector<PoolSpan>& columns, const float* source, float* out) {
  const std::size_t height = rows.size(), width = columns.size();
  const std::size_t source_row = source_width * channels, row = width * channels;
  const auto band = [&](std::size_t image, std::size_t first, std::size_t count) {
    static thread_local Scratch scratch;
    scratch.reserve(source_row);
    for (std::size_t r = first; r < first + count; ++r) {
      const PoolSpan& span = rows[r];
      const float* from =
          source + (image * source_height + static_cast<std::size_t>(span.begin)) * source_row;
      kernel(from, static_cast<std::size_t>(span.end - span.begin), source_width, channels,
             columns.data(), width, span.divisor, scratch.data(), out + (image * height + r) * row);
    }
  };
  for_each_band(batch, height, std::max(row, source_row * source_height / height), band);
}

// Pixels of so few channels leave most of a vector empty: windows are then taken side by side.
constexpr std::size_t kFewChannels = 4;

class MaxGradient {
 public:
  explicit MaxGradient(const PoolShape& s)
      : kernels_(PF_KERNELS(pool_kernels)),
        shape_(s),
        down_(rows_of(s)),
        across_(columns_of(s)),
        row_(s.in_width * s.channels) {
    windows_.is_alone = down_.is_disjoint() && across_.is_disjoint();
    is_written_ = windows_.is_alone && down_.is_covered() && across_.is_covered();
    if (s.channels <= kFewChannels) {
      set_planes();
    } else {
      set_pixels();
    }
  }

  // What belongs to `count` rows of windows: they, and the parts of others that reach into it.
  void compute(std::size_t image, std::size_t group, std::size_t count, const float* x,
               const float* dy, float* dx) const {
    const std::size_t first = down_.first_of(group), last = down_.first_of(group + count);
    if (first == last) return;
    const std::size_t image_size = shape_.in_height * row_;
    const Band band{first,
                    last,
                    down_.outputs_of(first, last),
                    x + image * image_size,
                    dy + image * shape_.out_height * shape_.out_width * shape_.channels,
                    dx + image * image_size};
    if (planes_.empty()) {
      add_pixels(band);
    } else {
      add_planes(band);
    }
  }

 private:
  // Rows of one image's inputs, and the outputs whose windows have some of them.
  struct Band {
    std::size_t first, last;
    PoolSpan outputs;
    const float* x;
    const float* dy;
    float* dx;
  };

  void set_pixels() {
    columns_ = input_spans(across_);
    windows_.count = shape_.channels;
    windows_.row_step = row_;
    for (std::size_t tap = 0; tap < across_.filter; ++tap) taps_.push_back(tap * shape_.channels);
  }

  void set_planes() {
    const std::size_t stride = across_.stride, before = across_.before;
    plane_length_ = std::max(across_.out + (across_.filter - 1) / stride,
                             (across_.in - 1 + before) / stride + 1);
    for (std::size_t q = 0; q < stride; ++q) {
      const std::size_t first = q >= before ? 0 : (before - q + stride - 1) / stride;
      const std::size_t column = first * stride + q - before;
      planes_.push_back(
          {first, column, column < across_.in ? (across_.in - 1 - column) / stride + 1 : 0});
    }
    for (std::size_t tap = 0; tap < across_.filter; ++tap) {
      taps_.push_back((tap % stride * plane_length_ + tap / stride) * shape_.channels);
    }
    windows_.count = across_.out * shape_.channels;
    windows_.row_step = stride * plane_length_ * shape_.channels;
    windows_.tap_count = across_.filter;
  }

  // The windows of a row of outputs, down to what of them lies in the band.
  PoolWindows windows_of(std::int32_t output, const Band& band) const {
    const PoolSpan span = down_.inputs_of(static_cast<std::size_t>(output));
    const auto begin = static_cast<std::size_t>(span.begin);
    const auto end = static_cast<std::size_t>(span.end);
    PoolWindows windows = windows_;
    windows.taps = taps_.data();
    windows.rows = end - begin;
    windows.begin = std::max(begin, band.first) - begin;
    windows.end = std::min(end, band.last) - begin;
    windows.dy = band.dy + static_cast<std::size_t>(output) * across_.out * shape_.channels;
    return windows;
  }

  void add_pixels(const Band& band) const {
    if (!is_written_) std::fill(band.dx + band.first * row_, band.dx + band.last * row_, 0.0f);
    for (std::int32_t o = band.outputs.begin; o < band.outputs.end; ++o) {
      PoolWindows windows = windows_of(o, band);
      const auto begin =
          static_cast<std::size_t>(down_.inputs_of(static_cast<std::size_t>(o)).begin);
      for (const PoolSpan& span : columns_) {
        const std::size_t column = static_cast<std::size_t>(span.begin) * shape_.channels;
        windows.x = band.x + begin * row_ + column;
        windows.dx = band.dx + (begin + windows.begin) * row_ + column;
        windows.tap_count = static_cast<std::size_t>(span.end - span.begin);
        kernels_.add_to_greatest(windows);
        windows.dy += shape_.channels;
      }
    }
  }

  void add_planes(const Band& band) const {
    const std::size_t step = windows_.row_step;
    // The rows that the windows have.
    std::size_t top = band.first, bottom = band.last;
    if (band.outputs.begin < band.outputs.end) {
      const PoolSpan highest = down_.inputs_of(static_cast<std::size_t>(band.outputs.begin));
      const PoolSpan lowest = down_.inputs_of(static_cast<std::size_t>(band.outputs.end - 1));
      top = std::min(top, static_cast<std::size_t>(highest.begin));
      bottom = std::max(bottom, static_cast<std::size_t>(lowest.end));
    }
    static thread_local Scratch scratch;
    scratch.reserve((bottom - top + band.last - band.first) * step);
    float* const laid = scratch.data();
    float* const sums = laid + (bottom - top) * step;
    const PoolPlanes planes{planes_.data(), planes_.size(), shape_.channels, plane_length_};
    for (std::size_t r = top; r < bottom; ++r) {
      kernels_.take_apart(band.x + r * row_, planes, laid + (r - top) * step);
    }
    if (!is_written_) std::fill(sums, sums + (band.last - band.first) * step, 0.0f);
    for (std::int32_t o = band.outputs.begin; o < band.outputs.end; ++o) {
      PoolWindows windows = windows_of(o, band);
      const auto begin =
          static_cast<std::size_t>(down_.inputs_of(static_cast<std::size_t>(o)).begin);
      windows.x = laid + (begin - top) * step;
      windows.dx = sums + (begin + windows.begin - band.first) * step;
      kernels_.add_to_greatest(windows);
    }
    for (std::size_t r = band.first; r < band.last; ++r) {
      kernels_.put_together(sums + (r - band.first) * step, planes, band.dx + r * row_);
    }
  }

  const PoolKernels& kernels_;
  const PoolShape& shape_;
  const Axis down_, across_;
  const std::size_t row_;
  std::vector<PoolSpan> columns_;
  std::vector<PoolPlane> planes_;
  std::vector<std::size_t> taps_;
  std::size_t plane_length_ = 0;
  PoolWindows windows_{};
  bool is_written_;
};

}  // namespace

void tensor_max_pool(const PoolShape& s, const float* x, float* out) {
  pool(PF_KERNELS(pool_kernels).greatest, s.batch, s.channels, s.in_height, s.in_width,
       input_spans(rows_of(s)), input_spans(columns_of(s)), x, out);
}

void tensor_average_pool(const PoolShape& s, const float* x, float* out) {
  pool(PF_KERNELS(pool_kernels).averages, s.batch, s.channels, s.in_height, s.in_width,
       input_spans(rows_of(s)), input_spans(columns_of(s)), x, out);
}

void tensor_average_pool_gradient(const PoolShape& s, const float* dy, float* dx) {
  pool(PF_KERNELS(pool_kernels).averages, s.batch, s.channels, s.out_height, s.out_width,
       output_spans(rows_of(s)), output_spans(columns_of(s)), dy, dx);
}

void tensor_max_pool_gradient(const PoolShape& s, const float* x, const float* dy, float* dx) {
  const MaxGradient gradient(s);
  const std::size_t row = s.in_width * s.channels;
  for_each_band(s.batch, s.out_height, s.stride_height * row,
                [&](std::size_t image, std::size_t first, std::size_t count) {
                  gradient.compute(image, first, count, x, dy, dx);
                });
}

}  // namespace pushforward
