// tensorMisalignment(memory): how many bytes its first one lies beyond a multiple of kAlignment.
#include <cstdint>

#include "exports.h"
#include "pushforward/memory.h"
#include "tensor_arguments.h"

namespace pushforward::addon {
namespace {

Napi::Value misalignment(const Napi::CallbackInfo& info) {
  const TensorArguments arguments(info, "tensorMisalignment");
  const auto address = reinterpret_cast<std::uintptr_t>(arguments.bytes(0, "memory").data);
  return Napi::Number::New(info.Env(), static_cast<double>(address % kAlignment));
}

const Exports registration{[](Napi::Env env, Napi::Object exports) {
  exports.Set("tensorMisalignment", Napi::Function::New(env, misalignment, "tensorMisalignment"));
}};

}  // namespace
}  // namespace pushforward::addon
