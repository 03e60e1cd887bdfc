#include "masked_linear.h"

#include <algorithm>
#include <cstring>

namespace pushforward {
namespace {

// Outputs of one product: a whole number of the kernels' blocks, and few enough that the corners
// inside it are small beside the zeros left out.
constexpr int kBlock = 6;

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
      columns_below_(counts_below(column_degree_, dim)) {
  const std::string number = std::to_string(index);
  weight_ = parameter_offset(spec, where, "weight" + number, {rows(), columns()});
  bias_ = parameter_offset(spec, where, "bias" + number, {columns()});
  for (int degree : row_degree_) first_columns_.push_back(columns_below(degree));
}

void MaskedLinear::prepare(const float* parameters, float* prepared) const {
  PF_KERNELS(gemm_kernels)
      .pack(parameters + weight_, rows(), columns(), first_columns_.data(), prepared);
}

void MaskedLinear::run(const Tile& tile, const float* prepared, DenseTask task, Range columns,
                       Range from) const {
  const DenseTask all = task;
  const float* const bias = all.start == nullptr ? tile.parameters + bias_ : nullptr;
  task.panels = prepared;
  task.matrix_inputs = rows();
  task.first_input = from.first;
  task.rows = tile.rows;
  task.in = all.in + feature_at(from.first);
  for (int first = columns.first; first < columns.end; first += task.outputs) {
    // No block is of two panels.
    task.outputs = std::min({kBlock, kPanel - first % kPanel, columns.end - first});
    task.first_output = first;
    const int degree = column_degree_[std::size_t(first + task.outputs - 1)];
    task.inputs = std::max(0, std::min(from.end, rows_upto(degree)) - from.first);
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
  task.panels = prepared;
  task.matrix_inputs = this->rows();
  task.transposed = true;
  task.rows = tile.rows;
  for (int first = rows.first; first < rows.end; first += kBlock) {
    task.outputs = std::min(kBlock, rows.end - first);
    task.first_output = first;
    task.first_input = std::max(from.first, first_columns_[std::size_t(first)]);
    task.inputs = std::max(0, from.end - task.first_input);
    task.in = all.in + feature_at(task.first_input);
    const std::size_t at = feature_at(first - rows.first);
    if (all.start != nullptr) task.start = all.start + at;
    task.out = all.out + at;
    if (all.value != nullptr) task.value = all.value + at;
    if (all.slope != nullptr) task.slope = all.slope + at;
    tile.gemm->dense(task);
  }
}

void MaskedLinear::add_gradient(const Tile& tile, const float* in, const float* cotangent,
                                float* gradient, bool fresh) const {
  OuterTask task{};
  task.left = in;
  task.outputs = rows();
  task.right = cotangent;
  task.columns = columns();
  task.rows = tile.rows;
  task.sums = gradient + weight_;
  task.sums_stride = columns();
  task.first_columns = first_columns_.data();
  task.column_sums = gradient + bias_;
  task.fresh = fresh;
  tile.outer->outer(task);
}

void MaskedLinear::finish_gradient(float* gradient) const {
  float* row = gradient + weight_;
  for (int masked : first_columns_) {
    std::fill_n(row, masked, 0.0f);
    row += columns();
  }
}

}  // namespace pushforward
