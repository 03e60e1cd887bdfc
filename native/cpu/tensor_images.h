// Images [batch, height, width, channels] shared among threads by their rows.
#pragma once

#include <algorithm>
#include <cstddef>

#include "pushforward/threads.h"
#include "tensor_layout.h"

namespace pushforward {

// A pixel takes a few operations, so that fewer of them are worth a thread than of bare elements.
constexpr std::size_t kParallelPixels = kParallelElements / 4;

// Calls body(image, first, rows) for bands of rows that cover all images once, of `elements`
// numbers a row. Which bands they are depends on nothing but the shape.
template <typename Body>
void for_each_band(std::size_t images, std::size_t height, std::size_t elements, const Body& body) {
  const std::size_t all = images * height;
  const std::size_t per_task = std::max<std::size_t>(1, kElementsPerTask / elements);
  const int slots = all * elements < kParallelPixels ? 1 : thread_count();
  parallel_for((all + per_task - 1) / per_task, slots, [&](std::size_t task, int) {
    std::size_t row = task * per_task;
    const std::size_t end = std::min(all, row + per_task);
    while (row < end) {
      const std::size_t image = row / height, first = row % height;
      const std::size_t rows = std::min(end - row, height - first);
      body(image, first, rows);
      row += rows;
    }
  });
}

}  // namespace pushforward
