// y = L (U x) + bias. The two factors are unpacked once a call into matrices with zeros in the
// other triangle; products then run over blocks of outputs, each over the inputs its block reaches.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "layer.h"

namespace pushforward {
namespace {

constexpr int kBlock = kPanel / 2;

class LuLinear final : public Layer {
 public:
  LuLinear(int dim, std::size_t lu, std::size_t bias) : dim_(dim), lu_(lu), bias_(bias) {
    for (int i = 0; i < dim; ++i) from_diagonal_.push_back(i);
  }

  // L, U, and the reciprocals of U's diagonal.
  std::size_t prepared_size() const override { return 2 * matrix_size() + std::size_t(dim_); }
  std::size_t scratch_size() const override { return 2 * feature_at(dim_); }
  // Of L, transposed, of U, and of the log-determinant.
  std::size_t sums_size() const override { return 2 * square() + 1; }

  double prepare(const float* parameters, float* prepared) const override {
    const float* lu = parameters + lu_;
    float* const lower = prepared;
    float* const upper = lower + matrix_size();
    float* const reciprocal = upper + matrix_size();
    std::fill_n(prepared, 2 * matrix_size(), 0.0f);
    double log_det = 0.0;
    for (int i = 0; i < dim_; ++i, lu += dim_) {
      for (int j = 0; j < i; ++j) lower[panel_at(dim_, j, i)] = lu[j];
      for (int j = i + 1; j < dim_; ++j) upper[panel_at(dim_, j, i)] = lu[j];
      lower[panel_at(dim_, i, i)] = 1.0f;
      upper[panel_at(dim_, i, i)] = std::exp(lu[i]);
      reciprocal[i] = std::exp(-lu[i]);
      log_det += lu[i];
    }
    return log_det;
  }

  void forward(const Tile& tile, const float* x, float* y, float*, float*) const override {
    float* const u = tile.scratch;
    multiply_upper(tile, x, u);
    for (int i = 0; i < dim_; i += kBlock) {
      DenseTask task = rows_of(lower(tile), i, 0, block_end(i), tile);
      task.in = u;
      task.out = y + feature_at(i);
      task.bias = tile.parameters + bias_ + i;
      tile.gemm->dense(task);
    }
  }

  // Forward substitution through L, then backward through U, block by block.
  void inverse(const Tile& tile, const float* y, float* x, float*) const override {
    const float* const reciprocal = tile.prepared + 2 * matrix_size();
    for (int i = 0; i < dim_; ++i) {
      tile.layers->shift_scale(y + feature_at(i), -tile.parameters[bias_ + i], 1.0f, tile.rows,
                               x + feature_at(i));
    }
    const auto subtract = [&](const float* matrix, int first, int count, int from, int to) {
      if (from >= to) return;
      DenseTask task = rows_of(matrix, first, from, to, tile);
      task.outputs = count;
      task.in = x + feature_at(from);
      task.out = x + feature_at(first);
      task.finish = DenseTask::Finish::kSubtract;
      tile.gemm->dense(task);
    };
    for (int block = 0; block < dim_; block += kBlock) {
      const int end = block_end(block);
      subtract(lower(tile), block, end - block, 0, block);
      for (int i = block + 1; i < end; ++i) subtract(lower(tile), i, 1, block, i);
    }
    for (int block = (dim_ - 1) / kBlock * kBlock; block >= 0; block -= kBlock) {
      const int end = block_end(block);
      subtract(upper(tile), block, end - block, end, dim_);
      for (int i = end - 1; i >= block; --i) {
        subtract(upper(tile), i, 1, i + 1, end);
        tile.layers->shift_scale(x + feature_at(i), 0.0f, reciprocal[i], tile.rows,
                                 x + feature_at(i));
      }
    }
  }

  void backward(const Tile& tile, const BackwardTask& task) const override {
    float* const u = tile.scratch;
    float* const gu = u + feature_at(dim_);
    float* const lower_sums = task.sums;
    float* const upper_sums = lower_sums + square();
    float* const log_det_sum = upper_sums + square();

    multiply_upper(tile, task.x, u);
    for (int j = 0; j < dim_; j += kBlock) {  // gu = Lᵀ gy
      multiply_transposed(tile, lower(tile), j, j, dim_, task.gy, gu);
    }
    for (int j = 0; j < dim_; j += kBlock) {  // gx = Uᵀ gu
      multiply_transposed(tile, upper(tile), j, 0, block_end(j), gu, task.gx);
    }
    add_outer(tile, u, task.gy, lower_sums, task.gradient + bias_, task.fresh);
    add_outer(tile, gu, task.x, upper_sums, nullptr, task.fresh);
    if (task.fresh) *log_det_sum = 0.0f;
    tile.row_kernels->add_row_sums(task.log_det, 1, tile.rows, log_det_sum);
  }

  void finish_gradient(const float* prepared, const float* sums, float* gradient) const override {
    const float* const upper = prepared + matrix_size();
    const float* const upper_sums = sums + square();
    const float log_det_sum = upper_sums[square()];
    const std::size_t dim = std::size_t(dim_);
    float* lu = gradient + lu_;
    for (std::size_t i = 0; i < dim; ++i, lu += dim) {
      for (std::size_t j = 0; j < i; ++j) lu[j] = sums[j * dim + i];
      lu[i] = upper_sums[i * dim + i] * upper[panel_at(dim_, int(i), int(i))] + log_det_sum;
      for (std::size_t j = i + 1; j < dim; ++j) lu[j] = upper_sums[i * dim + j];
    }
  }

 private:
  std::size_t square() const { return std::size_t(dim_) * dim_; }
  std::size_t matrix_size() const { return panels_size(dim_, dim_); }
  int block_end(int first) const { return std::min(dim_, first + kBlock); }
  // In panels of its rows: matrix_ij is the weight of input j and output i.
  const float* lower(const Tile& tile) const { return tile.prepared; }
  const float* upper(const Tile& tile) const { return tile.prepared + matrix_size(); }

  // Rows [first, first + kBlock) of a matrix over its columns [from, to).
  DenseTask rows_of(const float* matrix, int first, int from, int to, const Tile& tile) const {
    DenseTask task{};
    task.panels = matrix;
    task.matrix_inputs = dim_;
    task.first_output = first;
    task.first_input = from;
    task.outputs = std::min(kBlock, dim_ - first);
    task.inputs = to - from;
    task.rows = tile.rows;
    return task;
  }

  void multiply_upper(const Tile& tile, const float* x, float* u) const {
    for (int i = 0; i < dim_; i += kBlock) {
      DenseTask task = rows_of(upper(tile), i, i, dim_, tile);
      task.in = x + feature_at(i);
      task.out = u + feature_at(i);
      tile.gemm->dense(task);
    }
  }

  // out_j = Σ_i matrix_ij in_i for a block of columns j, over the rows [from, to).
  void multiply_transposed(const Tile& tile, const float* matrix, int first, int from, int to,
                           const float* in, float* out) const {
    DenseTask task = rows_of(matrix, first, from, to, tile);
    task.transposed = true;
    task.in = in + feature_at(from);
    task.out = out + feature_at(first);
    tile.gemm->dense(task);
  }

  // sums_ij of left_i right_j for j >= i, and what it may be for the others.
  void add_outer(const Tile& tile, const float* left, const float* right, float* sums,
                 float* column_sums, bool fresh) const {
    OuterTask task{};
    task.left = left;
    task.outputs = dim_;
    task.right = right;
    task.columns = dim_;
    task.rows = tile.rows;
    task.sums = sums;
    task.sums_stride = dim_;
    task.first_columns = from_diagonal_.data();
    task.column_sums = column_sums;
    task.fresh = fresh;
    tile.outer->outer(task);
  }

  int dim_;
  std::size_t lu_, bias_;
  std::vector<int> from_diagonal_;  // [i] = i: the columns of row i of a triangle
};

}  // namespace

std::unique_ptr<Layer> make_lu_linear(const FlowSpec& flow, const LayerSpec& spec,
                                      const std::string& where) {
  require_parameter_count(spec, where, 2);
  const std::size_t lu = parameter_offset(spec, where, "lu", {flow.dim, flow.dim});
  const std::size_t bias = parameter_offset(spec, where, "bias", {flow.dim});
  return std::make_unique<LuLinear>(flow.dim, lu, bias);
}

}  // namespace pushforward
