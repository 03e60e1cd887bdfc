#include "tensor_normalise.h"

#include "pushforward/simd.h"

namespace pushforward::PF_PATH {
namespace {

// The difference first: as x · factor + (shift - centre · factor) a centre far from zero would take
// the digits away.
PF_INLINE Float normal(Float x, Float centre, Float factor, Float shift) {
  return fma(x - centre, factor, shift);
}

void normalise(const float* x, size_t n, const float* centre, const float* factor,
               const float* shift, size_t period, float* out) {
  for (; n > 0; x += period, out += period) {
    const size_t length = n < period ? n : period;
    size_t i = 0;
    for (; i + kWidth <= length; i += kWidth) {
      store(out + i, normal(load(x + i), load(centre + i), load(factor + i), load(shift + i)));
    }
    const int rest = static_cast<int>(length - i);
    if (rest > 0) {
      const Float value = normal(load_partial(x + i, rest), load_partial(centre + i, rest),
                                 load_partial(factor + i, rest), load_partial(shift + i, rest));
      store_partial(out + i, value, rest);
    }
    n -= length;
  }
}

}  // namespace

const NormaliseKernels normalise_kernels = {normalise};

}  // namespace pushforward::PF_PATH
