// Products by the library that the build was asked for with PF_ONEDNN or PF_BLAS.
#pragma once

#include "tensor_matmul.h"

namespace pushforward {

#if defined(PF_ONEDNN) || defined(PF_BLAS)
// The product, taken from c or added to it where the task says so, without the finish. The library
// has threads of its own. False, and nothing done, for lengths that it has no type for.
bool library_multiply(const MatMul& task);
#else
inline bool library_multiply(const MatMul&) { return false; }
#endif

}  // namespace pushforward
