// Reductions over the middle of x seen as [outer, count, inner] whose results need no rounding, of
// int32, of booleans, and places of greatest and least values; and products of floats. Every result
// is one thread's, taken from the first element to the last.
#pragma once

#include <cstddef>
#include <cstdint>

#include "pushforward/dispatch.h"
#include "tensor_reduce.h"

namespace pushforward {

// `outer` times `count` rows of `inner` elements, of which the first `columns` are reduced; results
// are `inner` apart too.
template <typename T, typename Result>
struct FoldBlock {
  const T* x;
  Result* out;
  std::size_t outer, count, inner, columns;
};

struct FoldKernels {
  template <typename T, typename Result>
  using Fold = void (*)(const FoldBlock<T, Result>& block);
  using Integers = Fold<std::int32_t, std::int32_t>;
  using Booleans = Fold<std::uint8_t, std::uint8_t>;
  using Places = Fold<float, std::int32_t>;
  Integers sum, greatest, least, product;
  Fold<float, float> product_of_floats;
  Booleans all, any;
  Integers place_of_greatest, place_of_least;
  Places place_of_greatest_float, place_of_least_float;
};

PF_DECLARE_KERNELS(FoldKernels, fold_kernels)

// Sums and products wrap modulo 2^32.
void tensor_sum(const Reduction& shape, const std::int32_t* x, std::int32_t* out);
void tensor_product(const Reduction& shape, const std::int32_t* x, std::int32_t* out);
void tensor_greatest(const Reduction& shape, const std::int32_t* x, std::int32_t* out);
void tensor_least(const Reduction& shape, const std::int32_t* x, std::int32_t* out);

// In double.
void tensor_product(const Reduction& shape, const float* x, float* out);

void tensor_all(const Reduction& shape, const std::uint8_t* x, std::uint8_t* out);
void tensor_any(const Reduction& shape, const std::uint8_t* x, std::uint8_t* out);

// The first place of the greatest or least element. No NaN but the first is greater or less.
void tensor_place_of_greatest(const Reduction& shape, const float* x, std::int32_t* out);
void tensor_place_of_greatest(const Reduction& shape, const std::int32_t* x, std::int32_t* out);
void tensor_place_of_least(const Reduction& shape, const float* x, std::int32_t* out);
void tensor_place_of_least(const Reduction& shape, const std::int32_t* x, std::int32_t* out);

}  // namespace pushforward
