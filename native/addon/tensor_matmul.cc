// tensorMatMul.<finish>(a, b, bias, out, rows, columns, inner, transposeA, transposeB, layout,
// alpha)
#include "tensor_matmul.h"

#include "exports.h"
#include "tensor_arguments.h"
#include "tensor_finishes.h"
#include "tensor_functions.h"

namespace pushforward::addon {
namespace {

void matmul(const Napi::CallbackInfo& info) {
  const TensorFunction& function = tensor_function(info);
  const TensorArguments arguments(info, "tensorMatMul");
  MatMul task;
  task.finish = static_cast<MatMulFinish>(function.code);
  task.rows = arguments.count(4, "rows", 1);
  task.columns = arguments.count(5, "columns", 1);
  task.inner = arguments.count(6, "inner", 1);
  const bool transpose_a = arguments.boolean(7, "transposeA");
  const bool transpose_b = arguments.boolean(8, "transposeB");
  if (info.Length() > 10) task.alpha = static_cast<float>(arguments.number(10, "alpha"));
  const TensorBuffer a = arguments.floats(0, "a");
  const TensorBuffer b = arguments.floats(1, "b");
  const TensorBuffer bias = arguments.optional_floats(2, "bias");
  const TensorBuffer out = arguments.floats(3, "out");
  // The layout walks the first element of each matrix; what the whole matrix needs comes off the
  // end.
  const std::size_t a_size = arguments.product("a", {task.rows, task.inner});
  const std::size_t b_size = arguments.product("b", {task.inner, task.columns});
  const TensorLayout batches = arguments.layout(9, a.length, b.length, a_size - 1, b_size - 1);
  arguments.require_product(out, {TensorArguments::size(batches), task.rows, task.columns});
  if (bias.data != nullptr) {
    arguments.require_length(bias, task.columns);
    arguments.require_disjoint(out, bias);
  }
  arguments.require_disjoint(out, a);
  arguments.require_disjoint(out, b);
  task.a = a.floats();
  task.b = b.floats();
  task.c = out.floats();
  task.bias = bias.floats();
  task.a_row = transpose_a ? 1 : task.inner;
  task.a_step = transpose_a ? task.rows : 1;
  task.b_row = transpose_b ? 1 : task.columns;
  task.b_step = transpose_b ? task.inner : 1;
  task.c_row = task.columns;
  tensor_matmul(task, batches);
}

const Exports registration{[](Napi::Env env, Napi::Object exports) {
  exports.Set("tensorMatMul", function_table(env, matmul, kFinishes));
}};

}  // namespace
}  // namespace pushforward::addon
