#include "arguments.h"

#include <cmath>
#include <cstdint>

namespace pushforward::addon {

void throw_type_error(Napi::Env env, const std::string& message) {
  throw Napi::TypeError::New(env, message);
}

FloatBuffer float_buffer(const Napi::CallbackInfo& info, std::size_t index, const char* call,
                         const char* name) {
  const Napi::Env env = info.Env();
  const std::string where = std::string(call) + ": " + name;
  const Napi::Value value = info[index];
  if (!value.IsTypedArray() ||
      value.As<Napi::TypedArray>().TypedArrayType() != napi_float32_array) {
    throw_type_error(env, where + " must be a Float32Array");
  }
  napi_typedarray_type type;
  void* data = nullptr;
  std::size_t length = 0, offset = 0;
  napi_value buffer;
  if (napi_get_typedarray_info(env, value, &type, &length, &data, &buffer, &offset) != napi_ok) {
    throw_type_error(env, where + " must be a Float32Array");
  }
  bool detached = false;
  if (napi_is_detached_arraybuffer(env, buffer, &detached) == napi_ok && detached) {
    throw_type_error(env, where + " is detached: its memory was transferred away");
  }
  return {name, static_cast<float*>(data), length};
}

FloatBuffer float_buffer(const Napi::CallbackInfo& info, std::size_t index, const char* call,
                         const char* name, std::size_t length) {
  const FloatBuffer buffer = float_buffer(info, index, call, name);
  if (buffer.length != length) {
    throw_type_error(info.Env(), std::string(call) + ": " + name + " must have " +
                                     std::to_string(length) + " elements, but has " +
                                     std::to_string(buffer.length));
  }
  return buffer;
}

FloatBuffer optional_float_buffer(const Napi::CallbackInfo& info, std::size_t index,
                                  const char* call, const char* name, std::size_t length) {
  if (info[index].IsNull() || info[index].IsUndefined()) return {name, nullptr, 0};
  return float_buffer(info, index, call, name, length);
}

namespace {
bool overlap(const FloatBuffer& a, const FloatBuffer& b) {
  const auto first = reinterpret_cast<std::uintptr_t>(a.data);
  const auto second = reinterpret_cast<std::uintptr_t>(b.data);
  return a.length > 0 && b.length > 0 && first < second + b.length * sizeof(float) &&
         second < first + a.length * sizeof(float);
}
}  // namespace

void require_disjoint(Napi::Env env, const char* call, std::initializer_list<FloatBuffer> outputs,
                      std::initializer_list<FloatBuffer> inputs) {
  const auto refuse = [&](const FloatBuffer& output, const FloatBuffer& other) {
    throw_type_error(env, std::string(call) + ": " + output.name + " overlaps " + other.name);
  };
  for (auto output = outputs.begin(); output != outputs.end(); ++output) {
    for (const FloatBuffer& input : inputs) {
      if (overlap(*output, input)) refuse(*output, input);
    }
    for (auto other = outputs.begin(); other != output; ++other) {
      if (overlap(*output, *other)) refuse(*output, *other);
    }
  }
}

double integer_argument(const Napi::CallbackInfo& info, std::size_t index, const char* call,
                        const char* name, double least, double greatest) {
  const double value = info[index].IsNumber() ? info[index].As<Napi::Number>().DoubleValue() : NAN;
  if (!(value >= least && value <= greatest) || value != std::floor(value)) {
    throw_type_error(info.Env(), std::string(call) + ": " + name + " must be an integer from " +
                                     std::to_string(static_cast<long long>(least)) + " to " +
                                     std::to_string(static_cast<long long>(greatest)));
  }
  return value;
}

}  // namespace pushforward::addon
