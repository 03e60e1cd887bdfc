// Moving elements about: transposing, repeating, cutting out and putting together.
#pragma once

#include <cstddef>
#include <cstdint>

#include "pushforward/dispatch.h"

namespace pushforward {

struct TensorLayout;

struct CopyKernels {
  // to[j · to_row + i] = from[i · from_row + j] for i < rows, j < columns.
  void (*transpose)(const float* from, std::size_t from_row, std::size_t rows, std::size_t columns,
                    float* to, std::size_t to_row);
};

PF_DECLARE_KERNELS(CopyKernels, copy_kernels)

// Copies every element the layout walks, from its first operand to its second. A layout that visits
// a place of `to` twice leaves there one of the elements, but which one depends on the threads.
void tensor_copy(const TensorLayout& layout, const std::uint8_t* from, std::uint8_t* to);
void tensor_copy(const TensorLayout& layout, const float* from, float* to);

}  // namespace pushforward
