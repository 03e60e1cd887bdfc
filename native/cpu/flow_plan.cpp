#include "flow_plan.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "pushforward/threads.h"

namespace pushforward {
namespace {

// A tile's layer inputs and scratch should stay in a core's second-level cache, of which this is
// 2 MiB; but of wide networks most is written once and read once, so it need not be smaller.
constexpr std::size_t kTileFloats = std::size_t(1) << 19;

// Activations are kept from forward to backward when a tile's take up to 4 MiB: reading them back
// from the third-level cache is still quicker than computing them again. Beyond, they are
// recomputed.
constexpr std::size_t kSavedFloats = std::size_t(1) << 20;

// And those of all tiles that a thread has in hand up to 6 MiB.
constexpr std::size_t kLanesFloats = std::size_t(3) << 19;

// Each thread of several should get at least so many sets of tiles with gradients: the last ones
// leave threads without work, and the first ones let them wait for their turn at the sums.
constexpr std::size_t kSetsForThread = 4;

// A batch without gradients is cut into at least this many parts for the threads, if it has as many
// tiles.
constexpr std::size_t kMinParts = 8;

struct NamedRange {
  std::size_t begin, end;
  std::string name;
};

// The layers' parameters in the order in which they lie. Those that two layers shared would be
// written by both.
std::vector<NamedRange> separate_slices(const FlowSpec& spec) {
  std::vector<NamedRange> ranges;
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
            [](const NamedRange& a, const NamedRange& b) { return a.begin < b.begin; });
  for (std::size_t i = 1; i < ranges.size(); ++i) {
    if (ranges[i].begin < ranges[i - 1].end) {
      throw std::invalid_argument(ranges[i].name + " overlaps " + ranges[i - 1].name);
    }
  }
  return ranges;
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
    sums_size_ += (layer.sums_size() + 15) / 16 * 16;
    scratch_size_ = std::max(scratch_size_, layer.scratch_size());
  }
  constants_.resize(layers_.size());
  turns_ = std::vector<Turns>(layers_.size());
  std::size_t end = 0;
  for (const NamedRange& range : separate_slices(spec)) {
    if (end < range.begin) unread_.push_back({end, range.begin});
    end = range.end;
  }
  if (end < parameter_count_) unread_.push_back({end, parameter_count_});
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

FlowPlan::Partition FlowPlan::partition(std::size_t rows, bool gradients) const {
  Partition cut{};
  cut.rows = rows;
  cut.tile_rows = tile_rows(rows);
  cut.tiles = (rows + std::size_t(cut.tile_rows) - 1) / std::size_t(cut.tile_rows);
  std::size_t lanes = cut.tiles / kMinParts;
  if (gradients) {
    const std::size_t threads = std::size_t(thread_count());
    const std::size_t fitting =
        kLanesFloats / std::max<std::size_t>(keeps(true) ? saved_size_ : 0, 1);
    lanes = std::min(fitting, threads == 1 ? cut.tiles : cut.tiles / (kSetsForThread * threads));
  }
  cut.lanes = int(std::clamp<std::size_t>(lanes, 1, kMaxLanes));
  cut.sets = (cut.tiles + std::size_t(cut.lanes) - 1) / std::size_t(cut.lanes);
  return cut;
}

std::size_t FlowPlan::lane_size(bool gradients) const {
  const std::size_t states = gradients ? layers_.size() + 1 : 2;
  return feature_at(2 * dim_ + context_dim_) + states * feature_at(dim_) + 3 * kTileStride +
         2 * feature_at(dim_) + feature_at(context_dim_) + (keeps(gradients) ? saved_size_ : 0);
}

// Gets memory and the layers' prepared numbers ready; returns how many threads to use. All that can
// fail for want of memory fails here, before an output is touched.
int FlowPlan::start(const float* parameters, bool gradients, const Partition& cut) {
  const int slots = thread_count();
  if (workers_.size() < std::size_t(slots)) workers_.resize(std::size_t(slots));
  prepared_.reserve(prepared_size_);
  const std::size_t size = std::size_t(cut.lanes) * lane_size(gradients) + scratch_size_;
  for (int slot = 0; slot < slots; ++slot) workers_[std::size_t(slot)].reserve(size);
  if (gradients) {
    sums_.reserve(sums_size_);
    losses_.resize(cut.tiles);
    for (Turns& turns : turns_) turns.start();
  }
  const auto prepare = [&](std::size_t i, int) {
    constants_[i] = layers_[i]->prepare(parameters, prepared_.data() + prepared_at_[i]);
  };
  // Weights are packed at the speed of memory; few of them are not worth waking a thread for.
  parallel_for(layers_.size(), prepared_size_ < kTileFloats / 4 ? 1 : slots, prepare);
  constant_log_det_ = 0.0;
  for (double constant : constants_) constant_log_det_ += constant;
  return slots;
}

FlowPlan::Lanes FlowPlan::load(const Call& call, std::size_t set, int slot) {
  float* next = workers_[std::size_t(slot)].data();
  const auto take = [&next](std::size_t floats) {
    float* const taken = next;
    next += floats;
    return taken;
  };
  std::size_t tile = call.cut.first_tile(set);
  Lanes lanes{};
  lanes.count = int(std::min<std::size_t>(call.cut.tiles - tile, std::size_t(call.cut.lanes)));
  float* const scratch = take(scratch_size_);
  for (Lane& lane : lanes) {
    lane.scratch = scratch;
    lane.context_frame = take(feature_at(2 * dim_ + context_dim_));
    lane.states = take((call.gradients ? layers_.size() + 1 : 2) * feature_at(dim_));
    lane.log_det = take(kTileStride);
    lane.log_prob = take(kTileStride);
    lane.log_det_cotangent = take(kTileStride);
    lane.cotangents = take(2 * feature_at(dim_));
    lane.gcontext = take(feature_at(context_dim_));
    if (keeps(call.gradients)) lane.saved = take(saved_size_);
    lane.tile = tile++;
    lane.first = call.cut.first_row(lane.tile);
    lane.valid = call.cut.valid_rows(lane.tile);
    lane.computed = round_up(lane.valid, kRowGroup);
    const RowKernels& kernels = PF_KERNELS(row_kernels);
    kernels.load_rows(call.x + lane.first * std::size_t(dim_), dim_, lane.valid, lane.computed,
                      lane.states);
    if (context_dim_ == 0) continue;
    kernels.load_rows(call.context + lane.first * std::size_t(context_dim_), context_dim_,
                      lane.valid, lane.computed, lane.context_frame + feature_at(2 * dim_));
  }
  return lanes;
}

Tile FlowPlan::tile(const Lane& lane, const float* parameters, std::size_t layer) const {
  Tile tile{};
  tile.gemm = &PF_KERNELS(gemm_kernels);
  tile.outer = &PF_KERNELS(outer_kernels);
  tile.layers = &PF_KERNELS(layer_kernels);
  tile.row_kernels = &PF_KERNELS(row_kernels);
  tile.splines = &PF_KERNELS(spline_kernels);
  tile.feature_maps = &PF_KERNELS(feature_map_kernels);
  tile.circles = &PF_KERNELS(circle_kernels);
  tile.reflections = &PF_KERNELS(reflection_kernels);
  tile.rows = lane.computed;
  tile.parameters = parameters;
  tile.prepared = prepared_.data() + prepared_at_[layer];
  tile.scratch = lane.scratch;
  tile.context_frame = lane.context_frame;
  return tile;
}

bool FlowPlan::keeps(bool gradients) const { return gradients && saved_size_ <= kSavedFloats; }

}  // namespace pushforward
