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

// A part of a product that one thread computes: rows [row, row + rows), the panels [first, last) of
// columns, the steps [k, k + steps). Row and k are where a panel and a group of steps begin.
struct MatMulPart {
  std::size_t row, rows;
  std::size_t first, last;
  std::size_t k, steps;
  // Packed, from the part's first row or panel and step on; or none: read where they lie, which b
  // is where its b_step is 1.
  const float* a;
  const float* b;
};

// Packed copies of the operands are read one address after the other by the innermost loop. Of b,
// for each panel of panel_columns columns: [steps][panel_columns], the columns beyond the last
// filled with zeros. Of a, for each panel of panel_rows rows, as many floats as its rows have in
// whole groups of kStepGroup steps: [steps][panel_rows] where a row of a is a column in memory, and
// [groups][panel_rows][kStepGroup] where it is a row, so that both are copied without transposing.
struct MatMulKernels {
  std::size_t panel_rows, panel_columns;
  // Packs the steps [k, k + steps) of panels [first, last), of a and of b.
  void (*pack_rows)(const MatMul& task, std::size_t k, std::size_t steps, std::size_t first,
                    std::size_t last, float* packed);
  void (*pack_columns)(const MatMul& task, std::size_t k, std::size_t steps, std::size_t first,
                       std::size_t last, float* packed);
  // Adds a part to c; the first steps of the product set c, the last ones finish it.
  void (*multiply)(const MatMul& task, const MatMulPart& part);
  // Finishes rows of products that another library has computed.
  void (*finish)(const MatMul& task, std::size_t row, std::size_t rows);
};

PF_DECLARE_KERNELS(MatMulKernels, matmul_kernels)

constexpr std::size_t kStepGroup = 16;

// The products of one batch after the other: `batches` walks the first matrices of a and b, those
// of c follow each other.
//
// Every sum is taken in the order of k, one fused multiply-add a step, wherever the steps are cut
// into blocks; threads share c, so the bits are the same for every number of them.
void tensor_matmul(const MatMul& task, const TensorLayout& batches);

}  // namespace pushforward
