#include "tensor_logic.h"

#include "tensor_layout.h"

namespace pushforward {
void tensor_compare(Comparison comparison, const TensorLayout& layout, const float* a,
                    const float* b, std::uint8_t* out) {
  run_rows(PF_KERNELS(logic_kernels).compare_floats[static_cast<int>(comparison)], layout, a, b,
           out);
}

void tensor_compare(Comparison comparison, const TensorLayout& layout, const std::int32_t* a,
                    const std::int32_t* b, std::uint8_t* out) {
  run_rows(PF_KERNELS(logic_kernels).compare_ints[static_cast<int>(comparison)], layout, a, b, out);
}

void tensor_compare(Comparison comparison, const TensorLayout& layout, const std::uint8_t* a,
                    const std::uint8_t* b, std::uint8_t* out) {
  run_rows(PF_KERNELS(logic_kernels).compare_bytes[static_cast<int>(comparison)], layout, a, b,
           out);
}

void tensor_connect(Connective connective, const TensorLayout& layout, const std::uint8_t* a,
                    const std::uint8_t* b, std::uint8_t* out) {
  run_rows(PF_KERNELS(logic_kernels).connect[static_cast<int>(connective)], layout, a, b, out);
}

void tensor_not(const std::uint8_t* x, std::uint8_t* out, std::size_t n) {
  const auto kernel = PF_KERNELS(logic_kernels).negate;
  for_each_range(n, kParallelElements, [&](std::size_t begin, std::size_t count) {
    kernel(x + begin, out + begin, count);
  });
}

void tensor_select(const std::uint8_t* condition, const std::uint32_t* a, const std::uint32_t* b,
                   std::uint32_t* out, std::size_t n) {
  const auto kernel = PF_KERNELS(logic_kernels).select_words;
  for_each_range(n, kParallelElements, [&](std::size_t begin, std::size_t count) {
    kernel(condition + begin, a + begin, b + begin, out + begin, count);
  });
}

void tensor_select(const std::uint8_t* condition, const std::uint8_t* a, const std::uint8_t* b,
                   std::uint8_t* out, std::size_t n) {
  const auto kernel = PF_KERNELS(logic_kernels).select_bytes;
  for_each_range(n, kParallelElements, [&](std::size_t begin, std::size_t count) {
    kernel(condition + begin, a + begin, b + begin, out + begin, count);
  });
}

namespace {

template <typename From, typename To>
void convert_by(void (*kernel)(const From*, To*, std::size_t), const From* x, To* out,
                std::size_t n) {
  for_each_range(n, kParallelElements, [&](std::size_t begin, std::size_t count) {
    kernel(x + begin, out + begin, count);
  });
}

}  // namespace

void tensor_convert(const std::int32_t* x, float* out, std::size_t n) {
  convert_by(PF_KERNELS(logic_kernels).int_to_float, x, out, n);
}
void tensor_convert(const std::uint8_t* x, float* out, std::size_t n) {
  convert_by(PF_KERNELS(logic_kernels).byte_to_float, x, out, n);
}
void tensor_convert(const std::uint8_t* x, std::int32_t* out, std::size_t n) {
  convert_by(PF_KERNELS(logic_kernels).byte_to_int, x, out, n);
}
void tensor_convert(const float* x, std::int32_t* out, std::size_t n) {
  convert_by(PF_KERNELS(logic_kernels).float_to_int, x, out, n);
}
void tensor_convert(const float* x, std::uint8_t* out, std::size_t n) {
  convert_by(PF_KERNELS(logic_kernels).float_to_bool, x, out, n);
}
void tensor_convert(const std::int32_t* x, std::uint8_t* out, std::size_t n) {
  convert_by(PF_KERNELS(logic_kernels).int_to_bool, x, out, n);
}

}  // namespace pushforward
