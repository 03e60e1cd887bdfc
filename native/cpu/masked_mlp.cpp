#include "masked_mlp.h"

#include <algorithm>
#include <cstring>

#include "conditioner.h"

namespace pushforward {
namespace {

// Outputs of one product: a whole number of the kernels' blocks, and few enough that the corners
// inside it are small beside the zeros left out.
constexpr int kBlock = 12;

void require_degrees(const FlowSpec& flow, const LayerSpec& spec, const std::string& where) {
  for (const std::vector<int>& degrees : spec.degrees) {
    require_hidden_width(int(degrees.size()), where);
    if (std::is_sorted(degrees.begin(), degrees.end()) && degrees.back() < flow.dim) continue;
    refuse(where,
           "degrees must ascend in every layer and be at most " + std::to_string(flow.dim - 1));
  }
}

// [m]: how many of the degrees are at most m.
std::vector<int> counts_upto(const std::vector<int>& degrees, int dim) {
  std::vector<int> counts;
  for (int m = 0; m < dim; ++m) {
    counts.push_back(int(std::upper_bound(degrees.begin(), degrees.end(), m) - degrees.begin()));
  }
  return counts;
}

}  // namespace

MaskedMlp::MaskedMlp(const FlowSpec& flow, const LayerSpec& spec, const std::string& where,
                     int outputs)
    : dim_(flow.dim),
      context_(takes_context(spec, flow.dim) ? flow.context_dim : 0),
      activation_(activation_named(spec.activation, where)) {
  require_degrees(flow, spec, where);
  const std::size_t count = spec.degrees.size() + 1;
  require_parameter_count(spec, where, 2 * count);
  // Variable k is for degrees above k to read; the context is for all.
  std::vector<int> rows(std::size_t(context_), 0);
  for (int k = 0; k < dim_; ++k) rows.push_back(k + 1);
  for (std::size_t l = 0; l < count; ++l) {
    Masked layer{};
    layer.row_degree = rows;
    if (l + 1 < count) {
      layer.column_degree = spec.degrees[l];
    } else {
      for (int k = 0; k < dim_; ++k) {
        layer.column_degree.insert(layer.column_degree.end(), std::size_t(outputs), k);
      }
    }
    layer.rows = int(rows.size());
    layer.columns = int(layer.column_degree.size());
    layer.rows_upto = counts_upto(rows, dim_);
    layer.columns_below = counts_upto(layer.column_degree, dim_);
    layer.columns_below.insert(layer.columns_below.begin(), 0);
    const std::string number = std::to_string(l);
    layer.weight = parameter_offset(spec, where, "weight" + number, {layer.rows, layer.columns});
    layer.bias = parameter_offset(spec, where, "bias" + number, {layer.columns});
    layer.prepared = prepared_size_;
    prepared_size_ += std::size_t(layer.rows) * layer.columns;
    layer.padded_columns = round_up(layer.columns, kRowGroup);
    for (int first = 0; first < layer.rows; first += kBlock) {
      RowBlock block{};
      block.first = first;
      block.count = std::min(kBlock, layer.rows - first);
      block.from =
          layer.columns_below[std::size_t(rows[std::size_t(first)])] / kRowGroup * kRowGroup;
      block.columns = layer.padded_columns - block.from;
      block.sums = sums_size_;
      sums_size_ += std::size_t(block.count) * block.columns;
      layer.blocks.push_back(block);
    }
    layer.bias_sums = sums_size_;
    sums_size_ += std::size_t(layer.padded_columns);
    widest_ = std::max(widest_, layer.padded_columns);
    rows = layer.column_degree;
    layers_.push_back(std::move(layer));
  }
}

std::size_t MaskedMlp::values_at(std::size_t layer) const {
  std::size_t at = 0;
  for (std::size_t l = 0; l < layer; ++l) at += feature_at(layers_[l].columns);
  return at;
}

std::size_t MaskedMlp::hidden_at(std::size_t layer) const {
  return (has_stored_slope(activation_) ? 2 : 1) * values_at(layer);
}

void MaskedMlp::prepare(const float* parameters, float* prepared) const {
  for (const Masked& layer : layers_) {
    const float* from = parameters + layer.weight;
    float* to = prepared + layer.prepared;
    for (int degree : layer.row_degree) {
      const int first = layer.columns_below[std::size_t(degree)];
      std::fill_n(to, first, 0.0f);
      std::copy(from + first, from + layer.columns, to + first);
      from += layer.columns;
      to += layer.columns;
    }
  }
}

void MaskedMlp::run_columns(const Tile& tile, std::size_t index, int first, int end,
                            const float* in, float* activations, bool slopes) const {
  const Masked& layer = layers_[index];
  const bool hidden = index + 1 < layers_.size();
  DenseTask task{};
  task.output_stride = 1;
  task.input_stride = layer.columns;
  task.rows = tile.rows;
  task.in = in;
  task.activation = hidden ? activation_ : Activation::kNone;
  for (; first < end; first += kBlock) {
    task.outputs = std::min(kBlock, end - first);
    const int last = first + task.outputs - 1;
    task.inputs = layer.rows_upto[std::size_t(layer.column_degree[std::size_t(last)])];
    task.weights = tile.prepared + layer.prepared + first;
    task.bias = tile.parameters + layer.bias + first;
    task.out = activations + hidden_at(index) + feature_at(first);
    if (hidden && slopes && has_stored_slope(activation_)) {
      task.slopes = task.out + feature_at(layer.columns);
    }
    tile.gemm->dense(task);
  }
}

void MaskedMlp::run(const Tile& tile, const float* in, float* activations, bool slopes) const {
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    run_columns(tile, l, 0, layers_[l].columns, in, activations, slopes);
    in = activations + hidden_at(l);
  }
}

void MaskedMlp::run_variable(const Tile& tile, int k, const float* in, float* activations,
                             bool slopes) const {
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const std::vector<int>& below = layers_[l].columns_below;
    run_columns(tile, l, below[std::size_t(k)], below[std::size_t(k) + 1], in, activations, slopes);
    in = activations + hidden_at(l);
  }
}

void MaskedMlp::pull_rows(const Tile& tile, std::size_t index, int first, int end,
                          const float* activations, float* cotangents) const {
  const Masked& layer = layers_[index];
  const float* const values = activations + hidden_at(index - 1);
  DenseTask task{};
  task.output_stride = layer.columns;
  task.input_stride = 1;
  task.rows = tile.rows;
  task.finish = DenseTask::Finish::kSlope;
  task.activation = activation_;
  for (; first < end; first += kBlock) {
    const int readers = layer.columns_below[std::size_t(layer.row_degree[std::size_t(first)])];
    task.outputs = std::min(kBlock, end - first);
    task.inputs = layer.columns - readers;
    task.weights = tile.prepared + layer.prepared + std::size_t(first) * layer.columns + readers;
    task.in = cotangents + values_at(index) + feature_at(readers);
    task.out = cotangents + values_at(index - 1) + feature_at(first);
    task.value = values + feature_at(first);
    task.slope = task.value + feature_at(layer.rows);
    tile.gemm->dense(task);
  }
}

void MaskedMlp::pull(const Tile& tile, const float* activations, float* cotangents) const {
  for (std::size_t l = layers_.size() - 1; l > 0; --l) {
    pull_rows(tile, l, 0, layers_[l].rows, activations, cotangents);
  }
}

void MaskedMlp::pull_variable(const Tile& tile, int k, const float* activations,
                              float* cotangents) const {
  for (std::size_t l = layers_.size() - 1; l > 0; --l) {
    const std::vector<int>& below = layers_[l - 1].columns_below;
    pull_rows(tile, l, below[std::size_t(k)], below[std::size_t(k) + 1], activations, cotangents);
  }
}

void MaskedMlp::pull_inputs(const Tile& tile, const float* cotangents, int first, int count,
                            bool add, float* out) const {
  const Masked& layer = layers_.front();
  DenseTask task{};
  task.output_stride = layer.columns;
  task.input_stride = 1;
  task.rows = tile.rows;
  if (add) task.finish = DenseTask::Finish::kAdd;
  for (int done = 0; done < count; done += kBlock) {
    const int row = first + done;
    const int readers = layer.columns_below[std::size_t(layer.row_degree[std::size_t(row)])];
    task.outputs = std::min(kBlock, count - done);
    task.inputs = layer.columns - readers;
    task.weights = tile.prepared + layer.prepared + std::size_t(row) * layer.columns + readers;
    task.in = cotangents + feature_at(readers);
    task.out = out + feature_at(done);
    tile.gemm->dense(task);
  }
}

void MaskedMlp::add_gradient(const Tile& tile, const float* in, const float* activations,
                             const float* cotangents, float* scratch, float* sums,
                             bool fresh) const {
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const Masked& layer = layers_[l];
    const int stride = layer.padded_columns;
    tile.row_kernels->transpose(cotangents + values_at(l), layer.columns, tile.rows, scratch,
                                stride);
    tile.row_kernels->add_column_sums(scratch, stride, stride, tile.rows, sums + layer.bias_sums,
                                      fresh);
    OuterTask task{};
    task.stride = stride;
    task.rows = tile.rows;
    task.fresh = fresh;
    for (const RowBlock& block : layer.blocks) {
      task.left = in + feature_at(block.first);
      task.outputs = block.count;
      task.right = scratch + block.from;
      task.columns = block.columns;
      task.sums = sums + block.sums;
      task.sums_stride = block.columns;
      tile.gemm->outer(task);
    }
    in = activations + hidden_at(l);
  }
}

// The gradient is zero beforehand, and so it stays where the mask is.
void MaskedMlp::write_gradient(const float* sums, float* gradient) const {
  for (const Masked& layer : layers_) {
    for (const RowBlock& block : layer.blocks) {
      for (int i = 0; i < block.count; ++i) {
        const std::size_t row = std::size_t(block.first + i);
        const int first = layer.columns_below[std::size_t(layer.row_degree[row])];
        std::memcpy(gradient + layer.weight + row * layer.columns + first,
                    sums + block.sums + std::size_t(i) * block.columns + (first - block.from),
                    std::size_t(layer.columns - first) * sizeof(float));
      }
    }
    std::memcpy(gradient + layer.bias, sums + layer.bias_sums,
                std::size_t(layer.columns) * sizeof(float));
  }
}

}  // namespace pushforward
