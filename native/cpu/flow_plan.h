// The plan's own view of one call; the public face is pushforward/flow_plan.h.
#pragma once

#include "layer.h"
#include "pushforward/flow_plan.h"

namespace pushforward {

constexpr double kHalfLog2Pi = 0.91893853320467274178;

// Most groups of a partition.
constexpr std::size_t kMaxGroups = 32;

// A thread's memory for one tile, carved from one allocation.
struct FlowPlan::Worker {
  float* context_frame;  // [2 dim + context_dim], see Tile
  float* states;         // layer inputs and, last, the latent: all of them, or two in turn
  float* log_det;        // one a row, as are the next two
  float* log_prob;
  float* log_det_cotangent;
  float* cotangents;  // two [dim], in turn
  float* gcontext;    // [context_dim]
  float* saved;       // what forward leaves to backward, or null when that is computed again
  float* scratch;
};

// How a batch is cut. It depends on the batch and on the flow alone: were it to depend on the
// threads, so would the order of the sums and their last bits.
struct FlowPlan::Partition {
  std::size_t rows;
  int tile_rows;
  std::size_t tiles;
  std::size_t groups;  // each with its own sums over rows, of consecutive tiles

  std::size_t first_tile(std::size_t group) const { return group * tiles / groups; }
  std::size_t first_row(std::size_t tile) const { return tile * std::size_t(tile_rows); }
  int valid_rows(std::size_t tile) const {
    const std::size_t left = rows - first_row(tile);
    return left < std::size_t(tile_rows) ? int(left) : tile_rows;
  }
};

}  // namespace pushforward
