#include "pushforward/simd.h"
#include "vector_math.h"

namespace pushforward::PF_PATH {
namespace {

template <Float (*function)(Float)>
void map(const float* x, float* out, size_t n) {
  size_t i = 0;
  for (; i + kWidth <= n; i += kWidth) store(out + i, function(load(x + i)));
  const int rest = static_cast<int>(n - i);
  if (rest > 0) store_partial(out + i, function(load_partial(x + i, rest)), rest);
}

}  // namespace

const VectorMathKernels vector_math_kernels = {map<exp>,      map<expm1>, map<log>,     map<log1p>,
                                               map<softplus>, map<tanh>,  map<sigmoid>, map<sin_pi>,
                                               map<cos_pi>,   map<erf>};

}  // namespace pushforward::PF_PATH
