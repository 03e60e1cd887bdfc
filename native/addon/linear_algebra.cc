// tensorLuFactor(a, lu, order, sign, logAbsDet, n)
// tensorLuSolve(lu, order, b, x, n, columns, transpose)
// tensorTriangularSolve(t, b, x, n, columns, lower, unitDiagonal, transpose)
#include "linear_algebra.h"

#include <vector>

#include "exports.h"
#include "tensor_arguments.h"

namespace pushforward::addon {
namespace {

// How many matrices [n, n] there are, and nothing beside them.
std::size_t batch_of(const TensorArguments& arguments, const TensorBuffer& matrices,
                     std::size_t n) {
  const std::size_t size = arguments.product(matrices.name, {n, n});
  if (matrices.length % size != 0) arguments.refuse(matrices.name, "must hold matrices [n, n]");
  return matrices.length / size;
}

void lu_factor_call(const Napi::CallbackInfo& info) {
  const TensorArguments arguments(info, "tensorLuFactor");
  LuFactorTask task;
  task.n = arguments.count(5, "n", 1);
  const TensorBuffer a = arguments.floats(0, "a");
  const TensorBuffer lu = arguments.floats(1, "lu");
  const TensorBuffer order = arguments.ints(2, "order");
  const TensorBuffer sign = arguments.floats(3, "sign");
  const TensorBuffer log_abs_det = arguments.floats(4, "logAbsDet");
  task.batch = batch_of(arguments, a, task.n);
  arguments.require_length(lu, a.length);
  arguments.require_product(order, {task.batch, task.n});
  arguments.require_length(sign, task.batch);
  arguments.require_length(log_abs_det, task.batch);
  const TensorBuffer outputs[] = {lu, order, sign, log_abs_det};
  for (const TensorBuffer& output : outputs) {
    arguments.require_disjoint(output, a);
    for (const TensorBuffer& other : outputs) {
      if (&other != &output) arguments.require_disjoint(output, other);
    }
  }
  task.a = a.floats();
  task.lu = lu.floats();
  task.order = order.ints();
  task.sign = sign.floats();
  task.log_abs_det = log_abs_det.floats();
  lu_factor(task);
}

// Reads matrices, right-hand sides and solutions into the task.
void read_sides(const TensorArguments& arguments, SolveTask& task, const TensorBuffer& matrices,
                const TensorBuffer& b, const TensorBuffer& x) {
  task.batch = batch_of(arguments, matrices, task.n);
  arguments.require_product(b, {task.batch, task.n, task.columns});
  arguments.require_length(x, b.length);
  arguments.require_disjoint(x, matrices);
  arguments.require_disjoint(x, b);
  task.matrices = matrices.floats();
  task.b = b.floats();
  task.x = x.floats();
}

// The solutions are written row by row in this order, so it must be one for each matrix.
void require_orders(const TensorArguments& arguments, const TensorBuffer& order, std::size_t batch,
                    std::size_t n) {
  arguments.require_product(order, {batch, n});
  std::vector<std::size_t> last_seen(n, batch);
  for (std::size_t m = 0; m < batch; ++m) {
    for (std::size_t i = 0; i < n; ++i) {
      const std::int32_t row = order.ints()[m * n + i];
      if (row < 0 || static_cast<std::size_t>(row) >= n ||
          last_seen[static_cast<std::size_t>(row)] == m) {
        arguments.refuse(order.name, "must hold each row of a matrix once");
      }
      last_seen[static_cast<std::size_t>(row)] = m;
    }
  }
}

void lu_solve_call(const Napi::CallbackInfo& info) {
  const TensorArguments arguments(info, "tensorLuSolve");
  SolveTask task;
  task.n = arguments.count(4, "n", 1);
  task.columns = arguments.count(5, "columns", 1);
  const bool transpose = arguments.boolean(6, "transpose");
  const TensorBuffer lu = arguments.floats(0, "lu");
  const TensorBuffer order = arguments.ints(1, "order");
  const TensorBuffer b = arguments.floats(2, "b");
  const TensorBuffer x = arguments.floats(3, "x");
  read_sides(arguments, task, lu, b, x);
  arguments.require_disjoint(x, order);
  require_orders(arguments, order, task.batch, task.n);
  task.pass_count = 2;
  // L U x = P b, and Uᵀ Lᵀ P x = b.
  task.passes[transpose ? 1 : 0] = {true, true, transpose};
  task.passes[transpose ? 0 : 1] = {false, false, transpose};
  (transpose ? task.order_out : task.order_in) = order.ints();
  linear_solve(task);
}

void triangular_solve_call(const Napi::CallbackInfo& info) {
  const TensorArguments arguments(info, "tensorTriangularSolve");
  SolveTask task;
  task.n = arguments.count(3, "n", 1);
  task.columns = arguments.count(4, "columns", 1);
  task.pass_count = 1;
  task.passes[0] = {arguments.boolean(5, "lower"), arguments.boolean(6, "unitDiagonal"),
                    arguments.boolean(7, "transpose")};
  const TensorBuffer t = arguments.floats(0, "t");
  const TensorBuffer b = arguments.floats(1, "b");
  const TensorBuffer x = arguments.floats(2, "x");
  read_sides(arguments, task, t, b, x);
  linear_solve(task);
}

const Exports registration{[](Napi::Env env, Napi::Object exports) {
  const auto set = [&](const char* name, void (*call)(const Napi::CallbackInfo&)) {
    exports.Set(name, Napi::Function::New(env, call, name));
  };
  set("tensorLuFactor", lu_factor_call);
  set("tensorLuSolve", lu_solve_call);
  set("tensorTriangularSolve", triangular_solve_call);
}};

}  // namespace
}  // namespace pushforward::addon
