// Features of a tile that are angles: values on [-bound, bound), of any whole turns.
#pragma once

#include "pushforward/dispatch.h"
#include "tile.h"

namespace pushforward {

struct AngleGradient {
  const float* cosine;  // of the angle, and its sine
  const float* sine;
  const float* gcosine;  // their cotangents
  const float* gsine;
};

struct CircleKernels {
  // out = value + sign · turn, taken to [-bound, bound); `turn` may be null.
  void (*wrap)(const float* value, const float* turn, float sign, float bound, int rows,
               float* out);
  // Cosine and sine of value · pi / bound.
  void (*cosine_and_sine)(const float* value, float bound, int rows, float* cosine, float* sine);
  // Adds to gvalue what the two give it.
  void (*add_gradient)(const AngleGradient& task, float bound, int rows, float* gvalue);
};

PF_DECLARE_KERNELS(CircleKernels, circle_kernels)

}  // namespace pushforward
