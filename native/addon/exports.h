// How files of native/addon put functions into the module without naming each other.
#pragma once

#include <napi.h>

namespace pushforward::addon {

using ExportFunction = void (*)(Napi::Env env, Napi::Object exports);

// Registers at load time; a file that exports something holds one of these at namespace scope:
//   const Exports registration{[](Napi::Env env, Napi::Object exports) { ... }};
// The functions run once for every environment (worker thread) that loads the addon. They keep no
// JavaScript value in static memory, or two environments would share it.
class Exports {
 public:
  explicit Exports(ExportFunction function);
  static void run_all(Napi::Env env, Napi::Object exports);

 private:
  ExportFunction function_;
  Exports* next_;
};

}  // namespace pushforward::addon
