#include "tensor_integers.h"

#include "tensor_layout.h"

namespace pushforward {

void tensor_integer_unary(IntegerUnary function, const std::int32_t* x, std::int32_t* out,
                          std::size_t n, std::int32_t p, std::int32_t q) {
  const auto kernel = PF_KERNELS(integer_kernels).unary[static_cast<int>(function)];
  for_each_range(n, kParallelElements, [&](std::size_t begin, std::size_t count) {
    kernel(x + begin, out + begin, count, p, q);
  });
}

void tensor_integer_binary(IntegerBinary function, const TensorLayout& layout,
                           const std::int32_t* a, const std::int32_t* b, std::int32_t* out) {
  run_rows(PF_KERNELS(integer_kernels).binary[static_cast<int>(function)], layout, a, b, out);
}

}  // namespace pushforward
