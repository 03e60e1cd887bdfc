// logProb, forward and inverse: tiles are independent, nothing is kept.
#include <algorithm>
#include <cmath>

#include "flow_plan.h"
#include "pushforward/threads.h"

namespace pushforward {
// Runs the layers from states[0] and returns the latent; log_det gets the sum over layers, without
// the part that is the same for every row. With `keep`, all layer inputs stay for backward.
const float* FlowPlan::run_forward(const Worker& worker, const float* parameters, int rows,
                                   bool keep) const {
  std::fill_n(worker.log_det, kTileStride, 0.0f);
  const std::size_t state_size = feature_at(dim_);
  const float* x = worker.states;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    float* const y = worker.states + (keep ? i + 1 : (i + 1) % 2) * state_size;
    float* const saved = keep && worker.saved != nullptr && layers_[i]->saved_size() > 0
                             ? worker.saved + saved_at_[i]
                             : nullptr;
    layers_[i]->forward(tile(worker, parameters, rows, i), x, y, worker.log_det, saved);
    x = y;
  }
  return x;
}

void FlowPlan::log_prob(const float* parameters, const float* x, const float* context,
                        std::size_t rows, float* out) {
  if (rows == 0) return;
  const int slots = start(parameters, false);
  const Partition cut = partition(rows);
  const float constant = float(constant_log_det_ - dim_ * kHalfLog2Pi);
  parallel_for(cut.tiles, slots, [&](std::size_t index, int slot) {
    const Worker at = worker(slot, false);
    const std::size_t first = cut.first_row(index);
    const int valid = cut.valid_rows(index), computed = round_up(valid, kRowGroup);
    PF_KERNELS(row_kernels).load_rows(x + first * dim_, dim_, valid, computed, at.states);
    load_context(at, context + first * context_dim_, valid, computed);
    const float* const z = run_forward(at, parameters, computed, false);
    PF_KERNELS(layer_kernels).normal_log_prob(z, dim_, at.log_det, constant, computed, at.log_prob);
    std::copy_n(at.log_prob, valid, out + first);
  });
}

void FlowPlan::forward(const float* parameters, const float* x, const float* context,
                       std::size_t rows, float* z, float* log_det) {
  if (rows == 0) return;
  const int slots = start(parameters, false);
  const Partition cut = partition(rows);
  const float constant = float(constant_log_det_);
  parallel_for(cut.tiles, slots, [&](std::size_t index, int slot) {
    const Worker at = worker(slot, false);
    const std::size_t first = cut.first_row(index);
    const int valid = cut.valid_rows(index), computed = round_up(valid, kRowGroup);
    PF_KERNELS(row_kernels).load_rows(x + first * dim_, dim_, valid, computed, at.states);
    load_context(at, context + first * context_dim_, valid, computed);
    const float* const latent = run_forward(at, parameters, computed, false);
    PF_KERNELS(row_kernels).store_rows(latent, dim_, valid, z + first * dim_);
    for (int r = 0; r < valid; ++r) log_det[first + r] = at.log_det[r] + constant;
  });
}

void FlowPlan::inverse(const float* parameters, const float* z, const float* context,
                       std::size_t rows, float* x, float* log_det) {
  if (rows == 0) return;
  const int slots = start(parameters, false);
  const Partition cut = partition(rows);
  const float constant = float(constant_log_det_);
  parallel_for(cut.tiles, slots, [&](std::size_t index, int slot) {
    const Worker at = worker(slot, false);
    const std::size_t first = cut.first_row(index);
    const int valid = cut.valid_rows(index), computed = round_up(valid, kRowGroup);
    PF_KERNELS(row_kernels).load_rows(z + first * dim_, dim_, valid, computed, at.states);
    load_context(at, context + first * context_dim_, valid, computed);
    std::fill_n(at.log_det, kTileStride, 0.0f);
    float* y = at.states;
    float* other = at.states + feature_at(dim_);
    for (std::size_t i = layers_.size(); i-- > 0;) {
      layers_[i]->inverse(tile(at, parameters, computed, i), y, other, at.log_det);
      std::swap(y, other);
    }
    PF_KERNELS(row_kernels).store_rows(y, dim_, valid, x + first * dim_);
    for (int r = 0; r < valid; ++r) log_det[first + r] = at.log_det[r] - constant;
  });
}

}  // namespace pushforward
