#include "tensor_elementwise.h"
#include "tensor_functions.h"

namespace pushforward::PF_PATH {
namespace {

template <typename Function>
void unary(const float* x, float* out, size_t n, float p, float q) {
  const Float first = broadcast(p), second = broadcast(q);
  size_t i = 0;
  for (; i + kWidth <= n; i += kWidth) {
    store(out + i, Function::apply(load(x + i), first, second));
  }
  const int rest = static_cast<int>(n - i);
  if (rest > 0) {
    store_partial(out + i, Function::apply(load_partial(x + i, rest), first, second), rest);
  }
}

template <typename Function, bool a_varies, bool b_varies>
PF_INLINE void binary_row(const float* a, const float* b, float* out, size_t n) {
  const Float a_first = broadcast(*a), b_first = broadcast(*b);
  size_t i = 0;
  for (; i + kWidth <= n; i += kWidth) {
    store(out + i,
          Function::apply(a_varies ? load(a + i) : a_first, b_varies ? load(b + i) : b_first));
  }
  const int rest = static_cast<int>(n - i);
  if (rest > 0) {
    store_partial(out + i,
                  Function::apply(a_varies ? load_partial(a + i, rest) : a_first,
                                  b_varies ? load_partial(b + i, rest) : b_first),
                  rest);
  }
}

template <typename Function, bool a_varies, bool b_varies>
void binary_rows(const BinaryRows& task) {
  const float* a = task.a;
  const float* b = task.b;
  float* out = task.out;
  for (size_t row = 0; row < task.rows; ++row) {
    binary_row<Function, a_varies, b_varies>(a, b, out, task.inner);
    a += task.a_row_step;
    b += task.b_row_step;
    out += task.inner;
  }
}

template <typename Function>
void binary(const BinaryRows& task) {
  if (task.a_step == 1) {
    if (task.b_step == 1) return binary_rows<Function, true, true>(task);
    return binary_rows<Function, true, false>(task);
  }
  if (task.b_step == 1) return binary_rows<Function, false, true>(task);
  binary_rows<Function, false, false>(task);
}

// The step first, as where it is a tensor: an infinite dy times 0 is NaN.
PF_INLINE Float gated(Float dy, Float x, Float slope) { return dy * Step::apply(x, slope, slope); }

void leaky_relu_gradient(const float* dy, const float* x, float* out, size_t n, float slope) {
  const Float below = broadcast(slope);
  size_t i = 0;
  for (; i + kWidth <= n; i += kWidth) store(out + i, gated(load(dy + i), load(x + i), below));
  const int rest = static_cast<int>(n - i);
  if (rest > 0) {
    store_partial(out + i, gated(load_partial(dy + i, rest), load_partial(x + i, rest), below),
                  rest);
  }
}

}  // namespace

#define PF_UNARY_ENTRY(Type, name) unary<Type>,
#define PF_BINARY_ENTRY(Type, name) binary<Type>,
const ElementwiseKernels elementwise_kernels = {{PF_UNARY_FUNCTIONS(PF_UNARY_ENTRY)},
                                                {PF_BINARY_FUNCTIONS(PF_BINARY_ENTRY)},
                                                leaky_relu_gradient};
#undef PF_UNARY_ENTRY
#undef PF_BINARY_ENTRY

}  // namespace pushforward::PF_PATH
