#include "tensor_copy.h"

#include <cstring>

#include "tensor_layout.h"

namespace pushforward {
namespace {

struct Steps {
  std::size_t from_row, from_column, to_row, to_column;
};

template <typename T>
void copy_rows(const LayoutBlock& block, const Steps& steps, const T* from, T* to) {
  for (std::size_t row = 0; row < block.rows; ++row) {
    if (steps.to_column == 1 && steps.from_column == 1) {
      std::memcpy(to, from, block.columns * sizeof(T));
    } else if (steps.to_column == 1 && steps.from_column == 0) {
      std::fill(to, to + block.columns, *from);
    } else {
      for (std::size_t i = 0; i < block.columns; ++i) {
        to[i * steps.to_column] = from[i * steps.from_column];
      }
    }
    from += steps.from_row;
    to += steps.to_row;
  }
}

constexpr std::size_t kTransposedColumns = 128;

bool transposes(const Steps& steps) { return steps.from_row == 1 && steps.to_column == 1; }

void copy_block(const LayoutBlock& block, const Steps& steps, const std::uint8_t* from,
                std::uint8_t* to) {
  copy_rows(block, steps, from, to);
}

void copy_block(const LayoutBlock& block, const Steps& steps, const float* from, float* to) {
  if (transposes(steps) && block.rows > 1) {
    PF_KERNELS(copy_kernels)
        .transpose(from, steps.from_column, block.columns, block.rows, to, steps.to_row);
  } else {
    copy_rows(block, steps, from, to);
  }
}

template <typename T>
void copy_layout(const TensorLayout& layout, const T* from, T* to) {
  const int inner = layout.rank - 1;
  const Steps steps{inner > 0 ? layout.first_steps[inner - 1] : 0, layout.first_steps[inner],
                    inner > 0 ? layout.second_steps[inner - 1] : 0, layout.second_steps[inner]};
  // A transposed block is about square, so that it uses all of the cache lines it touches.
  const std::size_t most_columns = transposes(steps) ? kTransposedColumns : kElementsPerTask;
  for_each_block(layout, most_columns, [&](const LayoutBlock& block) {
    copy_block(block, steps, from + block.first, to + block.second);
  });
}

}  // namespace

void tensor_copy(const TensorLayout& layout, const std::uint8_t* from, std::uint8_t* to) {
  copy_layout(layout, from, to);
}

void tensor_copy(const TensorLayout& layout, const float* from, float* to) {
  copy_layout(layout, from, to);
}

}  // namespace pushforward
