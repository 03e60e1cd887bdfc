#include "tensor_fold.h"

#include "tensor_layout.h"

namespace pushforward {
namespace {

constexpr std::size_t kMostColumns = 1024;

template <typename T, typename Result>
void fold(FoldKernels::Fold<T, Result> kernel, const Reduction& shape, const T* x, Result* out) {
  const std::size_t width = std::min(shape.inner, kMostColumns);
  const std::size_t pieces = (shape.inner + width - 1) / width;
  const std::size_t per_task = std::max<std::size_t>(1, kElementsPerTask / (shape.count * width));
  const std::size_t groups = (shape.outer + per_task - 1) / per_task;
  const bool enough = shape.outer * shape.count * shape.inner >= kParallelElements;
  parallel_for(groups * pieces, enough ? thread_count() : 1, [&](std::size_t task, int) {
    const std::size_t column = task % pieces * width, first = task / pieces * per_task;
    FoldBlock<T, Result> block;
    block.x = x + first * shape.count * shape.inner + column;
    block.out = out + first * shape.inner + column;
    block.outer = std::min(per_task, shape.outer - first);
    block.count = shape.count;
    block.inner = shape.inner;
    block.columns = std::min(width, shape.inner - column);
    kernel(block);
  });
}

}  // namespace

void tensor_sum(const Reduction& shape, const std::int32_t* x, std::int32_t* out) {
  fold(PF_KERNELS(fold_kernels).sum, shape, x, out);
}
void tensor_product(const Reduction& shape, const std::int32_t* x, std::int32_t* out) {
  fold(PF_KERNELS(fold_kernels).product, shape, x, out);
}
void tensor_greatest(const Reduction& shape, const std::int32_t* x, std::int32_t* out) {
  fold(PF_KERNELS(fold_kernels).greatest, shape, x, out);
}
void tensor_least(const Reduction& shape, const std::int32_t* x, std::int32_t* out) {
  fold(PF_KERNELS(fold_kernels).least, shape, x, out);
}
void tensor_product(const Reduction& shape, const float* x, float* out) {
  fold(PF_KERNELS(fold_kernels).product_of_floats, shape, x, out);
}
void tensor_all(const Reduction& shape, const std::uint8_t* x, std::uint8_t* out) {
  fold(PF_KERNELS(fold_kernels).all, shape, x, out);
}
void tensor_any(const Reduction& shape, const std::uint8_t* x, std::uint8_t* out) {
  fold(PF_KERNELS(fold_kernels).any, shape, x, out);
}
void tensor_place_of_greatest(const Reduction& shape, const float* x, std::int32_t* out) {
  fold(PF_KERNELS(fold_kernels).place_of_greatest_float, shape, x, out);
}
void tensor_place_of_greatest(const Reduction& shape, const std::int32_t* x, std::int32_t* out) {
  fold(PF_KERNELS(fold_kernels).place_of_greatest, shape, x, out);
}
void tensor_place_of_least(const Reduction& shape, const float* x, std::int32_t* out) {
  fold(PF_KERNELS(fold_kernels).place_of_least_float, shape, x, out);
}
void tensor_place_of_least(const Reduction& shape, const std::int32_t* x, std::int32_t* out) {
  fold(PF_KERNELS(fold_kernels).place_of_least, shape, x, out);
}

}  // namespace pushforward
