#include "mlp.h"

#include <algorithm>
#include <cstring>

namespace pushforward {
namespace {
// With no more inputs or outputs than this, a gradient of weights is quicker as so many dot
// products.
constexpr int kFew = 2;

// Rows of a transposed tile begin an odd number of cache lines apart: were it a power of two of
// them, they would all compete for a few places of the cache.
constexpr int transposed_stride(int columns) { return columns | kRowGroup; }

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
    linear.packed = prepared_size_;
    prepared_size_ += std::size_t(linear.in) * linear.out;
    const std::size_t padded_in = std::size_t(round_up(linear.in, kRowGroup));
    const std::size_t padded_out = std::size_t(round_up(linear.out, kRowGroup));
    linear.dots = std::min(linear.in, linear.out) <= kFew;
    // Multiply-adds, plus about five operations a number for transposing the right operand. The
    // sums that lie as the parameters do are preferred for a little more work.
    constexpr int kTransposition = 5;
    linear.transposed = linear.dots
                            ? linear.out < linear.in
                            : (std::size_t(linear.out) + kTransposition) * padded_in * 4 <
                                  (std::size_t(linear.in) + kTransposition) * padded_out * 3;
    linear.sums_rows = linear.transposed ? linear.out : linear.in;
    linear.sums_stride = int(linear.transposed ? padded_in : padded_out);
    linear.weight_sums = sums_size_;
    linear.bias_sums = linear.weight_sums + std::size_t(linear.sums_rows) * linear.sums_stride;
    sums_size_ = linear.bias_sums + padded_out;
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

std::size_t Mlp::scratch_size() const {
  return 2 * feature_at(widest_) + std::size_t(kTileStride) * transposed_stride(widest_);
}

std::size_t Mlp::gradient_size() const { return sums_size_; }

void Mlp::prepare(const float* parameters, float* prepared) const {
  for (const Linear& linear : layers_) {
    PF_KERNELS(gemm_kernels)
        .pack(parameters + linear.weight, linear.out, linear.in, prepared + linear.packed);
  }
}

void Mlp::run(const Tile& tile, const float* prepared, const float* in, float* activations,
              float* out, bool slopes) const {
  const std::size_t last = layers_.size() - 1;
  for (std::size_t k = 0; k <= last; ++k) {
    const Linear& linear = layers_[k];
    float* const values = k < last ? activations + hidden_at(k) : out;
    DenseTask task{};
    task.weights = prepared + linear.packed;
    task.packed = true;
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
  float* const bias_sums = task.sums + linear.bias_sums;
  const int columns = linear.transposed ? linear.in : linear.out;
  OuterTask outer{};
  outer.left = linear.transposed ? gout : in;
  outer.right = linear.transposed ? in : gout;
  outer.outputs = linear.sums_rows;
  outer.columns = columns;
  outer.rows = tile.rows;
  outer.sums = task.sums + linear.weight_sums;
  outer.sums_stride = linear.sums_stride;
  outer.fresh = task.fresh;
  if (linear.dots || linear.transposed) {
    if (task.fresh) std::fill_n(bias_sums, linear.out, 0.0f);
    tile.row_kernels->add_row_sums(gout, linear.out, tile.rows, bias_sums);
  }
  if (linear.dots) return tile.gemm->dots(outer);

  float* const transposed = task.scratch;
  outer.columns = linear.sums_stride;
  outer.stride = transposed_stride(linear.sums_stride);
  tile.row_kernels->transpose(outer.right, columns, tile.rows, transposed, outer.stride);
  if (!linear.transposed) {
    tile.row_kernels->add_column_sums(transposed, outer.columns, outer.stride, tile.rows, bias_sums,
                                      task.fresh);
  }
  outer.right = transposed;
  tile.gemm->outer(outer);
}

void Mlp::backward(const Tile& tile, const Backward& task) const {
  float* free_cotangent = task.scratch + std::size_t(kTileStride) * transposed_stride(widest_);
  float* next_cotangent = free_cotangent + feature_at(widest_);
  const float* gout = task.gout;
  for (std::size_t k = layers_.size(); k-- > 0;) {
    const Linear& linear = layers_[k];
    const float* const in = k == 0 ? task.in : task.activations + hidden_at(k - 1);
    add_weight_gradient(tile, linear, in, gout, task);
    DenseTask back{};
    back.weights = tile.parameters + linear.weight;
    back.output_stride = linear.out;
    back.input_stride = 1;
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
      back.weights += std::size_t(task.own) * linear.out;
      back.outputs = linear.in - task.own;
      back.out = task.gin_added;
      back.finish = DenseTask::Finish::kAdd;
      tile.gemm->dense(back);
    }
    gout = free_cotangent;
    std::swap(free_cotangent, next_cotangent);
  }
}

void Mlp::write_gradient(const float* sums, float* gradient) const {
  for (const Linear& linear : layers_) {
    const float* from = sums + linear.weight_sums;
    float* const weight = gradient + linear.weight;
    for (int i = 0; i < linear.sums_rows; ++i, from += linear.sums_stride) {
      if (linear.transposed) {
        for (int j = 0; j < linear.in; ++j) weight[std::size_t(j) * linear.out + i] = from[j];
      } else {
        std::memcpy(weight + std::size_t(i) * linear.out, from,
                    std::size_t(linear.out) * sizeof(float));
      }
    }
    std::memcpy(gradient + linear.bias, sums + linear.bias_sums,
                std::size_t(linear.out) * sizeof(float));
  }
}

}  // namespace pushforward
