// Comparisons, logic, choice and conversion: elementwise kernels whose operands or results are not
// all float32. Booleans are bytes, 1 for true.
#pragma once

#include <cstddef>
#include <cstdint>

#include "pushforward/dispatch.h"
#include "tensor_rows.h"

#define PF_COMPARISONS(F)         \
  F(Equal, "equal")               \
  F(NotEqual, "notEqual")         \
  F(Greater, "greater")           \
  F(GreaterEqual, "greaterEqual") \
  F(Less, "less")                 \
  F(LessEqual, "lessEqual")

#define PF_CONNECTIVES(F) \
  F(And, "logicalAnd")    \
  F(Or, "logicalOr")

namespace pushforward {

struct TensorLayout;

#define PF_ENUMERATOR(Type, name) k##Type,
enum class Comparison { PF_COMPARISONS(PF_ENUMERATOR) kCount };
enum class Connective { PF_CONNECTIVES(PF_ENUMERATOR) kCount };
#undef PF_ENUMERATOR

struct LogicKernels {
  template <typename T>
  using Function = TypedFunction<T, std::uint8_t>;
  Function<float> compare_floats[static_cast<int>(Comparison::kCount)];
  Function<std::int32_t> compare_ints[static_cast<int>(Comparison::kCount)];
  Function<std::uint8_t> compare_bytes[static_cast<int>(Comparison::kCount)];
  Function<std::uint8_t> connect[static_cast<int>(Connective::kCount)];
  void (*negate)(const std::uint8_t* x, std::uint8_t* out, std::size_t n);
  // out = condition is 1 ? a : b, for elements of four bytes and of one.
  void (*select_words)(const std::uint8_t* condition, const std::uint32_t* a,
                       const std::uint32_t* b, std::uint32_t* out, std::size_t n);
  void (*select_bytes)(const std::uint8_t* condition, const std::uint8_t* a, const std::uint8_t* b,
                       std::uint8_t* out, std::size_t n);
  void (*int_to_float)(const std::int32_t* x, float* out, std::size_t n);
  void (*byte_to_float)(const std::uint8_t* x, float* out, std::size_t n);
  void (*byte_to_int)(const std::uint8_t* x, std::int32_t* out, std::size_t n);
  // As JavaScript does: towards zero and modulo 2^32; NaN and infinities give 0.
  void (*float_to_int)(const float* x, std::int32_t* out, std::size_t n);
  // Whether x is not zero; NaN is not.
  void (*float_to_bool)(const float* x, std::uint8_t* out, std::size_t n);
  void (*int_to_bool)(const std::int32_t* x, std::uint8_t* out, std::size_t n);
};

PF_DECLARE_KERNELS(LogicKernels, logic_kernels)

// out = comparison(a, b), out = connective(a, b) over a layout of the operands; out is contiguous.
void tensor_compare(Comparison comparison, const TensorLayout& layout, const float* a,
                    const float* b, std::uint8_t* out);
void tensor_compare(Comparison comparison, const TensorLayout& layout, const std::int32_t* a,
                    const std::int32_t* b, std::uint8_t* out);
void tensor_compare(Comparison comparison, const TensorLayout& layout, const std::uint8_t* a,
                    const std::uint8_t* b, std::uint8_t* out);
void tensor_connect(Connective connective, const TensorLayout& layout, const std::uint8_t* a,
                    const std::uint8_t* b, std::uint8_t* out);

void tensor_not(const std::uint8_t* x, std::uint8_t* out, std::size_t n);

void tensor_select(const std::uint8_t* condition, const std::uint32_t* a, const std::uint32_t* b,
                   std::uint32_t* out, std::size_t n);
void tensor_select(const std::uint8_t* condition, const std::uint8_t* a, const std::uint8_t* b,
                   std::uint8_t* out, std::size_t n);

void tensor_convert(const std::int32_t* x, float* out, std::size_t n);
void tensor_convert(const std::uint8_t* x, float* out, std::size_t n);
void tensor_convert(const std::uint8_t* x, std::int32_t* out, std::size_t n);
void tensor_convert(const float* x, std::int32_t* out, std::size_t n);
void tensor_convert(const float* x, std::uint8_t* out, std::size_t n);
void tensor_convert(const std::int32_t* x, std::uint8_t* out, std::size_t n);

}  // namespace pushforward
