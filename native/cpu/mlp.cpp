#include "mlp.h"

#include <algorithm>
#include <cstring>

namespace pushforward {
namespace {
// What the columns of a gradient's sums are computed in, with about five operations a number for
// transposing the tile that they come from.
constexpr std::size_t sums_work(int rows, int columns) {
  return std::size_t(rows + 5) * std::size_t(round_up(columns, kRowGroup));
}

// So few outputs are summed up as dot products.
constexpr int kFewOutputs = 4;

std::string name_of(const std::string& prefix, const char* name, const char* after_prefix,
                    std::size_t layer) {
  return prefix + (prefix.empty() ? name : after_prefix) + std::to_string(layer);
}
}  // namespace

std::string Mlp::first_weight(const std::string& prefix) {
  return name_of(prefix, "weight", "Weight", 0);
}

Mlp::Mlp(const LayerSpec& spec, const std::string& where, const std::string& prefix,
         std::vector<int> widths, Activation activation, bool residual)
    : activation_(activation), residual_(residual) {
  const std::size_t count = widths.size() - 1;
  for (int width : widths) widest_ = std::max(widest_, round_up(width, kRowGroup));
  for (std::size_t k = 0; k < count; ++k) {
    Linear linear{};
    linear.in = widths[k];
    linear.out = widths[k + 1];
    linear.weight = parameter_offset(spec, where, name_of(prefix, "weight", "Weight", k),
                                     {linear.in, linear.out});
    linear.bias = parameter_offset(spec, where, name_of(prefix, "bias", "Bias", k), {linear.out});
    linear.panels = prepared_size_;
    prepared_size_ += panels_size(linear.in, linear.out);
    // Sums that lie as the parameters do are preferred for a little more work.
    linear.turned = linear.out > kFewOutputs &&
                    sums_work(linear.out, linear.in) * 5 < sums_work(linear.in, linear.out) * 4;
    linear.sums = sums_size_;
    if (linear.turned) sums_size_ += std::size_t(linear.in) * linear.out;
    layers_.push_back(linear);
  }
}

// Hidden layer k keeps its values and, after them, its slopes if need be.
std::size_t Mlp::hidden_at(std::size_t layer) const {
  std::size_t at = 0;
  const std::size_t tiles = has_stored_slope(activation_) ? 2 : 1;
  for (std::size_t k = 0; k < layer; ++k) at += tiles * feature_at(layers_[k].out);
  return at;
}

std::size_t Mlp::scratch_size() const { return 2 * feature_at(widest_); }

void Mlp::prepare(const float* parameters, float* prepared) const {
  for (const Linear& linear : layers_) {
    PF_KERNELS(gemm_kernels)
        .pack(parameters + linear.weight, linear.in, linear.out, nullptr, prepared + linear.panels);
  }
}

void Mlp::run(const Tile& tile, const float* prepared, const float* in, float* activations,
              float* out, bool slopes) const {
  const std::size_t last = layers_.size() - 1;
  for (std::size_t k = 0; k <= last; ++k) {
    const Linear& linear = layers_[k];
    float* const values = k < last ? activations + hidden_at(k) : out;
    DenseTask task{};
    task.panels = prepared + linear.panels;
    task.matrix_inputs = linear.in;
    task.outputs = linear.out;
    task.inputs = linear.in;
    task.rows = tile.rows;
    task.in = in;
    task.out = values;
    task.bias = tile.parameters + linear.bias;
    if (adds_to_sum(k)) {
      task.out = activations + hidden_at(last - 1);
      task.activated = values;
      if (k > 0) task.finish = DenseTask::Finish::kAdd;
    }
    // What the last layer of a residual network reads is h itself.
    const bool activates = k < last && !(residual_ && k + 1 == last);
    if (activates) task.activation = activation_;
    if (activates && slopes && has_stored_slope(activation_)) {
      task.slopes = values + feature_at(linear.out);
    }
    tile.gemm->dense(task);
    in = values;
  }
}

void Mlp::add_weight_gradient(const Tile& tile, const Linear& linear, const float* in,
                              const float* gout, const Backward& task) const {
  OuterTask outer{};
  outer.left = linear.turned ? gout : in;
  outer.right = linear.turned ? in : gout;
  outer.outputs = linear.turned ? linear.out : linear.in;
  outer.columns = linear.turned ? linear.in : linear.out;
  outer.rows = tile.rows;
  outer.sums = linear.turned ? task.sums + linear.sums : task.gradient + linear.weight;
  outer.sums_stride = outer.columns;
  outer.fresh = task.fresh;
  float* const bias_sums = task.gradient + linear.bias;
  if (!linear.turned) {
    outer.column_sums = bias_sums;
  } else {
    if (task.fresh) std::fill_n(bias_sums, linear.out, 0.0f);
    tile.row_kernels->add_row_sums(gout, linear.out, tile.rows, bias_sums);
  }
  tile.outer->outer(outer);
}

void Mlp::backward(const Tile& tile, const Backward& task) const {
  float* free_cotangent = task.scratch;
  float* next_cotangent = free_cotangent + feature_at(widest_);
  const float* gout = task.gout;
  for (std::size_t k = layers_.size(); k-- > 0;) {
    const Linear& linear = layers_[k];
    const float* const in = k == 0 ? task.in : task.activations + hidden_at(k - 1);
    add_weight_gradient(tile, linear, in, gout, task);
    DenseTask back{};
    back.panels = task.prepared + linear.panels;
    back.matrix_inputs = linear.in;
    back.transposed = true;
    back.outputs = k == 0 ? task.own : linear.in;
    back.inputs = linear.out;
    back.rows = tile.rows;
    back.in = gout;
    back.out = k == 0 ? task.gin : free_cotangent;
    if (k > 0 && !(residual_ && k + 1 == layers_.size())) {
      // What comes for h past a block lies where its cotangent through the block is added.
      back.finish = adds_to_sum(k - 1) ? DenseTask::Finish::kAddSlope : DenseTask::Finish::kSlope;
      back.activation = activation_;
      back.value = in;
      back.slope = in + feature_at(linear.in);
    }
    if (k == 0 && task.adds) back.finish = DenseTask::Finish::kAdd;
    tile.gemm->dense(back);
    if (k == 0 && task.gin_added != nullptr) {
      back.first_output = task.own;
      back.outputs = linear.in - task.own;
      back.out = task.gin_added;
      back.finish = DenseTask::Finish::kAdd;
      tile.gemm->dense(back);
    }
    gout = free_cotangent;
    std::swap(free_cotangent, next_cotangent);
  }
}

void Mlp::finish_gradient(const float* sums, float* gradient) const {
  for (const Linear& linear : layers_) {
    if (!linear.turned) continue;
    const float* const from = sums + linear.sums;
    float* const weight = gradient + linear.weight;
    const std::size_t in = std::size_t(linear.in), out = std::size_t(linear.out);
    for (std::size_t i = 0; i < in; ++i) {
      for (std::size_t j = 0; j < out; ++j) weight[i * out + j] = from[j * in + i];
    }
  }
}

}  // namespace pushforward
