// tensorUnary.<function>(x, out, p, q), tensorBinary.<function>(a, b, out, layout),
// tensorLeakyReluGradient(dy, x, out, slope).
#include "tensor_elementwise.h"

#include "exports.h"
#include "tensor_arguments.h"
#include "tensor_functions.h"

namespace pushforward::addon {
namespace {

#define PF_UNARY(Type, name) {name, static_cast<int>(UnaryFunction::k##Type)},
#define PF_BINARY(Type, name) {name, static_cast<int>(BinaryFunction::k##Type)},
const TensorFunction kUnary[] = {PF_UNARY_FUNCTIONS(PF_UNARY)};
const TensorFunction kBinary[] = {PF_BINARY_FUNCTIONS(PF_BINARY)};
#undef PF_UNARY
#undef PF_BINARY

void unary(const Napi::CallbackInfo& info) {
  const TensorFunction& function = tensor_function(info);
  const TensorArguments arguments(info, function.name);
  const float p = info.Length() > 2 ? static_cast<float>(arguments.number(2, "p")) : 0.0f;
  const float q = info.Length() > 3 ? static_cast<float>(arguments.number(3, "q")) : 0.0f;
  const TensorBuffer x = arguments.floats(0, "x");
  const TensorBuffer out = arguments.floats(1, "out");
  arguments.require_length(out, x.length);
  arguments.require_disjoint(out, x);
  tensor_unary(static_cast<UnaryFunction>(function.code), x.floats(), out.floats(), x.length, p, q);
}

void binary(const Napi::CallbackInfo& info) {
  const TensorFunction& function = tensor_function(info);
  const TensorArguments arguments(info, function.name);
  const TensorBuffer a = arguments.floats(0, "a");
  const TensorBuffer b = arguments.floats(1, "b");
  const TensorBuffer out = arguments.floats(2, "out");
  const TensorLayout layout = arguments.broadcast_layout(3, a, b, out);
  tensor_binary(static_cast<BinaryFunction>(function.code), layout, a.floats(), b.floats(),
                out.floats());
}

void leaky_relu_gradient(const Napi::CallbackInfo& info) {
  const TensorArguments arguments(info, "tensorLeakyReluGradient");
  const float slope = static_cast<float>(arguments.number(3, "slope"));
  const TensorBuffer dy = arguments.floats(0, "dy");
  const TensorBuffer x = arguments.floats(1, "x");
  const TensorBuffer out = arguments.floats(2, "out");
  arguments.require_length(x, dy.length);
  arguments.require_length(out, dy.length);
  arguments.require_disjoint(out, dy);
  arguments.require_disjoint(out, x);
  tensor_leaky_relu_gradient(dy.floats(), x.floats(), out.floats(), dy.length, slope);
}

const Exports registration{[](Napi::Env env, Napi::Object exports) {
  exports.Set("tensorUnary", function_table(env, unary, kUnary));
  exports.Set("tensorBinary", function_table(env, binary, kBinary));
  exports.Set("tensorLeakyReluGradient",
              Napi::Function::New(env, leaky_relu_gradient, "tensorLeakyReluGradient"));
}};

}  // namespace
}  // namespace pushforward::addon
