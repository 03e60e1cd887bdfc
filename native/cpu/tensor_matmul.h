// Products of row-major matrices, with a bias and an activation where wanted.
#pragma once

#include <cstddef>

#include "pushforward/dispatch.h"

namespace pushforward {

struct TensorLayout;

enum class MatMulFinish { kNone, kRelu, kRelu6, kElu, kLeakyRelu, kSigmoid };

// c [rows, columns] = finish(a [rows, inner] · b [inner, columns] + bias [columns]). Element (i, k)
// of a lies at i · a_row + k · a_step, element (k, j) of b at k · b_row + j · b_step; one step of
// each is 1. No dimension is 0.
struct MatMul {
  const float* a;
  const float* b;
  float* c;
  std::size_t rows, columns, inner;
  std::size_t a_row, a_step, b_row, b_step;
  // How far the rows of c are apart: `columns`, or more where c is a part of a wider matrix.
  std::size_t c_row;
  // c [rows, columns] = c - a · b, with no finish.
  bool subtract = false;
  // c [rows, columns] = c + a · b.
  bool add = false;
  const float* bias = nullptr;
  MatMulFinish finish = MatMulFinish::kNone;
  float alpha = 0.0f;  // of kLeakyRelu
};

// Columns of b side by side, so that the innermost loop reads one address after the other: for each
// block of kInnerBlock steps, for each panel of panel_columns columns, [steps][panel_columns], the
// columns beyond the last filled with zeros.
struct MatMulKernels {
  std::size_t panel_rows, panel_columns;
  // Packs panels [first, last) of the steps [k, k + steps) of b.
  void (*pack)(const MatMul& task, std::size_t k, std::size_t steps, std::size_t first,
               std::size_t last, float* packed);
  // Adds the steps [k, k + steps) to rows [row, row + rows) of c in panels [first, last); the first
  // steps set c, the last ones finish it. With no `packed`, b is read where it lies; its b_step
  // is 1. `scratch` holds panel_rows · kInnerBlock floats for each panel_rows rows of the block.
  void (*multiply)(const MatMul& task, std::size_t k, std::size_t steps, std::size_t row,
                   std::size_t rows, std::size_t first, std::size_t last, const float* packed,
                   float* scratch);
};

PF_DECLARE_KERNELS(MatMulKernels, matmul_kernels)

constexpr std::size_t kInnerBlock = 256;

// The products of one batch after the other: `batches` walks the first matrices of a and b, those
// of c follow each other.
//
// Every sum is taken in the order of k, one fused multiply-add a step, restarted from c at each
// kInnerBlock steps; threads share c, so the bits are the same for every number of them.
void tensor_matmul(const MatMul& task, const TensorLayout& batches);

}  // namespace pushforward
