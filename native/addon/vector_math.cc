// vectorMath(name, x, out): one elementary function of the path in use over an array. For tests.
#include "vector_math.h"
#include "arguments.h"
#include "exports.h"

namespace pushforward::addon {
namespace {

constexpr const char* kCall = "vectorMath";

VectorMathKernels::Function function_named(Napi::Env env, const std::string& name) {
  const VectorMathKernels& kernels = PF_KERNELS(vector_math_kernels);
  if (name == "exp") return kernels.exp;
  if (name == "expm1") return kernels.expm1;
  if (name == "log") return kernels.log;
  if (name == "log1p") return kernels.log1p;
  if (name == "softplus") return kernels.softplus;
  if (name == "tanh") return kernels.tanh;
  if (name == "sigmoid") return kernels.sigmoid;
  if (name == "sinPi") return kernels.sin_pi;
  if (name == "cosPi") return kernels.cos_pi;
  if (name == "erf") return kernels.erf;
  throw_type_error(env, std::string(kCall) + ": no function is named '" + name + "'");
}

void vector_math(const Napi::CallbackInfo& info) {
  if (!info[0].IsString()) {
    throw_type_error(info.Env(), std::string(kCall) + ": name must be a string");
  }
  const auto function = function_named(info.Env(), info[0].As<Napi::String>());
  const FloatBuffer x = float_buffer(info, 1, kCall, "x");
  const FloatBuffer out = float_buffer(info, 2, kCall, "out", x.length);
  require_disjoint(info.Env(), kCall, {out}, {x});
  function(x.data, out.data, x.length);
}

const Exports registration{[](Napi::Env env, Napi::Object exports) {
  exports.Set("vectorMath", Napi::Function::New(env, vector_math, "vectorMath"));
}};

}  // namespace
}  // namespace pushforward::addon
