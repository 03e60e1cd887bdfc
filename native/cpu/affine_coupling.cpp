// y_transformed = x_transformed · exp(s) + t, s = bound · tanh(r / bound), with (r, t) an MLP of
// the identity features and the context; the identity features pass through.
#include <cmath>
#include <cstring>

#include "layer.h"
#include "mlp.h"

namespace pushforward {
namespace {

class AffineCoupling final : public Layer {
 public:
  AffineCoupling(const FlowSpec& flow, const LayerSpec& spec, bool takes_context, Mlp mlp)
      : dim_(flow.dim),
        takes_context_(takes_context),
        identity_(spec.identity),
        transformed_(spec.transformed),
        bound_(float(spec.log_scale_bound)),
        mlp_(std::move(mlp)) {}

  std::size_t saved_size() const override { return mlp_.activations_size(); }
  std::size_t scratch_size() const override {
    return mlp_.activations_size() + mlp_.scratch_size() + feature_at(transformed()) * 2 +
           feature_at(identity());
  }
  std::size_t gradient_size() const override { return mlp_.gradient_size(); }

  void forward(const Tile& tile, const float* x, float* y, float* log_det,
               float* saved) const override {
    const float* const in = gather(tile, x);
    const float* const raw =
        mlp_.run(tile, in, saved == nullptr ? tile.scratch : saved, saved != nullptr);
    copy_identity(tile, x, y);
    for (int i = 0; i < transformed(); ++i) {
      const std::size_t at = feature_at(transformed_[i]);
      tile.layers->affine_forward(x + at, raw + feature_at(i), raw + feature_at(transformed() + i),
                                  bound_, tile.rows, y + at, log_det);
    }
  }

  void inverse(const Tile& tile, const float* y, float* x, float* log_det) const override {
    const float* const raw = mlp_.run(tile, gather(tile, y), tile.scratch, false);
    copy_identity(tile, y, x);
    for (int i = 0; i < transformed(); ++i) {
      const std::size_t at = feature_at(transformed_[i]);
      tile.layers->affine_inverse(y + at, raw + feature_at(i), raw + feature_at(transformed() + i),
                                  bound_, tile.rows, x + at, log_det);
    }
  }

  void backward(const Tile& tile, const BackwardTask& task) const override {
    float* scratch = tile.scratch;
    const float* const in = gather(tile, task.x);
    const float* activations = task.saved;
    const float* raw = nullptr;
    if (activations == nullptr) {
      raw = mlp_.run(tile, in, scratch, true);
      activations = scratch;
      scratch += mlp_.activations_size();
    } else {
      raw = activations + mlp_.activations_size() - 2 * feature_at(transformed());
    }
    float* const graw = scratch;
    float* const gin = graw + 2 * feature_at(transformed());
    for (int i = 0; i < transformed(); ++i) {
      const std::size_t at = feature_at(transformed_[i]);
      tile.layers->affine_backward(
          {task.x + at, raw + feature_at(i), task.gy + at, task.log_det, task.gx + at,
           graw + feature_at(i), graw + feature_at(transformed() + i)},
          bound_, tile.rows);
    }
    Mlp::Backward back{};
    back.in = in;
    back.activations = activations;
    back.gout = graw;
    back.gin = gin;
    back.written = identity();
    back.gin_added = takes_context_ ? task.gcontext : nullptr;
    back.scratch = gin + feature_at(identity());
    back.sums = task.sums;
    back.fresh = task.fresh;
    mlp_.backward(tile, back);
    copy_identity(tile, task.gy, task.gx);
    for (int i = 0; i < identity(); ++i) {
      tile.row_kernels->add(gin + feature_at(i), task.gx + feature_at(identity_[i]), tile.rows);
    }
  }

  void write_gradient(const float*, const float* sums, float* gradient) const override {
    mlp_.write_gradient(sums, gradient);
  }

 private:
  int identity() const { return int(identity_.size()); }
  int transformed() const { return int(transformed_.size()); }

  // The conditioner's input: the identity features, put just before the context.
  const float* gather(const Tile& tile, const float* x) const {
    float* const in = tile.context_frame + feature_at(dim_ - identity());
    for (int i = 0; i < identity(); ++i) {
      std::memcpy(in + feature_at(i), x + feature_at(identity_[i]),
                  std::size_t(tile.rows) * sizeof(float));
    }
    return in;
  }

  void copy_identity(const Tile& tile, const float* from, float* to) const {
    for (int feature : identity_) {
      std::memcpy(to + feature_at(feature), from + feature_at(feature),
                  std::size_t(tile.rows) * sizeof(float));
    }
  }

  int dim_;
  bool takes_context_;
  std::vector<int> identity_, transformed_;
  float bound_;
  Mlp mlp_;
};

Activation activation_named(const std::string& name, const std::string& where) {
  if (name == "relu") return Activation::kRelu;
  if (name == "leakyRelu") return Activation::kLeakyRelu;
  if (name == "tanh") return Activation::kTanh;
  if (name == "silu") return Activation::kSilu;
  if (name == "gelu") return Activation::kGelu;
  refuse(where, "activation must be relu, leakyRelu, tanh, silu or gelu, but is '" + name + "'");
}

// Rows of the first weights, or -1: a coupling without context may stand in a flow with one.
int first_width(const LayerSpec& spec) {
  for (const ParameterSlice& slice : spec.parameters) {
    if (slice.name == "weight0" && !slice.shape.empty()) return slice.shape[0];
  }
  return -1;
}

void require_partition(const FlowSpec& flow, const LayerSpec& spec, const std::string& where) {
  std::vector<bool> seen(std::size_t(flow.dim), false);
  std::size_t count = 0;
  for (const std::vector<int>* part : {&spec.identity, &spec.transformed}) {
    for (int feature : *part) {
      if (feature < 0 || feature >= flow.dim || seen[std::size_t(feature)]) {
        refuse(where, "identity and transformed must hold each of 0 to " +
                          std::to_string(flow.dim - 1) + " once; " + std::to_string(feature) +
                          " is out of range or there twice");
      }
      seen[std::size_t(feature)] = true;
      ++count;
    }
  }
  if (count != seen.size()) {
    refuse(where, "identity and transformed must together hold all " + std::to_string(flow.dim) +
                      " features, but hold " + std::to_string(count));
  }
}

}  // namespace

std::unique_ptr<Layer> make_affine_coupling(const FlowSpec& flow, const LayerSpec& spec,
                                            const std::string& where) {
  require_partition(flow, spec, where);
  // The kernels divide by the bound in float32, whose reciprocal must be finite too.
  if (!(spec.log_scale_bound >= 1e-30 && spec.log_scale_bound <= 1e30)) {
    refuse(where, "logScaleBound must be a number from 1e-30 to 1e30");
  }
  const bool takes_context = first_width(spec) != int(spec.identity.size());
  std::vector<int> widths{int(spec.identity.size()) + (takes_context ? flow.context_dim : 0)};
  for (int width : spec.hidden) {
    if (width < 1 || width > kMaxWidth) {
      refuse(where, "hidden widths must be from 1 to " + std::to_string(kMaxWidth));
    }
    widths.push_back(width);
  }
  widths.push_back(2 * int(spec.transformed.size()));
  Mlp mlp(spec, where, widths, activation_named(spec.activation, where));
  return std::make_unique<AffineCoupling>(flow, spec, takes_context, std::move(mlp));
}

}  // namespace pushforward
