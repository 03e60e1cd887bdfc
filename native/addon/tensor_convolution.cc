// tensorConvolution.<activation>(x, filter, bias, slopes, out, geometry, alpha)
// tensorConvolutionInput(dy, filter, out, geometry)
// tensorConvolutionFilter(x, dy, out, geometry)
// tensorDepthwise, tensorDepthwiseInput and tensorDepthwiseFilter: the same, channel by channel
#include "tensor_convolution.h"

#include "exports.h"
#include "tensor_arguments.h"
#include "tensor_depthwise.h"
#include "tensor_finishes.h"
#include "tensor_functions.h"

namespace pushforward::addon {
namespace {

// [batch, in channels, out channels], then of the rows and of the columns [inputs, outputs, filter,
// stride, dilation, places before the first].
constexpr std::size_t kGeometry = 15;
constexpr std::size_t kMostReach = std::size_t{1} << 20;

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
  // All that lies between the outputs is laid out in memory. Of a padding in numbers tfjs makes
  // outputs beyond the inputs too, by as much as the strides differ.
  const std::size_t reach = (axis.out - 1) * axis.stride;
  if (reach > kMostReach && reach > axis.in + 2 * axis.before + axis.filter * axis.dilation) {
    arguments.refuse("geometry", "has outputs far beyond the inputs");
  }
  return axis;
}

// One of the two kinds: its functions, and the rows of its filter that lead to one output channel.
struct Dense {
  static constexpr const char* kNames[] = {"tensorConvolution", "tensorConvolutionInput",
                                           "tensorConvolutionFilter"};
  static constexpr auto kForward = tensor_convolution;
  static constexpr auto kInput = tensor_convolution_input_gradient;
  static constexpr auto kFilter = tensor_convolution_filter_gradient;
  static bool fits(const Convolution&) { return true; }
  static std::size_t filter_channels(const Convolution& s) { return s.in_channels; }
};
struct Depthwise {
  static constexpr const char* kNames[] = {"tensorDepthwise", "tensorDepthwiseInput",
                                           "tensorDepthwiseFilter"};
  static constexpr auto kForward = tensor_depthwise;
  static constexpr auto kInput = tensor_depthwise_input_gradient;
  static constexpr auto kFilter = tensor_depthwise_filter_gradient;
  static bool fits(const Convolution& s) { return s.out_channels % s.in_channels == 0; }
  static std::size_t filter_channels(const Convolution&) { return 1; }
};

template <typename Kind>
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
  if (!Kind::fits(shape)) {
    arguments.refuse("geometry", "must have a multiple of the in channels as out channels");
  }
  return shape;
}

// The three arrays of a convolution, whichever of them is the result.
template <typename Kind>
void require_sizes(const TensorArguments& arguments, const Convolution& s, const TensorBuffer& in,
                   const TensorBuffer& filter, const TensorBuffer& out) {
  arguments.require_product(in, {s.batch, s.rows.in, s.columns.in, s.in_channels});
  arguments.require_product(
      filter, {s.rows.filter, s.columns.filter, Kind::filter_channels(s), s.out_channels});
  arguments.require_product(out, {s.batch, s.rows.out, s.columns.out, s.out_channels});
}

template <typename Kind>
void forward(const Napi::CallbackInfo& info) {
  const TensorFunction& function = tensor_function(info);
  const TensorArguments arguments(info, Kind::kNames[0]);
  ConvolutionFinish finish;
  finish.activation = static_cast<MatMulFinish>(function.code);
  finish.alpha = static_cast<float>(arguments.number(6, "alpha"));
  const Convolution shape = geometry<Kind>(arguments, 5);
  const TensorBuffer x = arguments.floats(0, "x");
  const TensorBuffer filter = arguments.floats(1, "filter");
  const TensorBuffer bias = arguments.optional_floats(2, "bias");
  const TensorBuffer slopes = arguments.optional_floats(3, "slopes");
  const TensorBuffer out = arguments.floats(4, "out");
  require_sizes<Kind>(arguments, shape, x, filter, out);
  for (const TensorBuffer* each : {&bias, &slopes}) {
    if (each->data == nullptr) continue;
    arguments.require_length(*each, shape.out_channels);
    arguments.require_disjoint(out, *each);
  }
  arguments.require_disjoint(out, x);
  arguments.require_disjoint(out, filter);
  finish.bias = bias.floats();
  finish.slopes = slopes.floats();
  Kind::kForward(shape, x.floats(), filter.floats(), finish, out.floats());
}

template <typename Kind>
void input_gradient(const Napi::CallbackInfo& info) {
  const TensorArguments arguments(info, Kind::kNames[1]);
  const Convolution shape = geometry<Kind>(arguments, 3);
  const TensorBuffer dy = arguments.floats(0, "dy");
  const TensorBuffer filter = arguments.floats(1, "filter");
  const TensorBuffer out = arguments.floats(2, "out");
  require_sizes<Kind>(arguments, shape, out, filter, dy);
  arguments.require_disjoint(out, dy);
  arguments.require_disjoint(out, filter);
  Kind::kInput(shape, dy.floats(), filter.floats(), out.floats());
}

template <typename Kind>
void filter_gradient(const Napi::CallbackInfo& info) {
  const TensorArguments arguments(info, Kind::kNames[2]);
  const Convolution shape = geometry<Kind>(arguments, 3);
  const TensorBuffer x = arguments.floats(0, "x");
  const TensorBuffer dy = arguments.floats(1, "dy");
  const TensorBuffer out = arguments.floats(2, "out");
  require_sizes<Kind>(arguments, shape, x, out, dy);
  arguments.require_disjoint(out, x);
  arguments.require_disjoint(out, dy);
  Kind::kFilter(shape, x.floats(), dy.floats(), out.floats());
}

template <typename Kind>
void export_kind(Napi::Env env, Napi::Object exports) {
  const auto& names = Kind::kNames;
  exports.Set(names[0], function_table(env, forward<Kind>, kFinishes));
  exports.Set(names[1], Napi::Function::New(env, input_gradient<Kind>, names[1]));
  exports.Set(names[2], Napi::Function::New(env, filter_gradient<Kind>, names[2]));
}

const Exports registration{[](Napi::Env env, Napi::Object exports) {
  export_kind<Dense>(env, exports);
  export_kind<Depthwise>(env, exports);
}};

}  // namespace
}  // namespace pushforward::addon
