// philoxUniform and philoxNormal(out, seed, stream, offset).
#include "arguments.h"
#include "exports.h"
#include "pushforward/philox.h"

namespace pushforward::addon {
namespace {

constexpr double kMaxSafeInteger = 9007199254740991.0;

using Fill = void (*)(float*, std::size_t, std::uint64_t, std::uint64_t, std::uint64_t);

template <Fill fill>
void draw(const Napi::CallbackInfo& info, const char* call) {
  const FloatBuffer out = float_buffer(info, 0, call, "out");
  // A negative seed stands for its two's complement in 64 bits.
  const auto seed = static_cast<std::uint64_t>(static_cast<std::int64_t>(
      integer_argument(info, 1, call, "seed", -kMaxSafeInteger, kMaxSafeInteger)));
  const auto stream =
      static_cast<std::uint64_t>(integer_argument(info, 2, call, "stream", 0.0, kMaxSafeInteger));
  const auto offset = static_cast<std::uint64_t>(integer_argument(
      info, 3, call, "offset", 0.0, kMaxSafeInteger - static_cast<double>(out.length)));
  fill(out.data, out.length, seed, stream, offset);
}

const Exports registration{[](Napi::Env env, Napi::Object exports) {
  exports.Set(
      "philoxUniform",
      Napi::Function::New(
          env, [](const Napi::CallbackInfo& info) { draw<philox_uniform>(info, "philoxUniform"); },
          "philoxUniform"));
  exports.Set(
      "philoxNormal",
      Napi::Function::New(
          env, [](const Napi::CallbackInfo& info) { draw<philox_normal>(info, "philoxNormal"); },
          "philoxNormal"));
}};

}  // namespace
}  // namespace pushforward::addon
