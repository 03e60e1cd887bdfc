// A whole flow run in one call, tile by tile: every layer of a tile while its numbers are in cache.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "pushforward/flow_spec.h"
#include "pushforward/memory.h"
#include "pushforward/threads.h"

namespace pushforward {

class Layer;
struct Tile;

// Buffers are row-major: x, z [rows, dim], context [rows, context_dim] (ignored when that is 0),
// parameters [parameter_count]. Outputs must not overlap anything. One call at a time on one plan;
// different plans are independent. Results are the same bits whatever the number of threads.
class FlowPlan {
 public:
  // Throws std::invalid_argument naming layer and field.
  explicit FlowPlan(const FlowSpec& spec);
  ~FlowPlan();

  int dim() const { return dim_; }
  int context_dim() const { return context_dim_; }
  std::size_t parameter_count() const { return parameter_count_; }

  void log_prob(const float* parameters, const float* x, const float* context, std::size_t rows,
                float* out);
  void forward(const float* parameters, const float* x, const float* context, std::size_t rows,
               float* z, float* log_det);
  void inverse(const float* parameters, const float* z, const float* context, std::size_t rows,
               float* x, float* log_det);

  struct Cotangents {
    const float* z;
    const float* log_det;
  };
  struct Gradients {
    float* x;
    float* context;  // null when context_dim is 0
    float* parameters;
  };
  void vector_jacobian(const float* parameters, const float* x, const float* context,
                       std::size_t rows, const Cotangents& cotangents, const Gradients& gradients);

  // Mean negative log-likelihood, or its weighted mean; NaN and a zero gradient for no rows.
  double value_and_grad(const float* parameters, const float* x, const float* context,
                        const float* weights, std::size_t rows, float* gradient);

 private:
  struct Lane;
  struct Lanes;
  struct Partition;
  struct Call;

  int tile_rows(std::size_t rows) const;
  Partition partition(std::size_t rows, bool gradients) const;
  bool keeps(bool gradients) const;
  std::size_t lane_size(bool gradients) const;
  int start(const float* parameters, bool gradients, const Partition& cut);
  Lanes load(const Call& call, std::size_t set, int slot);
  Tile tile(const Lane& lane, const float* parameters, std::size_t layer) const;

  template <typename Body>
  void for_batch(const float* parameters, const float* x, const float* context, std::size_t rows,
                 const Body& body);
  std::size_t run_forward(const Lanes& lanes, const float* parameters, bool keep) const;
  std::size_t run_inverse(const Lanes& lanes, const float* parameters) const;
  void store_mapped(const Lanes& lanes, std::size_t state, double constant, float* mapped,
                    float* log_det) const;
  std::size_t run_backward(const Lanes& lanes, const float* parameters, float* gradient);
  void finish_gradient(float* gradient);

  int dim_;
  int context_dim_;
  std::size_t parameter_count_;
  std::vector<std::unique_ptr<Layer>> layers_;
  // Parameters that no layer reads have no effect, hence gradient zero.
  struct Range {
    std::size_t begin, end;
  };
  std::vector<Range> unread_;

  // Offsets of each layer in the buffers below, and their sizes, all in floats.
  std::vector<std::size_t> prepared_at_, saved_at_, sums_at_;
  std::size_t prepared_size_ = 0, saved_size_ = 0, sums_size_ = 0, scratch_size_ = 0;

  // Of the call in progress: what prepare() returned for each layer, and its sum.
  std::vector<double> constants_;
  double constant_log_det_ = 0.0;
  Scratch prepared_;
  Scratch sums_;
  std::vector<double> losses_;  // of each tile
  std::vector<Turns> turns_;    // of each layer: the tiles that have added to its sums
  std::vector<Scratch> workers_;
};

}  // namespace pushforward
