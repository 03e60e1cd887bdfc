// FlowPlan: checks every argument, then calls pushforward::FlowPlan.
#include "pushforward/flow_plan.h"

#include <napi.h>

#include <stdexcept>

#include "arguments.h"
#include "exports.h"
#include "flow_spec.h"

namespace pushforward::addon {
namespace {

class FlowPlanObject final : public Napi::ObjectWrap<FlowPlanObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "FlowPlan",
                       {InstanceAccessor<&FlowPlanObject::dim>("dim"),
                        InstanceAccessor<&FlowPlanObject::context_dim>("contextDim"),
                        InstanceAccessor<&FlowPlanObject::parameter_count>("parameterCount"),
                        InstanceMethod<&FlowPlanObject::log_prob>("logProb"),
                        InstanceMethod<&FlowPlanObject::forward>("forward"),
                        InstanceMethod<&FlowPlanObject::inverse>("inverse"),
                        InstanceMethod<&FlowPlanObject::vector_jacobian>("vectorJacobian"),
                        InstanceMethod<&FlowPlanObject::value_and_grad>("valueAndGrad")});
  }

  explicit FlowPlanObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<FlowPlanObject>(info) {
    const FlowSpec spec = read_flow_spec(info[0]);
    try {
      plan_ = std::make_unique<FlowPlan>(spec);
    } catch (const std::invalid_argument& problem) {
      throw_type_error(info.Env(), std::string("FlowPlan: ") + problem.what());
    }
  }

 private:
  // The three arguments every call begins with.
  struct Inputs {
    FloatBuffer parameters, x, context;
    std::size_t rows;
  };

  Inputs inputs(const Napi::CallbackInfo& info, const char* call, const char* x_name) const {
    Inputs in;
    in.parameters = float_buffer(info, 0, call, "parameters", plan_->parameter_count());
    in.x = float_buffer(info, 1, call, x_name);
    in.rows = in.x.length / std::size_t(plan_->dim());
    if (in.rows * std::size_t(plan_->dim()) != in.x.length) {
      throw_type_error(info.Env(), std::string(call) + ": " + x_name +
                                       " must have a multiple of dim " +
                                       std::to_string(plan_->dim()) + " elements, but has " +
                                       std::to_string(in.x.length));
    }
    in.context = context_buffer(info, 2, call, "context", in.rows);
    return in;
  }

  FloatBuffer context_buffer(const Napi::CallbackInfo& info, std::size_t index, const char* call,
                             const char* name, std::size_t rows) const {
    if (plan_->context_dim() == 0) {
      if (info[index].IsNull() || info[index].IsUndefined()) return {name, nullptr, 0};
      throw_type_error(info.Env(),
                       std::string(call) + ": " + name + " must be null when contextDim is 0");
    }
    return float_buffer(info, index, call, name, rows * std::size_t(plan_->context_dim()));
  }

  Napi::Value dim(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), plan_->dim());
  }
  Napi::Value context_dim(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), plan_->context_dim());
  }
  Napi::Value parameter_count(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), double(plan_->parameter_count()));
  }

  void log_prob(const Napi::CallbackInfo& info) {
    constexpr const char* kCall = "logProb";
    const Inputs in = inputs(info, kCall, "x");
    const FloatBuffer out = float_buffer(info, 3, kCall, "out", in.rows);
    require_disjoint(info.Env(), kCall, {out}, {in.parameters, in.x, in.context});
    plan_->log_prob(in.parameters.data, in.x.data, in.context.data, in.rows, out.data);
  }

  void forward(const Napi::CallbackInfo& info) {
    constexpr const char* kCall = "forward";
    const Inputs in = inputs(info, kCall, "x");
    const FloatBuffer z = float_buffer(info, 3, kCall, "z", in.x.length);
    const FloatBuffer log_det = float_buffer(info, 4, kCall, "logDet", in.rows);
    require_disjoint(info.Env(), kCall, {z, log_det}, {in.parameters, in.x, in.context});
    plan_->forward(in.parameters.data, in.x.data, in.context.data, in.rows, z.data, log_det.data);
  }

  void inverse(const Napi::CallbackInfo& info) {
    constexpr const char* kCall = "inverse";
    const Inputs in = inputs(info, kCall, "z");
    const FloatBuffer x = float_buffer(info, 3, kCall, "x", in.x.length);
    const FloatBuffer log_det = float_buffer(info, 4, kCall, "logDet", in.rows);
    require_disjoint(info.Env(), kCall, {x, log_det}, {in.parameters, in.x, in.context});
    plan_->inverse(in.parameters.data, in.x.data, in.context.data, in.rows, x.data, log_det.data);
  }

  void vector_jacobian(const Napi::CallbackInfo& info) {
    constexpr const char* kCall = "vectorJacobian";
    const Inputs in = inputs(info, kCall, "x");
    const FloatBuffer gz = float_buffer(info, 3, kCall, "gz", in.x.length);
    const FloatBuffer glog_det = float_buffer(info, 4, kCall, "gLogDet", in.rows);
    const FloatBuffer gx = float_buffer(info, 5, kCall, "gx", in.x.length);
    const FloatBuffer gcontext = context_buffer(info, 6, kCall, "gContext", in.rows);
    const FloatBuffer gparameters =
        float_buffer(info, 7, kCall, "gParameters", plan_->parameter_count());
    require_disjoint(info.Env(), kCall, {gx, gcontext, gparameters},
                     {in.parameters, in.x, in.context, gz, glog_det});
    plan_->vector_jacobian(in.parameters.data, in.x.data, in.context.data, in.rows,
                           {gz.data, glog_det.data}, {gx.data, gcontext.data, gparameters.data});
  }

  Napi::Value value_and_grad(const Napi::CallbackInfo& info) {
    constexpr const char* kCall = "valueAndGrad";
    const Inputs in = inputs(info, kCall, "x");
    const FloatBuffer weights = optional_float_buffer(info, 3, kCall, "weights", in.rows);
    const FloatBuffer gradient = float_buffer(info, 4, kCall, "gradient", plan_->parameter_count());
    require_disjoint(info.Env(), kCall, {gradient}, {in.parameters, in.x, in.context, weights});
    require_weights(info.Env(), kCall, weights);
    return Napi::Number::New(info.Env(),
                             plan_->value_and_grad(in.parameters.data, in.x.data, in.context.data,
                                                   weights.data, in.rows, gradient.data));
  }

  // Finite, none below 0, and not all 0: the mean is over their total.
  static void require_weights(Napi::Env env, const char* call, const FloatBuffer& weights) {
    if (weights.length == 0) return;
    double total = 0.0;
    for (std::size_t i = 0; i < weights.length; ++i) {
      const float weight = weights.data[i];
      if (!(weight >= 0.0f && weight <= 3.4028235e38f)) {
        throw_type_error(env, std::string(call) + ": weights must be finite and not below 0, but " +
                                  std::to_string(weight) + " is at " + std::to_string(i));
      }
      total += weight;
    }
    if (!(total > 0.0)) {
      throw_type_error(env, std::string(call) + ": weights must not all be 0");
    }
  }

  std::unique_ptr<FlowPlan> plan_;
};

const Exports registration{[](Napi::Env env, Napi::Object exports) {
  exports.Set("FlowPlan", FlowPlanObject::define(env));
}};

}  // namespace
}  // namespace pushforward::addon
