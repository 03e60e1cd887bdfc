// What a product of matrices and a convolution may end with, by tfjs' names.
#pragma once

#include "tensor_functions.h"
#include "tensor_matmul.h"

namespace pushforward::addon {

inline constexpr TensorFunction kFinishes[] = {
    {"linear", static_cast<int>(MatMulFinish::kNone)},
    {"relu", static_cast<int>(MatMulFinish::kRelu)},
    {"relu6", static_cast<int>(MatMulFinish::kRelu6)},
    {"elu", static_cast<int>(MatMulFinish::kElu)},
    {"leakyrelu", static_cast<int>(MatMulFinish::kLeakyRelu)},
    {"sigmoid", static_cast<int>(MatMulFinish::kSigmoid)}};

}  // namespace pushforward::addon
