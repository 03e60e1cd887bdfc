#include "flow_plan.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "pushforward/threads.h"

namespace pushforward {
namespace {

// A tile's layer inputs and scratch should stay in a core's second-level cache: 1 MiB of it.
constexpr std::size_t kTileFloats = std::size_t(1) << 18;

// Activations are kept from forward to backward when a tile's take up to 4 MiB: reading them back
// from the third-level cache is still quicker than computing them again. Beyond, they are
// recomputed.
constexpr std::size_t kSavedFloats = std::size_t(1) << 20;

// Sums over rows are held once a group, of which there are at most kMaxGroups: 8 MiB of them in
// all, or kMinGroups where a flow is so large that even these take more. Else deep flows would need
// several times the memory of their parameters.
constexpr std::size_t kSumsFloats = std::size_t(1) << 21;
constexpr std::size_t kMinGroups = 4;

// Parameters that two layers shared would be written by both.
void require_separate_slices(const FlowSpec& spec) {
  struct Range {
    std::size_t begin, end;
    std::string name;
  };
  std::vector<Range> ranges;
  for (std::size_t i = 0; i < spec.layers.size(); ++i) {
    for (const ParameterSlice& slice : spec.layers[i].parameters) {
      const std::string name = "layer " + std::to_string(i) + " (" + spec.layers[i].kind +
                               "): parameter '" + slice.name + "'";
      std::size_t size = 1;
      for (int length : slice.shape) size *= std::size_t(length);
      if (slice.offset > spec.parameter_count || size > spec.parameter_count - slice.offset) {
        throw std::invalid_argument(name + " at offset " + std::to_string(slice.offset) +
                                    " does not fit in parameterCount " +
                                    std::to_string(spec.parameter_count));
      }
      if (size > 0) ranges.push_back({slice.offset, slice.offset + size, name});
    }
  }
  std::sort(ranges.begin(), ranges.end(),
            [](const Range& a, const Range& b) { return a.begin < b.begin; });
  for (std::size_t i = 1; i < ranges.size(); ++i) {
    if (ranges[i].begin < ranges[i - 1].end) {
      throw std::invalid_argument(ranges[i].name + " overlaps " + ranges[i - 1].name);
    }
  }
}

}  // namespace

FlowPlan::FlowPlan(const FlowSpec& spec)
    : dim_(spec.dim), context_dim_(spec.context_dim), parameter_count_(spec.parameter_count) {
  if (dim_ < 1 || dim_ > kMaxWidth) {
    throw std::invalid_argument("dim must be from 1 to " + std::to_string(kMaxWidth));
  }
  if (context_dim_ < 0 || context_dim_ > kMaxWidth) {
    throw std::invalid_argument("contextDim must be from 0 to " + std::to_string(kMaxWidth));
  }
  for (std::size_t i = 0; i < spec.layers.size(); ++i) {
    const std::string where = "layer " + std::to_string(i) + " (" + spec.layers[i].kind + ")";
    layers_.push_back(make_layer(spec, spec.layers[i], where));
    const Layer& layer = *layers_.back();
    prepared_at_.push_back(prepared_size_);
    saved_at_.push_back(saved_size_);
    sums_at_.push_back(sums_size_);
    // Whole cache lines, so that no two layers' sums share one.
    prepared_size_ += (layer.prepared_size() + 15) / 16 * 16;
    saved_size_ += layer.saved_size();
    sums_size_ += (layer.gradient_size() + 15) / 16 * 16;
    scratch_size_ = std::max(scratch_size_, layer.scratch_size());
  }
  require_separate_slices(spec);
}

FlowPlan::~FlowPlan() = default;

int FlowPlan::tile_rows(std::size_t rows) const {
  const std::size_t floats_a_row =
      (layers_.size() + 4) * std::size_t(dim_) + scratch_size_ / kTileStride;
  const int fitting = int(std::min<std::size_t>(kTileFloats / floats_a_row, kTileStride));
  const int largest = std::max(kRowGroup, fitting / kRowGroup * kRowGroup);
  // Small batches are cut finer, or all but one thread would have nothing to do.
  const int wanted = rows >= 2 * kTileStride ? kTileStride
                     : rows >= kTileStride   ? kTileStride / 2
                                             : kRowGroup;
  return std::min(largest, wanted);
}

FlowPlan::Partition FlowPlan::partition(std::size_t rows) const {
  Partition cut{};
  cut.rows = rows;
  cut.tile_rows = tile_rows(rows);
  cut.tiles = (rows + std::size_t(cut.tile_rows) - 1) / std::size_t(cut.tile_rows);
  const std::size_t affordable =
      std::clamp(kSumsFloats / std::max<std::size_t>(sums_size_, 1), kMinGroups, kMaxGroups);
  cut.groups = std::min(cut.tiles, affordable);
  return cut;
}

// Gets memory and the layers' prepared numbers ready; returns how many threads to use. All that can
// fail for want of memory fails here, before an output is touched.
int FlowPlan::start(const float* parameters, bool gradients) {
  const int slots = thread_count();
  if (workers_.size() < std::size_t(slots)) workers_.resize(std::size_t(slots));
  prepared_.reserve(prepared_size_);
  const std::size_t states = gradients ? layers_.size() + 1 : 2;
  const bool saved = gradients && saved_size_ <= kSavedFloats;
  const std::size_t size = feature_at(dim_ + context_dim_) + states * feature_at(dim_) +
                           3 * kTileStride + 2 * feature_at(dim_) + feature_at(context_dim_) +
                           (saved ? saved_size_ : 0) + scratch_size_;
  for (int slot = 0; slot < slots; ++slot) workers_[std::size_t(slot)].reserve(size);
  constant_log_det_ = 0.0;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    constant_log_det_ += layers_[i]->prepare(parameters, prepared_.data() + prepared_at_[i]);
  }
  return slots;
}

FlowPlan::Worker FlowPlan::worker(int slot, bool gradients) {
  float* next = workers_[std::size_t(slot)].data();
  const auto take = [&next](std::size_t floats) {
    float* const taken = next;
    next += floats;
    return taken;
  };
  Worker worker{};
  worker.context_frame = take(feature_at(dim_ + context_dim_));
  worker.states = take((gradients ? layers_.size() + 1 : 2) * feature_at(dim_));
  worker.log_det = take(kTileStride);
  worker.log_prob = take(kTileStride);
  worker.log_det_cotangent = take(kTileStride);
  worker.cotangents = take(2 * feature_at(dim_));
  worker.gcontext = take(feature_at(context_dim_));
  if (gradients && saved_size_ <= kSavedFloats) worker.saved = take(saved_size_);
  worker.scratch = take(scratch_size_);
  return worker;
}

Tile FlowPlan::tile(const Worker& worker, const float* parameters, int rows,
                    std::size_t layer) const {
  Tile tile{};
  tile.gemm = &PF_KERNELS(gemm_kernels);
  tile.layers = &PF_KERNELS(layer_kernels);
  tile.row_kernels = &PF_KERNELS(row_kernels);
  tile.splines = &PF_KERNELS(spline_kernels);
  tile.feature_maps = &PF_KERNELS(feature_map_kernels);
  tile.rows = rows;
  tile.parameters = parameters;
  tile.prepared = prepared_.data() + prepared_at_[layer];
  tile.scratch = worker.scratch;
  tile.context_frame = worker.context_frame;
  return tile;
}

void FlowPlan::load_context(const Worker& worker, const float* context, int valid, int rows) const {
  if (context_dim_ == 0) return;
  PF_KERNELS(row_kernels)
      .load_rows(context, context_dim_, valid, rows, worker.context_frame + feature_at(dim_));
}

}  // namespace pushforward
