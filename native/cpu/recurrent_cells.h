// What happens between the matrix products of one step of a recurrent layer. All arrays are tiles
// of some rows: [rows, units], or [rows, 4 or 3 · units] with the gates side by side.
#pragma once

#include <cstddef>

#include "pushforward/dispatch.h"

namespace pushforward {

struct RecurrentTile {
  std::size_t rows, units;
  std::size_t h_row;  // how far the rows of h are apart
  bool hard_sigmoid;
};

struct RecurrentCellKernels {
  // gates holds the sums of i f c o and gets their activations; c may be c_before.
  void (*lstm_forward)(const RecurrentTile& tile, float* gates, const float* c_before, float* c,
                       float* h);
  // d_gates, of the sums, from the gradients of h and c after the step; dc becomes that before it.
  void (*lstm_backward)(const RecurrentTile& tile, const float* gates, const float* c,
                        const float* c_before, const float* dh, float* dc, float* d_gates);

  // `gates` holds what the inputs say, `sums` what the state says. The activations of z and r take
  // the place of the former; product = r · multiplied.
  void (*gru_reset)(const RecurrentTile& tile, float* gates, const float* sums,
                    const float* multiplied, std::size_t multiplied_row, float* product,
                    std::size_t product_row);
  // The same for the candidate, and the next state; h may be h_before.
  void (*gru_candidate)(const RecurrentTile& tile, float* gates, const float* sums,
                        const float* h_before, float* h);
  // d_gates of z and of the candidate from the gradient of h after the step; dh becomes what of it
  // goes straight to h before.
  void (*gru_candidate_backward)(const RecurrentTile& tile, const float* gates,
                                 const float* h_before, float* dh, float* d_gates);
  // d_gates of r and the gradient of what r multiplies, written or added, from that of the product.
  void (*gru_reset_backward)(const RecurrentTile& tile, const float* gates, const float* multiplied,
                             std::size_t multiplied_row, const float* d_product,
                             std::size_t product_row, float* d_gates, float* d_multiplied,
                             bool add);
};

PF_DECLARE_KERNELS(RecurrentCellKernels, recurrent_cell_kernels)

}  // namespace pushforward
