// Every variable goes through a monotone map whose numbers are a masked MLP of the context and the
// variables of x before it; and the inverse of that as a layer of its own.
#include <algorithm>
#include <cstring>

#include "layer.h"
#include "masked_mlp.h"
#include "variable_map.h"

namespace pushforward {
namespace {

// The map in both directions. What is called x and y here is a layer's y and x when it is inverted.
class Autoregressive : public Layer {
 public:
  Autoregressive(const FlowSpec& flow, const LayerSpec& spec, const std::string& where,
                 std::unique_ptr<VariableMap> map)
      : dim_(flow.dim),
        order_(spec.order),
        map_(std::move(map)),
        mlp_(flow, spec, where, map_->size()) {}

  std::size_t prepared_size() const override { return mlp_.prepared_size(); }
  std::size_t saved_size() const override { return mlp_.activations_size(); }
  std::size_t scratch_size() const override {
    return feature_at(mlp_.inputs()) + mlp_.activations_size() + mlp_.cotangents_size() +
           feature_at(dim_);
  }

  double prepare(const float* parameters, float* prepared) const override {
    mlp_.prepare(parameters, prepared);
    return 0.0;
  }

  void finish_gradient(const float*, const float*, float* gradient) const override {
    mlp_.finish_gradient(gradient);
  }

 protected:
  // The parts of a tile's scratch.
  struct Work {
    float* in;  // [context, variables]
    float* activations;
    float* cotangents;
    float* spare;  // [dim]
    float* rest;
  };
  Work work(const Tile& tile) const {
    Work work{};
    work.in = tile.scratch;
    work.activations = work.in + feature_at(mlp_.inputs());
    work.cotangents = work.activations + mlp_.activations_size();
    work.spare = work.cotangents + mlp_.cotangents_size();
    work.rest = work.spare + feature_at(dim_);
    return work;
  }

  void load_context(const Tile& tile, float* in) const {
    if (mlp_.context() == 0) return;
    std::memcpy(in, tile.context_frame + feature_at(2 * dim_),
                feature_at(mlp_.context()) * sizeof(float));
  }

  void load_variables(const Tile& tile, const float* x, float* in) const {
    for (int k = 0; k < dim_; ++k) {
      copy(tile, x + feature(k), in + feature_at(mlp_.context() + k));
    }
  }

  void apply(const Tile& tile, const float* x, float* y, float* log_det, float* activations,
             bool slopes) const {
    float* const in = work(tile).in;
    load_context(tile, in);
    load_variables(tile, x, in);
    mlp_.run(tile, in, activations, slopes);
    float* const numbers = mlp_.outputs(activations);
    map_->prepare(tile, numbers, dim_);
    for (int k = 0; k < dim_; ++k) {
      map_->forward(tile, x + feature(k), numbers + outputs_at(k), y + feature(k), log_det);
    }
  }

  // The inverse of `apply`: one variable after the other, every unit once.
  void solve(const Tile& tile, const float* y, float* x, float* log_det, float* activations,
             bool slopes) const {
    const Work at = work(tile);
    float* const in = at.in;
    load_context(tile, in);
    for (int k = 0; k < dim_; ++k) {
      // There are no cotangents yet, so that their place is free.
      mlp_.run_variable(tile, k, in, activations, at.cotangents, slopes);
      float* const numbers = mlp_.outputs(activations) + outputs_at(k);
      map_->prepare(tile, numbers, 1);
      float* const solved = in + feature_at(mlp_.context() + k);
      map_->inverse(tile, y + feature(k), numbers, solved, log_det);
      copy(tile, solved, x + feature(k));
    }
  }

  // The end of a backward pass, once all cotangents of the network are there.
  void finish(const Tile& tile, const BackwardTask& task, const float* in,
              const float* activations) const {
    const Work at = work(tile);
    if (task.gcontext != nullptr && mlp_.context() > 0) {
      mlp_.pull_inputs(tile, at.cotangents, {0, mlp_.context()}, true, task.gcontext);
    }
    mlp_.add_gradient(tile, in, activations, at.cotangents, task.gradient, task.fresh);
  }

  // Where the numbers of variable k begin.
  std::size_t outputs_at(int k) const { return feature_at(k * map_->size()); }
  const float* raw(const float* activations, int k) const {
    return mlp_.outputs(activations) + outputs_at(k);
  }

  std::size_t feature(int k) const { return feature_at(order_[std::size_t(k)]); }

  static void copy(const Tile& tile, const float* from, float* to) {
    std::memcpy(to, from, std::size_t(tile.rows) * sizeof(float));
  }

  int dim_;
  std::vector<int> order_;
  std::unique_ptr<VariableMap> map_;
  MaskedMlp mlp_;
};

class MaskedAutoregressive final : public Autoregressive {
 public:
  using Autoregressive::Autoregressive;

  void forward(const Tile& tile, const float* x, float* y, float* log_det,
               float* saved) const override {
    apply(tile, x, y, log_det, saved == nullptr ? work(tile).activations : saved, saved != nullptr);
  }

  void inverse(const Tile& tile, const float* y, float* x, float* log_det) const override {
    solve(tile, y, x, log_det, work(tile).activations, false);
  }

  void backward(const Tile& tile, const BackwardTask& task) const override {
    const Work at = work(tile);
    const float* activations = task.saved;
    if (activations == nullptr) {
      float ignored[kTileStride] = {};
      apply(tile, task.x, at.spare, ignored, at.activations, true);
      activations = at.activations;
    } else {
      load_context(tile, at.in);
      load_variables(tile, task.x, at.in);
    }
    float* const graw = mlp_.output_cotangents(at.cotangents);
    for (int k = 0; k < dim_; ++k) {
      map_->backward(tile, {task.x + feature(k), raw(activations, k), task.gy + feature(k),
                            task.log_det, task.gx + feature(k), graw + outputs_at(k)});
    }
    mlp_.pull(tile, activations, at.cotangents);
    mlp_.pull_inputs(tile, at.cotangents, {mlp_.context(), mlp_.inputs()}, false, at.spare);
    for (int k = 0; k < dim_; ++k) {
      tile.row_kernels->add(at.spare + feature_at(k), task.gx + feature(k), tile.rows);
    }
    finish(tile, task, at.in, activations);
  }
};

class InverseAutoregressive final : public Autoregressive {
 public:
  using Autoregressive::Autoregressive;

  // With what the network read, which takes as long to find again.
  std::size_t saved_size() const override {
    return Autoregressive::saved_size() + feature_at(mlp_.inputs());
  }
  std::size_t scratch_size() const override {
    return Autoregressive::scratch_size() + mlp_.early_pulls_size();
  }

  void forward(const Tile& tile, const float* x, float* y, float* log_det,
               float* saved) const override {
    const Work at = work(tile);
    solve(tile, x, y, log_det, saved == nullptr ? at.activations : saved, saved != nullptr);
    if (saved == nullptr) return;
    std::memcpy(saved + mlp_.activations_size(), at.in, feature_at(mlp_.inputs()) * sizeof(float));
  }

  void inverse(const Tile& tile, const float* y, float* x, float* log_det) const override {
    apply(tile, y, x, log_det, work(tile).activations, false);
  }

  // The cotangent of y_k is what came for it and what the units that read it say, all of variables
  // after k: so the variables are gone through from the last to the first.
  void backward(const Tile& tile, const BackwardTask& task) const override {
    const Work at = work(tile);
    const float* activations = task.saved;
    const float* in = at.in;
    if (activations == nullptr) {
      float ignored[kTileStride] = {};
      solve(tile, task.x, at.spare, ignored, at.activations, true);
      activations = at.activations;
    } else {
      in = activations + mlp_.activations_size();
    }
    float* const graw = mlp_.output_cotangents(at.cotangents);
    float* const gy = at.spare;
    float* const early = at.rest;
    for (int k = dim_ - 1; k >= 0; --k) {
      const int input = mlp_.context() + k;
      mlp_.pull_variable(tile, k, at.cotangents, early, gy);
      tile.row_kernels->add(task.gy + feature(k), gy, tile.rows);
      map_->inverse_backward(tile, {in + feature_at(input), raw(activations, k), gy, task.log_det,
                                    task.gx + feature(k), graw + outputs_at(k)});
      mlp_.pull_units(tile, k, activations, at.cotangents, early);
    }
    finish(tile, task, in, activations);
  }
};

using MakeMap = std::unique_ptr<VariableMap> (*)(const LayerSpec&, const std::string&);

template <typename Kind>
std::unique_ptr<Layer> make(const FlowSpec& flow, const LayerSpec& spec, const std::string& where,
                            MakeMap make_map) {
  require_order(flow, spec, where);
  return std::make_unique<Kind>(flow, spec, where, make_map(spec, where));
}

}  // namespace

std::unique_ptr<Layer> make_masked_autoregressive(const FlowSpec& flow, const LayerSpec& spec,
                                                  const std::string& where) {
  return make<MaskedAutoregressive>(flow, spec, where, make_affine_map);
}

std::unique_ptr<Layer> make_inverse_autoregressive(const FlowSpec& flow, const LayerSpec& spec,
                                                   const std::string& where) {
  return make<InverseAutoregressive>(flow, spec, where, make_affine_map);
}

std::unique_ptr<Layer> make_masked_spline(const FlowSpec& flow, const LayerSpec& spec,
                                          const std::string& where) {
  return make<MaskedAutoregressive>(flow, spec, where, make_spline_map);
}

std::unique_ptr<Layer> make_inverse_spline(const FlowSpec& flow, const LayerSpec& spec,
                                           const std::string& where) {
  return make<InverseAutoregressive>(flow, spec, where, make_spline_map);
}

}  // namespace pushforward
