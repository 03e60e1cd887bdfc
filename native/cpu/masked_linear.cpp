#include "masked_linear.h"

#include <algorithm>
#include <cstring>

namespace pushforward {
namespace {

// Outputs of one product: a whole number of the kernels' blocks, and few enough that the corners
// inside it are small beside the zeros left out.
constexpr int kBlock = 6;

// The same for products whose vectors run along the columns.
constexpr int kGradientBlock = 12;

// [m]: how many of the degrees are below m, for m <= dim.
std::vector<int> counts_below(const std::vector<int>& degrees, int dim) {
  std::vector<int> counts;
  for (int m = 0; m <= dim; ++m) {
    counts.push_back(int(std::lower_bound(degrees.begin(), degrees.end(), m) - degrees.begin()));
  }
  return counts;
}

}  // namespace

MaskedLinear::MaskedLinear(const LayerSpec& spec, const std::string& where, std::size_t index,
                           int dim, std::vector<int> row_degree, std::vector<int> column_degree)
    : row_degree_(std::move(row_degree)),
      column_degree_(std::move(column_degree)),
      rows_upto_(counts_below(row_degree_, dim)),
      columns_below_(counts_below(column_degree_, dim)),
      // Rows a power of two apart would share few sets of the first-level cache.
      stride_(round_up(columns(), kRowGroup) + kRowGroup) {
  const std::string number = std::to_string(index);
  weight_ = parameter_offset(spec, where, "weight" + number, {rows(), columns()});
  bias_ = parameter_offset(spec, where, "bias" + number, {columns()});
  for (int first = 0; first < rows(); first += kGradientBlock) {
    GradientBlock block{};
    block.first = first;
    block.count = std::min(kGradientBlock, rows() - first);
    block.from = columns_below(row_degree_[std::size_t(first)]) / kRowGroup * kRowGroup;
    block.columns = padded_columns() - block.from;
    block.sums = gradient_size_;
    gradient_size_ += std::size_t(block.count) * block.columns;
    blocks_.push_back(block);
  }
  bias_sums_ = gradient_size_;
  gradient_size_ += std::size_t(padded_columns());
}

void MaskedLinear::prepare(const float* parameters, float* prepared) const {
  const float* from = parameters + weight_;
  for (int degree : row_degree_) {
    const int first = columns_below(degree);
    std::fill_n(prepared, first, 0.0f);
    std::copy(from + first, from + columns(), prepared + first);
    from += columns();
    prepared += stride_;
  }
}

void MaskedLinear::run(const Tile& tile, const float* prepared, DenseTask task, Range columns,
                       Range from) const {
  const DenseTask all = task;
  const float* const bias = all.start == nullptr ? tile.parameters + bias_ : nullptr;
  task.output_stride = 1;
  task.input_stride = stride_;
  task.rows = tile.rows;
  task.in = all.in + feature_at(from.first);
  for (int first = columns.first; first < columns.end; first += kBlock) {
    task.outputs = std::min(kBlock, columns.end - first);
    const int degree = column_degree_[std::size_t(first + task.outputs - 1)];
    task.inputs = std::max(0, std::min(from.end, rows_upto(degree)) - from.first);
    task.weights = prepared + std::size_t(from.first) * stride_ + first;
    const std::size_t at = feature_at(first);
    if (bias != nullptr) task.bias = bias + first;
    if (all.start != nullptr) task.start = all.start + at;
    task.out = all.out + at;
    if (all.activated != nullptr) task.activated = all.activated + at;
    if (all.slopes != nullptr) task.slopes = all.slopes + at;
    tile.gemm->dense(task);
  }
}

void MaskedLinear::pull(const Tile& tile, const float* prepared, DenseTask task, Range rows,
                        Range from) const {
  const DenseTask all = task;
  task.output_stride = stride_;
  task.input_stride = 1;
  task.rows = tile.rows;
  for (int first = rows.first; first < rows.end; first += kBlock) {
    task.outputs = std::min(kBlock, rows.end - first);
    const int readers = std::max(from.first, columns_below(row_degree_[std::size_t(first)]));
    task.inputs = std::max(0, from.end - readers);
    task.weights = prepared + std::size_t(first) * stride_ + readers;
    task.in = all.in + feature_at(readers);
    const std::size_t at = feature_at(first - rows.first);
    if (all.start != nullptr) task.start = all.start + at;
    task.out = all.out + at;
    if (all.value != nullptr) task.value = all.value + at;
    if (all.slope != nullptr) task.slope = all.slope + at;
    tile.gemm->dense(task);
  }
}

void MaskedLinear::add_gradient(const Tile& tile, const float* in, const float* cotangent,
                                float* transposed, float* sums, bool fresh) const {
  const int stride = padded_columns();
  tile.row_kernels->transpose(cotangent, columns(), tile.rows, transposed, stride);
  tile.row_kernels->add_column_sums(transposed, stride, stride, tile.rows, sums + bias_sums_,
                                    fresh);
  OuterTask task{};
  task.stride = stride;
  task.rows = tile.rows;
  task.fresh = fresh;
  for (const GradientBlock& block : blocks_) {
    task.left = in + feature_at(block.first);
    task.outputs = block.count;
    task.right = transposed + block.from;
    task.columns = block.columns;
    task.sums = sums + block.sums;
    task.sums_stride = block.columns;
    tile.gemm->outer(task);
  }
}

void MaskedLinear::write_gradient(const float* sums, float* gradient) const {
  for (const GradientBlock& block : blocks_) {
    for (int i = 0; i < block.count; ++i) {
      const std::size_t row = std::size_t(block.first + i);
      const int first = columns_below(row_degree_[row]);
      std::memcpy(gradient + weight_ + row * columns() + first,
                  sums + block.sums + std::size_t(i) * block.columns + (first - block.from),
                  std::size_t(columns() - first) * sizeof(float));
    }
  }
  std::memcpy(gradient + bias_, sums + bias_sums_, std::size_t(columns()) * sizeof(float));
}

}  // namespace pushforward
