#include "tensor_matmul_library.h"

#if defined(PF_ONEDNN)
#include <dnnl.h>
#elif defined(PF_BLAS)
#include <cblas.h>

#include <climits>
#endif

#include <algorithm>

namespace pushforward {

#if defined(PF_ONEDNN) || defined(PF_BLAS)
namespace {

// A matrix as the libraries take it: rows of `columns` numbers, `leading` apart, or the transpose
// of such a matrix. Libraries want `leading` to be no less than a row, even where there is one row.
struct Operand {
  Operand(const float* first, std::size_t rows, std::size_t columns, std::size_t row,
          std::size_t step)
      : data(first), transposed(step != 1) {
    leading = transposed ? std::max(step, rows) : std::max(row, columns);
  }
  const float* data;
  bool transposed;
  std::size_t leading;
};

#if defined(PF_ONEDNN)
using Size = dnnl_dim_t;
bool fits(std::size_t) { return true; }
bool gemm(const MatMul& task, const Operand& a, const Operand& b, float alpha, float beta) {
  return dnnl_sgemm(a.transposed ? 'T' : 'N', b.transposed ? 'T' : 'N', Size(task.rows),
                    Size(task.columns), Size(task.inner), alpha, a.data, Size(a.leading), b.data,
                    Size(b.leading), beta, task.c, Size(task.c_row)) == dnnl_success;
}
#else
using Size = int;
bool fits(std::size_t length) { return length <= INT_MAX; }
bool gemm(const MatMul& task, const Operand& a, const Operand& b, float alpha, float beta) {
  const auto order = [](const Operand& operand) {
    return operand.transposed ? CblasTrans : CblasNoTrans;
  };
  cblas_sgemm(CblasRowMajor, order(a), order(b), Size(task.rows), Size(task.columns),
              Size(task.inner), alpha, a.data, Size(a.leading), b.data, Size(b.leading), beta,
              task.c, Size(task.c_row));
  return true;
}
#endif

}  // namespace

bool library_multiply(const MatMul& task) {
  const Operand a(task.a, task.rows, task.inner, task.a_row, task.a_step);
  const Operand b(task.b, task.inner, task.columns, task.b_row, task.b_step);
  for (std::size_t length :
       {task.rows, task.columns, task.inner, a.leading, b.leading, task.c_row}) {
    if (!fits(length)) return false;
  }
  const float alpha = task.subtract ? -1.0f : 1.0f;
  return gemm(task, a, b, alpha, task.subtract || task.add ? 1.0f : 0.0f);
}
#endif

}  // namespace pushforward
