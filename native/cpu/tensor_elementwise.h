// Elementwise kernels of the tensor backend, for float32: the list of functions (one name for the
// type in tensor_functions.h, one for JavaScript), their tables for each path, and the entry points
// that iterate over a layout and share the work among threads.
#pragma once

#include <cstddef>

#include "pushforward/dispatch.h"
#include "tensor_rows.h"

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
  F(Prelu, "prelu")                         \
  F(Pow, "pow")

namespace pushforward {

struct TensorLayout;

#define PF_ENUMERATOR(Type, name) k##Type,
enum class UnaryFunction { PF_UNARY_FUNCTIONS(PF_ENUMERATOR) kCount };
enum class BinaryFunction { PF_BINARY_FUNCTIONS(PF_ENUMERATOR) kCount };
#undef PF_ENUMERATOR

using BinaryRows = TypedRows<float, float>;

struct ElementwiseKernels {
  // The function's parameters are p and q, where it has any.
  void (*unary[static_cast<int>(UnaryFunction::kCount)])(const float* x, float* out, std::size_t n,
                                                         float p, float q);
  void (*binary[static_cast<int>(BinaryFunction::kCount)])(const BinaryRows& rows);
  void (*leaky_relu_gradient)(const float* dy, const float* x, float* out, std::size_t n,
                              float slope);
};

PF_DECLARE_KERNELS(ElementwiseKernels, elementwise_kernels)

// out[i] = function(x[i]) for n elements.
void tensor_unary(UnaryFunction function, const float* x, float* out, std::size_t n, float p,
                  float q);

// out = function(a, b) over a layout of the operands a and b; out is contiguous. Within a row an
// operand moves by 1 or stands still.
void tensor_binary(BinaryFunction function, const TensorLayout& layout, const float* a,
                   const float* b, float* out);

// out[i] = dy[i] where x[i] > 0, dy[i] · slope elsewhere, NaN where x[i] is NaN, for n elements.
void tensor_leaky_relu_gradient(const float* dy, const float* x, float* out, std::size_t n,
                                float slope);

}  // namespace pushforward
