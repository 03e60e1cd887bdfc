// tensorPool.max|average|averageGradient(x, out, sizes, top, left) and
// tensorMaxPoolGradient(x, dy, out, sizes, top, left), sizes [batch, in height, in width, channels,
// out height, out width, filter height, filter width, stride height, stride width];
// tensorResize.resize|gradient(x, out, sizes, bilinear, alignCorners, halfPixelCenters), sizes
// [batch, height, width, channels, new height, new width].
#include "exports.h"
#include "tensor_arguments.h"
#include "tensor_functions.h"
#include "tensor_pool.h"
#include "tensor_resize.h"

namespace pushforward::addon {
namespace {

enum Pooling { kMax, kAverage, kAverageGradient };
const TensorFunction kPoolings[] = {
    {"max", kMax}, {"average", kAverage}, {"averageGradient", kAverageGradient}};

enum Resizing { kResize, kResizeGradient };
const TensorFunction kResizings[] = {{"resize", kResize}, {"gradient", kResizeGradient}};

std::size_t size(std::int32_t number) { return static_cast<std::size_t>(number); }

// From three arguments that start at `index`.
PoolShape pool_shape(const TensorArguments& arguments, std::size_t index) {
  const std::size_t top = arguments.count(index + 1, "top", 0);
  const std::size_t left = arguments.count(index + 2, "left", 0);
  const std::int32_t* const sizes = arguments.sizes(index, "sizes", 10);
  return {size(sizes[0]),
          size(sizes[1]),
          size(sizes[2]),
          size(sizes[3]),
          size(sizes[4]),
          size(sizes[5]),
          size(sizes[6]),
          size(sizes[7]),
          size(sizes[8]),
          size(sizes[9]),
          top,
          left};
}

void require_inputs(const TensorArguments& arguments, const TensorBuffer& buffer,
                    const PoolShape& shape) {
  arguments.require_product(buffer, {shape.batch, shape.in_height, shape.in_width, shape.channels});
}

void require_outputs(const TensorArguments& arguments, const TensorBuffer& buffer,
                     const PoolShape& shape) {
  arguments.require_product(buffer,
                            {shape.batch, shape.out_height, shape.out_width, shape.channels});
}

void pool(const Napi::CallbackInfo& info) {
  const TensorFunction& function = tensor_function(info);
  const TensorArguments arguments(info, function.name);
  const PoolShape shape = pool_shape(arguments, 2);
  const TensorBuffer x = arguments.floats(0, "x");
  const TensorBuffer out = arguments.floats(1, "out");
  const bool is_gradient = function.code == kAverageGradient;
  require_inputs(arguments, is_gradient ? out : x, shape);
  require_outputs(arguments, is_gradient ? x : out, shape);
  arguments.require_disjoint(out, x);
  switch (static_cast<Pooling>(function.code)) {
    case kMax:
      return tensor_max_pool(shape, x.floats(), out.floats());
    case kAverage:
      return tensor_average_pool(shape, x.floats(), out.floats());
    case kAverageGradient:
      return tensor_average_pool_gradient(shape, x.floats(), out.floats());
  }
}

void max_pool_gradient(const Napi::CallbackInfo& info) {
  const TensorArguments arguments(info, "tensorMaxPoolGradient");
  const PoolShape shape = pool_shape(arguments, 3);
  const TensorBuffer x = arguments.floats(0, "x");
  const TensorBuffer dy = arguments.floats(1, "dy");
  const TensorBuffer out = arguments.floats(2, "out");
  require_inputs(arguments, x, shape);
  require_outputs(arguments, dy, shape);
  require_inputs(arguments, out, shape);
  arguments.require_disjoint(out, x);
  arguments.require_disjoint(out, dy);
  tensor_max_pool_gradient(shape, x.floats(), dy.floats(), out.floats());
}

void resize(const Napi::CallbackInfo& info) {
  const TensorFunction& function = tensor_function(info);
  const TensorArguments arguments(info, function.name);
  const bool bilinear = arguments.boolean(3, "bilinear");
  const bool align_corners = arguments.boolean(4, "alignCorners");
  const bool half_pixel_centers = arguments.boolean(5, "halfPixelCenters");
  const std::int32_t* const sizes = arguments.sizes(2, "sizes", 6);
  const ResizeShape shape{size(sizes[0]), size(sizes[1]), size(sizes[2]),
                          size(sizes[3]), size(sizes[4]), size(sizes[5]),
                          bilinear,       align_corners,  half_pixel_centers};
  const TensorBuffer x = arguments.floats(0, "x");
  const TensorBuffer out = arguments.floats(1, "out");
  const bool is_gradient = function.code == kResizeGradient;
  arguments.require_product(is_gradient ? out : x,
                            {shape.batch, shape.height, shape.width, shape.channels});
  arguments.require_product(is_gradient ? x : out,
                            {shape.batch, shape.new_height, shape.new_width, shape.channels});
  arguments.require_disjoint(out, x);
  if (is_gradient) return tensor_resize_gradient(shape, x.floats(), out.floats());
  tensor_resize(shape, x.floats(), out.floats());
}

const Exports registration{[](Napi::Env env, Napi::Object exports) {
  exports.Set("tensorPool", function_table(env, pool, kPoolings));
  exports.Set("tensorMaxPoolGradient",
              Napi::Function::New(env, max_pool_gradient, "tensorMaxPoolGradient"));
  exports.Set("tensorResize", function_table(env, resize, kResizings));
}};

}  // namespace
}  // namespace pushforward::addon
