// tensorReduce.<function>(x, out, outer, count, inner), tensorSoftmax(x, out, columns),
// tensorCrossEntropy(labels, logits, out), tensorCrossEntropyGradient(labels, logits, dy, out).
#include "tensor_reduce.h"

#include "exports.h"
#include "tensor_arguments.h"
#include "tensor_fold.h"
#include "tensor_functions.h"

namespace pushforward::addon {
namespace {

enum Reducer { kSum, kMean, kGreatest, kLeast, kProduct, kAll, kAny, kArgMax, kArgMin };
const TensorFunction kReducers[] = {{"sum", kSum},   {"mean", kMean},     {"max", kGreatest},
                                    {"min", kLeast}, {"prod", kProduct},  {"all", kAll},
                                    {"any", kAny},   {"argMax", kArgMax}, {"argMin", kArgMin}};

void reduce_floats(Reducer reducer, const Reduction& shape, const float* x, float* out) {
  switch (reducer) {
    case kSum:
      return tensor_sum(shape, 1.0, x, out);
    case kMean:
      return tensor_sum(shape, static_cast<double>(shape.count), x, out);
    case kGreatest:
      return tensor_greatest(shape, x, out);
    case kLeast:
      return tensor_least(shape, x, out);
    default:
      return tensor_product(shape, x, out);
  }
}

void reduce_ints(Reducer reducer, const Reduction& shape, const std::int32_t* x,
                 std::int32_t* out) {
  switch (reducer) {
    case kSum:
      return tensor_sum(shape, x, out);
    case kGreatest:
      return tensor_greatest(shape, x, out);
    case kLeast:
      return tensor_least(shape, x, out);
    default:
      return tensor_product(shape, x, out);
  }
}

template <typename T>
void find(Reducer reducer, const Reduction& shape, const T* x, std::int32_t* out) {
  if (reducer == kArgMax) return tensor_place_of_greatest(shape, x, out);
  tensor_place_of_least(shape, x, out);
}

void reduce(const Napi::CallbackInfo& info) {
  const TensorFunction& function = tensor_function(info);
  const TensorArguments arguments(info, function.name);
  const auto reducer = static_cast<Reducer>(function.code);
  const Reduction shape{arguments.count(2, "outer", 1), arguments.count(3, "count", 1),
                        arguments.count(4, "inner", 1)};
  const bool finds = reducer == kArgMax || reducer == kArgMin;
  const bool is_logical = reducer == kAll || reducer == kAny;
  const TensorBuffer x = is_logical ? arguments.bytes(0, "x") : arguments.buffer(0, "x");
  if (x.is_bytes() && !is_logical) arguments.refuse("x", "must be a Float32Array or Int32Array");
  if (x.is_ints() && reducer == kMean) arguments.refuse("x", "must be a Float32Array");
  const TensorBuffer out = finds ? arguments.ints(1, "out") : arguments.buffer(1, "out");
  if (!finds && out.type != x.type) arguments.refuse("out", "must be an array of the type of x");
  arguments.require_product(x, {shape.outer, shape.count, shape.inner});
  arguments.require_product(out, {shape.outer, shape.inner});
  arguments.require_disjoint(out, x);
  if (finds) {
    if (x.is_floats()) return find(reducer, shape, x.floats(), out.ints());
    return find(reducer, shape, x.ints(), out.ints());
  }
  if (x.is_floats()) return reduce_floats(reducer, shape, x.floats(), out.floats());
  if (x.is_ints()) return reduce_ints(reducer, shape, x.ints(), out.ints());
  if (reducer == kAll) return tensor_all(shape, x.bytes(), out.bytes());
  tensor_any(shape, x.bytes(), out.bytes());
}

void softmax(const Napi::CallbackInfo& info) {
  const TensorArguments arguments(info, "tensorSoftmax");
  const std::size_t columns = arguments.count(2, "columns", 1);
  const TensorBuffer x = arguments.floats(0, "x");
  const TensorBuffer out = arguments.floats(1, "out");
  arguments.require_length(out, x.length);
  const std::size_t rows = x.length / columns;
  arguments.require_product(x, {rows, columns});
  arguments.require_disjoint(out, x);
  tensor_softmax(x.floats(), rows, columns, out.floats());
}

void cross_entropy(const Napi::CallbackInfo& info) {
  const TensorArguments arguments(info, "tensorCrossEntropy");
  const TensorBuffer labels = arguments.floats(0, "labels");
  const TensorBuffer logits = arguments.floats(1, "logits");
  const TensorBuffer out = arguments.floats(2, "out");
  arguments.require_length(labels, logits.length);
  const std::size_t columns = logits.length / out.length;
  arguments.require_product(logits, {out.length, columns});
  for (const TensorBuffer& input : {labels, logits}) arguments.require_disjoint(out, input);
  tensor_cross_entropy(labels.floats(), logits.floats(), out.length, columns, out.floats());
}

void cross_entropy_gradient(const Napi::CallbackInfo& info) {
  const TensorArguments arguments(info, "tensorCrossEntropyGradient");
  const TensorBuffer labels = arguments.floats(0, "labels");
  const TensorBuffer logits = arguments.floats(1, "logits");
  const TensorBuffer dy = arguments.floats(2, "dy");
  const TensorBuffer out = arguments.floats(3, "out");
  arguments.require_length(labels, logits.length);
  arguments.require_length(out, logits.length);
  const std::size_t columns = logits.length / dy.length;
  arguments.require_product(logits, {dy.length, columns});
  for (const TensorBuffer& input : {labels, logits, dy}) arguments.require_disjoint(out, input);
  tensor_cross_entropy_gradient(labels.floats(), logits.floats(), dy.floats(), dy.length, columns,
                                out.floats());
}

const Exports registration{[](Napi::Env env, Napi::Object exports) {
  exports.Set("tensorReduce", function_table(env, reduce, kReducers));
  exports.Set("tensorSoftmax", Napi::Function::New(env, softmax, "tensorSoftmax"));
  exports.Set("tensorCrossEntropy", Napi::Function::New(env, cross_entropy, "tensorCrossEntropy"));
  exports.Set("tensorCrossEntropyGradient",
              Napi::Function::New(env, cross_entropy_gradient, "tensorCrossEntropyGradient"));
}};

}  // namespace
}  // namespace pushforward::addon
