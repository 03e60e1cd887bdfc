// vectorJacobian and valueAndGrad. Tiles add to one array of sums over rows, layer by layer, each
// after the tile before it: however many threads there are, the sums are added up in one order, and
// nothing of the size of the parameters is held for a thread.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "flow_plan.h"
#include "pushforward/threads.h"

namespace pushforward {
namespace {
// The cotangents of rows that only pad the tile are zero, so they add nothing to any sum.
void zero_padding(float* tile, int features, int valid, int computed) {
  for (int f = 0; f < features; ++f) {
    std::fill(tile + feature_at(f) + valid, tile + feature_at(f) + computed, 0.0f);
  }
}
}  // namespace

// From cotangents[0] and log_det_cotangent back to the cotangent of x; returns where the cotangents
// hold it. The context's is added to gcontext when that is wanted.
std::size_t FlowPlan::run_backward(const Lanes& lanes, const float* parameters, float* gradient) {
  const std::size_t state_size = feature_at(dim_);
  std::size_t gy = 0;
  for (std::size_t i = layers_.size(); i-- > 0;) {
    turns_[i].wait_for(lanes.begin()->tile);
    for (const Lane& lane : lanes) {
      BackwardTask task{};
      task.x = lane.states + i * state_size;
      task.saved = lane.saved == nullptr || layers_[i]->saved_size() == 0
                       ? nullptr
                       : lane.saved + saved_at_[i];
      task.gy = lane.cotangents + gy;
      task.log_det = lane.log_det_cotangent;
      task.gx = lane.cotangents + (state_size - gy);
      task.gcontext = lane.gcontext;
      task.gradient = gradient;
      task.sums = sums_.data() + sums_at_[i];
      task.fresh = lane.tile == 0;
      layers_[i]->backward(tile(lane, parameters, i), task);
    }
    turns_[i].pass_to(lanes.begin()->tile + std::size_t(lanes.count));
    gy = state_size - gy;
  }
  return gy;
}

void FlowPlan::finish_gradient(float* gradient) {
  for (const Range& range : unread_) {
    std::fill(gradient + range.begin, gradient + range.end, 0.0f);
  }
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    layers_[i]->finish_gradient(prepared_.data() + prepared_at_[i], sums_.data() + sums_at_[i],
                                gradient);
  }
}

void FlowPlan::vector_jacobian(const float* parameters, const float* x, const float* context,
                               std::size_t rows, const Cotangents& cotangents,
                               const Gradients& gradients) {
  if (rows == 0) {
    std::fill_n(gradients.parameters, parameter_count_, 0.0f);
    return;
  }
  const Call call{parameters, x, context, partition(rows, true), true};
  const int slots = start(parameters, true, call.cut);
  const RowKernels& kernels = PF_KERNELS(row_kernels);
  const std::size_t dim = std::size_t(dim_), context_dim = std::size_t(context_dim_);
  parallel_for(call.cut.sets, slots, [&](std::size_t set, int slot) {
    const Lanes lanes = load(call, set, slot);
    run_forward(lanes, parameters, true);
    for (const Lane& lane : lanes) {
      kernels.load_rows(cotangents.z + lane.first * dim, dim_, lane.valid, lane.computed,
                        lane.cotangents);
      kernels.load_rows(cotangents.log_det + lane.first, 1, lane.valid, lane.computed,
                        lane.log_det_cotangent);
      zero_padding(lane.cotangents, dim_, lane.valid, lane.computed);
      zero_padding(lane.log_det_cotangent, 1, lane.valid, lane.computed);
      std::fill_n(lane.gcontext, feature_at(context_dim_), 0.0f);
    }
    const std::size_t gx = run_backward(lanes, parameters, gradients.parameters);
    for (const Lane& lane : lanes) {
      kernels.store_rows(lane.cotangents + gx, dim_, lane.valid, gradients.x + lane.first * dim);
      if (context_dim == 0) continue;
      kernels.store_rows(lane.gcontext, context_dim_, lane.valid,
                         gradients.context + lane.first * context_dim);
    }
  });
  finish_gradient(gradients.parameters);
}

double FlowPlan::value_and_grad(const float* parameters, const float* x, const float* context,
                                const float* weights, std::size_t rows, float* gradient) {
  if (rows == 0) {
    std::fill_n(gradient, parameter_count_, 0.0f);
    return std::numeric_limits<double>::quiet_NaN();
  }
  const Call call{parameters, x, context, partition(rows, true), true};
  const int slots = start(parameters, true, call.cut);
  const float constant = float(constant_log_det_ - dim_ * kHalfLog2Pi);
  double total = double(rows);
  if (weights != nullptr) {
    total = 0.0;
    for (std::size_t r = 0; r < rows; ++r) total += weights[r];
  }
  parallel_for(call.cut.sets, slots, [&](std::size_t set, int slot) {
    Lanes lanes = load(call, set, slot);
    const std::size_t latent = run_forward(lanes, parameters, true);
    for (Lane& lane : lanes) {
      lane.gcontext = nullptr;
      const float* const z = lane.states + latent;
      PF_KERNELS(layer_kernels)
          .normal_log_prob(z, dim_, lane.log_det, constant, lane.computed, lane.log_prob);
      // d(-log p) = z dz - d(log det), times the row's share of the mean.
      float share[kTileStride];
      double loss = 0.0;
      for (int r = 0; r < lane.computed; ++r) {
        const double weight = r >= lane.valid      ? 0.0
                              : weights == nullptr ? 1.0
                                                   : weights[lane.first + std::size_t(r)];
        if (r < lane.valid) loss -= weight * double(lane.log_prob[r]);
        share[r] = float(weight / total);
        lane.log_det_cotangent[r] = -share[r];
      }
      losses_[lane.tile] = loss;
      for (int f = 0; f < dim_; ++f) {
        for (int r = 0; r < lane.computed; ++r) {
          lane.cotangents[feature_at(f) + r] = z[feature_at(f) + r] * share[r];
        }
      }
      zero_padding(lane.cotangents, dim_, lane.valid, lane.computed);
    }
    run_backward(lanes, parameters, gradient);
  });
  finish_gradient(gradient);
  double loss = 0.0;
  for (std::size_t tile = 0; tile < call.cut.tiles; ++tile) loss += losses_[tile];
  return loss / total;
}

}  // namespace pushforward
