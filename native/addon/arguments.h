// Arguments at the door: every call checks type, length, detachment and overlap before any memory
// is read or written, and throws a TypeError that names the call and the argument. Options and
// specs are read before buffers, because reading a property may run JavaScript that detaches one.
#pragma once

#include <napi.h>

#include <cstddef>
#include <initializer_list>
#include <string>

namespace pushforward::addon {

struct FloatBuffer {
  const char* name = nullptr;
  float* data = nullptr;
  std::size_t length = 0;
};

[[noreturn]] void throw_type_error(Napi::Env env, const std::string& message);

// The argument as a live Float32Array of any length.
FloatBuffer float_buffer(const Napi::CallbackInfo& info, std::size_t index, const char* call,
                         const char* name);

// The same with exactly `length` elements.
FloatBuffer float_buffer(const Napi::CallbackInfo& info, std::size_t index, const char* call,
                         const char* name, std::size_t length);

// The same, or no data when the argument is null or undefined.
FloatBuffer optional_float_buffer(const Napi::CallbackInfo& info, std::size_t index,
                                  const char* call, const char* name, std::size_t length);

// Throws when an output overlaps an input or another output.
void require_disjoint(Napi::Env env, const char* call, std::initializer_list<FloatBuffer> outputs,
                      std::initializer_list<FloatBuffer> inputs);

// An integer argument in [least, greatest].
double integer_argument(const Napi::CallbackInfo& info, std::size_t index, const char* call,
                        const char* name, double least, double greatest);

}  // namespace pushforward::addon
