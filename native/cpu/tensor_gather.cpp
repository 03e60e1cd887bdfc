#include "tensor_gather.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "tensor_layout.h"

namespace pushforward {
namespace {

template <typename T>
void gather(const GatherShape& s, const T* x, const std::int32_t* indices, T* out) {
  const std::size_t slices = s.batch * s.outer * s.count;
  const std::size_t per_task = std::max<std::size_t>(1, kElementsPerTask / s.slice);
  const int slots = slices * s.slice < kParallelElements ? 1 : thread_count();
  parallel_for((slices + per_task - 1) / per_task, slots, [&](std::size_t task, int) {
    std::size_t at = task * per_task;
    const std::size_t end = std::min(slices, at + per_task);
    while (at < end) {
      const std::size_t row = at / s.count, first = at % s.count;
      const std::size_t count = std::min(end - at, s.count - first);
      const std::int32_t* const picked = indices + row / s.outer * s.count + first;
      const T* const from = x + row * s.dim * s.slice;
      T* to = out + at * s.slice;
      if (s.slice == 1) {
        for (std::size_t i = 0; i < count; ++i) to[i] = from[picked[i]];
      } else {
        for (std::size_t i = 0; i < count; ++i, to += s.slice) {
          std::memcpy(to, from + static_cast<std::size_t>(picked[i]) * s.slice,
                      s.slice * sizeof(T));
        }
      }
      at += count;
    }
  });
}

}  // namespace

void tensor_gather(const GatherShape& shape, const std::uint8_t* x, const std::int32_t* indices,
                   std::uint8_t* out) {
  gather(shape, x, indices, out);
}

void tensor_gather(const GatherShape& shape, const float* x, const std::int32_t* indices,
                   float* out) {
  gather(shape, x, indices, out);
}

void tensor_segment_sum(const float* x, const std::int32_t* numbers, std::size_t count,
                        std::size_t slice, std::size_t segments, float* out) {
  // The slices in the order of their segments, and within one as they lie in x.
  std::vector<std::size_t> starts(segments + 1, 0);
  const auto is_inside = [segments](std::int32_t number) {
    return number >= 0 && static_cast<std::size_t>(number) < segments;
  };
  for (std::size_t i = 0; i < count; ++i) {
    if (is_inside(numbers[i])) ++starts[static_cast<std::size_t>(numbers[i]) + 1];
  }
  for (std::size_t i = 0; i < segments; ++i) starts[i + 1] += starts[i];
  std::vector<std::int32_t> rows(starts[segments]);
  std::vector<std::size_t> next(starts.begin(), starts.end() - 1);
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_inside(numbers[i])) continue;
    rows[next[static_cast<std::size_t>(numbers[i])]++] = static_cast<std::int32_t>(i);
  }

  const auto sum_rows = PF_KERNELS(gather_kernels).sum_rows;
  const std::size_t elements = std::max(count, segments) * slice;
  const std::size_t tasks =
      std::min(segments, (elements + kElementsPerTask - 1) / kElementsPerTask);
  parallel_for(tasks, elements < kParallelElements ? 1 : thread_count(),
               [&](std::size_t task, int) {
                 const std::size_t end = (task + 1) * segments / tasks;
                 for (std::size_t segment = task * segments / tasks; segment < end; ++segment) {
                   const std::size_t begin = starts[segment];
                   sum_rows(x, rows.data() + begin, starts[segment + 1] - begin, slice,
                            out + segment * slice);
                 }
               });
}

}  // namespace pushforward
