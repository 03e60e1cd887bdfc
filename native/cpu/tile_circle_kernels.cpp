#include "tile_circle.h"

#include "pushforward/simd.h"

namespace pushforward::PF_PATH {
namespace {

// Each operation rounds, as those of the definition do: far out, where an ulp is a part of a turn,
// the two agree.
PF_INLINE Float wrapped(Float value, float bound) {
  const Float turn = broadcast(2.0f * bound);
  return value - floor((value + broadcast(bound)) / turn) * turn;
}

void wrap(const float* value, const float* turn, float sign, float bound, int rows, float* out) {
  for (int r = 0; r < rows; r += kWidth) {
    Float at = load(value + r);
    if (turn != nullptr) at = at + broadcast(sign) * load(turn + r);
    store(out + r, wrapped(at, bound));
  }
}

void cosine_and_sine(const float* value, float bound, int rows, float* cosine, float* sine) {
  const Float per_bound = broadcast(1.0f / bound);
  for (int r = 0; r < rows; r += kWidth) {
    const Float half_turns = wrapped(load(value + r), bound) * per_bound;
    store(cosine + r, cos_pi(half_turns));
    store(sine + r, sin_pi(half_turns));
  }
}

void add_gradient(const AngleGradient& task, float bound, int rows, float* gvalue) {
  const Float slope = broadcast(3.14159265f / bound);
  for (int r = 0; r < rows; r += kWidth) {
    const Float g =
        load(task.cosine + r) * load(task.gsine + r) - load(task.sine + r) * load(task.gcosine + r);
    store(gvalue + r, fma(slope, g, load(gvalue + r)));
  }
}

}  // namespace

const CircleKernels circle_kernels = {wrap, cosine_and_sine, add_gradient};

}  // namespace pushforward::PF_PATH
