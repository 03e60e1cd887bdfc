#include "coupling.h"

#include <cstring>

#include "conditioner.h"

namespace pushforward {
namespace {

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

Mlp make_mlp(const FlowSpec& flow, const LayerSpec& spec, const std::string& where, int groups) {
  require_partition(flow, spec, where);
  const int identity = int(spec.identity.size());
  std::vector<int> widths{identity + (takes_context(spec, identity) ? flow.context_dim : 0)};
  for (int width : spec.hidden) {
    require_hidden_width(width, where);
    widths.push_back(width);
  }
  widths.push_back(groups * int(spec.transformed.size()));
  return Mlp(spec, where, widths, activation_named(spec.activation, where));
}

}  // namespace

Coupling::Coupling(const FlowSpec& flow, const LayerSpec& spec, const std::string& where,
                   int groups)
    : dim_(flow.dim),
      groups_(groups),
      takes_context_(takes_context(spec, int(spec.identity.size()))),
      identity_(spec.identity),
      transformed_(spec.transformed),
      mlp_(make_mlp(flow, spec, where, groups)) {}

std::size_t Coupling::scratch_size() const {
  return mlp_.activations_size() + mlp_.scratch_size() + groups_ * group_stride() +
         feature_at(identity());
}

// The conditioner's input: the identity features, put just before the context.
const float* Coupling::gather(const Tile& tile, const float* x) const {
  float* const in = tile.context_frame + feature_at(dim_ - identity());
  for (int i = 0; i < identity(); ++i) {
    std::memcpy(in + feature_at(i), x + feature_at(identity_[i]),
                std::size_t(tile.rows) * sizeof(float));
  }
  return in;
}

void Coupling::copy_identity(const Tile& tile, const float* from, float* to) const {
  for (int feature : identity_) {
    std::memcpy(to + feature_at(feature), from + feature_at(feature),
                std::size_t(tile.rows) * sizeof(float));
  }
}

void Coupling::forward(const Tile& tile, const float* x, float* y, float* log_det,
                       float* saved) const {
  const float* const in = gather(tile, x);
  const float* const raw =
      mlp_.run(tile, in, saved == nullptr ? tile.scratch : saved, saved != nullptr);
  copy_identity(tile, x, y);
  for (int i = 0; i < transformed(); ++i) {
    const std::size_t at = feature_at(transformed_[i]);
    map_forward(tile, x + at, raw + feature_at(i), y + at, log_det);
  }
}

void Coupling::inverse(const Tile& tile, const float* y, float* x, float* log_det) const {
  const float* const raw = mlp_.run(tile, gather(tile, y), tile.scratch, false);
  copy_identity(tile, y, x);
  for (int i = 0; i < transformed(); ++i) {
    const std::size_t at = feature_at(transformed_[i]);
    map_inverse(tile, y + at, raw + feature_at(i), x + at, log_det);
  }
}

void Coupling::backward(const Tile& tile, const BackwardTask& task) const {
  float* scratch = tile.scratch;
  const float* const in = gather(tile, task.x);
  const float* activations = task.saved;
  const float* raw = nullptr;
  if (activations == nullptr) {
    raw = mlp_.run(tile, in, scratch, true);
    activations = scratch;
    scratch += mlp_.activations_size();
  } else {
    raw = activations + mlp_.activations_size() - groups_ * group_stride();
  }
  float* const graw = scratch;
  float* const gin = graw + groups_ * group_stride();
  for (int i = 0; i < transformed(); ++i) {
    const std::size_t at = feature_at(transformed_[i]);
    map_backward(tile, {task.x + at, raw + feature_at(i), task.gy + at, task.log_det, task.gx + at,
                        graw + feature_at(i)});
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

void Coupling::write_gradient(const float*, const float* sums, float* gradient) const {
  mlp_.write_gradient(sums, gradient);
}

}  // namespace pushforward
