// What follows a product, on rows of its results that are still in the caches. For kernel files.
#pragma once

#include "pushforward/simd.h"
#include "tensor_matmul.h"

namespace pushforward::PF_PATH {

// c = activation(c + bias) for rows of `columns` numbers, `c_row` apart. `slopes`, one a column,
// are those of kLeakyRelu in place of alpha; a bias or slopes that are null are none.
void finish_rows(MatMulFinish activation, float* c, size_t c_row, size_t rows, size_t columns,
                 const float* bias, float alpha, const float* slopes);

}  // namespace pushforward::PF_PATH
