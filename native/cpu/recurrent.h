// Whole sequences of recurrent layers, forward and backward (Hochreiter and Schmidhuber 1997; Cho
// et al. 2014), in the conventions of Keras: gates lie side by side, i f c o and z r h.
//
// Rows of a batch know nothing of each other, so each thread takes some and walks them through all
// the steps: threads wait for each other only at the end, and a step's sums and state stay in the
// cache, where the packed weights lie as well.
#pragma once

#include <cstddef>

namespace pushforward {

// What all four have in common. Arrays [batch, ...] are the caller's tensors. What a forward pass
// keeps for the gradient lies step by step, [steps, batch, ...], where the rows of a thread at one
// step are one piece.
struct RecurrentTask {
  std::size_t batch, steps, channels, units;
  bool hard_sigmoid;       // the gates' activation is clip(0.2 x + 0.5, 0, 1)
  bool reverse;            // from the last step to the first: "before" is after
  const float* recurrent;  // [units, 4 or 3 · units]

  // What goes into the products of a step side by side: its inputs, a 1 for the bias, and h before
  // it. Of these rows, as of the states of an LSTM's cells, there is one step more than there are.
  std::size_t row() const { return channels + 1 + units; }
  // The step that is walked as number `index`.
  std::size_t step(std::size_t index) const { return reverse ? steps - 1 - index : index; }
  // Where what comes before a step lies, and what comes after it.
  std::size_t slot_before(std::size_t step) const { return reverse ? step + 1 : step; }
  std::size_t slot_after(std::size_t step) const { return reverse ? step : step + 1; }
};

struct LstmForward : RecurrentTask {
  const float *x, *kernel, *bias;  // [batch, steps, channels], [channels, 4 · units], [4 · units]
  const float *initial_h, *initial_c;  // [batch, units]
  float *h, *c;                        // the last ones
  float* outputs;                      // [batch, steps, units], or none
  // For the gradient, or none: the gates' activations [steps, batch, 4 · units], the rows
  // [steps + 1, batch, row()] and the cells [steps + 1, batch, units].
  float *gates, *rows, *cells;
};

struct LstmBackward : RecurrentTask {
  const float *gates, *rows, *cells;  // of the forward pass
  const float *dh, *dc;               // of the last h and c
  const float* d_outputs;             // or none
  float* d_gates;                     // [steps, batch, 4 · units], of the gates' sums
  float *d_kernel, *d_recurrent, *d_bias;
  float *d_initial_h, *d_initial_c;
};

// With a `recurrent_bias` [3 · units] the reset gate multiplies what the state says to the
// candidate (reset after the product), without one the state itself (reset before it).
struct GruForward : RecurrentTask {
  const float *x, *kernel, *bias, *recurrent_bias;
  const float* initial_h;
  float* h;
  float* outputs;
  // As above, and `inner` [steps, batch, units]: what the reset gate multiplies (reset after), or
  // the product of the two (reset before).
  float *gates, *rows, *inner;
};

struct GruBackward : RecurrentTask {
  const float *gates, *rows, *inner;
  const float *dh, *d_outputs;
  float* d_gates;  // [steps, batch, 3 · units], of what the inputs say to the gates
  float *d_kernel, *d_recurrent, *d_bias;
  float* d_recurrent_bias;  // where the reset comes after the product, else none
  float* d_initial_h;
};

void lstm_forward(const LstmForward& task);
void lstm_backward(const LstmBackward& task);
void gru_forward(const GruForward& task);
void gru_backward(const GruBackward& task);

}  // namespace pushforward
