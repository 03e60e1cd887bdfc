#include "tensor_arguments.h"

#include <cmath>
#include <string>

namespace pushforward::addon {
namespace {

// Lengths and steps are int32 on their way here; so is every product of dims that this bound lets
// through a double exactly.
constexpr double kMostElements = 9007199254740991.0;

}  // namespace

void TensorArguments::refuse(const char* name, const char* what) const {
  throw Napi::TypeError::New(info_.Env(), std::string(call_) + ": " + name + " " + what);
}

TensorBuffer TensorArguments::buffer(std::size_t index, const char* name) const {
  const napi_env env = info_.Env();
  const napi_value value = info_[index];
  TensorBuffer result{name, napi_float32_array, nullptr, 0};
  bool is_typed_array = false;
  napi_value memory = nullptr;
  std::size_t offset = 0;
  if (napi_is_typedarray(env, value, &is_typed_array) != napi_ok || !is_typed_array ||
      napi_get_typedarray_info(env, value, &result.type, &result.length, &result.data, &memory,
                               &offset) != napi_ok ||
      !(result.is_floats() || result.is_ints() || result.is_bytes())) {
    refuse(name, "must be a Float32Array, Int32Array or Uint8Array");
  }
  if (result.length == 0) {
    bool detached = false;
    if (napi_is_detached_arraybuffer(env, memory, &detached) == napi_ok && detached) {
      refuse(name, "is detached: its memory was transferred away");
    }
    refuse(name, "must not be empty");
  }
  return result;
}

TensorBuffer TensorArguments::floats(std::size_t index, const char* name) const {
  const TensorBuffer result = buffer(index, name);
  if (!result.is_floats()) refuse(name, "must be a Float32Array");
  return result;
}

TensorBuffer TensorArguments::bytes(std::size_t index, const char* name) const {
  const TensorBuffer result = buffer(index, name);
  if (!result.is_bytes()) refuse(name, "must be a Uint8Array");
  return result;
}

TensorBuffer TensorArguments::ints(std::size_t index, const char* name) const {
  const TensorBuffer result = buffer(index, name);
  if (!result.is_ints()) refuse(name, "must be an Int32Array");
  return result;
}

TensorBuffer TensorArguments::optional_floats(std::size_t index, const char* name) const {
  const Napi::Value value = info_[index];
  if (value.IsNull() || value.IsUndefined()) return {name, napi_float32_array, nullptr, 0};
  return floats(index, name);
}

double TensorArguments::number(std::size_t index, const char* name) const {
  double result = 0.0;
  if (napi_get_value_double(info_.Env(), info_[index], &result) != napi_ok) {
    refuse(name, "must be a number");
  }
  return result;
}

std::size_t TensorArguments::count(std::size_t index, const char* name, std::size_t least) const {
  const double value = number(index, name);
  if (!(value >= static_cast<double>(least) && value <= kMostElements) ||
      value != std::floor(value)) {
    refuse(name, least == 0 ? "must be an integer, 0 or more" : "must be an integer, 1 or more");
  }
  return static_cast<std::size_t>(value);
}

bool TensorArguments::boolean(std::size_t index, const char* name) const {
  bool result = false;
  if (napi_get_value_bool(info_.Env(), info_[index], &result) != napi_ok) {
    refuse(name, "must be true or false");
  }
  return result;
}

const std::int32_t* TensorArguments::sizes(std::size_t index, const char* name,
                                           std::size_t count) const {
  const TensorBuffer given = ints(index, name);
  require_length(given, count);
  for (std::size_t i = 0; i < count; ++i) {
    if (given.ints()[i] < 1) refuse(name, "must hold integers, 1 or more");
  }
  return given.ints();
}

TensorLayout TensorArguments::layout(std::size_t index, std::size_t first_length,
                                     std::size_t second_length, std::size_t first_start,
                                     std::size_t second_start) const {
  const char* const name = "layout";
  const TensorBuffer given = ints(index, name);
  const std::int32_t* const numbers = given.ints();
  const int rank = numbers[0];
  if (rank < 1 || rank > kMaxRank || given.length < 1 + 3 * static_cast<std::size_t>(rank)) {
    refuse(name, "must be [rank, dims, first steps, second steps] with a rank from 1 to 16");
  }
  TensorLayout result;
  result.rank = rank;
  // Doubles do not overflow, and are exact up to where they are refused.
  double size = 1.0, first = static_cast<double>(first_start),
         second = static_cast<double>(second_start);
  for (int i = 0; i < rank; ++i) {
    const std::int32_t dim = numbers[1 + i], first_step = numbers[1 + rank + i],
                       second_step = numbers[1 + 2 * rank + i];
    if (dim < 1 || first_step < 0 || second_step < 0) {
      refuse(name, "must have dims of 1 or more and steps of 0 or more");
    }
    result.dims[i] = static_cast<std::size_t>(dim);
    result.first_steps[i] = static_cast<std::size_t>(first_step);
    result.second_steps[i] = static_cast<std::size_t>(second_step);
    size *= dim;
    first += (dim - 1.0) * first_step;
    second += (dim - 1.0) * second_step;
  }
  if (!(size <= kMostElements && first < static_cast<double>(first_length) &&
        second < static_cast<double>(second_length))) {
    refuse(name, "leads out of an operand");
  }
  return result;
}

TensorLayout TensorArguments::broadcast_layout(std::size_t index, const TensorBuffer& a,
                                               const TensorBuffer& b,
                                               const TensorBuffer& out) const {
  const TensorLayout result = layout(index, a.length, b.length);
  const int inner = result.rank - 1;
  if (result.first_steps[inner] > 1 || result.second_steps[inner] > 1) {
    refuse("layout", "must have innermost steps of 0 or 1");
  }
  require_length(out, size(result));
  require_disjoint(out, a);
  require_disjoint(out, b);
  return result;
}

std::size_t TensorArguments::size(const TensorLayout& layout) {
  return layout.rows() * layout.columns();
}

std::size_t TensorArguments::product(const char* name,
                                     std::initializer_list<std::size_t> dims) const {
  double exact = 1.0;
  std::size_t result = 1;
  for (const std::size_t dim : dims) {
    exact *= static_cast<double>(dim);
    if (exact > kMostElements) refuse(name, "is larger than any tensor");
    result *= dim;
  }
  return result;
}

void TensorArguments::require_product(const TensorBuffer& buffer,
                                      std::initializer_list<std::size_t> dims) const {
  require_length(buffer, product(buffer.name, dims));
}

void TensorArguments::require_length(const TensorBuffer& buffer, std::size_t length) const {
  if (buffer.length == length) return;
  const std::string what =
      "must have " + std::to_string(length) + " elements, but has " + std::to_string(buffer.length);
  refuse(buffer.name, what.c_str());
}

void TensorArguments::require_disjoint(const TensorBuffer& out, const TensorBuffer& input) const {
  const auto a = reinterpret_cast<std::uintptr_t>(out.data);
  const auto b = reinterpret_cast<std::uintptr_t>(input.data);
  if (a < b + input.size_in_bytes() && b < a + out.size_in_bytes()) {
    const std::string what = std::string("overlaps ") + input.name;
    refuse(out.name, what.c_str());
  }
}

}  // namespace pushforward::addon
