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

// From cotangents[0] and log_det_cotangent back to the cotangent of x, which is returned. The
// context's is added to worker.gcontext when that is wanted.
float* FlowPlan::run_backward(const Worker& worker, const float* parameters, int rows, float* sums,
                              bool fresh) const {
  const std::size_t state_size = feature_at(dim_);
  float* gy = worker.cotangents;
  float* gx = worker.cotangents + state_size;
  for (std::size_t i = layers_.size(); i-- > 0;) {
    BackwardTask task{};
    task.x = worker.states + i * state_size;
    task.saved = worker.saved == nullptr || layers_[i]->saved_size() == 0
                     ? nullptr
                     : worker.saved + saved_at_[i];
    task.gy = gy;
    task.log_det = worker.log_det_cotangent;
    task.gx = gx;
    task.gcontext = worker.gcontext;
    task.sums = sums + sums_at_[i];
    task.fresh = fresh;
    layers_[i]->backward(tile(worker, parameters, rows, i), task);
    std::swap(gy, gx);
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
  const int slots = start(parameters, true);
  const Partition cut = partition(rows);
  sums_.reserve(cut.groups * sums_size_);
  parallel_for(cut.groups, slots, [&](std::size_t group, int slot) {
    const Worker at = worker(slot, true);
    float* const sums = sums_.data() + group * sums_size_;
    for (std::size_t t = cut.first_tile(group); t < cut.first_tile(group + 1); ++t) {
      const std::size_t first = cut.first_row(t);
      const int valid = cut.valid_rows(t), computed = round_up(valid, kRowGroup);
      const RowKernels& kernels = PF_KERNELS(row_kernels);
      kernels.load_rows(x + first * dim_, dim_, valid, computed, at.states);
      load_context(at, context + first * context_dim_, valid, computed);
      run_forward(at, parameters, computed, true);
      kernels.load_rows(cotangents.z + first * dim_, dim_, valid, computed, at.cotangents);
      kernels.load_rows(cotangents.log_det + first, 1, valid, computed, at.log_det_cotangent);
      zero_padding(at.cotangents, dim_, valid, computed);
      zero_padding(at.log_det_cotangent, 1, valid, computed);
      std::fill_n(at.gcontext, feature_at(context_dim_), 0.0f);
      const float* const gx =
          run_backward(at, parameters, computed, sums, t == cut.first_tile(group));
      kernels.store_rows(gx, dim_, valid, gradients.x + first * dim_);
      if (context_dim_ > 0) {
        kernels.store_rows(at.gcontext, context_dim_, valid,
                           gradients.context + first * context_dim_);
      }
    }
  });
  finish_gradient(cut.groups, gradients.parameters);
}

double FlowPlan::value_and_grad(const float* parameters, const float* x, const float* context,
                                const float* weights, std::size_t rows, float* gradient) {
  if (rows == 0) {
    std::fill_n(gradient, parameter_count_, 0.0f);
    return std::numeric_limits<double>::quiet_NaN();
  }
  const int slots = start(parameters, true);
  const Partition cut = partition(rows);
  sums_.reserve(cut.groups * sums_size_);
  const float constant = float(constant_log_det_ - dim_ * kHalfLog2Pi);
  double total = double(rows);
  if (weights != nullptr) {
    total = 0.0;
    for (std::size_t r = 0; r < rows; ++r) total += weights[r];
  }
  double losses[kMaxGroups];
  parallel_for(cut.groups, slots, [&](std::size_t group, int slot) {
    Worker at = worker(slot, true);
    at.gcontext = nullptr;
    float* const sums = sums_.data() + group * sums_size_;
    double loss = 0.0;
    for (std::size_t t = cut.first_tile(group); t < cut.first_tile(group + 1); ++t) {
      const std::size_t first = cut.first_row(t);
      const int valid = cut.valid_rows(t), computed = round_up(valid, kRowGroup);
      PF_KERNELS(row_kernels).load_rows(x + first * dim_, dim_, valid, computed, at.states);
      load_context(at, context + first * context_dim_, valid, computed);
      const float* const z = run_forward(at, parameters, computed, true);
      PF_KERNELS(layer_kernels)
          .normal_log_prob(z, dim_, at.log_det, constant, computed, at.log_prob);
      // d(-log p) = z dz - d(log det), times the row's share of the mean.
      float share[kTileStride];
      for (int r = 0; r < computed; ++r) {
        const double weight = r >= valid ? 0.0 : weights == nullptr ? 1.0 : weights[first + r];
        if (r < valid) loss -= weight * double(at.log_prob[r]);
        share[r] = float(weight / total);
        at.log_det_cotangent[r] = -share[r];
      }
      for (int f = 0; f < dim_; ++f) {
        for (int r = 0; r < computed; ++r) {
          at.cotangents[feature_at(f) + r] = z[feature_at(f) + r] * share[r];
        }
      }
      zero_padding(at.cotangents, dim_, valid, computed);
      run_backward(at, parameters, computed, sums, t == cut.first_tile(group));
    }
    losses[group] = loss;
  });
  finish_gradient(cut.groups, gradient);
  double loss = 0.0;
  for (std::size_t group = 0; group < cut.groups; ++group) loss += losses[group];
  return loss / total;
}

}  // namespace pushforward
