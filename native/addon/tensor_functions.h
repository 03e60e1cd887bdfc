// Objects of named functions, one native call for all of them: addon.tensorUnary.exp(x, out), ...
#pragma once

#include <napi.h>

#include <cstddef>

namespace pushforward::addon {

struct TensorFunction {
  const char* name;
  int code;  // which one this is, in the call's own enum
};

inline const TensorFunction& tensor_function(const Napi::CallbackInfo& info) {
  return *static_cast<const TensorFunction*>(info.Data());
}

// `functions` outlives every environment.
template <std::size_t count>
Napi::Object function_table(Napi::Env env, void (*call)(const Napi::CallbackInfo&),
                            const TensorFunction (&functions)[count]) {
  Napi::Object table = Napi::Object::New(env);
  for (const TensorFunction& function : functions) {
    table.Set(function.name, Napi::Function::New(env, call, function.name,
                                                 const_cast<TensorFunction*>(&function)));
  }
  return table;
}

}  // namespace pushforward::addon
