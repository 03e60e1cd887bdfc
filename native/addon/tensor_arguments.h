// Arguments of the tensor kernels: typed arrays of any of the three types of storage, layouts, and
// numbers. As in arguments.h, everything is checked before any memory is touched. No message is put
// together unless it is thrown: these calls take less time than a string does.
#pragma once

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>

#include "tensor_layout.h"

namespace pushforward::addon {

// A live Float32Array, Int32Array or Uint8Array.
struct TensorBuffer {
  const char* name;
  napi_typedarray_type type;
  void* data;
  std::size_t length;

  float* floats() const { return static_cast<float*>(data); }
  std::int32_t* ints() const { return static_cast<std::int32_t*>(data); }
  std::uint32_t* words() const { return static_cast<std::uint32_t*>(data); }
  std::uint8_t* bytes() const { return static_cast<std::uint8_t*>(data); }
  bool is_floats() const { return type == napi_float32_array; }
  bool is_ints() const { return type == napi_int32_array; }
  bool is_bytes() const { return type == napi_uint8_array; }
  std::size_t size_in_bytes() const { return length * (is_bytes() ? 1 : 4); }
};

// The arguments of one call, which throws a TypeError naming the call and the argument.
class TensorArguments {
 public:
  TensorArguments(const Napi::CallbackInfo& info, const char* call) : info_(info), call_(call) {}

  [[noreturn]] void refuse(const char* name, const char* what) const;

  TensorBuffer buffer(std::size_t index, const char* name) const;
  TensorBuffer floats(std::size_t index, const char* name) const;
  TensorBuffer bytes(std::size_t index, const char* name) const;
  TensorBuffer ints(std::size_t index, const char* name) const;
  // With no data where the argument is null or undefined.
  TensorBuffer optional_floats(std::size_t index, const char* name) const;

  double number(std::size_t index, const char* name) const;
  std::size_t count(std::size_t index, const char* name, std::size_t least) const;
  bool boolean(std::size_t index, const char* name) const;
  // `count` numbers of an Int32Array, each 1 or more.
  const std::int32_t* sizes(std::size_t index, const char* name, std::size_t count) const;

  // An Int32Array [rank, dims, first steps, second steps] (each kind `rank` numbers, what follows
  // is not read) that stays within operands of these lengths when it starts at these places.
  TensorLayout layout(std::size_t index, std::size_t first_length, std::size_t second_length,
                      std::size_t first_start = 0, std::size_t second_start = 0) const;
  // The same of a and b, from their starts, where within a row each moves by 1 or stands still;
  // with an `out` of its size that lies apart from both.
  TensorLayout broadcast_layout(std::size_t index, const TensorBuffer& a, const TensorBuffer& b,
                                const TensorBuffer& out) const;
  // How many elements the layout walks.
  static std::size_t size(const TensorLayout& layout);

  // The product of a tensor's dimensions, refused where it is beyond any tensor.
  std::size_t product(const char* name, std::initializer_list<std::size_t> dims) const;

  void require_product(const TensorBuffer& buffer, std::initializer_list<std::size_t> dims) const;
  void require_length(const TensorBuffer& buffer, std::size_t length) const;
  void require_disjoint(const TensorBuffer& out, const TensorBuffer& input) const;

 private:
  const Napi::CallbackInfo& info_;
  const char* call_;
};

}  // namespace pushforward::addon
