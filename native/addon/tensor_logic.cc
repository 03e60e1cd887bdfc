// tensorCompare.<function>(a, b, out, layout), tensorConnect.<function>(a, b, out, layout),
// tensorNot(x, out), tensorSelect(condition, a, b, out), tensorConvert(x, out).
#include "tensor_logic.h"

#include "exports.h"
#include "tensor_arguments.h"
#include "tensor_functions.h"

namespace pushforward::addon {
namespace {

#define PF_COMPARE(Type, name) {name, static_cast<int>(Comparison::k##Type)},
#define PF_CONNECT(Type, name) {name, static_cast<int>(Connective::k##Type)},
const TensorFunction kComparisons[] = {PF_COMPARISONS(PF_COMPARE)};
const TensorFunction kConnectives[] = {PF_CONNECTIVES(PF_CONNECT)};
#undef PF_COMPARE
#undef PF_CONNECT

void compare(const Napi::CallbackInfo& info) {
  const TensorFunction& function = tensor_function(info);
  const TensorArguments arguments(info, function.name);
  const TensorBuffer a = arguments.buffer(0, "a");
  const TensorBuffer b = arguments.buffer(1, "b");
  const TensorBuffer out = arguments.bytes(2, "out");
  if (b.type != a.type) arguments.refuse("b", "must be an array of the type of a");
  const TensorLayout layout = arguments.broadcast_layout(3, a, b, out);
  const auto comparison = static_cast<Comparison>(function.code);
  if (a.is_floats()) {
    tensor_compare(comparison, layout, a.floats(), b.floats(), out.bytes());
  } else if (a.is_ints()) {
    tensor_compare(comparison, layout, a.ints(), b.ints(), out.bytes());
  } else {
    tensor_compare(comparison, layout, a.bytes(), b.bytes(), out.bytes());
  }
}

void connect(const Napi::CallbackInfo& info) {
  const TensorFunction& function = tensor_function(info);
  const TensorArguments arguments(info, function.name);
  const TensorBuffer a = arguments.bytes(0, "a");
  const TensorBuffer b = arguments.bytes(1, "b");
  const TensorBuffer out = arguments.bytes(2, "out");
  const TensorLayout layout = arguments.broadcast_layout(3, a, b, out);
  tensor_connect(static_cast<Connective>(function.code), layout, a.bytes(), b.bytes(), out.bytes());
}

void negate(const Napi::CallbackInfo& info) {
  const TensorArguments arguments(info, "tensorNot");
  const TensorBuffer x = arguments.bytes(0, "x");
  const TensorBuffer out = arguments.bytes(1, "out");
  arguments.require_length(out, x.length);
  arguments.require_disjoint(out, x);
  tensor_not(x.bytes(), out.bytes(), x.length);
}

void select(const Napi::CallbackInfo& info) {
  const TensorArguments arguments(info, "tensorSelect");
  const TensorBuffer condition = arguments.bytes(0, "condition");
  const TensorBuffer a = arguments.buffer(1, "a");
  const TensorBuffer b = arguments.buffer(2, "b");
  const TensorBuffer out = arguments.buffer(3, "out");
  if (b.type != a.type) arguments.refuse("b", "must be an array of the type of a");
  if (out.type != a.type) arguments.refuse("out", "must be an array of the type of a");
  for (const TensorBuffer& buffer : {a, b, out}) {
    arguments.require_length(buffer, condition.length);
  }
  for (const TensorBuffer& buffer : {condition, a, b}) arguments.require_disjoint(out, buffer);
  if (a.is_bytes()) {
    tensor_select(condition.bytes(), a.bytes(), b.bytes(), out.bytes(), out.length);
  } else {
    tensor_select(condition.bytes(), a.words(), b.words(), out.words(), out.length);
  }
}

void convert(const Napi::CallbackInfo& info) {
  const TensorArguments arguments(info, "tensorConvert");
  const TensorBuffer x = arguments.buffer(0, "x");
  const TensorBuffer out = arguments.buffer(1, "out");
  arguments.require_length(out, x.length);
  arguments.require_disjoint(out, x);
  if (x.is_ints() && out.is_floats()) return tensor_convert(x.ints(), out.floats(), x.length);
  if (x.is_bytes() && out.is_floats()) return tensor_convert(x.bytes(), out.floats(), x.length);
  if (x.is_bytes() && out.is_ints()) return tensor_convert(x.bytes(), out.ints(), x.length);
  if (x.is_floats() && out.is_ints()) return tensor_convert(x.floats(), out.ints(), x.length);
  if (x.is_floats() && out.is_bytes()) return tensor_convert(x.floats(), out.bytes(), x.length);
  if (x.is_ints() && out.is_bytes()) return tensor_convert(x.ints(), out.bytes(), x.length);
  arguments.refuse("out", "must be an array of a type that x can be converted to");
}

const Exports registration{[](Napi::Env env, Napi::Object exports) {
  exports.Set("tensorCompare", function_table(env, compare, kComparisons));
  exports.Set("tensorConnect", function_table(env, connect, kConnectives));
  exports.Set("tensorNot", Napi::Function::New(env, negate, "tensorNot"));
  exports.Set("tensorSelect", Napi::Function::New(env, select, "tensorSelect"));
  exports.Set("tensorConvert", Napi::Function::New(env, convert, "tensorConvert"));
}};

}  // namespace
}  // namespace pushforward::addon
