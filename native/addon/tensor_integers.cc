// tensorIntegerUnary.<function>(x, out, p, q), tensorIntegerBinary.<function>(a, b, out, layout).
#include "tensor_integers.h"

#include <cmath>

#include "exports.h"
#include "tensor_arguments.h"
#include "tensor_functions.h"

namespace pushforward::addon {
namespace {

#define PF_UNARY(Type, name) {name, static_cast<int>(IntegerUnary::k##Type)},
#define PF_BINARY(Type, name) {name, static_cast<int>(IntegerBinary::k##Type)},
const TensorFunction kUnary[] = {PF_INTEGER_UNARY_FUNCTIONS(PF_UNARY)};
const TensorFunction kBinary[] = {PF_INTEGER_BINARY_FUNCTIONS(PF_BINARY)};
#undef PF_UNARY
#undef PF_BINARY

std::int32_t integer(const TensorArguments& arguments, std::size_t index, const char* name) {
  const double value = arguments.number(index, name);
  if (!(value >= INT32_MIN && value <= INT32_MAX) || value != std::floor(value)) {
    arguments.refuse(name, "must be an int32");
  }
  return static_cast<std::int32_t>(value);
}

void unary(const Napi::CallbackInfo& info) {
  const TensorFunction& function = tensor_function(info);
  const TensorArguments arguments(info, function.name);
  const std::int32_t p = info.Length() > 2 ? integer(arguments, 2, "p") : 0;
  const std::int32_t q = info.Length() > 3 ? integer(arguments, 3, "q") : 0;
  const TensorBuffer x = arguments.ints(0, "x");
  const TensorBuffer out = arguments.ints(1, "out");
  arguments.require_length(out, x.length);
  arguments.require_disjoint(out, x);
  tensor_integer_unary(static_cast<IntegerUnary>(function.code), x.ints(), out.ints(), x.length, p,
                       q);
}

void binary(const Napi::CallbackInfo& info) {
  const TensorFunction& function = tensor_function(info);
  const TensorArguments arguments(info, function.name);
  const TensorBuffer a = arguments.ints(0, "a");
  const TensorBuffer b = arguments.ints(1, "b");
  const TensorBuffer out = arguments.ints(2, "out");
  const TensorLayout layout = arguments.broadcast_layout(3, a, b, out);
  tensor_integer_binary(static_cast<IntegerBinary>(function.code), layout, a.ints(), b.ints(),
                        out.ints());
}

const Exports registration{[](Napi::Env env, Napi::Object exports) {
  exports.Set("tensorIntegerUnary", function_table(env, unary, kUnary));
  exports.Set("tensorIntegerBinary", function_table(env, binary, kBinary));
}};

}  // namespace
}  // namespace pushforward::addon
