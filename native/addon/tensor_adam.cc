// tensorAdam(parameters, gradient, m, v, beta1, beta2, rate, correction, epsilon)
#include "adam.h"
#include "exports.h"
#include "tensor_arguments.h"

namespace pushforward::addon {
namespace {

void adam(const Napi::CallbackInfo& info) {
  const TensorArguments arguments(info, "tensorAdam");
  const double beta1 = arguments.number(4, "beta1"), beta2 = arguments.number(5, "beta2");
  AdamCoefficients c{};
  c.gradient_scale = 1.0f;
  c.decay = 1.0f;
  c.beta1 = static_cast<float>(beta1);
  c.one_minus_beta1 = static_cast<float>(1.0 - beta1);
  c.beta2 = static_cast<float>(beta2);
  c.one_minus_beta2 = static_cast<float>(1.0 - beta2);
  c.rate = static_cast<float>(arguments.number(6, "rate"));
  c.correction = static_cast<float>(arguments.number(7, "correction"));
  c.epsilon = static_cast<float>(arguments.number(8, "epsilon"));
  const TensorBuffer buffers[] = {arguments.floats(0, "parameters"),
                                  arguments.floats(1, "gradient"), arguments.floats(2, "m"),
                                  arguments.floats(3, "v")};
  for (const TensorBuffer& buffer : buffers) {
    arguments.require_length(buffer, buffers[0].length);
    for (const TensorBuffer* other = buffers; other != &buffer; ++other) {
      arguments.require_disjoint(buffer, *other);
    }
  }
  adam_update(buffers[0].floats(), buffers[1].floats(), buffers[2].floats(), buffers[3].floats(),
              buffers[0].length, c);
}

const Exports registration{[](Napi::Env env, Napi::Object exports) {
  exports.Set("tensorAdam", Napi::Function::New(env, adam, "tensorAdam"));
}};

}  // namespace
}  // namespace pushforward::addon
