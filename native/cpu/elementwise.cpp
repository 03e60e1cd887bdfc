// One fixed monotone map of some features; the others pass.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "layer.h"

namespace pushforward {
namespace {

class Elementwise final : public Layer {
 public:
  // `maps` holds one map for each of `columns`.
  Elementwise(int dim, std::vector<int> columns, std::vector<FeatureMap> maps, bool inverted)
      : columns_(std::move(columns)), maps_(std::move(maps)), inverted_(inverted) {
    for (int i = 0; i < dim; ++i) {
      if (std::find(columns_.begin(), columns_.end(), i) == columns_.end()) passing_.push_back(i);
    }
  }

  double prepare(const float*, float*) const override {
    double log_det = 0.0;
    for (const FeatureMap& map : maps_) {
      if (map.map == ScalarMap::kAffine) log_det += std::log(std::abs(double(map.scale)));
    }
    return inverted_ ? -log_det : log_det;
  }

  void forward(const Tile& tile, const float* x, float* y, float* log_det, float*) const override {
    map_features(tile, x, y, log_det, inverted_);
  }

  void inverse(const Tile& tile, const float* y, float* x, float* log_det) const override {
    map_features(tile, y, x, log_det, !inverted_);
  }

  void backward(const Tile& tile, const BackwardTask& task) const override {
    const FeatureMapKernels& kernels = *tile.feature_maps;
    copy_passing(tile, task.gy, task.gx);
    for (std::size_t k = 0; k < columns_.size(); ++k) {
      const std::size_t at = feature_at(columns_[k]);
      const FeatureGradient gradient{task.x + at, task.gy + at, task.log_det, task.gx + at};
      (inverted_ ? kernels.undo_backward : kernels.apply_backward)(maps_[k], gradient, tile.rows);
    }
  }

 private:
  void map_features(const Tile& tile, const float* from, float* to, float* log_det,
                    bool undo) const {
    const FeatureMapKernels& kernels = *tile.feature_maps;
    copy_passing(tile, from, to);
    for (std::size_t k = 0; k < columns_.size(); ++k) {
      const std::size_t at = feature_at(columns_[k]);
      (undo ? kernels.undo : kernels.apply)(maps_[k], from + at, tile.rows, to + at, log_det);
    }
  }

  void copy_passing(const Tile& tile, const float* from, float* to) const {
    for (int feature : passing_) {
      std::memcpy(to + feature_at(feature), from + feature_at(feature),
                  std::size_t(tile.rows) * sizeof(float));
    }
  }

  std::vector<int> columns_, passing_;
  std::vector<FeatureMap> maps_;
  bool inverted_;
};

// Numbers whose reciprocals are finite in float32.
bool is_scale(double value) { return std::abs(value) >= 1e-30 && std::abs(value) <= 1e30; }

void require_columns(const FlowSpec& flow, const LayerSpec& spec, const std::string& where) {
  std::vector<bool> seen(std::size_t(flow.dim), false);
  bool valid = !spec.columns.empty();
  for (int column : spec.columns) {
    valid = valid && column >= 0 && column < flow.dim && !seen[std::size_t(column)];
    if (valid) seen[std::size_t(column)] = true;
  }
  if (!valid) {
    refuse(where, "columns must hold some of 0 to " + std::to_string(flow.dim - 1) + ", each once");
  }
}

std::vector<FeatureMap> affine_maps(const LayerSpec& spec, const std::string& where) {
  const std::size_t count = spec.columns.size();
  if (spec.scale.size() != count || spec.shift.size() != count) {
    refuse(where, "scale and shift must hold " + std::to_string(count) + " numbers each");
  }
  std::vector<FeatureMap> maps;
  for (std::size_t k = 0; k < count; ++k) {
    if (!is_scale(spec.scale[k]) || !(std::abs(spec.shift[k]) <= 1e30)) {
      refuse(where, "scale must be from 1e-30 to 1e30 in size, and shift to 1e30");
    }
    maps.push_back({ScalarMap::kAffine, float(spec.scale[k]), float(spec.shift[k])});
  }
  return maps;
}

ScalarMap map_named(const std::string& name, const std::string& where) {
  if (name == "sigmoid") return ScalarMap::kSigmoid;
  if (name == "softplus") return ScalarMap::kSoftplus;
  if (name == "tanh") return ScalarMap::kTanh;
  if (name == "leakyRelu") return ScalarMap::kLeakyRelu;
  if (name == "affine") return ScalarMap::kAffine;
  refuse(where, "map must be sigmoid, softplus, tanh, leakyRelu or affine, but is '" + name + "'");
}

}  // namespace

std::unique_ptr<Layer> make_elementwise(const FlowSpec& flow, const LayerSpec& spec,
                                        const std::string& where) {
  require_parameter_count(spec, where, 0);
  require_columns(flow, spec, where);
  const ScalarMap map = map_named(spec.map, where);
  if (map == ScalarMap::kLeakyRelu && !(spec.slope > 0.0 && is_scale(spec.slope))) {
    refuse(where, "slope must be a number from 1e-30 to 1e30");
  }
  std::vector<FeatureMap> maps(spec.columns.size(), FeatureMap{map, float(spec.slope), 0.0f});
  if (map == ScalarMap::kAffine) maps = affine_maps(spec, where);
  return std::make_unique<Elementwise>(flow.dim, spec.columns, std::move(maps), spec.inverted);
}

}  // namespace pushforward
