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
  const auto add = PF_KERNELS(pool_kernels).add_to_greatest;
  const Axis axis = rows_of(s), across = columns_of(s);
  const std::vector<PoolSpan> columns = input_spans(across);
  const bool is_disjoint = axis.is_disjoint() && across.is_disjoint();
  const bool is_written = is_disjoint && axis.is_covered() && across.is_covered();
  const std::size_t image_size = s.in_height * s.in_width * s.channels;
  const std::size_t row = s.in_width * s.channels;
  // A band takes the windows that reach into it, and of them what lies in it.
  for_each_band(
      s.batch, s.in_height, row, [&](std::size_t image, std::size_t first, std::size_t rows) {
        const float* const from = x + image * image_size;
        float* const to = dx + image * image_size;
        if (!is_written) std::fill(to + first * row, to + (first + rows) * row, 0.0f);
        const PoolSpan outputs = axis.outputs_of(first, first + rows);
        PoolWindow window;
        window.is_alone = is_disjoint;
        for (std::int32_t r = outputs.begin; r < outputs.end; ++r) {
          window.rows = axis.inputs_of(static_cast<std::size_t>(r));
          window.band = window.rows;
          window.band.begin = std::max(window.rows.begin, static_cast<std::int32_t>(first));
          window.band.end = std::min(window.rows.end, static_cast<std::int32_t>(first + rows));
          const float* cotangent =
              dy + (image * s.out_height + static_cast<std::size_t>(r)) * s.out_width * s.channels;
          for (const PoolSpan& span : columns) {
            window.columns = span;
            add(from, window, s.in_width, s.channels, cotangent, to);
            cotangent += s.channels;
          }
        }
      });
}

}  // namespace pushforward
