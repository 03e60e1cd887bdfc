// tensorReduce.<function>(x, out, outer, count, inner), tensorSoftmax(x, out, columns),
// tensorCrossEntropy(labels, logits, out), tensorCrossEntropyGradient(labels, logits, dy, out).
#include "tensor_reduce.h"

#include "exports.h"
#include "tensor_arguments.h"
#include "tensor_functions.h"

namespace pushforward::addon {
namespace {

enum Reducer { kSum, kMean, kGreatest, kLeast };
const TensorFunction kReducers[] = {
    {"sum", kSum}, {"mean", kMean}, {"max", kGreatest}, {"min", kLeast}};

void reduce(const Napi::CallbackInfo& info) {
  const TensorFunction& function = tensor_function(info);
  const TensorArguments arguments(info, function.name);
  const Reduction shape{arguments.count(2, "outer", 1), arguments.count(3, "count", 1),
                        arguments.count(4, "inner", 1)};
  const TensorBuffer x = arguments.floats(0, "x");
  const TensorBuffer out = arguments.floats(1, "out");
  arguments.require_product(x, {shape.outer, shape.count, shape.inner});
  arguments.require_product(out, {shape.outer, shape.inner});
  arguments.require_disjoint(out, x);
  switch (static_cast<Reducer>(function.code)) {
    case kSum:
      return tensor_sum(shape, 1.0, x.floats(), out.floats());
    case kMean:
      return tensor_sum(shape, static_cast<double>(shape.count), x.floats(), out.floats());
    case kGreatest:
      return tensor_greatest(shape, x.floats(), out.floats());
    case kLeast:
      return tensor_least(shape, x.floats(), out.floats());
  }
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
