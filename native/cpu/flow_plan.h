// The plan's own view of one call; the public face is pushforward/flow_plan.h.
#pragma once

#include "layer.h"
#include "pushforward/flow_plan.h"

namespace pushforward {

constexpr double kHalfLog2Pi = 0.91893853320467274178;

// Most tiles that a thread takes through the flow together.
constexpr int kMaxLanes = 4;

// A thread's memory for one tile, carved from one allocation.
struct FlowPlan::Lane {
  std::size_t tile;
  std::size_t first;     // its first row
  int valid, computed;   // its rows, and those rounded up to kRowGroup
  float* context_frame;  // [2 dim + context_dim], see Tile
  float* states;         // layer inputs and, last, the latent: all of them, or two in turn
  float* log_det;        // one a row, as are the next two
  float* log_prob;
  float* log_det_cotangent;
  float* cotangents;  // two [dim], in turn
  float* gcontext;    // [context_dim]
  float* saved;       // what forward leaves to backward, or null when that is computed again
  float* scratch;     // the same for all tiles of a thread
};

// Tiles that a thread takes through the flow together: all of them through one layer, then all
// through the next, so that a layer's weights and sums are fetched once for them.
struct FlowPlan::Lanes {
  Lane lane[kMaxLanes];
  int count;

  Lane* begin() { return lane; }
  Lane* end() { return lane + count; }
  const Lane* begin() const { return lane; }
  const Lane* end() const { return lane + count; }
};

// How a batch is cut into tiles, which depends on the batch and on the flow alone: were it to
// depend on the threads, so would the sums over rows and their last bits. How many tiles are taken
// together changes nothing in them.
struct FlowPlan::Partition {
  std::size_t rows;
  int tile_rows;
  std::size_t tiles;
  int lanes;         // tiles at a time
  std::size_t sets;  // of so many tiles

  std::size_t first_tile(std::size_t set) const { return set * std::size_t(lanes); }
  std::size_t first_row(std::size_t tile) const { return tile * std::size_t(tile_rows); }
  int valid_rows(std::size_t tile) const {
    const std::size_t left = rows - first_row(tile);
    return left < std::size_t(tile_rows) ? int(left) : tile_rows;
  }
};

// One call: the batch, and what its tiles are made of.
struct FlowPlan::Call {
  const float* parameters;
  const float* x;  // or z
  const float* context;
  Partition cut;
  bool gradients;
};

}  // namespace pushforward
