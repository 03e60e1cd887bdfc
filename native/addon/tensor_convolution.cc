// tensorConvolution.<activation>(x, filter, bias, slopes, out, geometry, alpha)
// tensorConvolutionInput(dy, filter, out, geometry)
// tensorConvolutionFilter(x, dy, out, geometry)
#include "tensor_convolution.h"

#include "exports.h"
#include "tensor_arguments.h"
#include "tensor_functions.h"

namespace pushforward::addon {
namespace {

const TensorFunction kActivations[] = {{"linear", static_cast<int>(MatMulFinish::kNone)},
                                       {"relu", static_cast<int>(MatMulFinish::kRelu)},
                                       {"relu6", static_cast<int>(MatMulFinish::kRelu6)},
                                       {"elu", static_cast<int>(MatMulFinish::kElu)},
                                       {"leakyrelu", static_cast<int>(MatMulFinish::kLeakyRelu)},
                                       {"sigmoid", static_cast<int>(MatMulFinish::kSigmoid)}};

// [batch, in channels, out channels], then of the rows and of the columns [inputs, outputs, filter,
// stride, dilation, places before the first].
constexpr std::size_t kGeometry = 15;

std::size_t number(const TensorArguments& arguments, std::int32_t value, std::int32_t least) {
  if (value < least) arguments.refuse("geometry", "must hold sizes of 1 or more");
  return static_cast<std::size_t>(value);
}

ConvolutionAxis axis_of(const TensorArguments& arguments, const std::int32_t* numbers) {
  ConvolutionAxis axis;
  axis.in = number(arguments, numbers[0], 1);
  axis.out = number(arguments, numbers[1], 1);
  axis.filter = number(arguments, numbers[2], 1);
  axis.stride = number(arguments, numbers[3], 1);
  axis.dilation = number(arguments, numbers[4], 1);
  axis.before = number(arguments, numbers[5], 0);
  // What lies between the outputs is laid out in memory.
  if ((axis.out - 1) * axis.stride > axis.in + 2 * axis.before + axis.filter * axis.dilation) {
    arguments.refuse("geometry", "has outputs far beyond the inputs");
  }
  return axis;
}

Convolution geometry(const TensorArguments& arguments, std::size_t index) {
  const TensorBuffer given = arguments.buffer(index, "geometry");
  if (!given.is_ints()) arguments.refuse("geometry", "must be an Int32Array");
  arguments.require_length(given, kGeometry);
  const std::int32_t* const numbers = given.ints();
  Convolution shape;
  shape.batch = number(arguments, numbers[0], 1);
  shape.in_channels = number(arguments, numbers[1], 1);
  shape.out_channels = number(arguments, numbers[2], 1);
  shape.rows = axis_of(arguments, numbers + 3);
  shape.columns = axis_of(arguments, numbers + 9);
  return shape;
}

// The three arrays of a convolution, whichever of them is the result.
void require_sizes(const TensorArguments& arguments, const Convolution& s, const TensorBuffer& in,
                   const TensorBuffer& filter, const TensorBuffer& out) {
  arguments.require_product(in, {s.batch, s.rows.in, s.columns.in, s.in_channels});
  arguments.require_product(filter,
                            {s.rows.filter, s.columns.filter, s.in_channels, s.out_channels});
  arguments.require_product(out, {s.batch, s.rows.out, s.columns.out, s.out_channels});
}

void convolution(const Napi::CallbackInfo& info) {
  const TensorFunction& function = tensor_function(info);
  const TensorArguments arguments(info, "tensorConvolution");
  ConvolutionFinish finish;
  finish.activation = static_cast<MatMulFinish>(function.code);
  finish.alpha = static_cast<float>(arguments.number(6, "alpha"));
  const Convolution shape = geometry(arguments, 5);
  const TensorBuffer x = arguments.floats(0, "x");
  const TensorBuffer filter = arguments.floats(1, "filter");
  const TensorBuffer bias = arguments.optional_floats(2, "bias");
  const TensorBuffer slopes = arguments.optional_floats(3, "slopes");
  const TensorBuffer out = arguments.floats(4, "out");
  require_sizes(arguments, shape, x, filter, out);
  for (const TensorBuffer* each : {&bias, &slopes}) {
    if (each->data == nullptr) continue;
    arguments.require_length(*each, shape.out_channels);
    arguments.require_disjoint(out, *each);
  }
  arguments.require_disjoint(out, x);
  arguments.require_disjoint(out, filter);
  finish.bias = bias.floats();
  finish.slopes = slopes.floats();
  tensor_convolution(shape, x.floats(), filter.floats(), finish, out.floats());
}

void input_gradient(const Napi::CallbackInfo& info) {
  const TensorArguments arguments(info, "tensorConvolutionInput");
  const Convolution shape = geometry(arguments, 3);
  const TensorBuffer dy = arguments.floats(0, "dy");
  const TensorBuffer filter = arguments.floats(1, "filter");
  const TensorBuffer out = arguments.floats(2, "out");
  require_sizes(arguments, shape, out, filter, dy);
  arguments.require_disjoint(out, dy);
  arguments.require_disjoint(out, filter);
  tensor_convolution_input_gradient(shape, dy.floats(), filter.floats(), out.floats());
}

void filter_gradient(const Napi::CallbackInfo& info) {
  const TensorArguments arguments(info, "tensorConvolutionFilter");
  const Convolution shape = geometry(arguments, 3);
  const TensorBuffer x = arguments.floats(0, "x");
  const TensorBuffer dy = arguments.floats(1, "dy");
  const TensorBuffer out = arguments.floats(2, "out");
  require_sizes(arguments, shape, x, out, dy);
  arguments.require_disjoint(out, x);
  arguments.require_disjoint(out, dy);
  tensor_convolution_filter_gradient(shape, x.floats(), dy.floats(), out.floats());
}

const Exports registration{[](Napi::Env env, Napi::Object exports) {
  exports.Set("tensorConvolution", function_table(env, convolution, kActivations));
  exports.Set("tensorConvolutionInput",
              Napi::Function::New(env, input_gradient, "tensorConvolutionInput"));
  exports.Set("tensorConvolutionFilter",
              Napi::Function::New(env, filter_gradient, "tensorConvolutionFilter"));
}};

}  // namespace
}  // namespace pushforward::addon
