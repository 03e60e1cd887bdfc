// The product that every convolution is made of, over places given by tables.
#pragma once

#include <cstddef>

#include "pushforward/dispatch.h"
#include "tensor_convolution.h"

namespace pushforward {

// Steps from one place of a source to the next.
struct WindowRun {
  std::size_t offset, count;
};

// Columns of a product whose results stay in registers: `vectors` whole vectors, of which the last
// `columns` numbers may be fewer than there is room for.
struct WindowPanel {
  std::size_t column, columns, vectors;
};

// c[i][j] += Σ over runs, over steps of each: a[i][run.offset + step · a_step] · b[step][j], for
// rows i. Row i of a starts at a + a_offsets[i], that of c at c + c_offsets[i]. The steps of b
// follow each other over all runs, each a panel's vectors, zeros beyond its columns.
struct WindowProduct {
  const float* a;
  const std::size_t* a_offsets;
  std::size_t a_step;
  const WindowRun* runs;
  std::size_t run_count;
  const float* b;
  float* c;
  const std::size_t* c_offsets;
  std::size_t rows;
  WindowPanel panel;
  bool first;  // c is set, to the product and the bias, and not added to
  bool last;   // the activation is taken
  ConvolutionFinish finish;
};

struct ConvolutionKernels {
  std::size_t width;         // numbers of a vector
  std::size_t most_vectors;  // of a panel
  void (*multiply)(const WindowProduct& product);
  // b of a panel from a matrix whose element (step, j) lies at step · row + j · column; one of the
  // two is 1.
  void (*pack)(const float* from, std::size_t row, std::size_t column, std::size_t steps,
               const WindowPanel& panel, float* to);
  // c = activation(c + bias) for rows that follow each other.
  void (*finish)(const ConvolutionFinish& finish, float* c, std::size_t rows, std::size_t columns);
};

PF_DECLARE_KERNELS(ConvolutionKernels, convolution_kernels)

}  // namespace pushforward
