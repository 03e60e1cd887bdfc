#include "exports.h"
#include "pushforward/dispatch.h"
#include "pushforward/threads.h"

namespace pushforward::addon {
namespace {

Exports*& first_registration() {
  static Exports* first = nullptr;
  return first;
}

}  // namespace

Exports::Exports(ExportFunction function) : function_(function), next_(first_registration()) {
  first_registration() = this;
}

void Exports::run_all(Napi::Env env, Napi::Object exports) {
  for (Exports* entry = first_registration(); entry != nullptr; entry = entry->next_) {
    entry->function_(env, exports);
  }
}

namespace {

constexpr SimdLevel kLevels[] = {SimdLevel::kAvx512, SimdLevel::kAvx2, SimdLevel::kPortable};

Napi::Value simd_levels(const Napi::CallbackInfo& info) {
  Napi::Array names = Napi::Array::New(info.Env());
  for (SimdLevel level : kLevels) {
    if (level > widest_simd_level()) continue;
    names.Set(names.Length(), Napi::String::New(info.Env(), simd_level_name(level)));
  }
  return names;
}

void choose_simd_level(const Napi::CallbackInfo& info) {
  if (!info[0].IsString()) {
    throw Napi::TypeError::New(info.Env(), "setSimdLevel: level must be a string");
  }
  const std::string name = info[0].As<Napi::String>();
  for (SimdLevel level : kLevels) {
    if (name != simd_level_name(level)) continue;
    if (set_simd_level(level)) return;
    throw Napi::RangeError::New(info.Env(), "setSimdLevel: this processor does not run " + name);
  }
  throw Napi::TypeError::New(info.Env(),
                             "setSimdLevel: level must be 'avx512', 'avx2' or 'portable'");
}

void choose_thread_count(const Napi::CallbackInfo& info) {
  const double count = info[0].IsNumber() ? info[0].As<Napi::Number>().DoubleValue() : 0.0;
  if (!(count >= 1 && count <= kMaxThreads) || count != static_cast<int>(count)) {
    throw Napi::TypeError::New(info.Env(), "setThreads: count must be an integer from 1 to " +
                                               std::to_string(kMaxThreads));
  }
  set_thread_count(static_cast<int>(count));
}

Napi::Object initialise(Napi::Env env, Napi::Object exports) {
  exports.Set("version", Napi::String::New(env, PF_VERSION));
  exports.Set("simdLevels", Napi::Function::New(env, simd_levels, "simdLevels"));
  exports.Set("simdLevel", Napi::Function::New(
                               env,
                               [](const Napi::CallbackInfo& info) -> Napi::Value {
                                 return Napi::String::New(info.Env(),
                                                          simd_level_name(simd_level()));
                               },
                               "simdLevel"));
  exports.Set("setSimdLevel", Napi::Function::New(env, choose_simd_level, "setSimdLevel"));
  exports.Set("threads", Napi::Function::New(
                             env,
                             [](const Napi::CallbackInfo& info) -> Napi::Value {
                               return Napi::Number::New(info.Env(), thread_count());
                             },
                             "threads"));
  exports.Set("setThreads", Napi::Function::New(env, choose_thread_count, "setThreads"));
  Exports::run_all(env, exports);
  return exports;
}

NODE_API_MODULE(pushforward, initialise)

}  // namespace
}  // namespace pushforward::addon
