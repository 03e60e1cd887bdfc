// Elementwise kernels for int32. Sums and products wrap modulo 2^32: JavaScript, which takes them
// in double first, gives the same below 2^53 and rounded bits beyond.
#pragma once

#include <cstddef>
#include <cstdint>

#include "pushforward/dispatch.h"
#include "tensor_rows.h"

#define PF_INTEGER_UNARY_FUNCTIONS(F) \
  F(Abs, "abs")                       \
  F(Clip, "clip")                     \
  F(Neg, "neg")                       \
  F(Relu, "relu")                     \
  F(Relu6, "relu6")                   \
  F(Sign, "sign")                     \
  F(Square, "square")                 \
  F(Step, "step")

#define PF_INTEGER_BINARY_FUNCTIONS(F) \
  F(Add, "add")                        \
  F(Sub, "sub")                        \
  F(Multiply, "multiply")              \
  F(FloorDivide, "floorDivide")        \
  F(Modulo, "modulo")                  \
  F(Maximum, "maximum")                \
  F(Minimum, "minimum")                \
  F(SquaredDifference, "squaredDifference")

namespace pushforward {

struct TensorLayout;

#define PF_ENUMERATOR(Type, name) k##Type,
enum class IntegerUnary { PF_INTEGER_UNARY_FUNCTIONS(PF_ENUMERATOR) kCount };
enum class IntegerBinary { PF_INTEGER_BINARY_FUNCTIONS(PF_ENUMERATOR) kCount };
#undef PF_ENUMERATOR

struct IntegerKernels {
  // The function's parameters are p and q, where it has any.
  void (*unary[static_cast<int>(IntegerUnary::kCount)])(const std::int32_t* x, std::int32_t* out,
                                                        std::size_t n, std::int32_t p,
                                                        std::int32_t q);
  TypedFunction<std::int32_t, std::int32_t> binary[static_cast<int>(IntegerBinary::kCount)];
};

PF_DECLARE_KERNELS(IntegerKernels, integer_kernels)

// out[i] = function(x[i]) for n elements.
void tensor_integer_unary(IntegerUnary function, const std::int32_t* x, std::int32_t* out,
                          std::size_t n, std::int32_t p, std::int32_t q);

// out = function(a, b) over a layout of the operands; out is contiguous.
void tensor_integer_binary(IntegerBinary function, const TensorLayout& layout,
                           const std::int32_t* a, const std::int32_t* b, std::int32_t* out);

}  // namespace pushforward
