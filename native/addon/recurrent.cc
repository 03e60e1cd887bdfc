// tensorLstm(x, kernel, recurrent, bias, initialH, initialC, h, c, outputs, gates, rows, cells,
//   steps, channels, units, hardSigmoid, reverse)
// tensorLstmGradient(gates, rows, cells, recurrent, dh, dc, dOutputs, dGates, dKernel, dRecurrent,
//   dBias, dInitialH, dInitialC, steps, channels, units, hardSigmoid, reverse)
// tensorGru(x, kernel, recurrent, bias, recurrentBias, initialH, h, outputs, gates, rows, inner,
//   steps, channels, units, hardSigmoid, reverse)
// tensorGruGradient(gates, rows, inner, recurrent, dh, dOutputs, dGates, dKernel, dRecurrent,
//   dBias, dRecurrentBias, dInitialH, steps, channels, units, hardSigmoid, reverse)
#include "recurrent.h"

#include <initializer_list>

#include "exports.h"
#include "tensor_arguments.h"

namespace pushforward::addon {
namespace {

// The arrays of one call, each checked for its length; outputs for what they overlap.
class Arrays {
 public:
  // `options` is where the numbers begin, `state` where a state [batch, units] lies.
  Arrays(const Napi::CallbackInfo& info, const char* call, std::size_t options, std::size_t state)
      : arguments_(info, call), task_{} {
    task_.steps = arguments_.count(options, "steps", 1);
    task_.channels = arguments_.count(options + 1, "channels", 1);
    task_.units = arguments_.count(options + 2, "units", 1);
    task_.hard_sigmoid = arguments_.boolean(options + 3, "hardSigmoid");
    task_.reverse = arguments_.boolean(options + 4, "reverse");
    const std::size_t length = arguments_.floats(state, "state").length;
    if (length % task_.units != 0) arguments_.refuse("state", "must hold rows of units");
    task_.batch = length / task_.units;
  }

  // A task with nothing set yet but what all of them have in common.
  template <typename Task>
  Task task() const {
    Task result{};
    static_cast<RecurrentTask&>(result) = task_;
    return result;
  }

  struct Sizes {
    std::size_t batch, steps, channels, units, sums;
  };
  Sizes sizes(std::size_t gates) const {
    return {task_.batch, task_.steps, task_.channels, task_.units,
            arguments_.product("units", {gates, task_.units})};
  }

  using Dims = std::initializer_list<std::size_t>;

  const float* in(std::size_t index, const char* name, Dims dims) {
    return note(arguments_.floats(index, name), dims, false);
  }
  const float* optional_in(std::size_t index, const char* name, Dims dims) {
    return note(arguments_.optional_floats(index, name), dims, false);
  }
  float* out(std::size_t index, const char* name, Dims dims) {
    return note(arguments_.floats(index, name), dims, true);
  }
  float* optional_out(std::size_t index, const char* name, Dims dims) {
    return note(arguments_.optional_floats(index, name), dims, true);
  }

  // Throws when an output overlaps anything else.
  void require_disjoint() const {
    for (std::size_t i = 0; i < count_; ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (is_output_[i]) {
          arguments_.require_disjoint(buffers_[i], buffers_[j]);
        } else if (is_output_[j]) {
          arguments_.require_disjoint(buffers_[j], buffers_[i]);
        }
      }
    }
  }

 private:
  float* note(const TensorBuffer& buffer, Dims dims, bool is_output) {
    if (buffer.data == nullptr) return nullptr;
    arguments_.require_product(buffer, dims);
    buffers_[count_] = buffer;
    is_output_[count_++] = is_output;
    return buffer.floats();
  }

  static constexpr std::size_t kMost = 13;
  TensorArguments arguments_;
  RecurrentTask task_;
  TensorBuffer buffers_[kMost];
  bool is_output_[kMost];
  std::size_t count_ = 0;
};

void lstm_call(const Napi::CallbackInfo& info) {
  Arrays arrays(info, "tensorLstm", 12, 4);
  auto task = arrays.task<LstmForward>();
  const auto [n, t, c, u, sums] = arrays.sizes(4);
  task.x = arrays.in(0, "x", {n, t, c});
  task.kernel = arrays.in(1, "kernel", {c, sums});
  task.recurrent = arrays.in(2, "recurrent", {u, sums});
  task.bias = arrays.in(3, "bias", {sums});
  task.initial_h = arrays.in(4, "initialH", {n, u});
  task.initial_c = arrays.in(5, "initialC", {n, u});
  task.h = arrays.out(6, "h", {n, u});
  task.c = arrays.out(7, "c", {n, u});
  task.outputs = arrays.optional_out(8, "outputs", {n, t, u});
  task.gates = arrays.optional_out(9, "gates", {t, n, sums});
  task.rows = arrays.optional_out(10, "rows", {t + 1, n, task.row()});
  task.cells = arrays.optional_out(11, "cells", {t + 1, n, u});
  arrays.require_disjoint();
  lstm_forward(task);
}

void lstm_gradient_call(const Napi::CallbackInfo& info) {
  Arrays arrays(info, "tensorLstmGradient", 13, 4);
  auto task = arrays.task<LstmBackward>();
  const auto [n, t, c, u, sums] = arrays.sizes(4);
  task.gates = arrays.in(0, "gates", {t, n, sums});
  task.rows = arrays.in(1, "rows", {t + 1, n, task.row()});
  task.cells = arrays.in(2, "cells", {t + 1, n, u});
  task.recurrent = arrays.in(3, "recurrent", {u, sums});
  task.dh = arrays.in(4, "dh", {n, u});
  task.dc = arrays.in(5, "dc", {n, u});
  task.d_outputs = arrays.optional_in(6, "dOutputs", {n, t, u});
  task.d_gates = arrays.out(7, "dGates", {t, n, sums});
  task.d_kernel = arrays.out(8, "dKernel", {c, sums});
  task.d_recurrent = arrays.out(9, "dRecurrent", {u, sums});
  task.d_bias = arrays.out(10, "dBias", {sums});
  task.d_initial_h = arrays.out(11, "dInitialH", {n, u});
  task.d_initial_c = arrays.out(12, "dInitialC", {n, u});
  arrays.require_disjoint();
  lstm_backward(task);
}

void gru_call(const Napi::CallbackInfo& info) {
  Arrays arrays(info, "tensorGru", 11, 5);
  auto task = arrays.task<GruForward>();
  const auto [n, t, c, u, sums] = arrays.sizes(3);
  task.x = arrays.in(0, "x", {n, t, c});
  task.kernel = arrays.in(1, "kernel", {c, sums});
  task.recurrent = arrays.in(2, "recurrent", {u, sums});
  task.bias = arrays.in(3, "bias", {sums});
  task.recurrent_bias = arrays.optional_in(4, "recurrentBias", {sums});
  task.initial_h = arrays.in(5, "initialH", {n, u});
  task.h = arrays.out(6, "h", {n, u});
  task.outputs = arrays.optional_out(7, "outputs", {n, t, u});
  task.gates = arrays.optional_out(8, "gates", {t, n, sums});
  task.rows = arrays.optional_out(9, "rows", {t + 1, n, task.row()});
  task.inner = arrays.optional_out(10, "inner", {t, n, u});
  arrays.require_disjoint();
  gru_forward(task);
}

void gru_gradient_call(const Napi::CallbackInfo& info) {
  Arrays arrays(info, "tensorGruGradient", 12, 4);
  auto task = arrays.task<GruBackward>();
  const auto [n, t, c, u, sums] = arrays.sizes(3);
  task.gates = arrays.in(0, "gates", {t, n, sums});
  task.rows = arrays.in(1, "rows", {t + 1, n, task.row()});
  task.inner = arrays.in(2, "inner", {t, n, u});
  task.recurrent = arrays.in(3, "recurrent", {u, sums});
  task.dh = arrays.in(4, "dh", {n, u});
  task.d_outputs = arrays.optional_in(5, "dOutputs", {n, t, u});
  task.d_gates = arrays.out(6, "dGates", {t, n, sums});
  task.d_kernel = arrays.out(7, "dKernel", {c, sums});
  task.d_recurrent = arrays.out(8, "dRecurrent", {u, sums});
  task.d_bias = arrays.out(9, "dBias", {sums});
  task.d_recurrent_bias = arrays.optional_out(10, "dRecurrentBias", {sums});
  task.d_initial_h = arrays.out(11, "dInitialH", {n, u});
  arrays.require_disjoint();
  gru_backward(task);
}

const Exports registration{[](Napi::Env env, Napi::Object exports) {
  const auto set = [&](const char* name, void (*call)(const Napi::CallbackInfo&)) {
    exports.Set(name, Napi::Function::New(env, call, name));
  };
  set("tensorLstm", lstm_call);
  set("tensorLstmGradient", lstm_gradient_call);
  set("tensorGru", gru_call);
  set("tensorGruGradient", gru_gradient_call);
}};

}  // namespace
}  // namespace pushforward::addon
