#include "tensor_elementwise.h"

#include "tensor_layout.h"

namespace pushforward {
namespace {

// Fewer elements of these cost as much as kParallelElements of the cheap ones.
bool is_transcendental(UnaryFunction function) {
  switch (function) {
    case UnaryFunction::kElu:
    case UnaryFunction::kErf:
    case UnaryFunction::kExp:
    case UnaryFunction::kExpm1:
    case UnaryFunction::kLog:
    case UnaryFunction::kLog1p:
    case UnaryFunction::kSelu:
    case UnaryFunction::kSigmoid:
    case UnaryFunction::kSoftplus:
    case UnaryFunction::kTanh:
      return true;
    default:
      return false;
  }
}

}  // namespace

void tensor_unary(UnaryFunction function, const float* x, float* out, std::size_t n, float p,
                  float q) {
  const auto kernel = PF_KERNELS(elementwise_kernels).unary[static_cast<int>(function)];
  const std::size_t least = is_transcendental(function) ? kParallelElements / 4 : kParallelElements;
  for_each_range(n, least, [&](std::size_t begin, std::size_t count) {
    kernel(x + begin, out + begin, count, p, q);
  });
}

void tensor_binary(BinaryFunction function, const TensorLayout& layout, const float* a,
                   const float* b, float* out) {
  run_rows(PF_KERNELS(elementwise_kernels).binary[static_cast<int>(function)], layout, a, b, out);
}

void tensor_leaky_relu_gradient(const float* dy, const float* x, float* out, std::size_t n,
                                float slope) {
  const auto kernel = PF_KERNELS(elementwise_kernels).leaky_relu_gradient;
  for_each_range(n, kParallelElements, [&](std::size_t begin, std::size_t count) {
    kernel(dy + begin, x + begin, out + begin, count, slope);
  });
}

}  // namespace pushforward
