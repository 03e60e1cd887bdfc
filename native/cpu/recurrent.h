// Whole sequences of recurrent layers, forward and backward (Hochreiter and Schmidhuber 1997; Cho
// et al. 2014), in the conventions of Keras: gates lie side by side, i f c o and z r h.
//
// Rows of a batch know nothing of each other, so each thread takes some and walks them through all
// the steps: threads wait for each other only at the end, and a step's sums and state stay in the
// cache, where the packed weights lie as well.
#pragma once

#include <cstddef>

namespace pushforward {

// What all four have in common.
struct RecurrentTask {
  std::size_t batch, steps, channels, units;
  bool hard_sigmoid;  // the gates' activation is clip(0.2 x + 0.5, 0, 1)
  bool reverse;       // from the last step to the first: "before" is after
  const float* recurrent;  // [units, 4 or 3 · units]

  // The step that is walked as number `index`.
  std::size_t step(std::size_t index) const { return reverse ? steps - 1 - index : index; }
};

struct LstmForward : RecurrentTask {
  const float *x, *kernel, *bias;      // [batch, steps, channels], [channels, 4 · units], [4 · units]
  const float *initial_h, *initial_c;  // [batch, units]
  float *h, *c;                        // the last ones
  float* outputs;                      // [batch, steps, units], or none
  // For the gradient, or none: the gates' activations [batch, steps, 4 · units]; c of each step and
  // h of the step before, [batch, steps, units].
  float *gates, *cells, *previous;
};

struct LstmBackward : RecurrentTask {
  const float *gates, *cells, *previous, *initial_c;  // of the forward pass
  const float *dh, *dc;                               // of the last h and c
  const float* d_outputs;                             // or none
  float* d_gates;                                     // of the gates' sums
  float* d_recurrent;
  float *d_initial_h, *d_initial_c;
};

// With a `recurrent_bias` [3 · units] the reset gate multiplies what the state says to the
// candidate (reset after the product), without one the state itself (reset before it).
struct GruForward : RecurrentTask {
  const float *x, *kernel, *bias, *recurrent_bias;
  const float* initial_h;
  float* h;
  float* outputs;
  // As above, but for `inner` [batch, steps, units]: what the reset gate multiplies (reset after),
  // or the product of the two (reset before).
  float *gates, *inner, *previous;
};

struct GruBackward : RecurrentTask {
  const float *gates, *inner, *previous;
  const float *dh, *d_outputs;
  float* d_gates;  // of what the inputs say to the gates
  // [batch, steps, 3 · units]: of what the state says to the gates, where the reset comes after;
  // else none, and then they are the same.
  float* d_recurrent_gates;
  float* d_recurrent;
  float* d_initial_h;
};

void lstm_forward(const LstmForward& task);
void lstm_backward(const LstmBackward& task);
void gru_forward(const GruForward& task);
void gru_backward(const GruBackward& task);

}  // namespace pushforward
