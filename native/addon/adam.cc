// adamStep(parameters, gradient, m, v, options) and runningMean(mean, values, share).
#include "adam.h"

#include <cmath>

#include "arguments.h"
#include "exports.h"

namespace pushforward::addon {
namespace {

constexpr const char* kCall = "adamStep";

// A number option in [least, limit); NaN fails both comparisons.
double option(const Napi::Object& options, const char* name, double least, double limit,
              const char* must) {
  const Napi::Value value = options.Get(name);
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : NAN;
  if (!(number >= least && number < limit)) {
    throw_type_error(options.Env(), std::string(kCall) + ": options." + name + " must be " + must);
  }
  return number;
}

AdamOptions read_options(const Napi::CallbackInfo& info) {
  if (!info[4].IsObject()) {
    throw_type_error(info.Env(), std::string(kCall) + ": options must be an object");
  }
  const Napi::Object given = info[4].As<Napi::Object>();
  AdamOptions options{};
  options.learning_rate = option(given, "learningRate", 0.0, INFINITY, "a finite number from 0");
  options.beta1 = option(given, "beta1", 0.0, 1.0, "a number from 0 and below 1");
  options.beta2 = option(given, "beta2", 0.0, 1.0, "a number from 0 and below 1");
  options.epsilon = option(given, "epsilon", 0.0, INFINITY, "a finite number from 0");
  options.weight_decay = option(given, "weightDecay", 0.0, INFINITY, "a finite number from 0");
  options.step = option(given, "step", 1.0, 9007199254740992.0, "an integer from 1");
  if (options.step != std::floor(options.step)) {
    throw_type_error(info.Env(), std::string(kCall) + ": options.step must be an integer from 1");
  }
  const Napi::Value clip = given.Get("clipNorm");
  options.clip_norm = clip.IsNumber() ? clip.As<Napi::Number>().DoubleValue() : NAN;
  if (!(options.clip_norm > 0.0)) {
    throw_type_error(info.Env(),
                     std::string(kCall) + ": options.clipNorm must be above 0, Infinity for none");
  }
  return options;
}

Napi::Value step(const Napi::CallbackInfo& info) {
  const AdamOptions options = read_options(info);
  const FloatBuffer parameters = float_buffer(info, 0, kCall, "parameters");
  const FloatBuffer gradient = float_buffer(info, 1, kCall, "gradient", parameters.length);
  const FloatBuffer m = float_buffer(info, 2, kCall, "m", parameters.length);
  const FloatBuffer v = float_buffer(info, 3, kCall, "v", parameters.length);
  require_disjoint(info.Env(), kCall, {parameters, m, v}, {gradient});
  return Napi::Number::New(info.Env(), adam_step(parameters.data, gradient.data, m.data, v.data,
                                                 parameters.length, options));
}

Napi::Value running_mean(const Napi::CallbackInfo& info) {
  constexpr const char* kMeanCall = "runningMean";
  const double share = info[2].IsNumber() ? info[2].As<Napi::Number>().DoubleValue() : NAN;
  if (!(share > 0.0 && share <= 1.0)) {
    throw_type_error(info.Env(), std::string(kMeanCall) + ": share must be above 0 and at most 1");
  }
  const FloatBuffer mean = float_buffer(info, 0, kMeanCall, "mean");
  const FloatBuffer values = float_buffer(info, 1, kMeanCall, "values", mean.length);
  require_disjoint(info.Env(), kMeanCall, {mean}, {values});
  update_running_mean(mean.data, values.data, mean.length, static_cast<float>(share));
  return info.Env().Undefined();
}

const Exports registration{[](Napi::Env env, Napi::Object exports) {
  exports.Set("adamStep", Napi::Function::New(env, step, "adamStep"));
  exports.Set("runningMean", Napi::Function::New(env, running_mean, "runningMean"));
}};

}  // namespace
}  // namespace pushforward::addon
