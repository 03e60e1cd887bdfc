#include "tensor_copy.h"
#include "tensor_transpose.h"

namespace pushforward::PF_PATH {
namespace {

void transpose(const float* from, size_t from_row, size_t rows, size_t columns, float* to,
               size_t to_row) {
  transpose_rectangle(from, from_row, rows, columns, to, to_row);
}

}  // namespace

const CopyKernels copy_kernels = {transpose};

}  // namespace pushforward::PF_PATH
