#include "tensor_finish.h"
#include "tensor_functions.h"

namespace pushforward::PF_PATH {
namespace {

struct Same {
  static PF_INLINE Float apply(Float x, Float, Float) { return x; }
};

template <typename Function>
void finish_with(float* c, size_t c_row, size_t rows, size_t columns, const float* bias,
                 float alpha, const float* slopes) {
  for (size_t i = 0; i < rows; ++i, c += c_row) {
    for (size_t j = 0; j < columns; j += kWidth) {
      const int lanes = columns - j < size_t(kWidth) ? static_cast<int>(columns - j) : kWidth;
      Float value = load_partial(c + j, lanes);
      if (bias != nullptr) value = value + load_partial(bias + j, lanes);
      const Float p = slopes == nullptr ? broadcast(alpha) : load_partial(slopes + j, lanes);
      store_partial(c + j, Function::apply(value, p, p), lanes);
    }
  }
}

}  // namespace

void finish_rows(MatMulFinish activation, float* c, size_t c_row, size_t rows, size_t columns,
                 const float* bias, float alpha, const float* slopes) {
  switch (activation) {
    case MatMulFinish::kNone:
      if (bias == nullptr) return;
      return finish_with<Same>(c, c_row, rows, columns, bias, alpha, slopes);
    case MatMulFinish::kRelu:
      return finish_with<Relu>(c, c_row, rows, columns, bias, alpha, slopes);
    case MatMulFinish::kRelu6:
      return finish_with<Relu6>(c, c_row, rows, columns, bias, alpha, slopes);
    case MatMulFinish::kElu:
      return finish_with<Elu>(c, c_row, rows, columns, bias, alpha, slopes);
    case MatMulFinish::kLeakyRelu:
      return finish_with<LeakyRelu>(c, c_row, rows, columns, bias, alpha, slopes);
    case MatMulFinish::kSigmoid:
      return finish_with<Sigmoid>(c, c_row, rows, columns, bias, alpha, slopes);
  }
}

}  // namespace pushforward::PF_PATH
