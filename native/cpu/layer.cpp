#include "layer.h"

#include <stdexcept>

namespace pushforward {
namespace {

using Factory = std::unique_ptr<Layer> (*)(const FlowSpec&, const LayerSpec&, const std::string&);
struct Kind {
  const char* name;
  Factory make;
};
constexpr Kind kKinds[] = {
    {"actNorm", make_act_norm},
    {"elementwise", make_elementwise},
    {"householder", make_householder},
    {"permutation", make_permutation},
    {"luLinear", make_lu_linear},
    {"affineCoupling", make_affine_coupling},
    {"additiveCoupling", make_additive_coupling},
    {"maskedAutoregressive", make_masked_autoregressive},
    {"inverseAutoregressive", make_inverse_autoregressive},
    {"maskedSpline", make_masked_spline},
    {"inverseSpline", make_inverse_spline},
    {"rationalQuadraticCoupling", make_rational_quadratic_coupling},
};

std::string shape_text(const std::vector<int>& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  }
  return text + "]";
}

}  // namespace

double Layer::prepare(const float*, float*) const { return 0.0; }

void Layer::finish_gradient(const float*, const float*, float*) const {}

void refuse(const std::string& where, const std::string& what) {
  throw std::invalid_argument(where + ": " + what);
}

std::unique_ptr<Layer> make_layer(const FlowSpec& flow, const LayerSpec& spec,
                                  const std::string& where) {
  for (const Kind& kind : kKinds) {
    if (spec.kind == kind.name) return kind.make(flow, spec, where);
  }
  refuse(where, "unknown kind '" + spec.kind + "'");
}

std::size_t parameter_offset(const LayerSpec& spec, const std::string& where,
                             const std::string& name, const std::vector<int>& shape) {
  const ParameterSlice* found = nullptr;
  for (const ParameterSlice& slice : spec.parameters) {
    if (slice.name != name) continue;
    if (found != nullptr) refuse(where, "parameter '" + name + "' is there twice");
    found = &slice;
  }
  if (found == nullptr) refuse(where, "parameter '" + name + "' is missing");
  if (found->shape != shape) {
    refuse(where, "parameter '" + name + "' must have shape " + shape_text(shape) + ", but has " +
                      shape_text(found->shape));
  }
  return found->offset;
}

void require_parameter_count(const LayerSpec& spec, const std::string& where, std::size_t count) {
  if (spec.parameters.size() == count) return;
  refuse(where, "parameters must hold " + std::to_string(count) + " entries for kind '" +
                    spec.kind + "', but holds " + std::to_string(spec.parameters.size()));
}

void require_order(const FlowSpec& flow, const LayerSpec& spec, const std::string& where) {
  std::vector<bool> seen(std::size_t(flow.dim), false);
  bool valid = spec.order.size() == seen.size();
  for (std::size_t i = 0; valid && i < seen.size(); ++i) {
    const int from = spec.order[i];
    valid = from >= 0 && from < flow.dim && !seen[std::size_t(from)];
    if (valid) seen[std::size_t(from)] = true;
  }
  if (!valid) {
    refuse(where, "order must be a permutation of 0 to " + std::to_string(flow.dim - 1));
  }
}

}  // namespace pushforward
