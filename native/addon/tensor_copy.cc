// tensorCopy(from, fromStart, to, toStart, layout): the layout's places, moved by the two starts.
#include "tensor_copy.h"

#include "exports.h"
#include "tensor_arguments.h"

namespace pushforward::addon {
namespace {

void copy(const Napi::CallbackInfo& info) {
  const TensorArguments arguments(info, "tensorCopy");
  const std::size_t from_start = arguments.count(1, "fromStart", 0);
  const std::size_t to_start = arguments.count(3, "toStart", 0);
  const TensorBuffer from = arguments.buffer(0, "from");
  const TensorBuffer to = arguments.buffer(2, "to");
  if (to.type != from.type) arguments.refuse("to", "must be an array of the type of from");
  const TensorLayout layout = arguments.layout(4, from.length, to.length, from_start, to_start);
  arguments.require_disjoint(to, from);
  if (from.is_bytes()) {
    tensor_copy(layout, from.bytes() + from_start, to.bytes() + to_start);
  } else {
    // Words are moved as floats whatever they mean; a move keeps every bit.
    tensor_copy(layout, from.floats() + from_start, to.floats() + to_start);
  }
}

const Exports registration{[](Napi::Env env, Napi::Object exports) {
  exports.Set("tensorCopy", Napi::Function::New(env, copy, "tensorCopy"));
}};

}  // namespace
}  // namespace pushforward::addon
