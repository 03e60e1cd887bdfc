// How the matrices of a batch are shared out: in groups that are interleaved, and one by one.
#pragma once

#include <algorithm>
#include <cstddef>

#include "lu_group.h"
#include "pushforward/memory.h"
#include "pushforward/threads.h"

namespace pushforward {

// Multiply-adds, about 60 µs of one core, below which a second thread is not worth waking.
constexpr std::size_t kLeastParallelWork = std::size_t{1} << 20;

// The sizes up to which a group is done sooner side by side than matrix by matrix: three times the
// vector's width. From there on a matrix fills vectors by itself, while a group, in which no row
// can be left out as soon as one matrix has chosen it, no longer fits the first-level cache.
inline bool is_small(std::size_t n, std::size_t width) { return n <= 3 * width; }

// Whether that holds for a group that is not full too, which takes as long as a full one.
inline bool is_worth_a_group(std::size_t count, std::size_t n) { return 4 * count >= n; }

// Memory of the thread that asks.
inline Scratch& thread_scratch() {
  static thread_local Scratch scratch;
  return scratch;
}

// Calls grouped(first, count) for groups and single(index) for matrices that are taken one by one:
// all of them unless they are `groupable`. `work` is the multiply-adds for one matrix.
template <typename Grouped, typename Single>
void for_each_group(std::size_t batch, std::size_t n, bool groupable, std::size_t work,
                    const Grouped& grouped, const Single& single) {
  const std::size_t width = PF_KERNELS(lu_group_kernels).width;
  const std::size_t whole = groupable ? batch / width : 0;
  const std::size_t rest = batch - whole * width;
  const bool last_is_group = rest > 0 && groupable && is_worth_a_group(rest, n);
  const std::size_t groups = whole + (last_is_group ? 1 : 0);
  const std::size_t singles = last_is_group ? 0 : rest;
  const auto task = [&](std::size_t index, int) {
    if (index < groups) {
      grouped(index * width, std::min(width, batch - index * width));
    } else {
      single(whole * width + index - groups);
    }
  };
  // A few large matrices are taken one after the other, and their products shared among threads.
  const std::size_t tasks = groups + singles;
  const int threads = thread_count();
  const bool is_shared = batch * work >= kLeastParallelWork &&
                         (groups > 0 || tasks >= static_cast<std::size_t>(threads));
  parallel_for(tasks, is_shared ? threads : 1, task);
}

}  // namespace pushforward
