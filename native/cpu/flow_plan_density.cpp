// logProb, forward and inverse: tiles are independent, nothing is kept.
#include <algorithm>
#include <cmath>

#include "flow_plan.h"
#include "pushforward/threads.h"

namespace pushforward {
// Runs the layers from states[0] and returns where each lane's states hold the latent; log_det gets
// the sum over layers, without the part that is the same for every row. With `keep`, all layer
// inputs stay for backward.
std::size_t FlowPlan::run_forward(const Lanes& lanes, const float* parameters, bool keep) const {
  const std::size_t state_size = feature_at(dim_);
  for (const Lane& lane : lanes) std::fill_n(lane.log_det, kTileStride, 0.0f);
  std::size_t x = 0;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const std::size_t y = (keep ? i + 1 : (i + 1) % 2) * state_size;
    for (const Lane& lane : lanes) {
      float* const saved = keep && lane.saved != nullptr && layers_[i]->saved_size() > 0
                               ? lane.saved + saved_at_[i]
                               : nullptr;
      layers_[i]->forward(tile(lane, parameters, i), lane.states + x, lane.states + y, lane.log_det,
                          saved);
    }
    x = y;
  }
  return x;
}

// The other way; no inputs stay.
std::size_t FlowPlan::run_inverse(const Lanes& lanes, const float* parameters) const {
  const std::size_t state_size = feature_at(dim_);
  for (const Lane& lane : lanes) std::fill_n(lane.log_det, kTileStride, 0.0f);
  std::size_t y = 0;
  for (std::size_t i = layers_.size(); i-- > 0;) {
    for (const Lane& lane : lanes) {
      layers_[i]->inverse(tile(lane, parameters, i), lane.states + y,
                          lane.states + (state_size - y), lane.log_det);
    }
    y = state_size - y;
  }
  return y;
}

template <typename Body>
void FlowPlan::for_batch(const float* parameters, const float* x, const float* context,
                         std::size_t rows, const Body& body) {
  if (rows == 0) return;
  const Call call{parameters, x, context, partition(rows, false), false};
  const int slots = start(parameters, false, call.cut);
  parallel_for(call.cut.sets, slots,
               [&](std::size_t set, int slot) { body(load(call, set, slot)); });
}

void FlowPlan::log_prob(const float* parameters, const float* x, const float* context,
                        std::size_t rows, float* out) {
  for_batch(parameters, x, context, rows, [&](const Lanes& lanes) {
    const std::size_t z = run_forward(lanes, parameters, false);
    const float constant = float(constant_log_det_ - dim_ * kHalfLog2Pi);
    for (const Lane& lane : lanes) {
      PF_KERNELS(layer_kernels)
          .normal_log_prob(lane.states + z, dim_, lane.log_det, constant, lane.computed,
                           lane.log_prob);
      std::copy_n(lane.log_prob, lane.valid, out + lane.first);
    }
  });
}

void FlowPlan::store_mapped(const Lanes& lanes, std::size_t state, double constant, float* mapped,
                            float* log_det) const {
  for (const Lane& lane : lanes) {
    PF_KERNELS(row_kernels)
        .store_rows(lane.states + state, dim_, lane.valid, mapped + lane.first * std::size_t(dim_));
    for (int r = 0; r < lane.valid; ++r) {
      log_det[lane.first + std::size_t(r)] = lane.log_det[r] + float(constant);
    }
  }
}

void FlowPlan::forward(const float* parameters, const float* x, const float* context,
                       std::size_t rows, float* z, float* log_det) {
  for_batch(parameters, x, context, rows, [&](const Lanes& lanes) {
    const std::size_t state = run_forward(lanes, parameters, false);
    store_mapped(lanes, state, constant_log_det_, z, log_det);
  });
}

void FlowPlan::inverse(const float* parameters, const float* z, const float* context,
                       std::size_t rows, float* x, float* log_det) {
  for_batch(parameters, z, context, rows, [&](const Lanes& lanes) {
    const std::size_t state = run_inverse(lanes, parameters);
    store_mapped(lanes, state, -constant_log_det_, x, log_det);
  });
}

}  // namespace pushforward
