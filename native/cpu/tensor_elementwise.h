// Elementwise kernels of the tensor backend, for float32: the list of functions (one name for the
// type in tensor_functions.h, one for JavaScript), their tables for each path, and the entry points
// that iterate over a layout and share the work among threads.
#pragma once

#include <cstddef>

#include "pushforward/dispatch.h"

#define PF_UNARY_FUNCTIONS(F) \
  F(Abs, "abs")               \
  F(Clip, "clip")             \
  F(Elu, "elu")               \
  F(Erf, "erf")               \
  F(Exp, "exp")               \
  F(Expm1, "expm1")           \
  F(Floor, "floor")           \
  F(LeakyRelu, "leakyRelu")   \
  F(Log, "log")               \
  F(Log1p, "log1p")           \
  F(Neg, "neg")               \
  F(Reciprocal, "reciprocal") \
  F(Relu, "relu")             \
  F(Relu6, "relu6")           \
  F(Rsqrt, "rsqrt")           \
  F(Selu, "selu")             \
  F(Sigmoid, "sigmoid")       \
  F(Sign, "sign")             \
  F(Softplus, "softplus")     \
  F(Sqrt, "sqrt")             \
  F(Square, "square")         \
  F(Step, "step")             \
  F(Tanh, "tanh")

#define PF_BINARY_FUNCTIONS(F)              \
  F(Add, "add")                             \
  F(Sub, "sub")                             \
  F(Multiply, "multiply")                   \
  F(Divide, "divide")                       \
  F(Maximum, "maximum")                     \
  F(Minimum, "minimum")                     \
  F(SquaredDifference, "squaredDifference") \
  F(EluGrad, "eluGrad")                     \
  F(ReluGrad, "reluGrad")                   \
  F(Prelu, "prelu")                         \
  F(Pow, "pow")

namespace pushforward {

struct TensorLayout;

#define PF_ENUMERATOR(Type, name) k##Type,
enum class UnaryFunction { PF_UNARY_FUNCTIONS(PF_ENUMERATOR) kCount };
enum class BinaryFunction { PF_BINARY_FUNCTIONS(PF_ENUMERATOR) kCount };
#undef PF_ENUMERATOR

// `rows` rows of `inner` results, contiguous in out. An operand moves by its row step from row to
// row, and by 1 or 0 (broadcast) within a row.
struct BinaryRows {
  const float* a;
  const float* b;
  float* out;
  std::size_t rows, inner;
  std::size_t a_row_step, b_row_step;
  bool a_varies, b_varies;
};

struct ElementwiseKernels {
  // The function's parameters are p and q, where it has any.
  void (*unary[static_cast<int>(UnaryFunction::kCount)])(const float* x, float* out, std::size_t n,
                                                         float p, float q);
  void (*binary[static_cast<int>(BinaryFunction::kCount)])(const BinaryRows& rows);
};

PF_DECLARE_KERNELS(ElementwiseKernels, elementwise_kernels)

// out[i] = function(x[i]) for n elements.
void tensor_unary(UnaryFunction function, const float* x, float* out, std::size_t n, float p,
                  float q);

// out = function(a, b) over a layout of the operands a and b; out is contiguous. Within a row an
// operand moves by 1 or stands still.
void tensor_binary(BinaryFunction function, const TensorLayout& layout, const float* a,
                   const float* b, float* out);

}  // namespace pushforward
