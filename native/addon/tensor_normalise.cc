// tensorNormalise(x, mean, variance, offset, scale, out, epsilon), tensorMoments(x, mean,
// variance), tensorNormaliseSums(dy, x, mean, sums, products), tensorNormaliseGradient(x, dy, mean,
// variance, scale, dx, dScale, dOffset, epsilon).
#include "tensor_normalise.h"

#include "exports.h"
#include "tensor_arguments.h"

namespace pushforward::addon {
namespace {

void normalise(const Napi::CallbackInfo& info) {
  const TensorArguments arguments(info, "tensorNormalise");
  const double epsilon = arguments.number(6, "epsilon");
  const TensorBuffer x = arguments.floats(0, "x");
  const TensorBuffer mean = arguments.floats(1, "mean");
  const TensorBuffer variance = arguments.floats(2, "variance");
  const TensorBuffer offset = arguments.optional_floats(3, "offset");
  const TensorBuffer scale = arguments.optional_floats(4, "scale");
  const TensorBuffer out = arguments.floats(5, "out");
  arguments.require_length(out, x.length);
  arguments.require_disjoint(out, x);
  for (const TensorBuffer& buffer : {mean, variance, offset, scale}) {
    if (buffer.data == nullptr) continue;
    arguments.require_length(buffer, mean.length);
    arguments.require_disjoint(out, buffer);
  }
  tensor_normalise(x.floats(), x.length, mean.floats(), variance.floats(), offset.floats(),
                   scale.floats(), mean.length, epsilon, out.floats());
}

// Refuses lists of channels of different lengths, and x that is not made of whole rows of them.
void require_channels(const TensorArguments& arguments, const TensorBuffer& x,
                      std::initializer_list<TensorBuffer> lists) {
  const std::size_t channels = lists.begin()->length;
  for (const TensorBuffer& list : lists) arguments.require_length(list, channels);
  arguments.require_product(x, {x.length / channels, channels});
}

void moments(const Napi::CallbackInfo& info) {
  const TensorArguments arguments(info, "tensorMoments");
  const TensorBuffer x = arguments.floats(0, "x");
  const TensorBuffer mean = arguments.floats(1, "mean");
  const TensorBuffer variance = arguments.floats(2, "variance");
  require_channels(arguments, x, {mean, variance});
  arguments.require_disjoint(mean, x);
  arguments.require_disjoint(variance, x);
  arguments.require_disjoint(variance, mean);
  tensor_moments(x.floats(), x.length, mean.length, mean.floats(), variance.floats());
}

void normalise_sums(const Napi::CallbackInfo& info) {
  const TensorArguments arguments(info, "tensorNormaliseSums");
  const TensorBuffer dy = arguments.floats(0, "dy");
  const TensorBuffer x = arguments.floats(1, "x");
  const TensorBuffer mean = arguments.floats(2, "mean");
  const TensorBuffer sums = arguments.floats(3, "sums");
  const TensorBuffer products = arguments.floats(4, "products");
  require_channels(arguments, x, {mean, sums, products});
  arguments.require_length(dy, x.length);
  for (const TensorBuffer& input : {dy, x, mean}) {
    arguments.require_disjoint(sums, input);
    arguments.require_disjoint(products, input);
  }
  arguments.require_disjoint(products, sums);
  tensor_normalise_sums(dy.floats(), x.floats(), x.length, mean.floats(), mean.length,
                        sums.floats(), products.floats());
}

void normalise_gradient(const Napi::CallbackInfo& info) {
  const TensorArguments arguments(info, "tensorNormaliseGradient");
  const double epsilon = arguments.number(8, "epsilon");
  const TensorBuffer x = arguments.floats(0, "x");
  const TensorBuffer dy = arguments.floats(1, "dy");
  const TensorBuffer mean = arguments.floats(2, "mean");
  const TensorBuffer variance = arguments.floats(3, "variance");
  const TensorBuffer scale = arguments.floats(4, "scale");
  const TensorBuffer dx = arguments.floats(5, "dx");
  const TensorBuffer d_scale = arguments.floats(6, "dScale");
  const TensorBuffer d_offset = arguments.floats(7, "dOffset");
  require_channels(arguments, x, {mean, variance, scale, d_scale, d_offset});
  arguments.require_length(dy, x.length);
  arguments.require_length(dx, x.length);
  for (const TensorBuffer& out : {dx, d_scale, d_offset}) {
    for (const TensorBuffer& input : {x, dy, mean, variance, scale}) {
      arguments.require_disjoint(out, input);
    }
  }
  arguments.require_disjoint(d_scale, dx);
  arguments.require_disjoint(d_offset, dx);
  arguments.require_disjoint(d_offset, d_scale);
  tensor_normalise_gradient(x.floats(), dy.floats(), x.length, mean.floats(), variance.floats(),
                            scale.floats(), mean.length, epsilon, dx.floats(), d_scale.floats(),
                            d_offset.floats());
}

const Exports registration{[](Napi::Env env, Napi::Object exports) {
  exports.Set("tensorNormalise", Napi::Function::New(env, normalise, "tensorNormalise"));
  exports.Set("tensorMoments", Napi::Function::New(env, moments, "tensorMoments"));
  exports.Set("tensorNormaliseSums",
              Napi::Function::New(env, normalise_sums, "tensorNormaliseSums"));
  exports.Set("tensorNormaliseGradient",
              Napi::Function::New(env, normalise_gradient, "tensorNormaliseGradient"));
}};

}  // namespace
}  // namespace pushforward::addon
