#include "flow_spec.h"

#include <cmath>

#include "arguments.h"

namespace pushforward::addon {
namespace {

// A value and the words for its place, for messages.
struct Field {
  Napi::Value value;
  std::string where;
};

[[noreturn]] void refuse(const Field& field, const std::string& must) {
  throw_type_error(field.value.Env(), "FlowPlan: " + field.where + " must be " + must);
}

Napi::Object object_of(const Field& field) {
  if (!field.value.IsObject()) refuse(field, "an object");
  return field.value.As<Napi::Object>();
}

Field member(const Napi::Object& object, const std::string& where, const char* name) {
  return {object.Get(name), where + name};
}

double integer_of(const Field& field, double greatest) {
  const double number = field.value.IsNumber() ? field.value.As<Napi::Number>().DoubleValue() : NAN;
  if (!(number >= 0 && number <= greatest) || number != std::floor(number)) {
    refuse(field, "an integer from 0 to " + std::to_string(static_cast<long long>(greatest)));
  }
  return number;
}

double number_of(const Field& field) {
  if (!field.value.IsNumber()) refuse(field, "a number");
  return field.value.As<Napi::Number>().DoubleValue();
}

bool boolean_of(const Field& field) {
  if (!field.value.IsBoolean()) refuse(field, "true or false");
  return field.value.As<Napi::Boolean>();
}

std::string string_of(const Field& field) {
  if (!field.value.IsString()) refuse(field, "a string");
  return field.value.As<Napi::String>();
}

Napi::Array array_of(const Field& field, std::uint32_t greatest_length) {
  if (!field.value.IsArray()) refuse(field, "an array");
  Napi::Array array = field.value.As<Napi::Array>();
  if (array.Length() > greatest_length) {
    refuse(field, "an array of at most " + std::to_string(greatest_length) + " elements");
  }
  return array;
}

std::vector<int> integers_of(const Field& field) {
  const Napi::Array array = array_of(field, kMaxWidth);
  std::vector<int> integers;
  for (std::uint32_t i = 0; i < array.Length(); ++i) {
    const Field element{array.Get(i), field.where + "[" + std::to_string(i) + "]"};
    integers.push_back(static_cast<int>(integer_of(element, kMaxWidth)));
  }
  return integers;
}

std::vector<double> numbers_of(const Field& field) {
  const Napi::Array array = array_of(field, kMaxWidth);
  std::vector<double> numbers;
  for (std::uint32_t i = 0; i < array.Length(); ++i) {
    numbers.push_back(number_of({array.Get(i), field.where + "[" + std::to_string(i) + "]"}));
  }
  return numbers;
}

// The flat array is a Float32Array, whose length stays below this.
constexpr double kMaxParameters = 9007199254740991.0 / 4.0;

ParameterSlice slice_of(const Field& field) {
  const Napi::Object object = object_of(field);
  ParameterSlice slice;
  slice.name = string_of(member(object, field.where + ".", "name"));
  const std::string where = field.where + " '" + slice.name + "' ";
  const Field shape = member(object, where, "shape");
  slice.shape = integers_of(shape);
  if (slice.shape.size() > 2) refuse(shape, "of rank 1 or 2");
  slice.offset =
      static_cast<std::size_t>(integer_of(member(object, where, "offset"), kMaxParameters));
  return slice;
}

LayerSpec layer_of(const Field& field) {
  const Napi::Object object = object_of(field);
  LayerSpec layer;
  layer.kind = string_of(member(object, field.where + ".", "kind"));
  const std::string where = field.where + " (" + layer.kind + ") ";
  const Field parameters = member(object, where, "parameters");
  const Napi::Array slices = array_of(parameters, kMaxWidth);
  for (std::uint32_t i = 0; i < slices.Length(); ++i) {
    layer.parameters.push_back(
        slice_of({slices.Get(i), parameters.where + "[" + std::to_string(i) + "]"}));
  }
  const bool affine_autoregressive =
      layer.kind == "maskedAutoregressive" || layer.kind == "inverseAutoregressive";
  const bool spline_autoregressive = layer.kind == "maskedSpline" || layer.kind == "inverseSpline";
  const bool autoregressive = affine_autoregressive || spline_autoregressive;
  if (layer.kind == "permutation" || autoregressive) {
    layer.order = integers_of(member(object, where, "order"));
  }
  if (autoregressive) {
    const Field degrees = member(object, where, "degrees");
    const Napi::Array layers = array_of(degrees, kMaxWidth);
    for (std::uint32_t i = 0; i < layers.Length(); ++i) {
      layer.degrees.push_back(
          integers_of({layers.Get(i), degrees.where + "[" + std::to_string(i) + "]"}));
    }
    layer.activation = string_of(member(object, where, "activation"));
    layer.residual_blocks =
        static_cast<int>(integer_of(member(object, where, "residualBlocks"), kMaxWidth));
  }
  if (layer.kind == "affineCoupling" || layer.kind == "additiveCoupling" ||
      layer.kind == "rationalQuadraticCoupling") {
    layer.identity = integers_of(member(object, where, "identity"));
    layer.transformed = integers_of(member(object, where, "transformed"));
    layer.hidden = integers_of(member(object, where, "hidden"));
    layer.activation = string_of(member(object, where, "activation"));
    layer.residual_blocks =
        static_cast<int>(integer_of(member(object, where, "residualBlocks"), kMaxWidth));
  }
  if (layer.kind == "affineCoupling") {
    const Field networks = member(object, where, "networks");
    const std::string name = string_of(networks);
    if (name != "joint" && name != "separate") refuse(networks, "joint or separate");
    layer.separate_networks = name == "separate";
  }
  if (layer.kind == "affineCoupling" || affine_autoregressive) {
    layer.log_scale_bound = number_of(member(object, where, "logScaleBound"));
  }
  if (layer.kind == "rationalQuadraticCoupling" || spline_autoregressive) {
    layer.bins = static_cast<int>(integer_of(member(object, where, "bins"), kMaxWidth));
    layer.bound = number_of(member(object, where, "bound"));
  }
  if (layer.kind == "rationalQuadraticCoupling") {
    layer.circular = integers_of(member(object, where, "circular"));
  }
  if (layer.kind == "elementwise") {
    layer.map = string_of(member(object, where, "map"));
    layer.inverted = boolean_of(member(object, where, "inverted"));
    layer.columns = integers_of(member(object, where, "columns"));
    layer.slope = number_of(member(object, where, "slope"));
    layer.scale = numbers_of(member(object, where, "scale"));
    layer.shift = numbers_of(member(object, where, "shift"));
  }
  return layer;
}

}  // namespace

FlowSpec read_flow_spec(const Napi::Value& value) {
  const Napi::Object object = object_of({value, "spec"});
  FlowSpec spec;
  spec.dim = static_cast<int>(integer_of(member(object, "", "dim"), kMaxWidth));
  spec.context_dim = static_cast<int>(integer_of(member(object, "", "contextDim"), kMaxWidth));
  spec.parameter_count =
      static_cast<std::size_t>(integer_of(member(object, "", "parameterCount"), kMaxParameters));
  const Napi::Array layers = array_of(member(object, "", "layers"), kMaxWidth);
  for (std::uint32_t i = 0; i < layers.Length(); ++i) {
    spec.layers.push_back(layer_of({layers.Get(i), "layer " + std::to_string(i)}));
  }
  return spec;
}

}  // namespace pushforward::addon
