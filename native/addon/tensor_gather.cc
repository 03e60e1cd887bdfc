// tensorGather(x, indices, out, sizes), sizes [batch, outer, dim, count, slice];
// tensorSegmentSum(x, numbers, out, slice).
#include "tensor_gather.h"

#include "exports.h"
#include "tensor_arguments.h"

namespace pushforward::addon {
namespace {

void gather(const Napi::CallbackInfo& info) {
  const TensorArguments arguments(info, "tensorGather");
  const std::int32_t* const sizes = arguments.sizes(3, "sizes", 5);
  const auto size = [sizes](int i) { return static_cast<std::size_t>(sizes[i]); };
  const GatherShape shape{size(0), size(1), size(2), size(3), size(4)};
  const TensorBuffer x = arguments.buffer(0, "x");
  const TensorBuffer indices = arguments.ints(1, "indices");
  const TensorBuffer out = arguments.buffer(2, "out");
  if (out.type != x.type) arguments.refuse("out", "must be an array of the type of x");
  arguments.require_product(x, {shape.batch, shape.outer, shape.dim, shape.slice});
  arguments.require_product(indices, {shape.batch, shape.count});
  arguments.require_product(out, {shape.batch, shape.outer, shape.count, shape.slice});
  arguments.require_disjoint(out, x);
  arguments.require_disjoint(out, indices);
  for (std::size_t i = 0; i < indices.length; ++i) {
    const std::int32_t index = indices.ints()[i];
    if (index < 0 || index >= sizes[2]) arguments.refuse("indices", "lead out of x");
  }
  if (x.is_bytes()) {
    tensor_gather(shape, x.bytes(), indices.ints(), out.bytes());
  } else {
    // Words are moved as floats whatever they mean.
    tensor_gather(shape, x.floats(), indices.ints(), out.floats());
  }
}

void segment_sum(const Napi::CallbackInfo& info) {
  const TensorArguments arguments(info, "tensorSegmentSum");
  const std::size_t slice = arguments.count(3, "slice", 1);
  const TensorBuffer x = arguments.floats(0, "x");
  const TensorBuffer numbers = arguments.ints(1, "numbers");
  const TensorBuffer out = arguments.floats(2, "out");
  const std::size_t segments = out.length / slice;
  arguments.require_product(x, {numbers.length, slice});
  arguments.require_product(out, {segments, slice});
  arguments.require_disjoint(out, x);
  arguments.require_disjoint(out, numbers);
  tensor_segment_sum(x.floats(), numbers.ints(), numbers.length, slice, segments, out.floats());
}

const Exports registration{[](Napi::Env env, Napi::Object exports) {
  exports.Set("tensorGather", Napi::Function::New(env, gather, "tensorGather"));
  exports.Set("tensorSegmentSum", Napi::Function::New(env, segment_sum, "tensorSegmentSum"));
}};

}  // namespace
}  // namespace pushforward::addon
