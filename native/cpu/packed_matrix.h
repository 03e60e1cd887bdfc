// A matrix that many others are multiplied by from the left, packed once for all of them.
#pragma once

#include <cstddef>

#include "pushforward/memory.h"
#include "tensor_matmul.h"

namespace pushforward {

class PackedMatrix {
 public:
  // b [inner, columns]: element (k, j) lies at k · b_row + j · b_step, and one of the two is 1.
  PackedMatrix(const float* b, std::size_t inner, std::size_t columns, std::size_t b_row,
               std::size_t b_step);

  // c [rows, columns] = a [rows, inner] · b, or c + a · b. Any number of threads may call this at
  // once. Each sum is taken in the order of k, one fused multiply-add a step, so that a row's
  // result is the same whatever rows it is multiplied with.
  void multiply(const float* a, std::size_t a_row, std::size_t rows, float* c, std::size_t c_row,
                bool add) const;

 private:
  const MatMulKernels& kernels_;
  MatMul task_;
  std::size_t panels_;
  Scratch packed_;
};

}  // namespace pushforward
