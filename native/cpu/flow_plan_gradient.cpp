// vectorJacobian and valueAndGrad. A group of consecutive tiles runs on one thread, adds into sums
// of its own, and the groups' sums are added in order at the end.
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
std::size_t FlowPlan::run_backward(const Lanes& lanes, const float* parameters, float* sums,
                                   bool fresh) const {
  const std::size_t state_size = feature_at(dim_);
  std::size_t gy = 0;
  for (std::size_t i = layers_.size(); i-- > 0;) {
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
      task.sums = sums + sums_at_[i];
      task.fresh = fresh && &lane == lanes.begin();
      layers_[i]->backward(tile(lane, parameters, i), task);
    }
    gy = state_size - gy;
  }
  return gy;
}

void FlowPlan::finish_gradient(std::size_t groups, float* gradient) {
  float* const sums = sums_.data();
  // Each part of the sums is added up over the groups in their order, by one thread.
  constexpr std::size_t kPart = 8192;
  parallel_for((sums_size_ + kPart - 1) / kPart, [&](std::size_t part, int) {
    const std::size_t first = part * kPart;
    const int count = int(std::min(kPart, sums_size_ - first));
    for (std::size_t group = 1; group < groups; ++group) {
      PF_KERNELS(row_kernels).add(sums + group * sums_size_ + first, sums + first, count);
    }
  });
  // Parameters that no layer reads have no effect, hence gradient zero.
  std::memset(gradient, 0, parameter_count_ * sizeof(float));
  parallel_for(layers_.size(), [&](std::size_t i, int) {
    layers_[i]->write_gradient(prepared_.data() + prepared_at_[i], sums + sums_at_[i], gradient);
  });
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
  sums_.reserve(call.cut.groups * sums_size_);
  const RowKernels& kernels = PF_KERNELS(row_kernels);
  const std::size_t dim = std::size_t(dim_), context_dim = std::size_t(context_dim_);
  parallel_for(call.cut.groups, slots, [&](std::size_t group, int slot) {
    for_tiles(call, group, slot, [&](const Lanes& lanes, bool is_first) {
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
      const std::size_t gx =
          run_backward(lanes, parameters, sums_.data() + group * sums_size_, is_first);
      for (const Lane& lane : lanes) {
        kernels.store_rows(lane.cotangents + gx, dim_, lane.valid, gradients.x + lane.first * dim);
        if (context_dim == 0) continue;
        kernels.store_rows(lane.gcontext, context_dim_, lane.valid,
                           gradients.context + lane.first * context_dim);
      }
    });
  });
  finish_gradient(call.cut.groups, gradients.parameters);
}

double FlowPlan::value_and_grad(const float* parameters, const float* x, const float* context,
                                const float* weights, std::size_t rows, float* gradient) {
  if (rows == 0) {
    std::fill_n(gradient, parameter_count_, 0.0f);
    return std::numeric_limits<double>::quiet_NaN();
  }
  const Call call{parameters, x, context, partition(rows, true), true};
  const int slots = start(parameters, true, call.cut);
  sums_.reserve(call.cut.groups * sums_size_);
  const float constant = float(constant_log_det_ - dim_ * kHalfLog2Pi);
  double total = double(rows);
  if (weights != nullptr) {
    total = 0.0;
    for (std::size_t r = 0; r < rows; ++r) total += weights[r];
  }
  double losses[kMaxGroups] = {};
  parallel_for(call.cut.groups, slots, [&](std::size_t group, int slot) {
    for_tiles(call, group, slot, [&](Lanes& lanes, bool is_first) {
      const std::size_t latent = run_forward(lanes, parameters, true);
      for (Lane& lane : lanes) {
        lane.gcontext = nullptr;
        const float* const z = lane.states + latent;
        PF_KERNELS(layer_kernels)
            .normal_log_prob(z, dim_, lane.log_det, constant, lane.computed, lane.log_prob);
        // d(-log p) = z dz - d(log det), times the row's share of the mean.
        float share[kTileStride];
        for (int r = 0; r < lane.computed; ++r) {
          const double weight = r >= lane.valid      ? 0.0
                                : weights == nullptr ? 1.0
                                                     : weights[lane.first + std::size_t(r)];
          if (r < lane.valid) losses[group] -= weight * double(lane.log_prob[r]);
          share[r] = float(weight / total);
          lane.log_det_cotangent[r] = -share[r];
        }
        for (int f = 0; f < dim_; ++f) {
          for (int r = 0; r < lane.computed; ++r) {
            lane.cotangents[feature_at(f) + r] = z[feature_at(f) + r] * share[r];
          }
        }
        zero_padding(lane.cotangents, dim_, lane.valid, lane.computed);
      }
      run_backward(lanes, parameters, sums_.data() + group * sums_size_, is_first);
    });
  });
  finish_gradient(call.cut.groups, gradient);
  double loss = 0.0;
  for (std::size_t group = 0; group < call.cut.groups; ++group) loss += losses[group];
  return loss / total;
}

}  // namespace pushforward
