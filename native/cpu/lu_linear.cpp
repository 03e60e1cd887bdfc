// y = L (U x) + bias. The two factors are unpacked once a call into dense matrices with zeros in
// the other triangle; products then run over blocks of outputs, each over the inputs its block
// reaches.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "layer.h"

namespace pushforward {
namespace {

constexpr int kBlock = 8;

class LuLinear final : public Layer {
 public:
  LuLinear(int dim, std::size_t lu, std::size_t bias)
      : dim_(dim), padded_(round_up(dim, kRowGroup)), lu_(lu), bias_(bias) {}

  // L, U, and the reciprocals of U's diagonal.
  std::size_t prepared_size() const override { return 2 * square() + std::size_t(dim_); }
  std::size_t scratch_size() const override {
    return 2 * feature_at(dim_) + std::size_t(kTileStride) * padded_;
  }
  std::size_t gradient_size() const override {
    return 2 * std::size_t(dim_) * padded_ + std::size_t(dim_) + 1;
  }

  double prepare(const float* parameters, float* prepared) const override {
    const float* lu = parameters + lu_;
    float* lower = prepared;
    float* upper = prepared + square();
    float* const reciprocal = upper + square();
    double log_det = 0.0;
    for (int i = 0; i < dim_; ++i) {
      for (int j = 0; j < dim_; ++j) {
        lower[j] = j < i ? lu[j] : 0.0f;
        upper[j] = j > i ? lu[j] : 0.0f;
      }
      lower[i] = 1.0f;
      upper[i] = std::exp(lu[i]);
      reciprocal[i] = std::exp(-lu[i]);
      log_det += lu[i];
      lu += dim_;
      lower += dim_;
      upper += dim_;
    }
    return log_det;
  }

  void forward(const Tile& tile, const float* x, float* y, float*, float*) const override {
    float* const u = tile.scratch;
    multiply_upper(tile, x, u);
    for (int i = 0; i < dim_; i += kBlock) {
      DenseTask task = rows_of(lower(tile), i, 0, std::min(dim_, i + kBlock), tile);
      task.in = u;
      task.out = y + feature_at(i);
      task.bias = tile.parameters + bias_ + i;
      tile.gemm->dense(task);
    }
  }

  // Forward substitution through L, then backward through U, block by block.
  void inverse(const Tile& tile, const float* y, float* x, float*) const override {
    const float* const reciprocal = tile.prepared + 2 * square();
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
      const int end = std::min(dim_, block + kBlock);
      subtract(lower(tile), block, end - block, 0, block);
      for (int i = block + 1; i < end; ++i) subtract(lower(tile), i, 1, block, i);
    }
    for (int block = (dim_ - 1) / kBlock * kBlock; block >= 0; block -= kBlock) {
      const int end = std::min(dim_, block + kBlock);
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
    float* const transposed = gu + feature_at(dim_);
    float* const lower_sums = task.sums;
    float* const upper_sums = lower_sums + std::size_t(dim_) * padded_;
    float* const bias_sums = upper_sums + std::size_t(dim_) * padded_;

    if (task.fresh) std::fill_n(task.sums, gradient_size(), 0.0f);
    multiply_upper(tile, task.x, u);
    for (int j = 0; j < dim_; j += kBlock) {  // gu = Lᵀ gy
      multiply_transposed(tile, lower(tile), j, j, dim_, task.gy, gu);
    }
    for (int j = 0; j < dim_; j += kBlock) {  // gx = Uᵀ gu
      multiply_transposed(tile, upper(tile), j, 0, std::min(dim_, j + kBlock), gu, task.gx);
    }
    tile.row_kernels->transpose(u, dim_, tile.rows, transposed, padded_);
    for (int i = 0; i < dim_; i += kBlock) {
      add_outer(tile, task.gy, i, transposed, 0, round_up(std::min(dim_, i + kBlock), kRowGroup),
                lower_sums);
    }
    tile.row_kernels->transpose(task.x, dim_, tile.rows, transposed, padded_);
    for (int i = 0; i < dim_; i += kBlock) {
      add_outer(tile, gu, i, transposed, i / kRowGroup * kRowGroup, padded_, upper_sums);
    }
    tile.row_kernels->add_row_sums(task.gy, dim_, tile.rows, bias_sums);
    tile.row_kernels->add_row_sums(task.log_det, 1, tile.rows, bias_sums + dim_);
  }

  void write_gradient(const float* prepared, const float* sums, float* gradient) const override {
    const float* lower_sums = sums;
    const float* upper_sums = lower_sums + std::size_t(dim_) * padded_;
    const float* const bias_sums = upper_sums + std::size_t(dim_) * padded_;
    const float* diagonal = prepared + square();
    float* lu = gradient + lu_;
    for (int i = 0; i < dim_; ++i) {
      std::memcpy(lu, lower_sums, std::size_t(i) * sizeof(float));
      lu[i] = upper_sums[i] * *diagonal + bias_sums[dim_];
      std::memcpy(lu + i + 1, upper_sums + i + 1, std::size_t(dim_ - i - 1) * sizeof(float));
      lu += dim_;
      diagonal += dim_ + 1;
      lower_sums += padded_;
      upper_sums += padded_;
    }
    std::memcpy(gradient + bias_, bias_sums, std::size_t(dim_) * sizeof(float));
  }

 private:
  std::size_t square() const { return std::size_t(dim_) * dim_; }
  const float* lower(const Tile& tile) const { return tile.prepared; }
  const float* upper(const Tile& tile) const { return tile.prepared + square(); }

  // Rows [first, first + kBlock) of a matrix over its columns [from, to).
  DenseTask rows_of(const float* matrix, int first, int from, int to, const Tile& tile) const {
    DenseTask task{};
    task.weights = matrix + std::size_t(first) * dim_ + from;
    task.output_stride = dim_;
    task.input_stride = 1;
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
    DenseTask task{};
    task.weights = matrix + std::size_t(from) * dim_ + first;
    task.output_stride = 1;
    task.input_stride = dim_;
    task.outputs = std::min(kBlock, dim_ - first);
    task.inputs = to - from;
    task.rows = tile.rows;
    task.in = in + feature_at(from);
    task.out = out + feature_at(first);
    tile.gemm->dense(task);
  }

  void add_outer(const Tile& tile, const float* left, int first, const float* right, int from,
                 int to, float* sums) const {
    OuterTask task{};
    task.left = left + feature_at(first);
    task.outputs = std::min(kBlock, dim_ - first);
    task.right = right + from;
    task.columns = to - from;
    task.stride = padded_;
    task.rows = tile.rows;
    task.sums = sums + std::size_t(first) * padded_ + from;
    task.sums_stride = padded_;
    tile.gemm->outer(task);
  }

  int dim_;
  int padded_;
  std::size_t lu_, bias_;
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
